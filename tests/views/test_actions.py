"""What people do to a recording from its page: asked first, told afterwards, and only by those who may."""

import pytest

from recorder_app.choices import Product, RecordingStatus, SettleStep, StopOutcome
from recorder_app.models import ApiCall, StopOrder
from tests import factories, steps

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tiw(sandbox):
    return factories.application(product="tiw", endpoint=sandbox.url)


@pytest.fixture
def gme(sandbox):
    return factories.application(product="gme", endpoint=sandbox.url)


def running(application, clock):
    recording = (steps.start_class if application.product == "tiw" else steps.start_voice)(application)
    steps.let_pass(clock, 5)
    return steps.reread(recording)


def stops_sent(sandbox) -> int:
    return len([call for call in steps.truth(sandbox)["calls"] if call["Action"].startswith("Stop")])


def test_stop_asks_first_naming_room_and_task(operator_client, tiw, sandbox, clock):
    recording = running(tiw, clock)

    page = operator_client.get(f"/recordings/{recording.pk}/stop/").content.decode()

    assert "Stop the recording of room 1203?" in page
    assert recording.task_id in page
    assert stops_sent(sandbox) == 0


def test_the_dialog_gets_only_the_question(operator_client):
    recording = factories.recording()
    headers = {"HX-Request": "true", "HX-Target": "dialog"}

    part = operator_client.get(f"/recordings/{recording.pk}/stop/", headers=headers).content.decode()

    assert "<html" not in part
    assert 'id="dialog-title"' in part
    assert "data-close" in part


def test_two_clicks_on_stop_are_one_call_and_both_are_told(operator_client, tiw, sandbox, clock):
    recording = running(tiw, clock)
    address = f"/recordings/{recording.pk}/stop/"

    first = operator_client.post(address, follow=True).content.decode()
    second = operator_client.post(address, follow=True).content.decode()

    assert "The cloud accepted it" in first
    assert "The recording is being stopped." in second
    assert stops_sent(sandbox) == 1


def test_pause_and_resume_are_offered_in_turn(operator_client, tiw, clock):
    recording = running(tiw, clock)
    pages = []

    for verb in ("pause", "resume"):
        operator_client.post(f"/recordings/{recording.pk}/{verb}/")
        steps.let_pass(clock, 5)
        pages.append(operator_client.get(f"/recordings/{recording.pk}/").content.decode())

    paused, resumed = pages
    assert ('id="do-resume"' in paused, 'id="why-pause"' in paused) == (True, True)
    assert ('id="do-pause"' in resumed, 'id="why-resume"' in resumed) == (True, True)
    assert "Resume: The recording is not paused." in resumed


def test_a_refusal_is_explained_with_its_request_id(operator_client, tiw, sandbox, clock):
    recording = running(tiw, clock)
    steps.break_next(sandbox, kind="error", code="UnsupportedOperation.InvalidTaskStatus", message="no")

    page = operator_client.post(f"/recordings/{recording.pk}/pause/", follow=True).content.decode()

    call = ApiCall.objects.get(action="PauseOnlineRecord")
    assert "The cloud refused it." in page
    assert f"RequestId {call.request_id}" in page
    assert str(call.meaning.what_to_do) in page.replace("&#x27;", "'")


def test_a_voice_recording_is_changed_and_the_form_shows_it_next_time(operator_client, gme, sandbox, clock):
    recording = running(gme, clock)
    address = f"/recordings/{recording.pk}/change/"

    operator_client.post(address, {"mode": "2", "who": "only", "users": "1145, 1146"})
    steps.let_pass(clock, 30)

    [call] = [call for call in steps.truth(sandbox)["calls"] if call["Action"] == "ModifyRecordInfo"]
    assert call["parameters"]["SubscribeRecordUserIds"] == {"SubscribeUserIds": ["1145", "1146"]}
    form = operator_client.get(address).context["form"]
    assert form.initial == {"mode": 2, "who": "only", "users": "1145\n1146"}


def test_a_change_without_users_is_told_at_its_field_and_sends_nothing(operator_client, gme, clock):
    recording = running(gme, clock)

    answer = operator_client.post(f"/recordings/{recording.pk}/change/", {"mode": "2", "who": "only"})

    assert answer.context["form"].errors["users"] == ["Name at least one user, or choose everybody."]
    assert not ApiCall.objects.filter(action="ModifyRecordInfo").exists()


def test_a_person_may_say_that_there_is_none_and_the_name_is_kept(operator_client):
    recording = factories.recording(status=RecordingStatus.UNKNOWN, settle_step=SettleStep.PERSON)

    page = operator_client.post(f"/recordings/{recording.pk}/answer/", {"answer": "absent"}, follow=True)

    assert steps.reread(recording).status == RecordingStatus.NOT_STARTED
    assert "operator said so" in page.content.decode()


def test_a_task_id_that_is_none_is_told_in_the_form(operator_client):
    recording = factories.recording(status=RecordingStatus.UNKNOWN)

    answer = operator_client.post(f"/recordings/{recording.pk}/answer/", {"answer": "runs", "task_id": "x"})

    assert "This is not a TaskId." in answer.content.decode()
    assert steps.reread(recording).status == RecordingStatus.UNKNOWN


def test_who_may_only_look_sees_no_buttons(support_client):
    recording = factories.recording()

    page = support_client.get(f"/recordings/{recording.pk}/").content.decode()
    rows = support_client.get("/recordings/?status=running").content.decode()

    assert [word for word in ('id="do-stop"', "Stop all", 'id="stop-') if word in page + rows] == []


def test_the_list_offers_stop_only_where_it_is_possible(operator_client):
    application = factories.application()
    possible = factories.recording(application=application)
    busy = factories.recording(application=application, verb="pause", verb_at=factories.NOW)
    factories.recording(application=application, status=RecordingStatus.FINISHED)

    page = operator_client.get("/recordings/").content.decode()

    assert page.count('id="stop-') == 1
    assert f'id="stop-{possible.pk}"' in page
    assert f'id="stop-{busy.pk}"' not in page


def test_stopping_many_says_how_many_asks_and_shows_the_progress(operator_client, tiw, clock):
    recordings = [running(tiw, clock)]
    listed = operator_client.get("/recordings/?status=running").content.decode()
    question = operator_client.get("/recordings/stop/?status=running")
    posted = {name: question.context["form"][name].value() for name in ("newest", "intention")}

    answer = operator_client.post("/recordings/stop/?status=running", posted)
    before = operator_client.get(answer.headers["Location"])
    steps.let_pass(clock, 3)
    after = operator_client.get(answer.headers["Location"])

    assert "Stop the one that matches" in listed
    assert (question.context["count"], StopOrder.objects.get().by_name) == (1, "operator")
    assert 'hx-trigger="every 2s"' in before.content.decode()
    assert "No worker is at work" in before.content.decode()
    assert 'hx-trigger="every 2s"' not in after.content.decode()
    assert after.context["counts"][StopOutcome.STOPPED] == len(recordings)


def test_files_are_shown_with_length_size_and_player(support_client):
    recording = factories.recording(status=RecordingStatus.FINISHED, stopped_at=factories.NOW)
    fields = {"size_bytes": 2_000_000, "duration_ms": 61_000, "seen_at": factories.NOW, "owner": "teacher"}
    url = "https://files.example/a/0.mp4"
    recording.files.create(key="v", kind="camera", format="mp4", url=url, width=640, height=480, **fields)
    recording.files.create(key="a", kind="audio", format="mp3", url="javascript:alert(1)", **fields)

    answer = support_client.get(f"/recordings/{recording.pk}/")

    page = answer.content.decode()
    assert f'<video class="file-player" controls preload="none" src="{url}"' in page
    assert ("1:01" in page, "640 × 480" in page, "of teacher" in page) == (True, True, True)
    assert ("<audio" in page, 'href="javascript' in page) == (False, False)
    assert "3 days" in page
    assert "media-src https:" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("reason", ["AUTO", "USER_CALL", "EXCEPTION", "FORCE_STOP"])
def test_why_it_ended_is_told_in_words(support_client, reason):
    recording = factories.recording(status=RecordingStatus.FINISHED, finish_reason=reason)

    page = support_client.get(f"/recordings/{recording.pk}/").content.decode()

    assert reason not in page.split('id="params-json"')[0]
    assert "Why it ended" in page


def test_a_callback_shows_its_body_without_signatures(support_client):
    recording = factories.recording(application=factories.application(product=Product.TIW))
    recording.callback_events.create(
        application=recording.application, application_name="x", product="tiw", event_type="OnlineRecordStarted",
        body='{"Sign": "0123456789abcdef", "EventType": "OnlineRecordStarted"}', digest="d",
        received_at=factories.NOW, last_received_at=factories.NOW, created_at=factories.NOW, due_at=factories.NOW,
    )  # fmt: skip

    page = support_client.get(f"/recordings/{recording.pk}/").content.decode()

    assert "The cloud reported OnlineRecordStarted" in page
    assert "***" in page
    assert "0123456789abcdef" not in page
