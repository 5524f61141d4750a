"""Starting a recording against a real sandbox cloud: what is recorded, and that it happens once."""

import uuid
from typing import Any

import pytest
from django.db import OperationalError

from recorder_app.choices import CallOutcome, RecordingStatus
from recorder_app.models import ApiCall, Application, Recording
from recorder_app.services import recordings
from tests import factories
from tests.people import person
from tests.talk import misbehave, truth

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tiw(sandbox) -> Application:
    return factories.application(product="tiw", endpoint=sandbox.url)


@pytest.fixture
def gme(sandbox) -> Application:
    return factories.application(product="gme", endpoint=sandbox.url)


def start_tiw(application: Application, *, key: uuid.UUID | None = None, **changes: Any) -> Recording:
    params = {
        "SdkAppId": int(application.app_id),
        "RoomId": 1203,
        "RecordUserId": "tic_record_user_1203_141551",
        **changes,
    }
    return recordings.start(
        application=application,
        action="StartOnlineRecord",
        params=params,
        by=person("operator"),
        intention_key=key or uuid.uuid4(),
        sleep=lambda seconds: None,
    )


def start_gme(application: Application, *, room: str = "1987") -> Recording:
    return recordings.start(
        application=application,
        action="StartRecord",
        params={"BizId": int(application.app_id), "RoomId": room, "RecordMode": 1},
        by=person("operator"),
        intention_key=uuid.uuid4(),
    )


def test_a_class_starts_and_its_call_is_in_the_history(tiw, sandbox):
    recording = start_tiw(tiw)

    call = recording.start_call
    task = truth(sandbox)["tasks"][0]
    assert (recording.status, recording.task_id) == (RecordingStatus.STARTING, task["TaskId"])
    assert (call.outcome, call.http_status, call.attempt) == (CallOutcome.OK, 200, 1)
    assert call.request_id == truth(sandbox)["calls"][0]["RequestId"]
    assert call.answer == {"TaskId": task["TaskId"], "RequestId": call.request_id}


def test_no_digit_of_a_gme_task_is_lost(gme, sandbox):
    recording = start_gme(gme)

    recording.refresh_from_db()
    assert recording.task_id == truth(sandbox)["tasks"][0]["TaskId"]
    assert int(recording.task_id) > 2**53
    assert recording.start_call.answer["TaskId"] == int(recording.task_id)


def test_the_user_signature_is_sent_and_never_stored(tiw, sandbox):
    recording = start_tiw(tiw)

    sent = truth(sandbox)["calls"][0]["parameters"]
    assert len(sent["RecordUserSig"]) == 64  # the sandbox keeps its SHA-256
    assert recording.params["RecordUserSig"] == "***"
    assert recording.start_call.params["RecordUserSig"] == "***"


def test_an_application_without_a_key_sends_nothing(tiw, sandbox):
    tiw.sdk_key = ""

    with pytest.raises(recordings.CannotSign):
        start_tiw(tiw)

    assert Recording.objects.count() == 0
    assert truth(sandbox)["calls"] == []


def test_the_same_intention_again_answers_the_same_recording(tiw, sandbox):
    key = uuid.uuid4()

    first, second = start_tiw(tiw, key=key), start_tiw(tiw, key=key)

    assert first == second
    assert len(truth(sandbox)["calls"]) == 1


def test_a_hundred_copies_at_once_start_one_recording(tiw, sandbox, together):
    key = uuid.uuid4()
    person("operator")

    answers = together(100, lambda: start_tiw(tiw, key=key).pk)

    assert set(answers) == {Recording.objects.get().pk}
    assert len(truth(sandbox)["tasks"]) == 1
    assert len(truth(sandbox)["calls"]) == 1


def test_the_same_intention_with_something_else_in_it_is_told(tiw, sandbox):
    key = uuid.uuid4()
    first = start_tiw(tiw, key=key)

    with pytest.raises(recordings.IntentionChanged) as told:
        start_tiw(tiw, key=key, RoomId=1204, RecordUserId="tic_record_user_1204_1")

    assert told.value.recording == first
    assert len(truth(sandbox)["calls"]) == 1


def test_a_refusal_is_kept_with_its_code_and_request_id(tiw, sandbox):
    start_tiw(tiw)

    recording = start_tiw(tiw)

    refusal = recording.refusal
    assert recording.status == RecordingStatus.REFUSED
    assert refusal.error_code == "ResourceInUse.RecordUserId"
    assert refusal.request_id == truth(sandbox)["calls"][1]["RequestId"]
    assert refusal.meaning.field == "RecordUserId"


def test_a_start_stays_unknown_when_the_cloud_does_not_answer(tiw, sandbox):
    misbehave(sandbox, kind="drop_after")

    recording = start_tiw(tiw)

    assert recording.status == RecordingStatus.UNKNOWN
    assert recording.start_call.outcome == CallOutcome.NO_ANSWER
    assert len(truth(sandbox)["tasks"]) == 1


def test_a_start_that_never_left_is_not_started():
    recording = start_tiw(factories.application(endpoint=factories.NOWHERE))

    assert recording.status == RecordingStatus.NOT_STARTED
    assert recording.start_call.outcome == CallOutcome.NOT_SENT


def test_an_internal_error_leaves_the_start_unknown_because_it_may_have_worked(gme, sandbox):
    misbehave(sandbox, kind="error", code="InternalError", message="try again")

    recording = start_gme(gme)

    assert recording.status == RecordingStatus.UNKNOWN
    assert recording.start_call.outcome == CallOutcome.REFUSED


def test_a_refusal_for_calling_too_often_is_tried_again_as_a_call_of_its_own(tiw, sandbox):
    misbehave(sandbox, kind="error", code="RequestLimitExceeded", message="too often")

    recording = start_tiw(tiw)

    assert recording.status == RecordingStatus.STARTING
    assert list(ApiCall.objects.order_by("pk").values_list("attempt", "outcome")) == [
        (1, "refused"),
        (2, "ok"),
    ]


def test_the_call_is_committed_before_anything_is_sent(tiw, monkeypatch):
    seen: list[tuple[str, str]] = []

    def look(client, action, params):
        # Another connection sees only what is committed; here the row is read back outside any transaction.
        from django.db import connection

        assert not connection.in_atomic_block
        seen.append(ApiCall.objects.values_list("action", "outcome").get())
        return original(client, action, params)

    from recorder_app.cloud.client import CloudClient

    original = CloudClient.call
    monkeypatch.setattr(CloudClient, "call", look)

    start_tiw(tiw)

    assert seen == [("StartOnlineRecord", "sending")]


def test_an_answer_is_saved_once_a_database_that_went_away_is_back(tiw, sandbox, monkeypatch):
    saves: list[str] = []
    original = ApiCall.mark_answered

    def away_at_first(call, reply, *, now):
        saves.append("tried")
        if len(saves) < 3:
            raise OperationalError("the connection is closed")
        original(call, reply, now=now)

    monkeypatch.setattr(ApiCall, "mark_answered", away_at_first)
    monkeypatch.setattr("recorder_app.services.calls.DATABASE_PAUSES", (0, 0, 0))

    recording = start_tiw(tiw)

    assert len(saves) == 3
    assert recording.task_id == truth(sandbox)["tasks"][0]["TaskId"]


def test_an_answer_that_cannot_be_saved_is_at_least_in_the_log(tiw, sandbox, monkeypatch, caplog):
    def away(call, reply, *, now):
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(ApiCall, "mark_answered", away)
    monkeypatch.setattr("recorder_app.services.calls.DATABASE_PAUSES", (0, 0, 0))

    with pytest.raises(OperationalError):
        start_tiw(tiw)

    told = caplog.records[-1].getMessage()
    assert truth(sandbox)["tasks"][0]["TaskId"] in told
    assert truth(sandbox)["calls"][0]["RequestId"] in told
