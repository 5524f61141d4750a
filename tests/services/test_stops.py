"""Stopping many: one call for each that runs, settled whatever happens, and counted."""

import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError

from recorder_app.choices import CallOutcome, Origin, RecordingStatus, StopOutcome
from recorder_app.models import AuditEntry, Recording, StopOrder, StopUnit
from recorder_app.services import actions, audit, stops
from tests import factories, steps
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tiw(sandbox):
    return factories.application(product="tiw", endpoint=sandbox.url)


def running(application, clock, *rooms: int) -> list[Recording]:
    started = [steps.start_class(application, room=room) for room in rooms]
    steps.let_pass(clock, 5)
    return [steps.reread(recording) for recording in started]


def order(newest: int, **changes) -> StopOrder:
    fields = {"by": person("operator"), "intention_key": uuid.uuid4(), **changes}
    return stops.order(Recording.objects.all(), newest=newest, **fields)


def stop_calls(sandbox) -> list[str]:
    calls = steps.truth(sandbox)["calls"]
    return [call["parameters"]["TaskId"] for call in calls if call["Action"] == "StopOnlineRecord"]


def test_all_that_match_are_stopped_once_each(tiw, sandbox, clock):
    recordings = running(tiw, clock, 1203, 1204, 1205)

    made = order(recordings[-1].pk)
    steps.let_pass(clock, 30)

    assert made.counts() == {"waiting": 0, "stopped": 3, "over": 0, "failed": 0}
    assert sorted(stop_calls(sandbox)) == sorted(recording.task_id for recording in recordings)
    assert {steps.reread(recording).status for recording in recordings} == {RecordingStatus.FINISHED}


def test_what_began_after_the_question_is_left_alone(tiw, sandbox, clock):
    shown, later = running(tiw, clock, 1203, 1204)

    order(shown.pk)
    steps.let_pass(clock, 5)

    assert stop_calls(sandbox) == [shown.task_id]
    assert steps.reread(later).status == RecordingStatus.RECORDING


def test_a_second_click_orders_nothing_more(tiw, clock):
    [recording] = running(tiw, clock, 1203)
    key = uuid.uuid4()

    first, second = (order(recording.pk, intention_key=key) for _click in range(2))

    assert (first, StopOrder.objects.count(), first.units.count()) == (second, 1, 1)


def test_a_stop_that_did_not_arrive_is_made_again(tiw, sandbox, clock):
    [recording] = running(tiw, clock, 1203)
    steps.break_next(sandbox, kind="drop_before", action="StopOnlineRecord")

    made = order(recording.pk)
    steps.let_pass(clock, 90)

    assert made.counts()[StopOutcome.STOPPED] == 1
    assert steps.reread(recording).status == RecordingStatus.FINISHED


def test_what_ended_by_itself_meanwhile_counts_as_over(tiw, sandbox, clock):
    [recording] = running(tiw, clock, 1203)
    made = order(recording.pk)
    Recording.objects.filter(pk=recording.pk).update(status=RecordingStatus.FINISHED, due_at=None)

    steps.let_pass(clock, 2)

    assert made.counts()[StopOutcome.OVER] == 1
    assert stop_calls(sandbox) == []


def kill_after_the_call(unit: StopUnit, monkeypatch) -> None:
    """As a worker does that is killed when the cloud has answered its stop: nothing is noted of it but the call."""

    class Killed(BaseException):
        pass

    def killed(*args, **fields):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(actions, "_note_success", killed)
        patch.setattr(actions, "_note_failure", killed)
        with pytest.raises(Killed):
            stops.carry_out(unit)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (None, CallOutcome.OK),
        ({"kind": "drop_after"}, CallOutcome.NO_ANSWER),
    ],
)
def test_what_a_killed_worker_had_stopped_counts_as_stopped(tiw, sandbox, clock, monkeypatch, fault, outcome):
    [recording] = running(tiw, clock, 1203)
    made = order(recording.pk)
    if fault:
        steps.break_next(sandbox, action="StopOnlineRecord", **fault)
    kill_after_the_call(made.units.get(), monkeypatch)
    noted = made.units.get()

    steps.let_pass(clock, 60)

    unit = made.units.get()
    assert (noted.outcome, noted.tries, noted.call) == (StopOutcome.WAITING, 0, None)
    assert (unit.outcome, unit.call.outcome) == (StopOutcome.STOPPED, outcome)
    assert stop_calls(sandbox) == [recording.task_id]
    assert steps.reread(recording).status == RecordingStatus.FINISHED


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, StopOutcome.STOPPED),
        ({"outcome": CallOutcome.SENDING}, StopOutcome.STOPPED),
        ({"outcome": CallOutcome.SENDING, "sent_at": None}, StopOutcome.OVER),
        ({"outcome": CallOutcome.REFUSED}, StopOutcome.OVER),
        ({"outcome": CallOutcome.NOT_SENT}, StopOutcome.OVER),
        ({"origin": Origin.PERSON}, StopOutcome.OVER),
        ({"action": "PauseOnlineRecord"}, StopOutcome.OVER),
        ({"created_at": factories.NOW - timedelta(seconds=1)}, StopOutcome.OVER),
    ],
)
def test_only_a_stop_of_this_order_that_may_have_worked_counts(tiw, clock, changes, outcome):
    recording = factories.recording(application=tiw)
    made = order(recording.pk)
    stop = {"action": "StopOnlineRecord", "origin": Origin.BACKGROUND, "sent_at": factories.NOW}
    factories.call(recording=recording, **{**stop, **changes})
    Recording.objects.filter(pk=recording.pk).update(status=RecordingStatus.FINISHED)

    stops.carry_out(made.units.get())

    assert made.units.get().outcome == outcome


def test_an_order_is_in_the_audit_once_with_its_size(tiw, clock):
    recordings = running(tiw, clock, 1203, 1204)
    key = uuid.uuid4()

    first, _second = (order(recordings[-1].pk, intention_key=key) for _click in range(2))

    [entry] = AuditEntry.objects.all()
    assert (entry.event, entry.by_name) == ("stops_ordered", "operator")
    assert entry.details == {"order": first.pk, "recordings": 2}


def test_an_order_that_cannot_be_audited_is_not_made(tiw, clock, monkeypatch):
    [recording] = running(tiw, clock, 1203)

    def broken(*args, **fields):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(audit, "record", broken)

    with pytest.raises(OperationalError):
        order(recording.pk)

    assert (StopOrder.objects.count(), StopUnit.objects.count()) == (0, 0)


def test_what_is_refused_again_and_again_is_told_with_its_reason(tiw, sandbox, clock):
    [recording] = running(tiw, clock, 1203)
    steps.break_all(sandbox, kind="error", action="StopOnlineRecord", code="InternalError", message="no")

    made = order(recording.pk)
    steps.let_pass(clock, 200)

    unit = made.units.get()
    assert (unit.outcome, unit.call.error_code) == (StopOutcome.FAILED, "InternalError")
    assert unit.reason
