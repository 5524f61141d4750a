"""The sums that reports read: kept up to date by the worker, exact after every late change, made anew by a command.

What has to be counted is a span that is open: hours that are not over for long, or hold something unsettled, or in
which something was changed late; and the days, weeks and months that such an hour is part of. Counting an hour reads
the history; days are made of hours, weeks and months of days, for every zone in use. A process that dies in the
middle leaves open what it had not finished.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from recorder_app.choices import Grain
from recorder_app.models import (
    ApiCall,
    CallCount,
    CountedSpan,
    CountMark,
    CountTurn,
    Recording,
    RecordingCount,
)
from recorder_app.models.counts import CountedSpanQuerySet
from recorder_app.services import spans, tallies
from recorder_app.services.spans import HOUR
from recorder_app.services.tallies import Tally

# An hour is counted again until it has been over for so long: by then what happened in it is written down, or what
# is written down later leaves a mark (``models.counts.LATE``, which is half of this).
SETTLES_WITHIN = timedelta(hours=2)
# The turn of one that counts; renewed with every piece.
LEASE = timedelta(minutes=2)
# Hours read from the history, or days made, in one piece: each is written in a transaction that takes a moment.
PIECE_HOURS = 12
PIECE_SPANS = 10
MOST_MARKS = 1000
# From a moment to another: the spans that cover it.
type Covering = Callable[[datetime, datetime], Iterator[tuple[datetime, datetime]]]
LONG_SPANS = (Grain.DAY, Grain.WEEK, Grain.MONTH)


class TurnLost(Exception):
    """Somebody else counts by now: what was counted under the old turn is dropped."""


@dataclass
class Progress:
    """How far a count has come: spans still open, and spans counted."""

    open: int = 0
    counted: int = 0
    say: Callable[["Progress"], None] = field(default=lambda progress: None)

    def step(self, number: int) -> None:
        self.counted += number
        self.open = max(self.open - number, 0)
        self.say(self)


def keep(*, seconds: float = 20.0, progress: Progress | None = None) -> bool:
    """Count what is open, for about so many seconds; answers whether all of it was done.

    Does nothing, and answers False, while somebody else counts. Raises ``TurnLost`` when this took too long.
    """
    turn = uuid.uuid4().hex
    began = timezone.now()
    if not CountTurn.take(turn, now=began, lease=LEASE):
        return False
    try:
        return _Count(turn, began + timedelta(seconds=seconds), progress or Progress()).run()
    finally:
        CountTurn.give_back(turn)


def rebuild(*, since: datetime | None = None, progress: Progress | None = None) -> None:
    """Have everything that happened from ``since`` on (None: ever) counted again, and count it.

    Whoever counts at the moment is waited for by trying again; reports go on showing what was counted before.
    """
    progress = progress or Progress()
    _extend_all(timezone.now())
    stale = CountedSpan.objects.all() if since is None else CountedSpan.objects.filter(end__gt=since)
    stale.reopen()
    progress.open = CountedSpan.objects.filter(is_open=True).count()
    while not keep(seconds=60, progress=progress):
        pass


class _Count:
    """One turn at counting."""

    def __init__(self, turn: str, until: datetime, progress: Progress) -> None:
        self.turn, self.until, self.progress = turn, until, progress
        # What is open again right after it was counted is left for the next turn.
        self.began = timezone.now()

    def run(self) -> bool:
        with self._writing():
            _take_marks()
        zones = _extend_all(self.began)
        # Each kind gets on, however little time there is.
        done = [self._count_hours()]
        done += [self._count_long(grain, zone) for zone in zones for grain in LONG_SPANS]
        return all(done)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction that replaces sums, if it is still our turn; until it ends nobody else gets it."""
        with transaction.atomic():
            if not CountTurn.keep(self.turn, now=timezone.now(), lease=LEASE):
                raise TurnLost(self.turn)
            yield

    def _open(self, **which: object) -> list[CountedSpan]:
        """What is open, the newest first, so that what people look at most is right first."""
        rows = CountedSpan.objects.filter(is_open=True, start__lte=self.began, **which)
        return list(rows.order_by("zone", "-start"))

    def _count_hours(self) -> bool:
        """Count hours, those first that were counted never or longest ago: young ones are open again and again."""
        pieces = sorted(_in_a_row(self._open(grain=Grain.HOUR)), key=_counted_last)
        for number, piece in enumerate(pieces):
            now = timezone.now()
            if number and now > self.until:
                return False
            counted = tallies.count(piece[0].start, piece[-1].end, now=now)
            made = {span: counted.get(span.start, Tally()) for span in piece}
            unfinished = {
                span for span in piece if made[span].is_unsettled or now < span.end + SETTLES_WITHIN
            }
            with self._writing():
                for span in _write(made, unfinished, now=now):
                    _long_spans().touching(span.start, span.end).reopen()
            self.progress.step(len(piece))
        return True

    def _count_long(self, grain: Grain, zone: str) -> bool:
        found = self._open(grain=grain, zone=zone)
        for at in range(0, len(found), PIECE_SPANS):
            now = timezone.now()
            if at and now > self.until:
                return False
            tried = [(span, _made_of_shorter(span)) for span in found[at : at + PIECE_SPANS]]
            made = {span: tally for span, tally in tried if tally}
            with self._writing():
                _write(made, set(), now=now)
            self.progress.step(len(made))
        return True


def _in_a_row(waiting: Iterable[CountedSpan]) -> Iterator[list[CountedSpan]]:
    """Hours, newest first, as pieces of hours that follow on each other, each piece oldest first."""
    piece: list[CountedSpan] = []
    for span in waiting:
        if piece and (span.end != piece[0].start or len(piece) == PIECE_HOURS):
            yield piece
            piece = []
        piece.insert(0, span)
    if piece:
        yield piece


def _counted_last(piece: list[CountedSpan]) -> datetime:
    """When that one of them was counted that was counted longest ago."""
    return min(span.counted_at or datetime.min.replace(tzinfo=UTC) for span in piece)


def _long_spans() -> CountedSpanQuerySet:
    return CountedSpan.objects.exclude(grain=Grain.HOUR)


def _made_of_shorter(span: CountedSpan) -> Tally | None:
    """A day's sums from those of its hours, a week's or month's from those of its days; None until those are there."""
    if span.grain == Grain.DAY:
        parts = CountedSpan.objects.filter(
            grain=Grain.HOUR, zone=spans.minute_name(span.start.minute), start__gte=span.start
        )
    else:
        parts = CountedSpan.objects.filter(grain=Grain.DAY, zone=span.zone, start__gte=span.start)
    found = list(parts.filter(end__lte=span.end).order_by("start"))
    if any(part.counted_at is None for part in found):
        return None
    zone = ZoneInfo(span.zone)
    local = {part.pk: part.start.astimezone(zone) for part in found if part.grain == Grain.HOUR}
    tally = tallies.merged(
        CallCount.objects.filter(span__in=found), RecordingCount.objects.filter(span__in=found), hour_of=local
    )
    if span.grain == Grain.DAY and found and timedelta() < span.end - found[-1].end < HOUR:
        # The clock of Lord Howe Island moves by half an hour: that part of its day is none of our hours.
        for rest in tallies.count(found[-1].end, span.end, now=timezone.now()).values():
            tally.take(rest)
    return tally


def _write(
    made: dict[CountedSpan, Tally], unfinished: set[CountedSpan], *, now: datetime
) -> list[CountedSpan]:
    """Replace the sums of some spans; answers those whose sums are others now."""
    keys = [span.pk for span in made]
    known = defaultdict(list)
    for row in (*CallCount.objects.filter(span__in=keys), *RecordingCount.objects.filter(span__in=keys)):
        known[row.span_id].append(_values(row))
    rows = {span: _rows(span, tally) for span, tally in made.items()}
    changed = [
        span for span in made if _in_order(known[span.pk]) != _in_order(_values(row) for row in rows[span])
    ]
    for model in (CallCount, RecordingCount):
        model.objects.filter(span__in=changed).delete()
        model.objects.bulk_create(
            [row for span in changed for row in rows[span] if isinstance(row, model)], batch_size=200
        )
    open_keys = [span.pk for span in unfinished]
    CountedSpan.objects.filter(pk__in=keys).update(counted_at=now, is_open=False)
    CountedSpan.objects.filter(pk__in=open_keys).update(is_open=True)
    return changed


def _rows(span: CountedSpan, tally: Tally) -> list[CallCount | RecordingCount]:
    calls = [
        CallCount(span=span, application=application, is_start=is_start, **vars(sums))
        for (application, is_start), sums in tally.calls.items()
    ]
    recordings = [
        RecordingCount(span=span, application=application, **vars(sums))
        for application, sums in tally.recordings.items()
    ]
    return [*calls, *recordings]


def _values(row: CallCount | RecordingCount) -> tuple[str, dict]:
    """What a row says, whatever its key."""
    fields = [field.attname for field in row._meta.concrete_fields if not field.primary_key]
    values = {name: getattr(row, name) for name in fields}
    return f"{type(row).__name__} {values['application']} {values.get('is_start')}", values


def _in_order(values: Iterable[tuple[str, dict]]) -> list[tuple[str, dict]]:
    return sorted(values, key=lambda pair: pair[0])


def _take_marks() -> None:
    """Have the hours counted again in which something was changed late."""
    marks = list(CountMark.objects.order_by("pk")[:MOST_MARKS])
    hours = CountedSpan.objects.filter(grain=Grain.HOUR)
    for mark in marks:
        hours.touching(mark.since, mark.until).reopen()
    CountMark.objects.filter(pk__in=[mark.pk for mark in marks]).delete()


def _extend_all(now: datetime) -> list[str]:
    """Add the spans that are still missing up to now, open; answers the zones in use, whose days are kept."""
    zones = spans.zones_in_use()
    _long_spans().exclude(zone__in=zones).delete()
    begun = [
        model.objects.order_by("created_at").values_list("created_at", flat=True).first()
        for model in (ApiCall, Recording)
    ]
    first = min((moment for moment in begun if moment), default=None)
    if first is None or first > now:
        return zones
    known = [ZoneInfo(name) for name in zones]
    for minute in sorted({0}.union(*(spans.minutes_of(zone, first, now) for zone in known))):
        _extend(Grain.HOUR, spans.minute_name(minute), first, now, _hours(minute))
    for zone in known:
        for grain in LONG_SPANS:
            _extend(grain, zone.key, first, now, partial(spans.covering, grain, zone))
    return zones


def _hours(minute: int) -> Covering:
    def covering(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        moment = spans.hour_of(start, minute)
        while moment < end:
            yield moment, moment + HOUR
            moment += HOUR

    return covering


def _extend(grain: Grain, zone: str, first: datetime, now: datetime, covering: Covering) -> None:
    """Add the spans of one kind from the first moment of history up to now that are not there yet."""
    known = CountedSpan.objects.filter(grain=grain, zone=zone).aggregate(start=Min("start"), end=Max("end"))
    missing = [(known["end"], now), (first, known["start"])] if known["start"] else [(first, now)]
    made = [
        CountedSpan(grain=grain, zone=zone, start=start, end=end)
        for begin, until in missing
        if begin <= until
        for start, end in covering(begin, until + timedelta(microseconds=1) if until == now else until)
    ]
    CountedSpan.objects.bulk_create(made, batch_size=500, ignore_conflicts=True)
