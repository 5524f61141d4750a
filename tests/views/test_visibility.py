"""A person who may see some applications only finds nothing of the others, whichever way they look."""

import pytest
from django.urls import reverse

from recorder_app.choices import CallOutcome, RecordingStatus
from tests import factories
from tests.people import person


@pytest.fixture
def applications(db):
    return factories.application(name="Mine"), factories.application(name="Theirs", app_id="1400000009")


@pytest.fixture
def recordings(applications):
    mine, theirs = applications
    return (
        factories.recording(application=mine, room_id="room-mine", status=RecordingStatus.RECORDING),
        factories.recording(application=theirs, room_id="room-theirs", status=RecordingStatus.RECORDING),
    )


@pytest.fixture
def limited(applications, client_of):
    """``limited("support")`` is the browser of somebody who sees the first application alone."""

    def made(who: str):
        somebody = person(who)
        somebody.sees_all = False
        somebody.save()
        somebody.applications.set(applications[:1])
        return client_of(who)

    return made


@pytest.mark.parametrize("address", ["/", "/recordings/", "/recordings/?status=running", "/calls/"])
def test_pages_show_the_visible_application_alone(limited, recordings, address):
    for recording in recordings:
        factories.call(recording=recording)

    page = limited("support").get(address).content.decode()

    assert "room-mine" in page or "Mine" in page or address == "/calls/"
    assert "Theirs" not in page
    assert "room-theirs" not in page


def test_another_applications_recording_and_call_are_not_found(limited, recordings):
    call = factories.call(recording=recordings[1])
    browser = limited("support")

    assert browser.get(recordings[1].get_absolute_url()).status_code == 404
    assert browser.get(call.get_absolute_url()).status_code == 404


def test_look_up_finds_the_visible_alone(limited, recordings):
    call = factories.call(recording=recordings[1])

    page = limited("support").get("/lookup/", {"q": call.request_id})

    assert page.status_code == 200
    assert "Theirs" not in page.content.decode()


def test_a_call_of_no_application_is_hidden_from_who_sees_some_alone(limited, recordings):
    call = factories.call(recording=recordings[0], application=None, outcome=CallOutcome.OK)

    assert limited("support").get(call.get_absolute_url()).status_code == 404


def test_what_is_hidden_can_be_neither_chosen_nor_recorded(limited, applications):
    browser = limited("operator")

    page = browser.get("/start/tiw/").content.decode()
    answer = browser.post("/start/tiw/", {"application": applications[1].pk, "RoomId": "5"})

    assert "Mine" in page
    assert "Theirs" not in page
    assert answer.status_code == 200
    assert applications[1].recordings.count() == 0
    assert "Theirs" not in browser.get("/start/").content.decode()


def test_what_is_hidden_cannot_be_stopped(limited, recordings):
    browser = limited("operator")

    assert browser.post(reverse("recording-stop", args=[recordings[1].pk])).status_code == 404
    assert "room-theirs" not in browser.get("/recordings/stop/?status=running").content.decode()


def test_an_administrator_says_who_sees_what(admin_client, applications):
    support = person("support")
    form = {"username": "support", "role": "support", "is_active": "on", "applications": [applications[0].pk]}

    admin_client.post(reverse("person", args=[support.pk]), form)

    support = type(support).objects.get(pk=support.pk)
    assert support.limited_to == [applications[0].pk]
    assert "Mine" in admin_client.get("/audit/").content.decode()


def test_who_sees_everything_sees_what_is_added_later(recordings, support_client):
    assert support_client.get(recordings[1].get_absolute_url()).status_code == 200


@pytest.mark.parametrize("address", ["/calls/?by=manager", "/recordings/?by=manager"])
def test_the_name_of_a_person_who_sees_nothing_of_ours_is_not_told(limited, address):
    manager = person("manager")
    manager.first_name, manager.last_name, manager.sees_all = "Fang", "Wu", False
    manager.save()
    browser = limited("support")

    hidden = browser.get(address).content.decode()
    manager.applications.set(person("support").applications.all())
    beside = browser.get(address).content.decode()

    assert ("Fang Wu" in hidden, "Fang Wu" in beside) == (False, True)
