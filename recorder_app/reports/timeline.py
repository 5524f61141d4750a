"""The time a report is about: from when to when, in which steps, and which counted spans add up to it."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db.models import Q

from recorder_app.choices import Grain
from recorder_app.periods import Span
from recorder_app.services import spans
from recorder_app.services.spans import DAY, HOUR

# What is shown by the hour, by the day ... where nothing else is asked for, up to this length.
USUAL = ((timedelta(days=3), Grain.HOUR), (timedelta(days=93), Grain.DAY), (timedelta(days=400), Grain.WEEK))
# What makes up a part of a span.
SHORTER = {Grain.MONTH: Grain.WEEK, Grain.WEEK: Grain.DAY, Grain.DAY: Grain.HOUR}
# A span that has just begun has not been counted yet, and needs no word.
COUNTED_WITHIN = timedelta(minutes=5)
# More steps than this nobody can read, and they cost.
LONGEST = {
    Grain.HOUR: timedelta(days=15),
    Grain.DAY: timedelta(days=400),
    Grain.WEEK: timedelta(days=2000),
    Grain.MONTH: timedelta.max,
}


@dataclass(frozen=True)
class Piece:
    """A counted span that is part of a time: an hour, or a day, week or month of its zone."""

    grain: Grain
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Timeline:
    """From ``start`` up to, without, ``end``, both on full hours, in steps of a grain as a zone has them."""

    start: datetime
    end: datetime
    zone: ZoneInfo
    grain: Grain
    now: datetime
    # When history begins; None where nothing was counted yet.
    first: datetime | None = None

    @cached_property
    def steps(self) -> list[tuple[datetime, datetime]]:
        """The steps in order; the first and the last may be shorter than the others."""
        found = spans.covering(self.grain, self.zone, self.start, self.end)
        return [(max(start, self.start), min(end, self.end)) for start, end in found]

    def step_of(self, moment: datetime) -> int:
        """The number of the step in which a moment of this time lies."""
        return bisect_right(self._starts, moment) - 1

    @cached_property
    def _starts(self) -> list[datetime]:
        return [start for start, _end in self.steps]

    @cached_property
    def pieces(self) -> list[Piece]:
        """The longest counted spans that together make up each step."""
        return [piece for start, end in self.steps for piece in self._made_of(start, end, self.grain)]

    @cached_property
    def longest_pieces(self) -> list[Piece]:
        """The few counted spans that make up the whole time, whatever its steps: months, then weeks, days and hours."""
        return self._made_of(self.start, self.end, Grain.MONTH)

    def _made_of(self, start: datetime, end: datetime, grain: Grain) -> list[Piece]:
        found: list[Piece] = []
        for begins, ends in spans.covering(grain, self.zone, start, end):
            # What is still to come is empty, so the present month is whole although it is not over.
            is_whole = begins >= start and (ends <= end or end >= self.now)
            if is_whole or grain == Grain.HOUR:
                found.append(Piece(grain, begins, ends))
            else:
                found += self._made_of(max(begins, start), min(ends, end), SHORTER[grain])
        return found

    def needs(self, piece: Piece) -> bool:
        """Whether a piece must have been counted: whether something may have happened in it."""
        has_begun = piece.start < self.now - COUNTED_WITHIN
        return has_begun and (self.first is None or piece.end > self.first + HOUR)

    def query(self, pieces: Iterable[Piece]) -> Q:
        """Which rows of ``CountedSpan`` some pieces are."""
        starts: dict[tuple[Grain, str], set[datetime]] = defaultdict(set)
        for piece in pieces:
            is_hour = piece.grain == Grain.HOUR
            zone = spans.minute_name(piece.start.minute) if is_hour else self.zone.key
            starts[(piece.grain, zone)].add(piece.start)
        found = Q(pk__in=[])
        for (grain, zone), moments in starts.items():
            found |= Q(grain=grain, zone=zone, start__in=sorted(moments))
        return found

    @cached_property
    def before(self) -> "Timeline":
        """The time of the same length that ends where this one begins; whole days stay whole days."""
        first, last = (moment.astimezone(self.zone) for moment in (self.start, self.end))
        if self.end - self.start >= DAY:
            # By the calendar: a day of 23 hours is a day, and a day that is not over is compared with as much of one.
            days = (last.date() - first.date()).days + (last.time() > first.time())
            start = (first - DAY * days).astimezone(self.start.tzinfo)
            end = (last - DAY * days).astimezone(self.start.tzinfo)
        else:
            start, end = self.start - (self.end - self.start), self.start
        return Timeline(start, end, self.zone, self.grain, self.now, self.first)


def usual_grain(length: timedelta) -> Grain:
    """The steps in which a time of this length is shown."""
    return next((grain for most, grain in USUAL if length <= most), Grain.MONTH)


def possible_grains(length: timedelta) -> list[Grain]:
    """The steps in which a time of this length can be shown, at least two of them."""
    return [grain for grain in Grain if length <= LONGEST[grain] and (grain == Grain.HOUR or length > DAY)]


def timeline(
    span: Span, *, now: datetime, first: datetime | None, zone: ZoneInfo, grain: Grain | None
) -> Timeline | None:
    """The time that a filter asks for, up to now and from the ``first`` moment of history on; None of nothing.

    Sums are kept by the hour, so it is widened to full hours. A grain that would give too many steps is not taken.
    """
    start = span.start if span.start or first is None else first
    end = min(span.end or now, now)
    if start is None or start >= end:
        return None
    if first is not None and first > start:
        # Steps of years before the first call would all be empty; one shows that there is nothing.
        start = max(start, spans.midnight(spans.first_day(first, Grain.MONTH, zone), zone))
        if start >= end:
            return None
    minute = spans.midnight(start.astimezone(zone).date(), zone).minute
    start, last = spans.hour_of(start, minute), spans.hour_of(end, minute)
    end = last if last == end else last + HOUR
    length = end - start
    if grain not in possible_grains(length):
        grain = usual_grain(length)
    return Timeline(start, end, zone, grain, now, first)
