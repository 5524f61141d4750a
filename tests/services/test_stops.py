"""Stopping many: one call for each that runs, settled whatever happens, and counted."""

import uuid

import pytest

from recorder_app.choices import RecordingStatus, StopOutcome
from recorder_app.models import Recording, StopOrder
from recorder_app.services import stops
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


def test_what_is_refused_again_and_again_is_told_with_its_reason(tiw, sandbox, clock):
    [recording] = running(tiw, clock, 1203)
    steps.break_all(sandbox, kind="error", action="StopOnlineRecord", code="InternalError", message="no")

    made = order(recording.pk)
    steps.let_pass(clock, 200)

    unit = made.units.get()
    assert (unit.outcome, unit.call.error_code) == (StopOutcome.FAILED, "InternalError")
    assert unit.reason
