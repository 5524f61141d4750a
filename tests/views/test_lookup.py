"""The look-up page: where an identifier leads."""

import pytest

from recorder_app.choices import Product
from tests import factories

pytestmark = pytest.mark.django_db


def look_up(client, text):
    return client.get("/lookup/", {"q": text})


def test_a_request_id_leads_to_its_call(support_client):
    call = factories.call(request_id="eac6b301-a322-493a-8e36-83b295459397")

    answer = look_up(support_client, "  eac6b301-a322-493a-8e36-83b295459397\n")

    assert answer.headers["Location"] == f"/calls/{call.pk}/"


@pytest.mark.parametrize("text", ["9223372036854775807", "tic_record_user_77_1", "77"])
def test_any_identifier_of_a_recording_leads_to_it(support_client, text):
    application = factories.application(product=Product.GME)
    recording = factories.recording(
        application=application,
        task_id="9223372036854775807",
        record_user_id="tic_record_user_77_1",
        room_id="77",
    )

    answer = look_up(support_client, text)

    assert answer.headers["Location"] == f"/recordings/{recording.pk}/"


def test_several_hits_are_listed(support_client):
    application = factories.application()
    rooms = [factories.recording(application=application, room_id="77").pk for _number in range(2)]

    page = look_up(support_client, "77").content.decode()

    assert [f'href="/recordings/{pk}/"' in page for pk in rooms] == [True, True]
    assert "What can be looked up" not in page


def test_no_hit_says_what_was_looked_for_and_what_works(support_client):
    answer = look_up(support_client, "<nothing>")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<code>&lt;nothing&gt;</code>" in page
    assert "compares exactly" in page
    assert "What can be looked up" in page


def test_an_empty_look_up_says_what_works(support_client):
    page = look_up(support_client, "").content.decode()

    assert "What can be looked up" in page
    assert "Nothing here carries" not in page


def test_a_text_that_is_too_long_is_told_so(support_client):
    page = look_up(support_client, "7" * 1001).content.decode()

    assert "longer than 1000 characters" in page


def test_a_nul_in_the_text_does_no_harm(support_client):
    assert look_up(support_client, "7\x007").status_code == 200


@pytest.mark.django_db
def test_an_error_code_leads_to_the_catalogue(support_client):
    answer = support_client.get("/lookup/", {"q": "ResourceInUse.RecordUserId"})

    assert answer.headers["Location"] == "/errors/?q=ResourceInUse.RecordUserId"
