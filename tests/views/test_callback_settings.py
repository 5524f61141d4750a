"""The page on which administrators set up an application's callbacks."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recorder_app.choices import Environment
from recorder_app.models import ApiCall, Application, RefusedCallback
from recorder_app.services import callback_settings
from tests import factories
from tests.callbacks import CALLBACK_KEY, address_of
from tests.people import person

pytestmark = pytest.mark.django_db

ANOTHERS = "http://127.0.0.1:9/another/system"


def page_of(application: Application, verb: str = "") -> str:
    return f"/settings/applications/{application.pk}/callbacks/{verb}"


def here(application: Application) -> str:
    return f"http://testserver{address_of(application)}"


def local(application: Application) -> str:
    return f"http://127.0.0.1:8000{address_of(application)}"


def refuse(application_name: str, *, count: int, days_ago: int = 0, reason: str = "forged") -> None:
    moment = timezone.now() - timedelta(days=days_ago)
    RefusedCallback.objects.create(
        product="tiw",
        application_name=application_name,
        reason=reason,
        day=moment.date(),
        count=count,
        last_at=moment,
    )


@pytest.mark.parametrize("product", ["tiw", "gme"])
def test_the_page_shows_the_address_to_enter_in_the_console(admin_client, product):
    application = factories.application(product=product)

    page = admin_client.get(page_of(application)).content.decode()

    assert f"<code>{here(application)}</code>" in page
    assert ("Set at the cloud" in page) == (product == "tiw")


@pytest.mark.parametrize("path", ["", "callbacks/"])
def test_a_stored_key_is_on_no_page(admin_client, path):
    application = factories.application(callback_key=CALLBACK_KEY)

    page = admin_client.get(f"/settings/applications/{application.pk}/{path}").content.decode()

    assert CALLBACK_KEY not in page
    assert "stored" in page


@pytest.mark.parametrize("product", ["tiw", "gme"])
def test_a_key_is_typed_once_and_stored_encrypted(admin_client, product):
    application = factories.application(product=product)

    answer = admin_client.post(page_of(application, "key/"), {"callback_key": CALLBACK_KEY})

    application.refresh_from_db()
    assert answer.headers["Location"] == page_of(application)
    assert application.callback_key == CALLBACK_KEY
    assert _stored(application) not in ("", CALLBACK_KEY)


def _stored(application: Application) -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT callback_key FROM recorder_app_application WHERE id = %s", [application.pk])
        return cursor.fetchone()[0]


def test_an_empty_field_removes_the_key(admin_client):
    application = factories.application(callback_key=CALLBACK_KEY)

    admin_client.post(page_of(application, "key/"), {"callback_key": ""})

    application.refresh_from_db()
    assert application.callback_key == ""


def test_a_new_address_is_made(admin_client):
    application = factories.application()
    old = here(application)

    admin_client.post(page_of(application, "renew/"))

    application.refresh_from_db()
    page = admin_client.get(page_of(application)).content.decode()
    assert old not in page
    assert here(application) in page


@pytest.mark.parametrize(
    ("address", "environment"),
    [
        ("", Environment.SANDBOX),
        ("ftp://127.0.0.1{path}", Environment.SANDBOX),
        ("http://127.0.0.1:x{path}", Environment.SANDBOX),
        ("http://user@127.0.0.1{path}", Environment.SANDBOX),
        ("http://[{path}", Environment.SANDBOX),
        ("http://127.0.0.1/elsewhere/", Environment.SANDBOX),
        ("http://127.0.0.1{path}?a=b", Environment.SANDBOX),
        ("http://recorder.example.com{path}", Environment.LIVE),
        ("https://127.0.0.1{path}", Environment.LIVE),
    ],
)
def test_an_address_that_does_not_lead_here_is_told_at_its_field(admin_client, address, environment):
    application = factories.application(account=factories.account(environment=environment))

    answer = admin_client.post(
        page_of(application, "set/"), {"address": address.format(path=address_of(application))}
    )

    assert list(answer.context["set_form"].errors) == ["address"]
    assert not ApiCall.objects.exists()


def test_a_key_longer_than_the_cloud_takes_is_told_at_its_field(admin_client):
    application = factories.application()

    answer = admin_client.post(page_of(application, "set/"), {"address": local(application), "key": "k" * 65})

    assert list(answer.context["set_form"].errors) == ["key"]
    assert "k" * 65 not in answer.content.decode()


@pytest.mark.parametrize("verb", ["ask/", "set/", "clear/"])
def test_gme_has_nothing_to_set_through_the_api(admin_client, verb):
    application = factories.application(product="gme")

    answer = admin_client.post(page_of(application, verb), {"address": local(application)})

    assert answer.status_code == 404


def test_refused_callbacks_of_the_last_week_are_shown_to_administrators(admin_client):
    application = factories.application(name="Evening classes")
    refuse("Evening classes", count=3)
    refuse("Evening classes", count=4, days_ago=1)
    refuse("Evening classes", count=100, days_ago=9)
    refuse("", count=6, reason="unknown_token")

    of_one = admin_client.get(page_of(application)).context["refused"]
    of_all = admin_client.get("/settings/applications/").context["refused"]

    assert [(str(row["reason"]), row["how_many"]) for row in of_one] == [("wrong or missing signature", 7)]
    assert sorted((row["application_name"], row["how_many"]) for row in of_all) == [
        ("", 6),
        ("Evening classes", 7),
    ]


def test_the_list_of_applications_says_what_to_do_about_refusals(admin_client):
    factories.application(name="Evening classes")
    refuse("Evening classes", count=3, reason="no_key")

    page = admin_client.get("/settings/applications/").content.decode()

    assert "No key is stored to check it with" in page
    assert "Store the permission key" in page


# --- With a sandbox cloud --------------------------------------------------------------------------------
@pytest.fixture
def tiw(sandbox, transactional_db) -> Application:
    return factories.application(product="tiw", endpoint=sandbox.url)


def test_the_cloud_is_asked_what_is_set(tiw, admin_client):
    callback_settings.set_at_cloud(tiw, address=local(tiw), key=CALLBACK_KEY, by=person("admin"))

    page = admin_client.post(page_of(tiw, "ask/")).content.decode()

    assert f"<dd><code>{local(tiw)}</code></dd>" in page
    assert "this dashboard" in page
    assert "the one stored here" in page
    assert CALLBACK_KEY not in page


def test_address_and_key_are_set_from_the_page(tiw, admin_client):
    answer = admin_client.post(page_of(tiw, "set/"), {"address": local(tiw), "key": CALLBACK_KEY})

    tiw.refresh_from_db()
    setting = callback_settings.read(tiw, by=person("admin"))
    assert answer.headers["Location"] == page_of(tiw)
    assert (setting.address, setting.key_is_ours, tiw.callback_key) == (local(tiw), True, CALLBACK_KEY)


@pytest.mark.parametrize(("verb", "form"), [("set/", "set_form"), ("clear/", "clear_form")])
def test_what_another_system_has_set_is_replaced_only_after_a_question(tiw, admin_client, verb, form):
    callback_settings.set_at_cloud(tiw, address=ANOTHERS, by=person("admin"))
    typed = {"address": local(tiw), "replaces": "False"}

    asked = admin_client.post(page_of(tiw, verb), typed)
    before = callback_settings.read(tiw, by=person("admin")).address
    answered = admin_client.post(page_of(tiw, verb), typed | {"replaces": "on"})
    after = callback_settings.read(tiw, by=person("admin")).address

    assert list(asked.context[form].errors) == ["replaces"]
    assert ANOTHERS in asked.content.decode()
    assert 'type="checkbox" name="replaces"' in asked.content.decode()
    assert (before, answered.status_code) == (ANOTHERS, 302)
    assert after == (local(tiw) if verb == "set/" else "")


@pytest.mark.parametrize("verb", ["ask/", "set/", "clear/"])
def test_a_cloud_that_cannot_be_reached_is_explained(admin_client, transactional_db, verb):
    application = factories.application()

    page = admin_client.post(page_of(application, verb), {"address": local(application)}).content.decode()

    assert "The call never left" in page
