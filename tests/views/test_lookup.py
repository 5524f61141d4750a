"""The look-up page: where an identifier leads."""

import pytest
from django.test import Client

from recorder_app.choices import Product
from recorder_app.models import AuditEntry
from tests import factories
from tests.people import person

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
    page = support_client.post("/lookup/", {"q": "7" * 1_000_001}).content.decode()

    assert "longer than 1000000 characters" in page


def test_a_nul_in_the_text_does_no_harm(support_client):
    assert look_up(support_client, "7\x007").status_code == 200


def test_an_error_code_is_explained_with_a_way_to_its_calls(support_client):
    page = look_up(support_client, "ResourceInUse.RecordUserId").content.decode()

    assert 'href="/calls/?code=ResourceInUse.RecordUserId"' in page
    assert 'href="/errors/?q=ResourceInUse.RecordUserId"' in page
    assert "What to do" in page


def test_an_application_id_leads_to_its_lists(support_client):
    application = factories.application(app_id="1400000077")

    page = look_up(support_client, "1400000077").content.decode()

    assert f'href="/calls/?application={application.pk}"' in page
    assert f'href="/recordings/?application={application.pk}"' in page


def test_the_box_keeps_what_was_looked_up(support_client):
    page = look_up(support_client, "nothing-like-it").content.decode()

    assert 'aria-keyshortcuts="/">nothing-like-it</textarea>' in page


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("room:1203", "/calls/?room=1203"),
        ("outcome:refused by:lin since:2026-11-01", "/calls/?outcome=refused&by=lin&since=2026-11-01"),
        ("outcome:refused outcome:no_answer", "/calls/?outcome=refused&outcome=no_answer"),
        ('room:"a room" status:troubled', "/recordings/?room=a+room&status=troubled"),
        ("ROOM:7 error:InternalError", "/calls/?room=7&code=InternalError"),
    ],
)
def test_words_lead_to_the_list_with_these_filters(support_client, words, address):
    answers = [look_up(support_client, words), support_client.post("/lookup/", {"q": words})]

    assert [answer.headers["Location"] for answer in answers] == [address] * 2


def test_words_may_name_an_application_as_people_do(support_client):
    application = factories.application(app_id="1400000077", name="Evening classes")

    answers = [
        look_up(support_client, f"application:{name}") for name in ("1400000077", '"evening Classes"', "x")
    ]

    assert [answer.headers["Location"] for answer in answers] == [
        f"/calls/?application={application.pk}",
        f"/calls/?application={application.pk}",
        "/calls/?application=x",
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("room:1203 colour:red", "<code>colour:red</code>"),
        ("room:1203 refused", "<code>refused</code>"),
        ("status:running outcome:refused", "Calls have outcome; recordings have status."),
    ],
)
def test_words_that_mean_nothing_are_told(support_client, words, told):
    answer = look_up(support_client, words)

    assert answer.status_code == 200
    assert told in answer.content.decode()


def test_a_line_of_a_log_is_no_search_in_words(support_client):
    call = factories.call(request_id="eac6b301-a322-493a-8e36-83b295459397")

    answer = look_up(support_client, "room:1203 RequestId:eac6b301-a322-493a-8e36-83b295459397 level:info")

    page = answer.content.decode()
    assert f'href="/calls/{call.pk}/"' in page
    assert "2 identifiers in this text" in page


def test_a_posted_identifier_leads_to_its_call(support_client):
    call = factories.call(request_id="eac6b301-a322-493a-8e36-83b295459397")

    answer = support_client.post("/lookup/", {"q": call.request_id})

    assert answer.headers["Location"] == f"/calls/{call.pk}/"


def test_a_posted_line_that_leads_nowhere_gets_an_address_to_keep(support_client):
    answer = support_client.post("/lookup/", {"q": " nothing-like-it "})

    assert answer.headers["Location"] == "/lookup/?q=nothing-like-it"


def test_a_posted_text_is_told_in_groups(support_client):
    recording = factories.recording(room_id="1203")
    call = factories.call(recording=recording, outcome="refused", error_code="InternalError")
    text = f"RequestId: {call.request_id}\nTaskId: {recording.task_id}\nRequestId: r-404\n"

    page = support_client.post("/lookup/", {"q": text}).content.decode()

    assert "3 identifiers in this text" in page
    assert "2 known here, 1 not." in page
    assert [words in page for words in ("By error", "By recording", "In the order of the text")] == [True] * 3
    assert page.count(f'href="/calls/{call.pk}/"') == 3
    assert page.count("not known here") == 1


def test_secrets_in_a_posted_text_do_not_come_back(support_client):
    secret = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
    text = f"SecretKey: {secret}\nRequestId: r-404\nTaskId: t-404\nUserSig={secret}"

    page = support_client.post("/lookup/", {"q": text}).content.decode()

    assert secret not in page
    assert "r-404" in page


def test_a_secret_is_never_put_into_an_address(support_client):
    secret = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"

    answer = support_client.post("/lookup/", {"q": f"SecretKey={secret}"})

    assert (answer.status_code, secret in answer.content.decode()) == (200, False)


def test_a_text_without_identifiers_says_so(support_client):
    page = support_client.post("/lookup/", {"q": "good\nmorning"}).content.decode()

    assert "No identifier was found in this text" in page


def test_a_look_up_of_a_request_id_asks_for_the_session_the_person_and_the_call(
    support_client, django_assert_num_queries
):
    call = factories.call(request_id="eac6b301-a322-493a-8e36-83b295459397")

    with django_assert_num_queries(3):
        look_up(support_client, call.request_id)


def test_a_page_that_posts_asks_for_the_forms_token():
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person("support"))

    assert browser.post("/lookup/", {"q": "7"}).status_code == 403


def test_what_was_found_can_be_taken_as_csv(support_client):
    recording = factories.recording(room_id="-5", task_id="18446744073709551615")
    call = factories.call(recording=recording, outcome="refused", error_code="InternalError")
    text = f"RequestId: {call.request_id}\nTaskId: 18446744073709551615\nRequestId: r-404\n"

    answer = support_client.post("/lookup/", {"q": text, "as": "csv"})

    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="look-up.csv"'
    assert lines[0].endswith("Filter: a text with 3 identifiers")
    assert [line.split(",")[:6] for line in lines[1:]] == [
        [call.request_id, "RequestId", "yes", "StartOnlineRecord", "Refused", "InternalError"],
        ["18446744073709551615", "TaskId", "yes", "TIW class recording", "Recording", ""],
        ["r-404", "RequestId", "no", "", "", ""],
    ]
    assert "'-5" in lines[1]
    assert AuditEntry.objects.get().event == AuditEntry.Event.EXPORT_TAKEN


@pytest.mark.parametrize(
    "text", ["room:1 SecretKey={}", "room:1 secretKey {}", 'room:"SecretKey={}"', "code:Token={}"]
)
def test_a_secret_among_words_stays_off_the_page_and_its_address(support_client, text):
    secret = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"

    answer = support_client.post("/lookup/", {"q": text.format(secret)})

    assert secret not in answer.content.decode() + answer.headers.get("Location", "")


def test_a_secret_that_was_looked_up_is_not_in_the_csv(support_client):
    secret = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"

    answer = support_client.post("/lookup/", {"q": f"SecretKey={secret}", "as": "csv"})

    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[1].startswith("SecretKey=***,")
    assert secret not in "".join(lines)
