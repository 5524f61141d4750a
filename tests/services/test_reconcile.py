"""Settling starts without an answer, against a real sandbox cloud that misbehaves."""

import uuid

import pytest
from django.utils import timezone

from recorder_app.choices import CallOutcome, Edition, RecordingStatus, SettleStep, Why
from recorder_app.models import ApiCall, Recording
from recorder_app.services import calls, reconcile, recordings
from tests import factories, steps
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tiw(sandbox):
    return factories.application(product="tiw", endpoint=sandbox.url)


@pytest.fixture
def chinese(sandbox):
    account = factories.account(endpoint=sandbox.url, edition=Edition.CHINESE)
    return factories.application(product="tiw", account=account)


@pytest.fixture
def gme(sandbox):
    return factories.application(product="gme", endpoint=sandbox.url)


def killed_while(application, *, product: str, sent: bool, executed: bool = False) -> Recording:
    """The rows that a process leaves behind when it is killed before it recorded an answer."""
    now = timezone.now()
    if product == "tiw":
        action, room = "StartOnlineRecord", 1203
        params = {
            "SdkAppId": int(application.app_id),
            "RoomId": room,
            "RecordUserId": "tic_record_user_1203_k",
        }
        params = recordings.with_user_sig(application, params)
    else:
        action, params = "StartRecord", {"BizId": int(application.app_id), "RoomId": "1987", "RecordMode": 1}
    recording = factories.recording(
        application=application,
        status=RecordingStatus.INTENDED,
        room_id=str(params["RoomId"]),
        record_user_id=params.get("RecordUserId", ""),
        params={**params, **({"RecordUserSig": "***"} if product == "tiw" else {})},
        created_at=now,
        due_at=now + calls.first_hold(),
        intention_key=uuid.uuid4(),
    )
    call = calls.intend(
        account=application.account, application=application, recording=recording, action=action,
        params=params, by=person("operator"),
    )  # fmt: skip
    if sent:
        call.leave(now=now)
    if executed:
        from recorder_app.services import clients

        clients.client_for(application.account, product=product, region=application.effective_region).call(
            action, params
        )
    return recording


@pytest.mark.parametrize("product", ["tiw", "gme"])
@pytest.mark.parametrize("ending", ["drop_after", "garbage", "http_status"])
def test_a_start_whose_answer_was_lost_is_found(product, ending, sandbox, clock):
    application = factories.application(product=product, endpoint=sandbox.url)
    fault = {"kind": ending} if ending == "drop_after" else {"kind": ending, "after": True}
    steps.break_next(sandbox, **fault)
    start = steps.start_class if product == "tiw" else steps.start_voice
    recording = start(application)
    assert recording.status == RecordingStatus.UNKNOWN

    steps.let_pass(clock, 3)

    recording = steps.reread(recording)
    assert recording.task_id == steps.truth(sandbox)["tasks"][0]["TaskId"]
    assert recording.changes.filter(status="starting", why=Why.SETTLED).count() == 1
    assert len(steps.truth(sandbox)["tasks"]) == 1


@pytest.mark.parametrize("product", ["tiw", "gme"])
def test_a_start_that_never_arrived_is_taken_as_not_started_within_a_minute(product, sandbox, clock):
    application = factories.application(product=product, endpoint=sandbox.url)
    steps.break_next(sandbox, kind="drop_before")
    start = steps.start_class if product == "tiw" else steps.start_voice
    recording = start(application)

    steps.let_pass(clock, 29)
    assert steps.reread(recording).status == RecordingStatus.UNKNOWN
    steps.let_pass(clock, 10)

    recording = steps.reread(recording)
    assert (recording.status, recording.settle_step) == (RecordingStatus.NOT_STARTED, SettleStep.WATCHING)
    assert steps.truth(sandbox)["tasks"] == []


def test_on_the_chinese_edition_the_running_tasks_tell(chinese, sandbox, clock):
    steps.break_next(sandbox, kind="drop_after")
    recording = steps.start_class(chinese)

    steps.let_pass(clock, 3)

    assert steps.reread(recording).task_id == steps.truth(sandbox)["tasks"][0]["TaskId"]
    assert recording.calls.filter(action="DescribeRunningTasks", outcome="ok").exists()


def test_a_request_that_arrives_late_is_found_after_it_was_given_up(gme, sandbox, clock):
    steps.break_next(sandbox, kind="drop_before")
    recording = steps.start_voice(gme)
    steps.let_pass(clock, 60)
    assert steps.reread(recording).status == RecordingStatus.NOT_STARTED
    from recorder_app.services import clients

    client = clients.client_for(gme.account, product="gme", region="")
    client.call("StartRecord", {"BizId": int(gme.app_id), "RoomId": "1987", "RecordMode": 1})

    steps.let_pass(clock, 150)

    recording = steps.reread(recording)
    assert recording.status == RecordingStatus.RECORDING
    assert recording.task_id == steps.truth(sandbox)["tasks"][0]["TaskId"]


def test_a_start_taken_as_not_started_is_looked_for_twice_more_and_then_left(tiw, sandbox, clock):
    steps.break_next(sandbox, kind="drop_before")
    recording = steps.start_class(tiw)

    steps.let_pass(clock, 60)
    clock.shift(125)
    steps.work_off()
    clock.shift(605)
    steps.work_off()

    recording = steps.reread(recording)
    assert (recording.status, recording.settle_step, recording.due_at) == ("not_started", "", None)


def test_what_a_killed_process_never_sent_is_not_started(tiw, clock):
    recording = killed_while(tiw, product="tiw", sent=False)

    steps.let_pass(clock, 32)

    recording = steps.reread(recording)
    assert (recording.status, recording.settle_step) == (RecordingStatus.NOT_STARTED, "")
    assert recording.start_call.outcome == CallOutcome.NOT_SENT


@pytest.mark.parametrize("product", ["tiw", "gme"])
def test_what_a_killed_process_had_sent_is_found(product, sandbox, clock):
    application = factories.application(product=product, endpoint=sandbox.url)
    recording = killed_while(application, product=product, sent=True, executed=True)

    steps.let_pass(clock, 35)

    recording = steps.reread(recording)
    assert recording.task_id == steps.truth(sandbox)["tasks"][0]["TaskId"]
    assert recording.start_call.outcome == CallOutcome.NO_ANSWER


def test_an_answer_recorded_before_the_process_was_killed_is_taken_over(gme, sandbox, clock):
    recording = killed_while(gme, product="gme", sent=True)
    call = recording.calls.get()
    ApiCall.objects.filter(pk=call.pk).update(
        outcome=CallOutcome.OK, answer={"TaskId": 2**63 + 7, "RequestId": "r"}, answered_at=timezone.now()
    )

    clock.shift(31)
    steps.work_off()

    assert steps.reread(recording).task_id == str(2**63 + 7)


def test_a_call_given_up_while_it_waited_for_its_turn_does_not_leave(tiw, sandbox, clock):
    recording = killed_while(tiw, product="tiw", sent=False)
    call = recording.calls.get()
    clock.shift(31)
    steps.work_off()

    with pytest.raises(calls.NotSent):
        calls.send(call, {"SdkAppId": 1400000001})

    assert [c for c in steps.truth(sandbox)["calls"] if c["Action"].startswith("Start")] == []


def test_while_the_cloud_is_unreachable_nothing_is_concluded(tiw, sandbox, clock):
    steps.break_all(sandbox, kind="drop_before")
    recording = steps.start_class(tiw)

    steps.let_pass(clock, 200)
    assert steps.reread(recording).status == RecordingStatus.UNKNOWN
    steps.mend(sandbox)
    steps.let_pass(clock, 60)

    assert steps.reread(recording).status == RecordingStatus.NOT_STARTED


def blind(sandbox) -> None:
    """An international edition without DescribeRecordSearch."""
    steps.break_all(
        sandbox, action="DescribeRecordSearch", kind="error", code="InvalidAction", message="none"
    )


def test_where_no_list_exists_a_person_has_to_look(tiw, sandbox, clock):
    blind(sandbox)
    steps.break_next(sandbox, action="StartOnlineRecord", kind="drop_after")
    recording = steps.start_class(tiw)

    steps.let_pass(clock, 60)

    recording = steps.reread(recording)
    assert (recording.status, recording.settle_step) == (RecordingStatus.UNKNOWN, SettleStep.PERSON)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_where_allowed_the_start_is_repeated_with_the_same_user(fault, tiw, sandbox, clock):
    tiw.repeats_start = True
    tiw.save()
    blind(sandbox)
    steps.break_next(sandbox, action="StartOnlineRecord", kind=fault)
    recording = steps.start_class(tiw)

    steps.let_pass(clock, 25)

    recording = steps.reread(recording)
    tasks = steps.truth(sandbox)["tasks"]
    assert len(tasks) == 1
    if fault == "drop_before":
        assert recording.task_id == tasks[0]["TaskId"]
    else:
        assert (recording.status, recording.settle_step) == (RecordingStatus.UNKNOWN, SettleStep.RUNS)


def starts(sandbox) -> int:
    return [call["Action"] for call in steps.truth(sandbox)["calls"]].count("StartOnlineRecord")


def test_a_start_that_stays_refused_is_not_repeated_for_ever(tiw, sandbox, clock):
    tiw.repeats_start = True
    tiw.save()
    blind(sandbox)
    steps.break_next(sandbox, action="StartOnlineRecord", kind="drop_before")
    recording = steps.start_class(tiw)
    steps.break_all(sandbox, action="StartOnlineRecord", kind="error", code="LimitExceeded.TaskConcurrency")

    steps.let_pass(clock, 240)
    steps.mend(sandbox)
    blind(sandbox)
    steps.let_pass(clock, 660)

    recording = steps.reread(recording)
    assert (starts(sandbox), steps.truth(sandbox)["tasks"]) == (1 + reconcile.MOST_REPEATS, [])
    assert (recording.status, recording.settle_step) == (RecordingStatus.UNKNOWN, SettleStep.PERSON)


def test_a_start_of_hours_ago_is_not_repeated(tiw, sandbox, clock):
    tiw.repeats_start = True
    tiw.save()
    steps.break_all(sandbox, kind="drop_before")
    recording = steps.start_class(tiw)
    clock.shift(3600)
    steps.mend(sandbox)
    blind(sandbox)

    steps.let_pass(clock, 60)

    recording = steps.reread(recording)
    assert (starts(sandbox), steps.truth(sandbox)["tasks"]) == (1, [])
    assert (recording.status, recording.settle_step) == (RecordingStatus.UNKNOWN, SettleStep.PERSON)


def test_what_runs_for_certain_is_never_taken_as_not_started(tiw, sandbox, clock):
    tiw.repeats_start = True
    tiw.save()
    blind(sandbox)
    steps.break_next(sandbox, action="StartOnlineRecord", kind="drop_after")
    recording = steps.start_class(tiw)

    steps.let_pass(clock, 700)
    assert steps.reread(recording).settle_step == SettleStep.PERSON
    steps.mend(sandbox)
    steps.let_pass(clock, 301)

    assert steps.reread(recording).task_id == steps.truth(sandbox)["tasks"][0]["TaskId"]


def test_a_room_that_another_recording_holds_is_not_taken_from_it(gme, sandbox, clock):
    first = steps.start_voice(gme)
    steps.let_pass(clock, 5)
    steps.break_next(sandbox, kind="drop_after")
    second = steps.start_voice(gme)

    steps.let_pass(clock, 3)

    second = steps.reread(second)
    assert second.status == RecordingStatus.NOT_STARTED
    assert str(first.pk) in second.changes.last().note


def test_a_room_that_something_else_records_is_not_taken_over(gme, sandbox, clock):
    from recorder_app.services import clients

    client = clients.client_for(gme.account, product="gme", region="")
    client.call("StartRecord", {"BizId": int(gme.app_id), "RoomId": "1987", "RecordMode": 1})
    clock.shift(60)
    steps.break_next(sandbox, kind="drop_after")
    recording = steps.start_voice(gme)

    steps.let_pass(clock, 3)

    assert steps.reread(recording).status == RecordingStatus.NOT_STARTED


def test_of_two_open_starts_in_a_room_one_gets_the_task(gme, sandbox, clock):
    steps.break_all(sandbox, action="StartRecord", kind="drop_after")
    first, second = steps.start_voice(gme), steps.start_voice(gme)
    steps.mend(sandbox)

    steps.let_pass(clock, 60)

    assert steps.reread(first).task_id == steps.truth(sandbox)["tasks"][0]["TaskId"]
    assert steps.reread(second).status == RecordingStatus.NOT_STARTED


def test_a_failed_class_is_found_though_it_does_not_name_its_user_any_more(tiw, sandbox, clock):
    tiw.sdk_key = "0" * 64
    tiw.save()
    steps.break_next(sandbox, kind="drop_after")
    recording = steps.start_class(tiw)
    clock.shift(5)

    steps.let_pass(clock, 5)

    recording = steps.reread(recording)
    assert recording.status == RecordingStatus.FAILED
    assert recording.task_id == steps.truth(sandbox)["tasks"][0]["TaskId"]


def test_a_person_can_say_that_it_runs(tiw, sandbox, clock):
    blind(sandbox)
    steps.break_next(sandbox, action="StartOnlineRecord", kind="drop_after")
    recording = steps.start_class(tiw)
    steps.let_pass(clock, 60)
    task_id = steps.truth(sandbox)["tasks"][0]["TaskId"]

    reconcile.answer_runs(steps.reread(recording), f" {task_id} ", by=person("operator"))
    steps.let_pass(clock, 3)

    recording = steps.reread(recording)
    change = recording.changes.get(status="starting")
    assert (recording.task_id, recording.status) == (task_id, RecordingStatus.RECORDING)
    assert (change.why, change.by_name) == (Why.PERSON, "operator")


def test_a_person_cannot_name_a_task_that_is_not_it(tiw, sandbox, clock):
    other = steps.start_class(tiw, room=1300)
    blind(sandbox)
    steps.break_next(sandbox, action="StartOnlineRecord", kind="drop_after")
    recording = steps.start_class(tiw)

    for wrong in ("", "12 34", "bj0mt2l23osdj300hl30", other.task_id):
        with pytest.raises(reconcile.NotSo):
            reconcile.answer_runs(steps.reread(recording), wrong, by=person("operator"))

    assert steps.reread(recording).status == RecordingStatus.UNKNOWN


def test_a_person_can_say_that_there_is_none(tiw, sandbox, clock):
    blind(sandbox)
    steps.break_next(sandbox, action="StartOnlineRecord", kind="drop_before")
    recording = steps.start_class(tiw)
    steps.let_pass(clock, 60)

    reconcile.answer_absent(steps.reread(recording), by=person("operator"))

    recording = steps.reread(recording)
    assert (recording.status, recording.due_at) == (RecordingStatus.NOT_STARTED, None)
    assert recording.changes.last().by_name == "operator"
    with pytest.raises(reconcile.NotSo):
        reconcile.answer_absent(recording, by=person("operator"))


def test_calls_of_processes_that_are_gone_are_given_up(tiw, clock):
    recording = steps.start_class(tiw)
    read = calls.intend(
        account=tiw.account, application=tiw, recording=recording, action="DescribeOnlineRecord",
        params={}, by=None,
    )  # fmt: skip
    clock.shift(59)
    assert calls.give_up_old(now=timezone.now()) == 0
    clock.shift(2)

    assert calls.give_up_old(now=timezone.now()) == 1

    read.refresh_from_db()
    assert read.outcome == CallOutcome.NO_ANSWER
