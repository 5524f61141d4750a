"""What a report says, as plain data: read from the counted sums, or from the history itself where those are too coarse.

The number of queries is fixed, and so is, but for the applications chosen, the number of rows they read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from recorder_app.choices import CallOutcome, Grain
from recorder_app.models import ApiCall, CallCount, CountedSpan, Recording, RecordingCount
from recorder_app.models.calls import ApiCallQuerySet
from recorder_app.models.counts import ALL
from recorder_app.models.recordings import RecordingQuerySet
from recorder_app.reports.remembered import Remembered
from recorder_app.reports.timeline import Piece, Timeline
from recorder_app.services import tallies
from recorder_app.services.tallies import CallSums, RecordingSums, Tree, percentiles

# Of these the cloud gave an answer, whose time counts.
ANSWERED = (CallOutcome.OK.value, CallOutcome.REFUSED.value)
RECORDING_SUMS = tuple(field.name for field in fields(RecordingSums))
SHARES = (0.5, 0.95, 0.99)
# Documents of months are up to a fifth of a megabyte long, those of days a hundredth.
REMEMBERED = Remembered(most=400)


@dataclass(frozen=True)
class Choice:
    """What a report counts.

    ``scope`` are the applications, or ``[ALL]`` for everything without exception. ``actions`` are all starts, or all
    something else. ``calls`` and ``recordings`` are rows to be counted one by one, where the sums cannot tell.
    """

    scope: list[int]
    actions: frozenset[str] = tallies.STARTS
    outcomes: frozenset[str] = frozenset(CallOutcome.values)
    calls: ApiCallQuerySet | None = None
    recordings: RecordingQuerySet | None = None

    @property
    def are_starts(self) -> bool:
        return self.actions <= tallies.STARTS

    def of(self, tree: Tree) -> Iterator[tuple[str, Any]]:
        """The outcomes that are chosen, of the actions that are, each with what there is of it."""
        for action, outcomes in tree.items():
            if action in self.actions:
                for outcome, value in outcomes.items():
                    if outcome in self.outcomes:
                        yield outcome, value


@dataclass
class Numbers:
    """The sums of one step, or of all of them."""

    outcomes: dict[str, int] = field(default_factory=dict)
    # Bucket -> how many: of the calls that were answered.
    times: dict[str, int] = field(default_factory=dict)
    recordings: RecordingSums = field(default_factory=RecordingSums)

    @property
    def total(self) -> int:
        return sum(self.outcomes.values())

    @property
    def accepted(self) -> int:
        return self.outcomes.get(CallOutcome.OK, 0)

    @property
    def settled(self) -> int:
        return self.total - self.outcomes.get(CallOutcome.SENDING, 0)

    @property
    def rate(self) -> float | None:
        """The share of the settled ones that the cloud accepted."""
        return self.accepted / self.settled if self.settled else None

    @property
    def percentiles(self) -> list[float | None]:
        """The milliseconds within which a half, 95 and 99 of a hundred were answered."""
        return percentiles(self.times, SHARES)

    @property
    def hours(self) -> float:
        return self.recordings.recorded_ms / 3_600_000


@dataclass
class Review:
    """A report: its steps in order, everything together, and what is known of the time as a whole.

    Each of ``codes``, ``people`` and ``applications`` nests as key -> outcome -> how many; ``week`` as hour of the week
    -> outcome -> how many. ``busiest`` is (action, account's key) -> most calls in a second. ``is_upper_bound`` says
    that what ran at once, or left in one second, was counted apart by application and added up.
    """

    timeline: Timeline
    steps: list[Numbers]
    whole: Numbers
    before: Numbers
    codes: dict[str, dict[str, int]]
    people: dict[str, dict[str, int]]
    applications: dict[int, dict[str, int]]
    week: dict[int, dict[str, int]]
    busiest: dict[tuple[str, int], int]
    is_upper_bound: bool
    # When the newest of the sums was counted; None where there are none.
    counted_at: datetime | None
    # Spans that were never counted yet.
    missing: int


def review(timeline: Timeline, choice: Choice) -> Review:
    """Count what is chosen over a time and, for its totals, over the time before."""
    counting = _Counting(timeline, choice)
    counting.take_recordings()
    counting.take_calls()
    return counting.review()


class _Counting:
    """A report while it is being put together.

    The steps need little of each of many spans; who, where and why is known in detail, and needed only of the time as a
    whole, so that is read from the few spans that are as long as can be.
    """

    def __init__(self, timeline: Timeline, choice: Choice) -> None:
        self.timeline, self.choice = timeline, choice
        before = timeline.before.longest_pieces
        self.needed = {*timeline.pieces, *timeline.longest_pieces}
        self.counted = _counted(timeline, {*self.needed, *before})
        self.of_steps = self._keys(timeline.pieces)
        self.of_whole = self._keys(timeline.longest_pieces)
        self.of_before = self._keys(before)
        self.steps = [Numbers() for _step in timeline.steps]
        self.before = Numbers()
        # Dimension -> outcome -> key -> how many.
        self.details: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
        self.busiest: dict[tuple[str, int], dict[int, int]] = defaultdict(dict)

    def _keys(self, pieces: Iterable[Piece]) -> dict[int, Piece]:
        """The spans that some pieces are, as far as they are known, by their keys."""
        return {self.counted[piece][0]: piece for piece in pieces if piece in self.counted}

    # --- Calls ---------------------------------------------------------------------------------------
    def take_calls(self) -> None:
        if self.choice.calls is None:
            self._take_counted_calls()
        else:
            self._take_each_call(self.choice.calls)

    def _take_counted_calls(self) -> None:
        spans = self.of_steps | self.of_before
        for span, application, (numbers,) in self._documents(spans, "numbers"):
            if span in self.of_before:
                self._add(self.before, numbers)
            else:
                # Of the spans of the whole, those that are hours are among those of the steps, too.
                piece = self.of_steps[span]
                is_hour = piece.grain == Grain.HOUR and span in self.of_whole
                self._take_numbers(piece.start, application, numbers, is_hour=is_hour)
        for _span, application, (details, busiest) in self._documents(self.of_whole, "details", "busiest"):
            self._take_details(application, details, busiest)

    def _documents(
        self, spans: Mapping[int, Piece], *columns: str
    ) -> Iterator[tuple[int, int, tuple[Tree, ...]]]:
        """The key of each span, the application, and what these columns hold, only to be read.

        What is remembered is not read again: the largest documents are those that hardly change.
        """
        rows = self._rows(CallCount, spans).filter(is_start=self.choice.are_starts)
        found: dict[tuple[int, int], tuple[Tree, ...]] = {}
        known, unknown, news = [], False, {}
        for key, *where in rows.values_list("pk", "span_id", "application"):
            if documents := REMEMBERED.get((key, columns)):
                found[tuple(where)] = documents
                known.append(key)
            else:
                unknown = True
        others = rows.exclude(pk__in=known) if unknown else rows.none()
        for key, span, application, *documents in others.values_list(
            "pk", "span_id", "application", *columns
        ):
            # Also where a span was counted anew between the two questions.
            found[(span, application)] = news[(key, columns)] = tuple(documents)
        REMEMBERED.keep(news)
        for (span, application), documents in found.items():
            yield span, application, documents

    def _take_each_call(self, calls: ApiCallQuerySet) -> None:
        for moment, sums in self._counted_one_by_one(calls, self.timeline):
            self._take_numbers(moment, ALL, sums.numbers, is_hour=True)
            self._take_details(ALL, sums.details, sums.busiest)
        for _moment, sums in self._counted_one_by_one(calls, self.timeline.before):
            self._add(self.before, sums.numbers)

    def _counted_one_by_one(
        self, calls: ApiCallQuerySet, time: Timeline
    ) -> Iterator[tuple[datetime, CallSums]]:
        """The hours of a time, counted from the history itself."""
        nothing = Recording.objects.none()
        found = tallies.count(time.start, time.end, now=time.now, calls=calls, recordings=nothing)
        for moment, tally in found.items():
            for (application, _is_start), sums in tally.calls.items():
                if application == ALL:
                    yield moment, sums

    def _take_numbers(self, moment: datetime, application: int, numbers: Tree, *, is_hour: bool) -> None:
        self._add(self.steps[self.timeline.step_of(moment)], numbers)
        if is_hour:
            # What is longer than an hour has this among its details.
            local = moment.astimezone(self.timeline.zone)
            self._count("hours", str(local.weekday() * 24 + local.hour), numbers)
        if application != ALL:
            self._count("apps", str(application), numbers)

    def _count(self, dimension: str, key: str, numbers: Tree) -> None:
        for outcome, number in self.choice.of(numbers.get("n", {})):
            _add_up(self.details[dimension][outcome], {key: number})

    def _take_details(self, application: int, details: Tree, busiest: Tree) -> None:
        for dimension, actions in details.items():
            for outcome, keys in self.choice.of(actions):
                _add_up(self.details[dimension][outcome], keys)
        for key, most in busiest.items():
            action, _bar, account = key.rpartition("|")
            if action in self.choice.actions:
                known = self.busiest[(action, int(account))]
                known[application] = max(known.get(application, 0), most)

    def _add(self, into: Numbers, numbers: Tree) -> None:
        for outcome, number in self.choice.of(numbers.get("n", {})):
            into.outcomes[outcome] = into.outcomes.get(outcome, 0) + number
        for outcome, buckets in self.choice.of(numbers.get("ms", {})):
            if outcome in ANSWERED:
                _add_up(into.times, buckets)

    def _by_key(self, dimension: str) -> dict[str, dict[str, int]]:
        """What is known in a dimension, turned round: key -> outcome -> how many."""
        found: dict[str, dict[str, int]] = {}
        for outcome, keys in self.details[dimension].items():
            for key, number in keys.items():
                found.setdefault(key, {})[outcome] = number
        return found

    # --- Recordings ----------------------------------------------------------------------------------
    def take_recordings(self) -> None:
        found = self._each_recording() if self.choice.recordings is not None else self._counted_recordings()
        # What ran at once is known for each application: over several it is at most their sum.
        most: dict[tuple[int, int], int] = {}
        for moment, application, sums in found:
            is_ours = moment >= self.timeline.start
            number = self.timeline.step_of(moment) if is_ours else -1
            (self.steps[number] if is_ours else self.before).recordings.add_span(sums)
            key = (number, application)
            most[key] = max(most.get(key, 0), sums.most_running)
        together: dict[int, int] = defaultdict(int)
        for (number, _application), running in most.items():
            together[number] += running
        for number, running in together.items():
            (self.before if number < 0 else self.steps[number]).recordings.most_running = running

    def _counted_recordings(self) -> Iterator[tuple[datetime, int, RecordingSums]]:
        spans = self.of_steps | self.of_before
        rows = self._rows(RecordingCount, spans)
        for span, application, *sums in rows.values_list("span_id", "application", *RECORDING_SUMS):
            yield spans[span].start, application, RecordingSums(*sums)

    def _each_recording(self) -> Iterator[tuple[datetime, int, RecordingSums]]:
        start, end = self.timeline.before.start, self.timeline.end
        nothing = ApiCall.objects.none()
        found = tallies.count(
            start, end, now=self.timeline.now, calls=nothing, recordings=self.choice.recordings
        )
        for moment, tally in found.items():
            if ALL in tally.recordings:
                yield moment, ALL, tally.recordings[ALL]

    # --- The whole -----------------------------------------------------------------------------------
    def _rows(self, model: type[Model], spans: Iterable[int]) -> QuerySet:
        scope = self.choice.scope
        chosen = {"application": scope[0]} if len(scope) == 1 else {"application__in": scope}
        return model.objects.filter(span__in=list(spans), **chosen)

    def review(self) -> Review:
        whole = Numbers()
        for step in self.steps:
            _add_up(whole.outcomes, step.outcomes)
            _add_up(whole.times, step.times)
            whole.recordings.add_span(step.recordings)
        never = [piece for piece in self.needed if self.counted.get(piece, (0, None))[1] is None]
        return Review(
            timeline=self.timeline,
            steps=self.steps,
            whole=whole,
            before=self.before,
            codes=self._by_key("codes"),
            people=self._by_key("people"),
            applications={int(key): sums for key, sums in self._by_key("apps").items()},
            week={int(key): sums for key, sums in self._by_key("hours").items()},
            busiest={key: sum(most.values()) for key, most in self.busiest.items()},
            is_upper_bound=len(self.choice.scope) > 1,
            counted_at=max((at for _key, at in self.counted.values() if at), default=None),
            missing=sum(map(self.timeline.needs, never)),
        )


def _counted(timeline: Timeline, pieces: Collection[Piece]) -> dict[Piece, tuple[int, datetime | None]]:
    """The key of the span that each of some pieces is, and when it was counted."""
    by_start = {(piece.grain, piece.start): piece for piece in pieces}
    rows = CountedSpan.objects.filter(timeline.query(pieces))
    return {
        by_start[(grain, start)]: (key, at)
        for key, grain, start, at in rows.values_list("pk", "grain", "start", "counted_at")
    }


def _add_up(into: dict[str, int], more: Mapping[str, int]) -> None:
    """Add numbers to those known under the same keys."""
    known = into.get
    for key, number in more.items():
        into[key] = known(key, 0) + number
