"""Stop, pause, resume and change: once each, only where the state allows, and settled when no answer comes."""

import pytest

from recorder_app.choices import CallOutcome, RecordingStatus, Verb
from recorder_app.cloud.states import Subscription
from recorder_app.models import ApiCall, Recording
from recorder_app.services import actions, calls
from tests import factories, steps
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tiw(sandbox):
    return factories.application(product="tiw", endpoint=sandbox.url)


@pytest.fixture
def gme(sandbox):
    return factories.application(product="gme", endpoint=sandbox.url)


def running(application, clock) -> Recording:
    start = steps.start_class if application.product == "tiw" else steps.start_voice
    recording = start(application)
    steps.let_pass(clock, 5)
    return steps.reread(recording)


def allowed(recording: Recording) -> set[str]:
    return {one.verb for one in actions.allowed_actions(recording) if one.is_allowed}


def sent(sandbox, action: str) -> list[dict]:
    return [call for call in steps.truth(sandbox)["calls"] if call["Action"] == action]


def test_a_class_is_paused_and_resumed(tiw, sandbox, clock):
    recording = running(tiw, clock)

    actions.pause(recording, by=person("operator"))
    steps.let_pass(clock, 5)
    assert steps.reread(recording).status == RecordingStatus.PAUSED
    actions.resume(steps.reread(recording), by=person("operator"))
    steps.let_pass(clock, 5)

    recording = steps.reread(recording)
    assert (recording.status, recording.verb) == (RecordingStatus.RECORDING, "")
    assert steps.task_of(sandbox, recording)["Status"] == "RECORDING"


@pytest.mark.parametrize(
    ("product", "status", "verbs"),
    [
        ("tiw", "starting", {"stop"}),
        ("tiw", "recording", {"stop", "pause"}),
        ("tiw", "paused", {"stop", "resume"}),
        ("tiw", "stopping", set()),
        ("tiw", "processing", set()),
        ("tiw", "finished", set()),
        ("tiw", "unknown", set()),
        ("tiw", "refused", set()),
        ("gme", "starting", {"stop", "change"}),
        ("gme", "recording", {"stop", "change"}),
        ("gme", "failed", set()),
    ],
)
def test_what_is_possible_follows_the_state_and_the_rest_has_a_reason(product, status, verbs, db):
    recording = factories.recording(application=factories.application(product=product), status=status)

    assert allowed(recording) == verbs
    assert all(one.reason for one in actions.allowed_actions(recording) if not one.is_allowed)


def test_what_is_not_possible_sends_nothing(tiw, sandbox, clock):
    recording = running(tiw, clock)

    with pytest.raises(actions.NotNow, match="not paused"):
        actions.resume(recording, by=person("operator"))

    assert sent(sandbox, "ResumeOnlineRecord") == []


def test_twenty_clicks_on_stop_are_one_call(tiw, sandbox, clock, together):
    recording = running(tiw, clock)
    by = person("operator")

    def click() -> str:
        try:
            return actions.stop(steps.reread(recording), by=by).outcome
        except actions.NotNow:
            return "not now"

    answers = together(20, click)

    assert sorted(answers) == ["not now"] * 19 + ["ok"]
    assert len(sent(sandbox, "StopOnlineRecord")) == 1


def test_a_stop_without_an_answer_is_settled_by_asking(tiw, sandbox, clock):
    recording = running(tiw, clock)
    steps.break_next(sandbox, kind="drop_after")

    call = actions.stop(recording, by=person("operator"))
    assert call.outcome == CallOutcome.NO_ANSWER
    steps.let_pass(clock, 40)

    recording = steps.reread(recording)
    assert (recording.status, recording.verb) == (RecordingStatus.FINISHED, "")


def test_a_stop_that_did_not_arrive_can_be_made_again(tiw, sandbox, clock):
    recording = running(tiw, clock)
    steps.break_next(sandbox, kind="drop_before")
    actions.stop(recording, by=person("operator"))
    assert "stop" not in allowed(steps.reread(recording))

    steps.let_pass(clock, 40)

    recording = steps.reread(recording)
    assert (recording.status, recording.verb) == (RecordingStatus.RECORDING, "")
    assert "stop" in allowed(recording)


def test_a_stop_that_was_done_already_counts_as_done(gme, sandbox, clock):
    recording = running(gme, clock)
    actions.stop(Recording.objects.get(pk=recording.pk), by=person("operator"))
    Recording.objects.filter(pk=recording.pk).update(status=RecordingStatus.RECORDING)

    call = actions.stop(steps.reread(recording), by=person("operator"))
    steps.let_pass(clock, 30)

    assert call.error_code == "ResourceNotFound.TaskNotFound"
    assert steps.reread(recording).status == RecordingStatus.FINISHED


def test_a_refused_pause_leaves_the_recording_as_it_is(tiw, sandbox, clock):
    recording = running(tiw, clock)
    steps.break_next(sandbox, kind="error", code="UnsupportedOperation.InvalidTaskStatus", message="no")

    call = actions.pause(recording, by=person("operator"))
    steps.let_pass(clock, 5)

    recording = steps.reread(recording)
    assert call.outcome == CallOutcome.REFUSED
    assert (recording.status, recording.verb) == (RecordingStatus.RECORDING, "")


def test_a_stop_that_came_too_often_can_be_made_again_at_once(tiw, sandbox, clock, monkeypatch):
    recording = running(tiw, clock)
    monkeypatch.setattr(calls, "ATTEMPTS", 1)
    steps.break_next(sandbox, kind="error", code="RequestLimitExceeded", message="slower")

    call = actions.stop(recording, by=person("operator"))

    assert call.error_code == "RequestLimitExceeded"
    assert "stop" in allowed(steps.reread(recording))


def test_a_stop_that_met_a_fault_of_the_cloud_may_have_worked(tiw, sandbox, clock):
    recording = running(tiw, clock)
    steps.break_next(sandbox, kind="error", code="InternalError", message="no", after=True)

    actions.stop(recording, by=person("operator"))
    refused = allowed(steps.reread(recording))
    steps.let_pass(clock, 40)

    assert "stop" not in refused
    assert steps.reread(recording).status == RecordingStatus.FINISHED


def test_a_verb_of_a_killed_process_is_settled_by_asking(tiw, clock):
    recording = running(tiw, clock)
    actions._take(recording, Verb.PAUSE, {}, by=person("operator"), origin="person")

    steps.let_pass(clock, 40)

    recording = steps.reread(recording)
    assert (recording.status, recording.verb) == (RecordingStatus.RECORDING, "")


def test_a_voice_recording_is_changed_with_all_that_is_wanted(gme, sandbox, clock):
    recording = running(gme, clock)
    wanted = {"RecordMode": 2, "SubscribeRecordUserIds": {"SubscribeUserIds": ["1145"]}}

    call = actions.change(recording, wanted=wanted, by=person("operator"))
    steps.let_pass(clock, 40)

    [modified] = sent(sandbox, "ModifyRecordInfo")
    assert modified["parameters"] == {**wanted, "BizId": 3400352518, "TaskId": int(recording.task_id)}
    assert call.outcome == CallOutcome.OK
    assert steps.reread(recording).result["record_mode"] == 2


@pytest.mark.parametrize(("fault", "expected"), [("drop_after", ("1145",)), ("drop_before", ("7", "8"))])
def test_a_change_without_an_answer_is_settled_by_asking_the_room(gme, sandbox, clock, fault, expected):
    recording = running(gme, clock)
    first = {"RecordMode": 2, "SubscribeRecordUserIds": {"SubscribeUserIds": ["7", "8"]}}
    actions.change(recording, wanted=first, by=person("operator"))
    steps.let_pass(clock, 40)
    steps.break_next(sandbox, kind=fault)
    second = {"RecordMode": 3, "SubscribeRecordUserIds": {"SubscribeUserIds": ["1145"]}}

    call = actions.change(steps.reread(recording), wanted=second, by=person("operator"))
    steps.let_pass(clock, 40)

    recording = steps.reread(recording)
    assert (call.outcome, recording.verb) == (CallOutcome.NO_ANSWER, "")
    assert actions.recorded_now(recording) == Subscription(3 if fault == "drop_after" else 2, only=expected)


def test_what_is_recorded_is_what_was_accepted_last(gme, clock):
    recording = running(gme, clock)
    assert actions.recorded_now(recording) == Subscription(1)

    wanted = {"RecordMode": 2, "SubscribeRecordUserIds": {"UnSubscribeUserIds": ["9"]}}
    actions.change(recording, wanted=wanted, by=person("operator"))

    assert actions.recorded_now(recording) == Subscription(2, but=("9",))


def test_every_click_is_a_signed_call_in_the_history_with_its_person(tiw, clock):
    recording = running(tiw, clock)

    call = actions.stop(recording, by=person("operator"))

    stored = ApiCall.objects.get(pk=call.pk)
    assert (stored.action, stored.by_name, stored.recording_id) == (
        "StopOnlineRecord",
        "operator",
        recording.pk,
    )
    assert len(stored.request_id) == 36
