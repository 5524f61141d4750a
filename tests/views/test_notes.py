"""Notes on recordings and calls."""

import pytest

from recorder_app.models import Note
from recorder_app.services import notes
from tests import factories
from tests.people import person

pytestmark = pytest.mark.django_db


def test_a_note_on_a_call_is_shown_with_who_and_when(support_client, clock):
    call = factories.call()

    answer = support_client.post(f"/calls/{call.pk}/note/", {"text": "Told the customer.\nWaiting."})

    note = Note.objects.get()
    page = support_client.get(f"/calls/{call.pk}/").content.decode()
    assert answer.headers["Location"] == f"/calls/{call.pk}/#note-{note.pk}"
    assert (note.by, note.by_name, note.created_at) == (person("support"), "support", factories.NOW)
    assert "Told the customer.<br>Waiting." in page
    assert "support ·" in page


def test_a_note_stands_on_the_recordings_line_also_when_it_is_about_a_call(support_client):
    recording = factories.recording()
    call = factories.call(recording=recording)
    support_client.post(f"/recordings/{recording.pk}/note/", {"text": "about the recording"})
    support_client.post(f"/calls/{call.pk}/note/", {"text": "about the call"})

    page = support_client.get(f"/recordings/{recording.pk}/").content.decode()

    assert page.index("about the call") < page.index("about the recording")
    assert f'<a href="/calls/{call.pk}/">about a call</a>' in page


def test_what_stands_in_a_note_is_text_and_nothing_else(support_client):
    call = factories.call()
    support_client.post(f"/calls/{call.pk}/note/", {"text": "<b>https://example.com/</b>"})

    page = support_client.get(f"/calls/{call.pk}/").content.decode()

    assert "&lt;b&gt;https://example.com/&lt;/b&gt;" in page
    assert 'href="https://example.com' not in page


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "Write something first."), ("x" * 4001, "at most 4000"), ("a\x00b", "Null characters")],
)
def test_a_note_that_cannot_be_kept_is_told_and_stays_typed(support_client, text, told):
    call = factories.call()

    answer = support_client.post(f"/calls/{call.pk}/note/", {"text": text})

    assert told in answer.content.decode()
    assert Note.objects.count() == 0


def test_everybody_who_sees_the_history_may_write(anybody):
    who, browser = anybody
    call = factories.call()

    answer = browser.post(f"/calls/{call.pk}/note/", {"text": "seen"})

    assert answer.status_code == (403 if who == "stranger" else 302)


def test_nobody_writes_about_what_they_may_not_see(client_of):
    call = factories.call()
    who = person("support")
    who.sees_all = False
    who.save()

    answers = [
        client_of("support").post(address, {"text": "x"})
        for address in (f"/calls/{call.pk}/note/", f"/recordings/{call.recording.pk}/note/")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert Note.objects.count() == 0


def test_a_second_click_writes_no_second_note(support_client, clock):
    call = factories.call()

    first = support_client.post(f"/calls/{call.pk}/note/", {"text": "Waiting."})
    second = support_client.post(f"/calls/{call.pk}/note/", {"text": "Waiting."})
    clock.shift(61)
    support_client.post(f"/calls/{call.pk}/note/", {"text": "Waiting."})

    assert first.headers["Location"] == second.headers["Location"]
    assert Note.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_four_clicks_at_once_write_one_note(together):
    call, by = factories.call(), person("support")

    written = together(4, lambda: notes.write("Waiting.", about=call, by=by).pk)

    assert len(set(written)) == 1
    assert Note.objects.count() == 1


def test_what_looks_like_a_key_is_never_kept(support_client):
    call = factories.call()

    support_client.post(
        f"/calls/{call.pk}/note/", {"text": "They sent SecretKey=madeUpButLongEnough123 to us."}
    )

    assert Note.objects.get().text == "They sent SecretKey=*** to us."
