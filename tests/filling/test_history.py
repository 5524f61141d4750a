"""The made-up history: as many rows as were asked for, that agree with each other, in both databases."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.db.models import Count, F, Max, Min, Q

from recorder_app.choices import FINAL, WITH_TASK, CallOutcome, Environment, RecordingStatus
from recorder_app.filling import LiveAccount, fill, history
from recorder_app.models import (
    ApiCall,
    Application,
    CallbackEvent,
    CloudAccount,
    Person,
    Recording,
    RecordingFile,
    StatusChange,
)
from tests import factories
from tests.factories import NOW

# Outside a transaction, as the command runs: SQLite is told to hurry, which it takes only there.
pytestmark = pytest.mark.django_db(transaction=True)
TABLES = (StatusChange, RecordingFile, CallbackEvent, ApiCall, Recording)


def forget() -> None:
    """Take the history away, and keep whom and what it is about."""
    for model in TABLES:
        model.objects.all().delete()


def everything() -> list[list[tuple]]:
    return [list(model.objects.order_by("pk").values_list()) for model in TABLES]


def test_there_are_exactly_as_many_calls_as_were_asked_for_over_two_years():
    made = fill(3000, until=NOW)

    first, last = ApiCall.objects.aggregate(a=Min("created_at"), b=Max("created_at")).values()
    assert ApiCall.objects.count() == made.calls == 3000
    assert Recording.objects.count() == made.recordings
    assert NOW - timedelta(days=731) < first < NOW - timedelta(days=700)
    assert NOW - timedelta(days=2) < last < NOW


def test_the_world_has_twelve_applications_three_accounts_and_forty_people_who_cannot_sign_in():
    fill(2000, until=NOW)

    assert (Application.objects.count(), CloudAccount.objects.count(), Person.objects.count()) == (12, 3, 40)
    assert not any(person.has_usable_password() for person in Person.objects.all())
    assert set(CloudAccount.objects.values_list("environment", flat=True)) == {Environment.SANDBOX}


def test_the_mixture_is_that_of_a_house_at_work():
    fill(20_000, until=NOW)

    shares = {
        row["outcome"]: row["n"] / 20_000 for row in ApiCall.objects.values("outcome").annotate(n=Count("pk"))
    }
    assert 0.055 < shares["refused"] < 0.068
    assert 0.0015 < shares["no_answer"] < 0.0045
    assert ApiCall.objects.exclude(error_code="").values("error_code").distinct().count() > 12
    busiest = Recording.objects.values("room_id").annotate(n=Count("pk")).order_by("-n").first()
    assert (
        busiest["n"] > 5 * Recording.objects.count() / Recording.objects.values("room_id").distinct().count()
    )
    hours = Counter((at.hour + 8) % 24 for at in Recording.objects.values_list("created_at", flat=True))
    assert hours[19] > 10 * hours[4]


def test_every_row_keeps_what_the_database_demands():
    fill(3000, until=NOW)

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "PRAGMA integrity_check"
            )  # with the conditions of the tables, which were not looked at
            assert cursor.fetchall() == [("ok",)]
    connection.check_constraints()


def test_a_recordings_rows_tell_one_story():
    fill(3000, until=NOW)

    for recording in Recording.objects.prefetch_related("calls", "changes", "files", "callback_events"):
        calls = sorted(recording.calls.all(), key=lambda call: call.pk)
        changes = list(recording.changes.all())
        start = calls[0]
        assert (start.action, start.created_at) in {
            (action, recording.created_at) for action in ("StartOnlineRecord", "StartRecord")
        }
        assert (start.room_id, start.params, start.by_id) == (
            recording.room_id, recording.params, recording.started_by_id
        )  # fmt: skip
        assert [call.created_at for call in calls] == sorted(call.created_at for call in calls)
        assert all(call.created_at < call.answered_at for call in calls)
        assert [changes[0].previous, changes[-1].status] == ["intended", recording.status]
        assert all(before.status == after.previous for before, after in pairwise(changes))
        assert all(change.at == change.call.answered_at for change in changes)
        assert bool(recording.task_id) == (recording.status in (*WITH_TASK, RecordingStatus.FAILED))
        assert bool(recording.files.all()) == (recording.status == RecordingStatus.FINISHED)
        assert {event.task_id for event in recording.callback_events.all()} <= {recording.task_id}
        if start.outcome == CallOutcome.OK:
            assert str(start.answer["TaskId"]) == recording.task_id


def test_nothing_of_it_waits_for_a_worker():
    fill(3000, until=NOW)

    assert not Recording.objects.exclude(status__in=FINAL).exists()
    assert not Recording.objects.exclude(due_at=None, claimed_until=None, claimed_by="").exists()
    assert not CallbackEvent.objects.filter(Q(due_at__isnull=False) | Q(outcome="waiting")).exists()
    assert not ApiCall.objects.filter(outcome=CallOutcome.SENDING).exists()


def test_identifiers_are_unique_and_keep_every_digit():
    fill(3000, until=NOW)

    requests = ApiCall.objects.exclude(request_id="").values_list("request_id", flat=True)
    voices = Recording.objects.filter(product="gme").exclude(task_id="").values_list("task_id", flat=True)
    assert len(set(requests)) == len(requests) > 2900
    assert min(map(int, voices)) > 2**53
    assert max(map(int, voices)) < 2**64


def test_numbers_and_times_agree_but_for_the_last_day():
    fill(3000, until=NOW)

    calls = ApiCall.objects.order_by("pk").values_list("created_at", flat=True)
    assert sum(before > after for before, after in pairwise(calls)) <= 1


def test_the_same_seed_makes_the_same_rows_and_another_seed_others():
    fill(600, until=NOW, seed=7)
    first = everything()

    forget()
    fill(600, until=NOW, seed=7)
    again = everything()
    forget()
    fill(600, until=NOW, seed=8)

    assert again == first
    assert everything() != first


def test_a_second_history_lies_before_the_first_and_a_new_row_after_both():
    fill(600, until=NOW)
    oldest, last = Recording.objects.aggregate(a=Min("created_at"), b=Max("pk")).values()

    fill(600, until=NOW)

    younger = Recording.objects.filter(pk__gt=last)
    assert younger.aggregate(b=Max("stopped_at"))["b"] < oldest
    assert ApiCall.objects.count() == 1200
    assert ApiCall.objects.values("request_id").distinct().count() > 1150
    assert factories.recording().pk == Recording.objects.aggregate(b=Max("pk"))["b"]


def test_a_large_fill_leaves_the_tables_as_it_found_them(monkeypatch):
    monkeypatch.setattr(history, "MANY", 1)
    with connection.cursor() as cursor:
        before = [connection.introspection.get_constraints(cursor, model._meta.db_table) for model in TABLES]

    fill(300, until=NOW)

    with connection.cursor() as cursor:
        after = [connection.introspection.get_constraints(cursor, model._meta.db_table) for model in TABLES]
    assert after == before
    connection.check_constraints()


def test_a_fill_that_breaks_leaves_the_indexes_there(monkeypatch):
    monkeypatch.setattr(history, "MANY", 1)
    monkeypatch.setattr(history._Filler, "run", lambda self, rows, days: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        fill(300, until=NOW)

    with connection.cursor() as cursor:
        present = connection.introspection.get_constraints(cursor, ApiCall._meta.db_table)
    assert {index.name for index in ApiCall._meta.indexes} <= set(present)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL fills in one transaction")
def test_the_next_fill_puts_back_the_indexes_a_killed_one_left_away():
    with connection.cursor() as cursor:
        before = [connection.introspection.get_constraints(cursor, model._meta.db_table) for model in TABLES]
        cursor.execute("DROP INDEX call_newest")
        key = next(name for name in before[0] if name.startswith("recorder_app_statuschange_call_id"))
        cursor.execute(f"DROP INDEX {key}")

    fill(300, until=NOW)

    with connection.cursor() as cursor:
        after = [connection.introspection.get_constraints(cursor, model._meta.db_table) for model in TABLES]
    assert after == before


def test_a_row_that_the_database_refuses_ends_the_fill(monkeypatch):
    monkeypatch.setattr("recorder_app.filling.lives.Lives.number", lambda self: "1")

    with pytest.raises(Exception, match=r"(?i)unique"):
        fill(300, until=NOW)


def test_nothing_is_made_up_beside_a_live_account():
    factories.account(environment=Environment.LIVE)

    with pytest.raises(LiveAccount):
        fill(10, until=NOW)

    assert not Recording.objects.exists()


def test_durations_fit_the_times_and_have_a_tail():
    fill(5000, until=NOW)

    answered = ApiCall.objects.filter(outcome__in=("ok", "refused"))
    assert not answered.filter(answered_at__lt=F("created_at")).exists()
    times = sorted(answered.values_list("duration_ms", flat=True))
    assert 100 < times[len(times) // 2] < 180
    assert times[-1] > 2000
