"""Counting the history: from calls and recordings to sums, and from sums of short spans to those of longer ones.

Everything here counts; what it has counted is kept by ``services.counts`` and read by ``reports.numbers``.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from recorder_app.choices import RUNNING, UNSETTLED, CallOutcome, RecordingStatus
from recorder_app.cloud.products import PRODUCTS
from recorder_app.models import ApiCall, Recording, StatusChange
from recorder_app.models.calls import ApiCallQuerySet
from recorder_app.models.counts import ALL, CallCount, RecordingCount
from recorder_app.models.recordings import RecordingQuerySet

HOUR = 3600
# Buckets of times to answer, per doubling: each is 9 % wide, so its middle is at most 4.5 % off.
PER_DOUBLING = 8
STARTS = frozenset(
    action.name for product in PRODUCTS.values() for action in product.actions.values() if action.is_start
)
# A recording lasts a day and may be idle for another (page StartOnlineRecord); what claims more is not believed.
LONGEST_RECORDING = timedelta(days=3)
CALL_FIELDS = (
    *("created_at", "application_id", "account_id", "action", "outcome", "error_code", "by_id", "by_name"),
    *("duration_ms", "sent_at", "answered_at"),
)
RECORDING_FIELDS = (
    *("pk", "created_at", "application_id", "status", "started_at", "stopped_at", "unknown_since"),
)

# Sums within sums: {"refused": {"StartRecord": 3}}.
Tree = dict[str, Any]


@dataclass
class CallSums:
    """See ``models.CallCount``."""

    numbers: Tree = field(default_factory=dict)
    details: Tree = field(default_factory=dict)
    busiest: Tree = field(default_factory=dict)

    def add(self, numbers: Tree, details: Tree, busiest: Tree) -> None:
        """Take the sums of another span, or of another part of the same, into these."""
        grow(self.numbers, numbers)
        grow(self.details, details)
        for key, most in busiest.items():
            self.busiest[key] = max(self.busiest.get(key, 0), most)


@dataclass
class RecordingSums:
    """See ``models.RecordingCount``."""

    recorded_ms: int = 0
    most_running: int = 0
    unknown: int = 0
    unsettled: int = 0
    settled: Tree = field(default_factory=dict)

    def add_span(self, other: RecordingSums | RecordingCount) -> None:
        """Take the sums of another span into these."""
        self.recorded_ms += other.recorded_ms
        self.most_running = max(self.most_running, other.most_running)
        self.unknown += other.unknown
        self.unsettled += other.unsettled
        grow(self.settled, other.settled)

    def add_beside(self, other: RecordingSums) -> None:
        """Take the sums of another application over the same span: at most so many ran at once over both."""
        most = self.most_running + other.most_running
        self.add_span(other)
        self.most_running = most


@dataclass
class Tally:
    """The sums of one span: of calls by application and whether they start, of recordings by application."""

    calls: dict[tuple[int, bool], CallSums] = field(default_factory=lambda: defaultdict(CallSums))
    recordings: dict[int, RecordingSums] = field(default_factory=lambda: defaultdict(RecordingSums))
    # Something in it is still being sent, or unknown.
    is_unsettled: bool = False

    def take(self, other: Tally) -> None:
        """Add the sums of another span to these."""
        for key, calls in other.calls.items():
            self.calls[key].add(calls.numbers, calls.details, calls.busiest)
        for application, recordings in other.recordings.items():
            self.recordings[application].add_span(recordings)


def grow(into: Tree, more: Mapping[str, Any]) -> None:
    """Add the sums of ``more`` to those of ``into``, at every depth."""
    for key, value in more.items():
        if value.__class__ is dict:
            grow(into.setdefault(key, {}), value)
        else:
            into[key] = into.get(key, 0) + value


def bucket_of(milliseconds: float) -> int:
    """The bucket a time belongs to: bucket k holds from 2^(k/8) up to 2^((k+1)/8) milliseconds."""
    return math.floor(math.log2(milliseconds) * PER_DOUBLING) if milliseconds > 1 else 0


def percentile(buckets: Mapping[str, int], share: float) -> float | None:
    """The time, in milliseconds, within which ``share`` (0.95) of what is counted was done; None of nothing.

    The middle of the bucket in which the true one lies, so at most 4.5 % off.
    """
    return percentiles(buckets, (share,))[0]


def percentiles(buckets: Mapping[str, int], shares: Sequence[float]) -> list[float | None]:
    """Several of them at once, for shares that rise."""
    if not buckets:
        return [None] * len(shares)
    total = sum(buckets.values())
    ordered = iter(sorted((int(bucket), number) for bucket, number in buckets.items()))
    found: list[float | None] = []
    place, seen = 0, 0
    for share in shares:
        rank = math.ceil(share * total)
        while seen < rank:
            place, number = next(ordered)
            seen += number
        found.append(2 ** ((place + 0.5) / PER_DOUBLING) if rank else None)
    return found


def count(
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    calls: ApiCallQuerySet | None = None,
    recordings: RecordingQuerySet | None = None,
) -> dict[datetime, Tally]:
    """Count the hours that begin at ``start``, ``start`` + 1 h, ... before ``end``, from the history itself.

    Hours in which nothing happened are left out. ``calls`` and ``recordings`` narrow down what is counted.
    """
    tallies: dict[int, Tally] = defaultdict(Tally)
    calls = ApiCall.objects.all() if calls is None else calls
    recordings = Recording.objects.all() if recordings is None else recordings
    base = start.timestamp()
    _count_calls(calls.filter(created_at__gte=start, created_at__lt=end), base, tallies)
    reach = recordings.filter(created_at__gte=start - LONGEST_RECORDING, created_at__lt=end)
    rows = list(reach.values_list(*RECORDING_FIELDS).iterator(chunk_size=5000))
    _count_running(rows, base, end.timestamp() - base, now, tallies)
    _count_unknown([row for row in rows if row[1] >= start], base, tallies)
    return {start + timedelta(hours=hour): tallies[hour] for hour in sorted(tallies)}


# --- Calls -----------------------------------------------------------------------------------------------
def _count_calls(calls: ApiCallQuerySet, base: float, tallies: dict[int, Tally]) -> None:
    """One pass over the calls, in plain tuples; then the few distinct ones become trees."""
    answered: Counter = Counter()
    people: Counter = Counter()
    codes: Counter = Counter()
    seconds: Counter = Counter()
    for row in calls.order_by().values_list(*CALL_FIELDS).iterator(chunk_size=5000):
        created_at, application, account, action, outcome, code, by, by_name, took, sent_at, answered_at = row
        cell = (int((created_at.timestamp() - base) // HOUR), application or ALL, action, outcome)
        answered[(cell, None if took is None else bucket_of(took))] += 1
        people[(cell, str(by) if by else by_name and f"~{by_name}")] += 1
        if code:
            codes[(cell, code)] += 1
        if left := _left_at(created_at, outcome, took, sent_at, answered_at):
            seconds[(cell[0], cell[1], action, account, int(left))] += 1
    for (cell, bucket), number in answered.items():
        _put(tallies, cell, "numbers", "n", None, number)
        if bucket is not None:
            _put(tallies, cell, "numbers", "ms", str(bucket), number)
        if cell[3] == CallOutcome.SENDING:
            tallies[cell[0]].is_unsettled = True
    for (cell, person), number in people.items():
        _put(tallies, cell, "details", "people", person, number)
    for (cell, code), number in codes.items():
        _put(tallies, cell, "details", "codes", code, number)
    _count_busiest(seconds, tallies)


def _put(
    tallies: dict[int, Tally], cell: tuple, column: str, dimension: str, key: str | None, number: int
) -> None:
    """Add to the sums of one application and to those of all."""
    hour, application, action, outcome = cell
    calls, is_start = tallies[hour].calls, action in STARTS
    for scope in (ALL, application) if application != ALL else (ALL,):
        tree = getattr(calls[(scope, is_start)], column)
        outcomes = tree.setdefault(dimension, {}).setdefault(action, {})
        if key is None:
            outcomes[outcome] = outcomes.get(outcome, 0) + number
        else:
            keys = outcomes.setdefault(outcome, {})
            keys[key] = keys.get(key, 0) + number
    if dimension == "n":
        _put(tallies, (hour, ALL, action, outcome), "details", "apps", str(application), number)


def _left_at(
    created_at: datetime,
    outcome: str,
    took: int | None,
    sent_at: datetime | None,
    answered_at: datetime | None,
) -> float | None:
    """The second at which a call left, as nearly as the history tells; None of one that did not."""
    if outcome == CallOutcome.NOT_SENT:
        return None
    if sent_at:
        return sent_at.timestamp()
    if answered_at and took is not None:
        return answered_at.timestamp() - took / 1000
    return None if outcome == CallOutcome.SENDING else created_at.timestamp()


def _count_busiest(seconds: Counter, tallies: dict[int, Tally]) -> None:
    over_all: Counter = Counter()
    for (hour, application, action, account, second), number in seconds.items():
        over_all[(hour, ALL, action, account, second)] += number
        if application != ALL:
            over_all[(hour, application, action, account, second)] += number
    for (hour, application, action, account, _second), number in over_all.items():
        busiest = tallies[hour].calls[(application, action in STARTS)].busiest
        key = f"{action}|{account or 0}"
        busiest[key] = max(busiest.get(key, 0), number)


# --- Recordings ------------------------------------------------------------------------------------------
def _count_running(
    rows: list[tuple], base: float, length: float, now: datetime, tallies: dict[int, Tally]
) -> None:
    """How many recordings ran at once in each of the hours of ``length`` seconds from ``base`` on, and how long."""
    edges: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for _pk, created_at, application, status, started_at, stopped_at, _unknown in rows:
        ended_at = stopped_at or (now if status in RUNNING else None)
        if not started_at or not ended_at:
            continue
        begun = max(started_at, created_at).timestamp() - base
        over = min(min(ended_at, created_at + LONGEST_RECORDING).timestamp() - base, length)
        if begun < over and over > 0:
            # Whole milliseconds, so that the sums of parts are the sum of the whole.
            for scope in (ALL, application):
                edges[scope] += [(round(begun * 1000), 1), (round(over * 1000), -1)]
    for scope, moments in edges.items():
        for hour, most_running, recorded_ms in _sweep(sorted(moments), math.ceil(length / HOUR)):
            sums = tallies[hour].recordings[scope]
            sums.most_running, sums.recorded_ms = most_running, recorded_ms


def _sweep(moments: list[tuple[int, int]], hours: int) -> Iterator[tuple[int, int, int]]:
    """For each hour in which something runs: the hour, the most at once, and the milliseconds of all together.

    ``moments`` are milliseconds since the first hour, with +1 for a beginning and -1 for an end, in order; of several
    at one moment the ends come first, so that what follows on something is not counted as beside it.
    """
    place, running = 0, 0
    for hour in range(hours):
        at, end = hour * HOUR * 1000, (hour + 1) * HOUR * 1000
        total = 0
        while place < len(moments) and moments[place][0] <= at:
            running += moments[place][1]
            place += 1
        most = running
        while place < len(moments) and moments[place][0] < end:
            moment, change = moments[place]
            total += running * (moment - at)
            at, running, place = moment, running + change, place + 1
            most = max(most, running)
        total += running * (end - at)
        if most:
            yield hour, most, total
        if place == len(moments):
            return


def _count_unknown(rows: list[tuple], base: float, tallies: dict[int, Tally]) -> None:
    """Starts that were unknown for a while, by the hour in which they were intended, and how long that took."""
    for row in rows:
        if row[3] in UNSETTLED:
            tallies[int((row[1].timestamp() - base) // HOUR)].is_unsettled = True
    unknown = {row[0]: row for row in rows if row[6]}
    ends: dict[int, tuple[datetime, str]] = {}
    changes = StatusChange.objects.filter(recording__in=unknown, previous=RecordingStatus.UNKNOWN)
    for recording, at, status in (
        changes.order_by("-at", "-pk").values_list("recording_id", "at", "status") if unknown else ()
    ):
        ends[recording] = (at, status)
    for pk, (_pk, created_at, application, _status, _started, _stopped, since) in unknown.items():
        sums = RecordingSums(unknown=1, unsettled=int(pk not in ends))
        if pk in ends:
            at, status = ends[pk]
            took = max((at - since).total_seconds(), 0) * 1000
            sums.settled = {status: {str(bucket_of(took)): 1}}
        hour = tallies[int((created_at.timestamp() - base) // HOUR)]
        for scope in (ALL, application):
            hour.recordings[scope].add_span(sums)


# --- From short spans to longer ones ----------------------------------------------------------------------
def with_hour_of_week(numbers: Tree, local: datetime) -> Tree:
    """The details that say at which hour of the week (0 is Monday, 00:00) an hour's calls were made."""
    hour = str(local.weekday() * 24 + local.hour)
    return {
        "hours": {
            action: {outcome: {hour: number} for outcome, number in outcomes.items()}
            for action, outcomes in numbers.get("n", {}).items()
        }
    }


def merged(
    calls: Iterable[CallCount], recordings: Iterable[RecordingCount], *, hour_of: Mapping[int, datetime]
) -> Tally:
    """The sums of shorter spans that together make a longer one.

    ``hour_of`` gives the local time of those that are hours, by the key of their span; longer ones know it already.
    """
    tally = Tally()
    for row in calls:
        sums = tally.calls[(row.application, row.is_start)]
        sums.add(row.numbers, row.details, row.busiest)
        if row.span_id in hour_of:
            grow(sums.details, with_hour_of_week(row.numbers, hour_of[row.span_id]))
    for row in recordings:
        tally.recordings[row.application].add_span(row)
    return tally
