"""Coming in, and the pages that say why something was not possible."""

import pytest
import time_machine
from django.test import Client, RequestFactory

from recorder_app.models import AuditEntry
from recorder_app.views import doors
from tests import factories
from tests.people import PASSWORD, person


def sign_in(browser, *, username="operator", password=PASSWORD, **more):
    return browser.post("/sign-in/", {"username": username, "password": password, **more})


def entries() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.values_list("event", "by_name"))


@pytest.mark.django_db
def test_the_right_password_opens_the_overview_and_is_written_down(client):
    person("operator")

    answer = sign_in(client)

    assert answer.headers["Location"] == "/"
    assert entries() == [("signed_in", "operator")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/calls/?outcome=refused", "/calls/?outcome=refused"),
        ("https://evil.example/calls/", "/"),
        ("//evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_signing_in_leads_where_one_wanted_but_never_elsewhere(client, wanted, led_to):
    person("operator")

    answer = sign_in(client, next=wanted)

    assert answer.headers["Location"] == led_to


@pytest.mark.django_db
def test_the_form_remembers_where_one_wanted_to_go(client):
    page = client.get("/sign-in/", {"next": '/calls/?a="'}).content.decode()

    assert '<input type="hidden" name="next" value="/calls/?a=&quot;">' in page


@pytest.mark.django_db
def test_a_wrong_password_says_what_to_do_and_is_written_down(client):
    person("operator")

    answer = sign_in(client, password="wrong-password-typed")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "do not belong together" in page
    assert "wrong-password-typed" not in page
    assert 'value="operator"' in page
    assert entries() == [("sign_in_failed", "operator")]


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["", "\x00", "x" * 5000, "😀"])
def test_a_junk_user_name_gets_a_message(client, username):
    answer = sign_in(client, username=username)

    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()


@pytest.mark.django_db
def test_somebody_signed_in_is_not_asked_again(operator_client):
    assert operator_client.get("/sign-in/").headers["Location"] == "/"


@pytest.mark.django_db
def test_the_door_is_never_kept_by_a_cache(client):
    assert "no-store" in client.get("/sign-in/").headers["Cache-Control"]


@pytest.mark.django_db
def test_a_stranger_is_told_whom_to_ask(stranger_client):
    person("admin")

    answer = stranger_client.get("/")

    page = answer.content.decode()
    assert answer.status_code == 403
    assert "You have no role yet" in page
    assert "<li>admin</li>" in page


@pytest.mark.django_db
def test_a_role_that_is_not_enough_is_named(support_client):
    answer = support_client.get("/settings/people/")

    assert answer.status_code == 403
    assert "You are signed in as Support." in answer.content.decode()


@pytest.mark.django_db
def test_an_address_that_leads_nowhere_says_so_to_everybody(client, operator_client):
    answers = [browser.get("/nowhere/") for browser in (client, operator_client)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert ["There is nothing here" in answer.content.decode() for answer in answers] == [True, True]


@pytest.mark.django_db
def test_a_form_without_its_token_says_what_to_do():
    browser = Client(enforce_csrf_checks=True)

    answer = sign_in(browser)

    assert answer.status_code == 403
    assert "reload the page and send the form again" in answer.content.decode()


def test_the_page_for_a_broken_program_needs_no_database():
    answer = doors.broken(RequestFactory().get("/calls/"))

    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Something broke on our side" in page
    assert "do not start it again yet" in page


def test_the_page_for_a_senseless_request_needs_no_database():
    answer = doors.bad_request(RequestFactory().get("/"), ValueError("secret detail"))

    page = answer.content.decode()
    assert answer.status_code == 400
    assert "That request made no sense" in page
    assert "secret detail" not in page


@pytest.mark.django_db
def test_the_frame_shows_only_what_the_person_may(support_client, admin_client):
    pages = [browser.get("/errors/").content.decode() for browser in (support_client, admin_client)]

    shown = [
        ['href="/start/"' in page, 'href="/settings/people/"' in page, 'href="/audit/"' in page]
        for page in pages
    ]
    assert shown == [[False, False, False], [True, True, True]]


@pytest.mark.django_db
def test_the_frame_says_which_cloud_is_talked_to(support_client):
    factories.account()

    page = support_client.get("/errors/").content.decode()

    assert 'class="env env-sandbox"' in page
    assert 'class="env env-live"' not in page


@pytest.mark.django_db
def test_no_page_of_the_frame_holds_inline_script_or_style(support_client):
    page = support_client.get("/").content.decode()

    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page
    assert " onclick" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["foo", "recording", "admin@example.com", "calls/", "sign-out"])
def test_a_word_is_no_address_to_go_back_to(client, wanted):
    person("operator")

    assert sign_in(client, next=wanted).headers["Location"] == "/"


@pytest.mark.django_db
def test_guessing_passwords_is_stopped_for_a_while(client):
    person("operator")

    with time_machine.travel(factories.NOW, tick=False) as clock:
        for _ in range(10):
            sign_in(client, password="a guess")
        stopped = sign_in(client)
        clock.shift(16 * 60)
        later = sign_in(client)

    assert stopped.status_code == 429
    assert "failed too often" in stopped.content.decode()
    assert later.status_code == 302
