"""A made-up history in which much happens, and its sums counted once more in another, slower way."""

import math
import random
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from recorder_app.choices import CallOutcome, RecordingStatus, Why
from recorder_app.models import ApiCall, Application, CallCount, CountedSpan, Recording, StatusChange
from tests import factories
from tests.people import person

OUTCOMES = [CallOutcome.OK] * 14 + [CallOutcome.REFUSED] * 3 + [CallOutcome.NO_ANSWER, CallOutcome.NOT_SENT]
CODES = ("InvalidParameter.RecordParameter", "RequestLimitExceeded", "ResourceInUse.RecordUserId")
ACTIONS = {
    "tiw": ("StartOnlineRecord", "StopOnlineRecord", "DescribeOnlineRecord"),
    "gme": ("StartRecord", "StopRecord", "DescribeRecordInfo"),
}


def make(*, start: datetime, end: datetime, calls: int, seed: int = 1) -> list[Application]:
    """Two applications with so many calls, and a fifth as many recordings, between two moments."""
    dice = random.Random(seed)
    applications = [factories.application(product="tiw"), factories.application(product="gme")]
    people = [person("operator"), person("support"), None]
    length = (end - start).total_seconds()
    recordings = [
        _recording(
            dice, dice.choice(applications), start + timedelta(seconds=dice.randrange(int(length))), end
        )
        for _number in range(max(calls // 5, 2))
    ]
    ApiCall.objects.bulk_create(
        _call(dice, dice.choice(recordings), start, length, dice.choice(people)) for _number in range(calls)
    )
    return applications


def _recording(dice: random.Random, application: Application, at: datetime, end: datetime) -> Recording:
    ran = timedelta(seconds=dice.randrange(30, 40_000))
    made = factories.recording(
        application=application,
        status=RecordingStatus.FINISHED,
        room_id=str(dice.randrange(1, 30)),
        created_at=at,
        started_at=at + timedelta(milliseconds=300),
        stopped_at=min(at + ran, end),
        unknown_since=at + timedelta(seconds=5) if dice.random() < 0.2 else None,
    )
    if made.unknown_since:
        StatusChange.objects.create(
            recording=made,
            previous=RecordingStatus.UNKNOWN,
            status=RecordingStatus.STARTING,
            why=Why.SETTLED,
            at=made.unknown_since + timedelta(seconds=dice.randrange(1, 60)),
        )
    return made


def _call(dice: random.Random, recording: Recording, start: datetime, length: float, by) -> ApiCall:
    outcome = dice.choice(OUTCOMES)
    at = start + timedelta(seconds=dice.random() * length)
    took = None if outcome == CallOutcome.NOT_SENT else round(dice.lognormvariate(4.5, 0.6))
    refused = outcome == CallOutcome.REFUSED
    return ApiCall(
        account=recording.application.account,
        account_name="Account",
        application=recording.application,
        application_name=recording.application_name,
        recording=recording,
        room_id=recording.room_id,
        product=recording.product,
        action=dice.choice(ACTIONS[recording.product]),
        environment="sandbox",
        endpoint="127.0.0.1:9",
        params={},
        outcome=outcome,
        error_code=dice.choice(CODES) if refused else "",
        duration_ms=took,
        by=by,
        by_name=by.name if by else "",
        origin="person" if by else "background",
        created_at=at,
        sent_at=at if outcome != CallOutcome.NOT_SENT else None,
        answered_at=at + timedelta(milliseconds=took or 0),
    )


def calls_by_day(zone: str) -> Counter:
    """The calls themselves: (local day, application, action, outcome) -> how many."""
    found: Counter = Counter()
    for call in ApiCall.objects.all():
        day = call.created_at.astimezone(ZoneInfo(zone)).date()
        found[(day, call.application_id, call.action, call.outcome)] += 1
    return found


def counted_by_day(zone: str) -> Counter:
    """The same from the sums."""
    found: Counter = Counter()
    rows = CallCount.objects.filter(span__grain="day", span__zone=zone, application__gt=0)
    for row in rows.select_related("span"):
        day = row.span.start.astimezone(ZoneInfo(zone)).date()
        for action, outcomes in row.numbers["n"].items():
            for outcome, number in outcomes.items():
                found[(day, row.application, action, outcome)] += number
    return found


def seconds_recorded() -> float:
    """Over all recordings, from the recordings themselves."""
    ran = Recording.objects.filter(stopped_at__isnull=False).values_list("started_at", "stopped_at")
    return sum((stopped - started).total_seconds() for started, stopped in ran)


def most_at_once() -> int:
    """The greatest number of recordings that ran at one moment, tried at every beginning."""
    ran = list(Recording.objects.filter(stopped_at__isnull=False).values_list("started_at", "stopped_at"))
    return max(sum(begun <= moment < over for begun, over in ran) for moment, _over in ran)


def exact_percentile(times: list[int], share: float) -> int:
    """By the nearest rank."""
    return sorted(times)[math.ceil(share * len(times)) - 1]


def all_sums() -> dict:
    """Everything that is counted, by what it is counted for."""
    spans = CountedSpan.objects.prefetch_related("call_counts", "recording_counts")
    return {
        (span.grain, span.zone, span.start): (
            {(row.application, row.is_start): (row.numbers, row.details, row.busiest) for row in calls},
            {
                row.application: (row.recorded_ms, row.most_running, row.unknown, row.unsettled, row.settled)
                for row in recordings
            },
        )
        for span in spans
        if (calls := span.call_counts.all()) is not None
        and (recordings := span.recording_counts.all()) is not None
    }
