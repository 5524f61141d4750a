"""Callbacks are stored once and as they came; applied in any order, twice or late, they lead to a question."""

import uuid
from datetime import timedelta

import pytest

from recorder_app.choices import Environment, EventOutcome, FileKind, RecordingStatus
from recorder_app.cloud.callbacks import Expired, Forged, Malformed, NoKey
from recorder_app.models import Application, CallbackEvent, Recording, RefusedCallback
from recorder_app.services import callbacks
from tests import factories
from tests.callbacks import (
    CALLBACK_KEY,
    GME_TASK,
    LATER,
    NOW,
    SENT_AT,
    TASK,
    USER,
    applied,
    receive_gme,
    receive_tiw,
    tiw_body,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def tiw() -> Application:
    return factories.application(product="tiw", callback_key=CALLBACK_KEY)


@pytest.fixture
def gme() -> Application:
    return factories.application(product="gme", callback_key=CALLBACK_KEY)


def refused() -> list[tuple[str, str, int]]:
    return list(RefusedCallback.objects.values_list("application_name", "reason", "count"))


# --- Receiving -------------------------------------------------------------------------------------------
def test_a_callback_is_stored_as_it_came_and_waits_for_the_worker(tiw):
    body = tiw_body(key=CALLBACK_KEY)

    callbacks.receive(product="tiw", token=tiw.callback_token, body=body, now=NOW)

    event = CallbackEvent.objects.get()
    assert event.body.encode() == body
    assert (event.event_type, event.task_id, event.room_id) == ("OnlineRecordStarted", TASK, "1203")
    assert (event.record_user_id, event.signature_form) == (USER, "md5")
    assert (event.application, event.application_name, event.product) == (tiw, tiw.name, "tiw")
    assert (event.occurred_at, event.received_at) == (NOW - timedelta(seconds=1), NOW)
    assert (event.outcome, event.due_at, event.deliveries) == (EventOutcome.WAITING, NOW, 1)


def test_every_digit_and_sign_of_a_gme_callback_arrives(gme):
    event = receive_gme(gme, RoomID="游戏房")

    event.refresh_from_db()
    assert (event.task_id, event.room_id) == (str(GME_TASK), "游戏房")
    assert (event.event_type, event.signature_form, event.record_user_id) == ("1", "base64", "")


def test_a_repetition_is_the_same_row_with_one_more_delivery(tiw):
    first = receive_tiw(tiw)

    again = receive_tiw(tiw, sent_at=SENT_AT + 5, now=NOW + timedelta(seconds=5))

    assert (again.pk, again.deliveries) == (first.pk, 2)
    assert (again.received_at, again.last_received_at) == (NOW, NOW + timedelta(seconds=5))
    assert CallbackEvent.objects.count() == 1


def test_the_same_event_of_two_applications_is_two_events(tiw):
    other = factories.application(product="tiw", callback_key=CALLBACK_KEY)

    first, second = receive_tiw(tiw), receive_tiw(other)

    assert first.pk != second.pk


@pytest.mark.parametrize(
    ("error", "reason", "changes"),
    [
        (Forged, "forged", {"key": "EXAMPLE-other-key"}),
        (Forged, "forged", {"key": ""}),
        (Expired, "expired", {"valid_for": 0, "now": NOW}),
        (callbacks.OtherApplication, "other_application", {"app_id": "1400000002"}),
    ],
)
def test_what_is_not_the_clouds_is_refused_and_counted_and_not_stored(tiw, error, reason, changes):
    with pytest.raises(error):
        receive_tiw(tiw, **changes)

    assert refused() == [(tiw.name, reason, 1)]
    assert not CallbackEvent.objects.exists()


@pytest.mark.parametrize(
    ("error", "reason", "body"),
    [(Malformed, "malformed", b"{"), (callbacks.TooLarge, "too_large", None)],
)
def test_what_cannot_be_read_is_refused_and_counted(tiw, error, reason, body):
    with pytest.raises(error):
        callbacks.receive(product="tiw", token=tiw.callback_token, body=body, now=NOW)

    assert refused() == [(tiw.name, reason, 1)]


@pytest.mark.parametrize("product", ["tiw", "gme"])
def test_an_address_of_nobody_is_refused_and_counted_under_no_name(tiw, product):
    token = "guessed" if product == "tiw" else tiw.callback_token

    with pytest.raises(callbacks.UnknownToken):
        callbacks.receive(product=product, token=token, body=tiw_body(), now=NOW)

    assert refused() == [("", "unknown_token", 1)]


def test_a_gme_callback_needs_a_key_to_be_checked_with(gme):
    gme.callback_key = ""
    gme.save()

    with pytest.raises(NoKey):
        receive_gme(gme)

    assert refused() == [(gme.name, "no_key", 1)]


def test_refusals_are_counted_for_each_day():
    days = [NOW, NOW, NOW + timedelta(days=1)]

    for now in days:
        with pytest.raises(callbacks.UnknownToken):
            callbacks.receive(product="gme", token="nobody", body=b"", now=now)

    counts = RefusedCallback.objects.order_by("day").values_list("day", "count")
    assert list(counts) == [(NOW.date(), 2), (days[2].date(), 1)]


@pytest.mark.django_db(transaction=True)
def test_the_same_callback_on_many_connections_is_one_event(tiw, together):
    together(8, lambda: receive_tiw(tiw))

    assert list(CallbackEvent.objects.values_list("deliveries", flat=True)) == [8]


@pytest.mark.django_db(transaction=True)
def test_refusals_on_many_connections_are_all_counted(together):
    def forge():
        with pytest.raises(callbacks.UnknownToken):
            callbacks.receive(product="tiw", token="nobody", body=b"", now=NOW)

    together(8, forge)

    assert refused() == [("", "unknown_token", 8)]


# --- Applying --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("event", ["OnlineRecordStarted", "OnlineRecordFinished", "SomethingNew"])
def test_an_event_makes_its_recording_due_and_changes_no_status(tiw, event):
    recording = factories.recording(application=tiw, task_id=TASK, due_at=LATER)

    outcome = applied(receive_tiw(tiw, event=event))

    recording.refresh_from_db()
    assert outcome == (EventOutcome.APPLIED, recording)
    assert (recording.status, recording.due_at) == (RecordingStatus.RECORDING, NOW)


def test_a_forged_content_behind_a_true_sign_does_no_more_than_ask(tiw):
    recording = factories.recording(application=tiw, task_id=TASK, due_at=LATER)

    applied(receive_tiw(tiw, event="OnlineRecordFinished", VideoInfos=[{"VideoUrl": "http://evil"}]))

    recording.refresh_from_db()
    assert (recording.status, recording.files.count()) == (RecordingStatus.RECORDING, 0)


def test_a_recording_that_is_overdue_keeps_its_place(tiw):
    recording = factories.recording(application=tiw, task_id=TASK, due_at=NOW - timedelta(minutes=3))

    applied(receive_tiw(tiw))

    recording.refresh_from_db()
    assert recording.due_at == NOW - timedelta(minutes=3)


def test_applying_twice_changes_nothing(tiw):
    recording = factories.recording(application=tiw, task_id=TASK, due_at=LATER)
    event = receive_tiw(tiw)
    once = applied(event)

    twice = applied(event)

    assert twice == once == (EventOutcome.APPLIED, recording)


def test_what_is_final_stays_final(tiw):
    recording = factories.recording(
        application=tiw, task_id=TASK, status=RecordingStatus.FINISHED, due_at=None
    )

    outcome = applied(receive_tiw(tiw))

    recording.refresh_from_db()
    assert outcome == (EventOutcome.NOTHING_NEW, recording)
    assert (recording.status, recording.due_at) == (RecordingStatus.FINISHED, None)


def test_an_event_waits_while_a_worker_is_asking_about_its_recording(tiw):
    held = {"claimed_by": "worker-1", "claimed_until": NOW + timedelta(seconds=60)}
    recording = factories.recording(application=tiw, task_id=TASK, due_at=NOW, **held)
    event = receive_tiw(tiw)

    first = applied(event)
    Recording.objects.filter(pk=recording.pk).update(claimed_by="", claimed_until=None, due_at=LATER)
    second = applied(event, now=event.due_at)

    recording.refresh_from_db()
    assert (first[0], second[0]) == (EventOutcome.WAITING, EventOutcome.APPLIED)
    assert recording.due_at == NOW + callbacks.COMES_BACK_AFTER


def test_nobody_is_asked_again_who_was_asked_after_the_event_came(tiw):
    recording = factories.recording(application=tiw, task_id=TASK, due_at=LATER, checked_at=NOW)

    outcome = applied(receive_tiw(tiw), now=NOW + timedelta(seconds=1))

    recording.refresh_from_db()
    assert (outcome[0], recording.due_at) == (EventOutcome.APPLIED, LATER)


@pytest.mark.parametrize("status", [RecordingStatus.UNKNOWN, RecordingStatus.NOT_STARTED])
def test_a_lost_start_is_found_by_its_record_user_id(tiw, status):
    recording = factories.recording(application=tiw, status=status, due_at=LATER, record_user_id=USER)

    outcome = applied(receive_tiw(tiw))

    recording.refresh_from_db()
    assert outcome == (EventOutcome.APPLIED, recording)
    assert (recording.status, recording.task_id, recording.due_at) == (status, "", NOW)


def test_a_start_that_waits_for_its_answer_is_not_disturbed(tiw):
    recording = factories.recording(
        application=tiw, status=RecordingStatus.INTENDED, due_at=LATER, record_user_id=USER
    )

    outcome = applied(receive_tiw(tiw))

    recording.refresh_from_db()
    assert outcome == (EventOutcome.APPLIED, recording)
    assert recording.due_at == LATER


@pytest.mark.parametrize(
    "changes",
    [
        {"record_user_id": "tic_record_user_1203_other"},
        {"room_id": "1204"},
        {"created_at": NOW + timedelta(minutes=10)},
        {"status": RecordingStatus.REFUSED},
    ],
)
def test_another_recording_is_not_taken_for_the_lost_one(tiw, changes):
    factories.recording(
        **{"application": tiw, "status": RecordingStatus.UNKNOWN, "record_user_id": USER, **changes}
    )

    outcome = applied(receive_tiw(tiw))

    assert outcome[1] is None


def test_of_two_with_the_same_record_user_id_the_unsettled_one_is_meant(tiw):
    unknown = factories.recording(application=tiw, status=RecordingStatus.UNKNOWN, record_user_id=USER)
    later = {"created_at": factories.NOW + timedelta(seconds=1), "intention_key": uuid.uuid4()}
    factories.recording(application=tiw, status=RecordingStatus.NOT_STARTED, record_user_id=USER, **later)

    outcome = applied(receive_tiw(tiw))

    assert outcome == (EventOutcome.APPLIED, unknown)


def test_a_task_that_nobody_here_started_is_kept_without_a_recording(tiw):
    factories.recording(application=tiw)

    outcome = applied(receive_tiw(tiw, TaskId="of-another-system", RecordUserId="other", RoomId=77))

    event = CallbackEvent.objects.get()
    assert outcome == (EventOutcome.NO_RECORDING, None)
    assert (event.task_id, event.due_at, event.applied_at) == ("of-another-system", None, NOW)


def test_an_event_that_names_no_task_is_kept(tiw):
    outcome = applied(receive_tiw(tiw, TaskId=None, RecordUserId=None, RoomId=None))

    assert outcome == (EventOutcome.NO_RECORDING, None)


def test_an_application_set_up_under_two_accounts_is_one_to_the_cloud(tiw):
    twin = factories.application(product="tiw")
    recording = factories.recording(application=twin, task_id=TASK, due_at=LATER)

    outcome = applied(receive_tiw(tiw))

    assert outcome == (EventOutcome.APPLIED, recording)


def test_the_sandbox_and_the_live_cloud_are_two_worlds(tiw):
    account = factories.account(environment=Environment.LIVE, endpoint="")
    twin = factories.application(product="tiw", account=account)
    factories.recording(application=twin, task_id=TASK)

    outcome = applied(receive_tiw(tiw, RecordUserId="other", RoomId=77))

    assert outcome == (EventOutcome.NO_RECORDING, None)


def test_an_event_quicker_than_its_start_comes_back_ever_more_slowly(gme):
    recording = factories.recording(
        application=gme, room_id="1987", status=RecordingStatus.UNKNOWN, due_at=LATER
    )
    event = receive_gme(gme)

    first, waits_first = applied(event), event.due_at - NOW
    second, waits_then = applied(event, now=NOW + timedelta(minutes=4)), event.due_at - NOW

    recording.refresh_from_db()
    assert (first, second) == ((EventOutcome.WAITING, None), (EventOutcome.WAITING, None))
    assert (waits_first, waits_then) == (timedelta(seconds=2), timedelta(minutes=5))
    assert (recording.due_at, recording.task_id) == (NOW, "")


def test_an_event_whose_start_is_settled_meanwhile_finds_it(gme):
    recording = factories.recording(application=gme, room_id="1987", status=RecordingStatus.UNKNOWN)
    event = receive_gme(gme)
    applied(event)

    Recording.objects.filter(pk=recording.pk).update(
        status=RecordingStatus.STARTING, task_id=str(GME_TASK), started_at=NOW
    )
    outcome = applied(event, now=NOW + timedelta(seconds=2))

    assert outcome == (EventOutcome.APPLIED, recording)


def test_after_a_day_nobody_waits_for_a_start_any_more(gme):
    factories.recording(application=gme, room_id="1987", status=RecordingStatus.UNKNOWN)
    event = receive_gme(gme)

    outcome = applied(event, now=NOW + timedelta(hours=24))

    assert outcome == (EventOutcome.NO_RECORDING, None)


# --- Files of GME ----------------------------------------------------------------------------------------
def test_a_file_is_kept_as_the_callbacks_tell_of_it_in_any_order(gme):
    recording = factories.recording(application=gme, task_id=str(GME_TASK))

    for stage in (2, 3, 1):
        applied(receive_gme(gme, event=stage))

    file = recording.files.get()
    assert (file.key, file.name, file.format) == ("3400352518_1987_999/a_audio.mp3", "a_audio.mp3", "mp3")
    assert (file.owner, file.kind, file.status) == ("999", FileKind.VOICE, "13")


def test_the_mix_belongs_to_nobody(gme):
    recording = factories.recording(application=gme, task_id=str(GME_TASK))

    applied(receive_gme(gme, UserID="0"))

    file = recording.files.get()
    assert (file.kind, file.owner) == (FileKind.MIXED_VOICE, "")


def test_a_file_known_with_a_slash_before_its_name_is_the_same(gme):
    recording = factories.recording(application=gme, task_id=str(GME_TASK))
    recording.files.create(key="/3400352518_1987_999/a_audio.mp3", status="14", seen_at=NOW)

    applied(receive_gme(gme, event=3))

    assert [file.status for file in recording.files.all()] == ["14"]


def test_a_file_that_is_told_after_the_end_is_news(gme):
    recording = factories.recording(
        application=gme, task_id=str(GME_TASK), status=RecordingStatus.FINISHED, due_at=None
    )

    outcomes = [applied(receive_gme(gme, event=stage))[0] for stage in (3, 1)]

    recording.refresh_from_db()
    assert outcomes == [EventOutcome.APPLIED, EventOutcome.NOTHING_NEW]
    assert (recording.status, recording.due_at) == (RecordingStatus.FINISHED, None)
