"""The sums of the history: the same as the history itself, whatever happened when, and in whichever zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from recorder_app.choices import CallOutcome, RecordingStatus, Why
from recorder_app.cloud.client import Reply
from recorder_app.models import (
    ApiCall,
    CallCount,
    CountedSpan,
    CountMark,
    CountTurn,
    Person,
    Recording,
    RecordingCount,
)
from recorder_app.services import counts, states, tallies
from recorder_app.services.states import Source
from tests import factories, history
from tests.people import person

pytestmark = pytest.mark.django_db
NOW = factories.NOW
SHANGHAI, NEW_YORK, KOLKATA = "Asia/Shanghai", "America/New_York", "Asia/Kolkata"
LORD_HOWE = "Australia/Lord_Howe"
REPLY = Reply(
    action="StartOnlineRecord",
    request_id="a-late-one",
    fields={},
    answer={},
    http_status=200,
    duration_ms=9,
    clock_offset_ms=0,
)


@pytest.fixture(autouse=True)
def _standing(clock):
    """Time stands still at ``factories.NOW`` unless a test shifts it."""


def live_in(*zones: str) -> None:
    for number, zone in enumerate(zones):
        Person.objects.create_user(username=f"lives-{number}", time_zone=zone)


def of_hour(moment: datetime, *, application: int = 0) -> RecordingCount:
    return RecordingCount.objects.get(
        span__grain="hour", span__zone=":00", span__start=moment, application=application
    )


def starts_of_hour(moment: datetime) -> dict:
    """action -> outcome -> how many, over all applications."""
    row = CallCount.objects.filter(
        span__grain="hour", span__zone=":00", span__start=moment, application=0, is_start=True
    ).first()
    return row.numbers["n"] if row else {}


def test_an_empty_history_has_no_sums():
    done = counts.keep()

    assert done
    assert CountedSpan.objects.count() == 0


def test_one_call_is_counted_for_its_application_and_for_all():
    call = factories.call(created_at=NOW - timedelta(hours=5), duration_ms=100)

    counts.keep()

    rows = CallCount.objects.filter(span__grain="day", span__zone="UTC").order_by("application")
    assert [row.application for row in rows] == [0, call.application_id]
    assert rows[0].numbers == {
        "n": {"StartOnlineRecord": {"ok": 1}},
        "ms": {"StartOnlineRecord": {"ok": {"53": 1}}},
    }
    assert rows[0].details == {
        "people": {"StartOnlineRecord": {"ok": {str(call.by_id): 1}}},
        "apps": {"StartOnlineRecord": {"ok": {str(call.application_id): 1}}},
        # Friday, 04:00.
        "hours": {"StartOnlineRecord": {"ok": {"100": 1}}},
    }
    assert rows[0].busiest == {f"StartOnlineRecord|{call.account_id}": 1}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sums_are_those_of_the_history_in_every_zone(seed):
    live_in(SHANGHAI, NEW_YORK, KOLKATA)
    # Over the change of New York's clocks on the 1st of November 2026.
    history.make(start=NOW - timedelta(days=24), end=NOW, calls=400, seed=seed)

    counts.rebuild()

    for zone in ("UTC", SHANGHAI, NEW_YORK, KOLKATA):
        assert history.counted_by_day(zone) == history.calls_by_day(zone)
    long = RecordingCount.objects.filter(span__grain="day", span__zone=NEW_YORK, application=0)
    assert sum(row.recorded_ms for row in long) / 1000 == pytest.approx(history.seconds_recorded())
    assert max(row.most_running for row in long) == history.most_at_once()


def test_months_and_weeks_add_up_to_what_their_days_do():
    live_in(NEW_YORK)
    history.make(start=NOW - timedelta(days=60), end=NOW, calls=300)

    counts.rebuild()

    def total(grain: str) -> tuple[dict, int, int]:
        rows = CallCount.objects.filter(span__grain=grain, span__zone=NEW_YORK, application=0)
        tree: dict = {}
        for row in rows:
            tallies.grow(tree, {"numbers": row.numbers, "details": row.details})
        recorded = RecordingCount.objects.filter(span__grain=grain, span__zone=NEW_YORK, application=0)
        return (
            tree,
            sum(row.recorded_ms for row in recorded),
            max(row.most_running for row in recorded),
        )

    assert total("month") == total("week") == total("day")


def test_a_day_of_23_hours_and_one_of_25_hold_their_own_hours():
    live_in(NEW_YORK)
    zone = ZoneInfo(NEW_YORK)
    for moment in (datetime(2026, 11, 1, 0, 30, tzinfo=zone), datetime(2026, 11, 1, 23, 30, tzinfo=zone)):
        factories.call(created_at=moment)

    counts.rebuild()

    day = CountedSpan.objects.get(
        grain="day", zone=NEW_YORK, start=datetime(2026, 11, 1, tzinfo=zone).astimezone(UTC)
    )
    assert day.end - day.start == timedelta(hours=25)
    assert day.call_counts.get(application=0).numbers["n"] == {"StartOnlineRecord": {"ok": 2}}


def test_a_clock_that_moves_by_half_an_hour_loses_nothing():
    live_in(LORD_HOWE)
    # Lord Howe's clocks went forward on the 4th of October 2026, by half an hour.
    history.make(start=datetime(2026, 10, 1, tzinfo=UTC), end=datetime(2026, 10, 8, tzinfo=UTC), calls=400)

    counts.rebuild()

    assert history.counted_by_day(LORD_HOWE) == history.calls_by_day(LORD_HOWE)


def test_counting_again_changes_nothing():
    history.make(start=NOW - timedelta(days=3), end=NOW, calls=100)
    counts.rebuild()
    before = history.all_sums()

    counts.rebuild()

    assert history.all_sums() == before


def test_what_is_being_sent_keeps_its_hour_open_until_it_is_settled(clock):
    at = NOW - timedelta(hours=10)
    call = factories.call(outcome=CallOutcome.SENDING, created_at=at.replace(minute=10))
    counts.keep()
    was = starts_of_hour(at)

    ApiCall.objects.filter(pk=call.pk).update(outcome=CallOutcome.NO_ANSWER, answered_at=timezone.now())
    counts.keep()

    assert was == {"StartOnlineRecord": {"sending": 1}}
    assert starts_of_hour(at) == {"StartOnlineRecord": {"no_answer": 1}}
    assert not CountedSpan.objects.get(grain="hour", zone=":00", start=at).is_open


def test_an_hour_is_closed_when_it_has_been_over_for_two(clock):
    factories.call(created_at=NOW - timedelta(minutes=5))
    hour = NOW - timedelta(hours=1)

    def is_open() -> bool:
        counts.keep()
        return CountedSpan.objects.get(grain="hour", zone=":00", start=hour).is_open

    opened = [is_open()]
    clock.shift(timedelta(minutes=119))
    opened.append(is_open())
    clock.shift(timedelta(minutes=2))
    opened.append(is_open())

    assert opened == [True, True, False]


def test_an_answer_that_comes_hours_later_is_counted():
    at = NOW - timedelta(hours=10)
    call = factories.call(outcome=CallOutcome.SENDING, created_at=at)
    ApiCall.objects.filter(pk=call.pk).give_up(now=at + timedelta(minutes=2), never_left="", no_answer="")
    counts.keep()
    was = starts_of_hour(at)

    # Its process had only been asleep.
    call.mark_answered(REPLY, now=NOW)
    counts.keep()

    assert was == {"StartOnlineRecord": {"not_sent": 1}}
    assert starts_of_hour(at) == {"StartOnlineRecord": {"ok": 1}}
    assert CountMark.objects.count() == 0


def test_an_end_that_is_told_late_shortens_what_was_counted_as_running():
    began = NOW - timedelta(hours=9)
    recording = factories.recording(created_at=began, started_at=began)
    counts.keep()
    ran = [of_hour(NOW - timedelta(hours=back)).recorded_ms for back in (9, 7, 5)]

    # A late callback led to the question that tells it.
    stopped = int((began + timedelta(hours=2, minutes=30)).timestamp())
    facts = states.TaskFacts(RecordingStatus.FINISHED, stopped_at=stopped)
    states.apply_state(recording, facts, Source(Why.REFRESH), asked_at=NOW)
    counts.keep()

    assert ran == [3_600_000, 3_600_000, 3_600_000]
    assert of_hour(NOW - timedelta(hours=9)).recorded_ms == 3_600_000
    assert of_hour(NOW - timedelta(hours=7)).recorded_ms == 1_800_000
    later = RecordingCount.objects.filter(span__grain="hour", span__start__gt=NOW - timedelta(hours=7))
    assert not later.exists()


def test_an_unknown_start_is_counted_until_and_after_it_is_settled():
    began = NOW - timedelta(hours=9)
    recording = factories.recording(
        status=RecordingStatus.UNKNOWN, created_at=began, unknown_since=began + timedelta(seconds=20)
    )
    counts.keep()
    was = of_hour(began)

    states.change(recording, RecordingStatus.NOT_STARTED, Source(Why.SETTLED), now=began + timedelta(seconds=60),
                  only_from=(RecordingStatus.UNKNOWN,))  # fmt: skip
    counts.keep()

    assert (was.unknown, was.unsettled, was.settled) == (1, 1, {})
    now = of_hour(began)
    bucket = str(tallies.bucket_of(40_000))
    assert (now.unknown, now.unsettled, now.settled) == (1, 0, {"not_started": {bucket: 1}})


def test_what_ends_as_the_next_begins_is_not_counted_as_running_beside_it():
    application = factories.application()
    began = NOW - timedelta(hours=6)
    for number in range(3):
        factories.recording(
            application=application,
            status=RecordingStatus.FINISHED,
            created_at=began + timedelta(minutes=10 * number),
            started_at=began + timedelta(minutes=10 * number),
            stopped_at=began + timedelta(minutes=10 * number + 10),
        )

    counts.keep()

    assert of_hour(began).most_running == 1
    assert of_hour(began).recorded_ms == 30 * 60 * 1000


def test_a_recording_without_an_end_counts_for_three_days_at_most():
    factories.recording(created_at=NOW - timedelta(days=10), started_at=NOW - timedelta(days=10))

    counts.keep()

    days = RecordingCount.objects.filter(span__grain="day", application=0)
    assert sum(day.recorded_ms for day in days) == 3 * 86_400_000


def test_the_busiest_second_is_counted_by_account_and_action():
    application = factories.application()
    recording = factories.recording(application=application)
    for milliseconds in (0, 300, 900, 1100):
        at = NOW - timedelta(hours=4) + timedelta(milliseconds=milliseconds)
        factories.call(recording=recording, created_at=at, sent_at=at)

    counts.keep()

    row = CallCount.objects.get(span__grain="day", application=0, is_start=True)
    assert row.busiest == {f"StartOnlineRecord|{application.account_id}": 3}


def test_a_new_zone_gets_its_days_and_a_forgotten_one_loses_them():
    history.make(start=NOW - timedelta(days=5), end=NOW, calls=50)
    live_in(KOLKATA)
    counts.keep()
    somebody = Person.objects.get(username="lives-0")

    somebody.time_zone = SHANGHAI
    somebody.save()
    counts.keep()

    assert history.counted_by_day(SHANGHAI) == history.calls_by_day(SHANGHAI)
    assert not CountedSpan.objects.filter(zone=KOLKATA).exists()


def test_only_one_counts_at_a_time_and_a_dead_one_is_not_waited_for_long(clock):
    factories.call(created_at=NOW - timedelta(hours=3))
    CountTurn.take("another", now=NOW, lease=counts.LEASE)

    first = counts.keep()
    clock.shift(counts.LEASE)
    second = counts.keep()

    assert (first, second) == (False, True)


def test_what_was_counted_under_a_turn_that_is_over_is_not_written(monkeypatch):
    factories.call(created_at=NOW - timedelta(hours=3))
    count = tallies.count

    def slowly(*args, **kwargs):
        CountTurn.objects.update(holder="another")
        return count(*args, **kwargs)

    monkeypatch.setattr(tallies, "count", slowly)
    with pytest.raises(counts.TurnLost):
        counts.keep()

    assert CallCount.objects.count() == 0


def test_a_process_that_dies_half_way_leaves_open_what_it_had_not_finished(monkeypatch):
    history.make(start=NOW - timedelta(days=4), end=NOW, calls=100)
    made_of = counts._made_of_shorter

    def dies(span):
        if CountedSpan.objects.filter(grain="day", is_open=False).count() >= 2:
            raise MemoryError
        return made_of(span)

    monkeypatch.setattr(counts, "PIECE_SPANS", 2)
    monkeypatch.setattr(counts, "_made_of_shorter", dies)
    with pytest.raises(MemoryError):
        counts.keep()
    monkeypatch.setattr(counts, "_made_of_shorter", made_of)

    counts.keep()

    assert history.counted_by_day("UTC") == history.calls_by_day("UTC")


def test_little_time_is_enough_when_it_is_given_often():
    history.make(start=NOW - timedelta(days=4), end=NOW, calls=100)
    turns = 0

    with time_machine.travel(NOW, tick=True):
        while not counts.keep(seconds=0):
            turns += 1

    assert turns > 1
    assert history.counted_by_day("UTC") == history.calls_by_day("UTC")


def test_a_rebuild_since_a_day_counts_what_was_put_there_behind_its_back():
    history.make(start=NOW - timedelta(days=10), end=NOW, calls=100)
    counts.rebuild()
    factories.call(created_at=NOW - timedelta(days=3))
    factories.call(created_at=NOW - timedelta(days=30))

    counts.rebuild(since=NOW - timedelta(days=4))

    assert history.counted_by_day("UTC") == history.calls_by_day("UTC")
    assert min(day for day, *_rest in history.counted_by_day("UTC")) == date(2026, 10, 21)


def test_a_call_without_an_application_counts_for_all_alone():
    recording = factories.recording()
    factories.call(recording=recording, created_at=NOW - timedelta(hours=4), application=None)

    counts.keep()

    row = CallCount.objects.get(span__grain="day")
    assert (row.application, row.details["apps"]) == (0, {"StartOnlineRecord": {"ok": {"0": 1}}})


def test_somebody_who_was_removed_is_counted_by_name():
    factories.call(created_at=NOW - timedelta(hours=4), by=person("support"), by_name="Lin")
    ApiCall.objects.update(by=None)

    counts.keep()

    row = CallCount.objects.get(span__grain="day", application=0)
    assert row.details["people"] == {"StartOnlineRecord": {"ok": {"~Lin": 1}}}


def test_percentiles_are_within_five_in_a_hundred_of_the_exact_ones():
    history.make(start=NOW - timedelta(days=2), end=NOW, calls=2000)
    counts.rebuild()
    times = list(ApiCall.objects.filter(duration_ms__isnull=False).values_list("duration_ms", flat=True))
    buckets: dict = {}
    for row in CallCount.objects.filter(span__grain="month", application=0):
        for outcomes in row.numbers["ms"].values():
            for more in outcomes.values():
                tallies.grow(buckets, more)

    for share in (0.5, 0.95, 0.99):
        exact = history.exact_percentile(times, share)

        assert tallies.percentile(buckets, share) == pytest.approx(exact, rel=0.05)


def test_of_nothing_there_is_no_percentile():
    assert tallies.percentile({}, 0.5) is None


@pytest.mark.django_db(transaction=True)
def test_whatever_is_written_while_it_is_counted_is_counted_in_the_end(together):
    history.make(start=NOW - timedelta(hours=40), end=NOW, calls=200)
    ApiCall.objects.filter(outcome=CallOutcome.NO_ANSWER).update(answered_at=NOW - timedelta(hours=1))
    Recording.objects.filter(pk__in=list(Recording.objects.values_list("pk", flat=True)[::2])).update(
        status=RecordingStatus.RECORDING, stopped_at=None
    )
    counts.rebuild()
    work = [_answer_late, _tell_ends_late, _start_and_settle, _count_often, _count_often]

    together(len(work), lambda: work.pop()())
    counts.keep()
    kept = history.all_sums()
    counts.rebuild()

    assert CountMark.objects.count() == 0
    assert kept == history.all_sums()
    assert history.counted_by_day("UTC") == history.calls_by_day("UTC")


def _answer_late() -> None:
    for call in ApiCall.objects.filter(outcome=CallOutcome.NO_ANSWER):
        call.mark_answered(REPLY, now=NOW)


def _tell_ends_late() -> None:
    for recording in Recording.objects.filter(status=RecordingStatus.RECORDING):
        stopped = int((recording.started_at + timedelta(minutes=20)).timestamp())
        facts = states.TaskFacts(RecordingStatus.FINISHED, stopped_at=stopped)
        states.apply_state(recording, facts, Source(Why.REFRESH), asked_at=NOW)


def _start_and_settle() -> None:
    recording = Recording.objects.first()
    for number in range(40):
        at = NOW - timedelta(minutes=number)
        call = factories.call(recording=recording, outcome=CallOutcome.SENDING, created_at=at)
        call.mark_answered(REPLY, now=NOW)


def _count_often() -> None:
    for _turn in range(10):
        counts.keep()
