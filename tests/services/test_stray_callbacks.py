"""Callbacks that came before anybody knew whose task they tell of: they are that recording's once it has the task."""

import json
from datetime import datetime, timedelta

import pytest

from recorder_app.choices import Environment, EventOutcome, RecordingStatus, Why
from recorder_app.models import Application, CallbackEvent, Recording
from recorder_app.services import callbacks, states
from recorder_app.services.states import Source
from tests import factories
from tests.callbacks import CALLBACK_KEY, GME_TASK, LATER, TASK, applied, receive_gme, receive_tiw

pytestmark = pytest.mark.django_db


@pytest.fixture
def tiw() -> Application:
    return factories.application(product="tiw", callback_key=CALLBACK_KEY)


@pytest.fixture
def gme() -> Application:
    return factories.application(product="gme", callback_key=CALLBACK_KEY)


def start_of(application: Application, **changes) -> Recording:
    return factories.recording(**{"application": application, "status": RecordingStatus.UNKNOWN, **changes})


def name(recording: Recording, task_id: str, *, now: datetime = LATER) -> None:
    states.name_task(recording, task_id, Source(Why.SETTLED), now=now)


def test_what_came_before_its_recording_got_the_task_is_applied_then(tiw):
    event = receive_tiw(tiw, RecordUserId=None, RoomId=None)
    before = applied(event)
    recording = start_of(tiw)

    name(recording, TASK)
    event.refresh_from_db()
    linked, due = event.recording, event.due_at
    after = applied(event, now=LATER)

    assert before == (EventOutcome.NO_RECORDING, None)
    assert (linked, due) == (recording, LATER)
    assert after == (EventOutcome.APPLIED, recording)
    assert list(recording.callback_events.all()) == [event]


def test_a_file_that_was_told_before_the_recording_got_the_task_is_kept(gme):
    event = receive_gme(gme)
    applied(event)
    recording = start_of(gme, room_id="another-name-of-the-room")

    name(recording, str(GME_TASK))
    event.refresh_from_db()
    applied(event, now=LATER)

    assert recording.files.get().key == event_file(event)


def event_file(event: CallbackEvent) -> str:
    return json.loads(event.body)["Detail"]["FileName"]


def test_events_of_the_same_application_under_another_account_come_along(tiw):
    event = receive_tiw(tiw, RecordUserId=None, RoomId=None)
    applied(event)
    recording = start_of(factories.application(product="tiw"))

    name(recording, TASK)

    event.refresh_from_db()
    assert event.recording == recording


@pytest.mark.parametrize(
    "changes",
    [{"task_id": "another"}, {"created_at": factories.NOW - timedelta(minutes=2)}, {"is_elsewhere": True}],
)
def test_what_tells_of_something_else_stays_as_it_was(tiw, changes):
    is_elsewhere = changes.pop("is_elsewhere", False)
    event = receive_tiw(tiw, RecordUserId=None, RoomId=None)
    applied(event)
    CallbackEvent.objects.update(**changes)
    live = factories.account(environment=Environment.LIVE, endpoint="")
    recording = start_of(factories.application(product="tiw", account=live) if is_elsewhere else tiw)

    name(recording, TASK)

    event.refresh_from_db()
    assert (event.outcome, event.recording, event.due_at) == (EventOutcome.NO_RECORDING, None, None)


def test_an_event_in_a_workers_hands_while_its_recording_gets_the_task_comes_again(tiw, monkeypatch):
    event = receive_tiw(tiw, RecordUserId=None, RoomId=None)
    recording = start_of(tiw)

    def named_meanwhile(event: CallbackEvent, now: datetime) -> bool:
        name(recording, TASK)
        return False

    monkeypatch.setattr(callbacks, "_wake_room", named_meanwhile)

    outcome = applied(event)

    assert outcome == (EventOutcome.WAITING, recording)
    assert event.due_at == LATER


def test_a_task_that_is_handed_over_takes_its_events_along(tiw):
    owner = factories.recording(application=tiw, task_id=TASK)
    event = receive_tiw(tiw)
    applied(event)
    recording = start_of(tiw, status=RecordingStatus.INTENDED)

    states.hand_over(owner, recording, Source(Why.CALL), now=LATER)

    event.refresh_from_db()
    assert (event.recording, event.outcome) == (recording, EventOutcome.WAITING)
