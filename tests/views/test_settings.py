"""The administration: accounts, applications, people. Secrets go in and never come out."""

import pytest
from django.test import Client

from recorder_app.models import ApiCall, Application, AuditEntry, CloudAccount, Person
from tests import factories
from tests.people import PASSWORD, person
from tests.talk import misbehave

pytestmark = pytest.mark.django_db

SECRET = "EXAMPLE-secret-key-typed-by-the-admin"
NEW_ACCOUNT = {
    "name": "School",
    "environment": "live",
    "edition": "international",
    "endpoint": "",
    "secret_id": "AKIDEXAMPLE",
    "secret_key": SECRET,
    "token": "",
}


def last_entry() -> tuple[str, str, str]:
    entry = AuditEntry.objects.newest_first().first()
    return entry.event, entry.by_name, entry.about


def test_an_account_is_added_with_its_key_and_an_audit_entry(admin_client):
    answer = admin_client.post("/settings/accounts/new/", NEW_ACCOUNT)

    account = CloudAccount.objects.get()
    assert answer.headers["Location"] == f"/settings/accounts/{account.pk}/"
    assert account.secret_key == SECRET
    assert last_entry() == ("account_added", "admin", "School")


@pytest.mark.parametrize("path", ["", "key/"])
def test_a_secret_is_on_no_page_once_it_is_saved(admin_client, path):
    account = factories.account(secret_key=SECRET)

    page = admin_client.get(f"/settings/accounts/{account.pk}/{path}").content.decode()

    assert SECRET not in page
    assert account.name in page


def test_a_secret_does_not_even_return_with_a_form_that_was_wrong(admin_client):
    page = admin_client.post("/settings/accounts/new/", {**NEW_ACCOUNT, "name": ""}).content.decode()

    assert SECRET not in page
    assert "AKIDEXAMPLE" in page
    assert not CloudAccount.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"environment": "sandbox"}, "endpoint"),
        ({"endpoint": "http://recorder.example.com"}, "endpoint"),
        ({"endpoint": "https://x/with/path"}, "endpoint"),
        ({"endpoint": "https://user@host"}, "endpoint"),
        ({"endpoint": "host:99999999"}, "endpoint"),
        ({"endpoint": "http://127.0.0.1:8001"}, "environment"),
        ({"endpoint": "localhost:8001"}, "environment"),
        ({"endpoint": "http://[::1]:8001"}, "environment"),
        ({"environment": "sandbox", "endpoint": "tiw.tencentcloudapi.com"}, "environment"),
        ({"endpoint": "http://["}, "endpoint"),
        ({"endpoint": "fé.com"}, "endpoint"),
        ({"endpoint": "foo,bar"}, "endpoint"),
        ({"environment": "sandbox", "endpoint": "127.0.0.1:8001"}, "endpoint"),
        ({"environment": "moon"}, "environment"),
        ({"secret_key": ""}, "secret_key"),
        ({"name": "x" * 81}, "name"),
    ],
)
def test_a_mistake_is_told_at_its_field(admin_client, changes, field):
    answer = admin_client.post("/settings/accounts/new/", {**NEW_ACCOUNT, **changes})

    assert list(answer.context["form"].errors) == [field]
    assert not CloudAccount.objects.exists()


def test_a_key_is_replaced_rather_than_edited(admin_client):
    account = factories.account()

    admin_client.post(
        f"/settings/accounts/{account.pk}/key/", {"secret_id": "AKIDNEW", "secret_key": SECRET, "token": ""}
    )

    account.refresh_from_db()
    assert (account.secret_id, account.secret_key) == ("AKIDNEW", SECRET)
    assert last_entry() == ("account_key_replaced", "admin", account.name)


def test_changing_an_account_leaves_its_key_alone(admin_client):
    account = factories.account(secret_key=SECRET)
    form = {
        "name": "Renamed",
        "environment": "sandbox",
        "edition": "chinese",
        "endpoint": "http://127.0.0.1:9",
    }

    admin_client.post(f"/settings/accounts/{account.pk}/", form)

    account.refresh_from_db()
    assert (account.name, account.edition, account.secret_key) == ("Renamed", "chinese", SECRET)


def test_testing_an_account_makes_one_harmless_call_and_shows_what_came_back(admin_client, sandbox):
    application = factories.application(endpoint=sandbox.url)

    page = admin_client.post(f"/settings/accounts/{application.account.pk}/test/").content.decode()

    call = ApiCall.objects.get()
    assert "The cloud accepted the key." in page
    assert (call.action, call.outcome, call.recording) == ("DescribeOnlineRecordCallback", "ok", None)
    assert call.request_id in page


def test_a_test_without_an_application_still_tells_whether_the_key_is_good(admin_client, sandbox):
    account = factories.account(endpoint=sandbox.url)

    page = admin_client.post(f"/settings/accounts/{account.pk}/test/").content.decode()

    assert "accepted the key, and refused this call for another reason" in page


def test_a_wrong_key_is_told_apart_from_an_unreachable_cloud(admin_client, sandbox):
    wrong = factories.account(endpoint=sandbox.url, secret_key="EXAMPLE-of-a-wrong-key")
    unreachable = factories.account()

    told = admin_client.post(f"/settings/accounts/{wrong.pk}/test/").content.decode()
    other = admin_client.post(f"/settings/accounts/{unreachable.pk}/test/").content.decode()

    assert "AuthFailure.SignatureFailure" in told
    assert "The key cannot be used as it is." in told
    assert "Check the endpoint" in other


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("AuthFailure.SecretIdNotFound", "The key cannot be used as it is."),
        ("AuthFailure.UnauthorizedOperation", "The cloud accepted the key, and refused"),
        ("InternalError", "Whether the key is good could not be told."),
        ("NoSuchProduct", "Whether the key is good could not be told."),
    ],
)
def test_a_test_claims_no_more_than_it_proves(admin_client, sandbox, code, told):
    account = factories.account(endpoint=sandbox.url)
    misbehave(sandbox, kind="error", code=code, message="no")

    page = admin_client.post(f"/settings/accounts/{account.pk}/test/").content.decode()

    assert told in page


def test_the_environment_of_an_account_with_a_history_stays(admin_client):
    recording = factories.recording()
    account = recording.application.account
    form = {"name": account.name, "environment": "live", "edition": "international", "endpoint": ""}

    answer = admin_client.post(f"/settings/accounts/{account.pk}/", form)

    assert list(answer.context["form"].errors) == ["environment"]


def test_what_a_recorded_application_is_stays(admin_client):
    application = factories.recording().application
    form = {
        "name": "X",
        "account": application.account.pk,
        "product": "gme",
        "app_id": "1",
        "is_active": "on",
    }

    answer = admin_client.post(f"/settings/applications/{application.pk}/", form)

    assert list(answer.context["form"].errors) == ["product"]


@pytest.mark.parametrize(
    ("form", "left"),
    [({"sdk_key": ""}, factories.SDK_KEY), ({"remove": "on"}, ""), ({"sdk_key": "NEW"}, "NEW")],
)
def test_an_sdk_key_goes_only_when_somebody_says_so(admin_client, form, left):
    application = factories.application()

    admin_client.post(f"/settings/applications/{application.pk}/key/", form)

    application.refresh_from_db()
    assert application.sdk_key == left


def test_the_callback_key_a_test_reads_is_not_kept(admin_client, sandbox):
    from recorder_app.services import calls

    application = factories.application(endpoint=sandbox.url)
    params = {"SdkAppId": int(application.app_id), "CallbackKey": "EXAMPLE-callback-key"}
    set_key = calls.intend(
        account=application.account,
        application=application,
        action="SetOnlineRecordCallbackKey",
        params=params,
        by=person("admin"),
    )
    calls.send(set_key, params)

    admin_client.post(f"/settings/accounts/{application.account.pk}/test/")

    kept = [str(call.params) + str(call.answer) for call in ApiCall.objects.all()]
    assert len(kept) == 2
    assert not any("EXAMPLE-callback-key" in text for text in kept)


def test_an_application_is_added(admin_client):
    account = factories.account()

    admin_client.post(
        "/settings/applications/new/",
        {"name": "Evening", "account": account.pk, "product": "tiw", "app_id": "1400000001", "sdk_key": SECRET,
         "is_active": "on"},
    )  # fmt: skip

    application = Application.objects.get()
    assert (application.name, application.app_id, application.sdk_key) == ("Evening", "1400000001", SECRET)
    assert SECRET not in admin_client.get(f"/settings/applications/{application.pk}/").content.decode()


@pytest.mark.parametrize("app_id", ["", "abc", "-1", "0", "1.5", "９", "9" * 20, "99999999999999999999"])
def test_an_application_id_is_a_whole_number(admin_client, app_id):
    account = factories.account()

    answer = admin_client.post(
        "/settings/applications/new/",
        {"name": "X", "account": account.pk, "product": "tiw", "app_id": app_id},
    )

    assert list(answer.context["form"].errors) == ["app_id"]


def test_a_long_name_locks_nobody_out(admin_client, sandbox):
    operator = person("operator")
    operator.first_name = operator.last_name = "x" * 150
    operator.save()

    answer = Client().post("/sign-in/", {"username": "operator", "password": PASSWORD})

    assert answer.status_code == 302
    assert len(operator.name) == 150


def test_a_new_person_signs_in_with_the_first_password(admin_client):
    admin_client.post(
        "/settings/people/new/",
        {"username": "lin", "role": "operator", "password": "a-first-password", "is_active": "on"},
    )

    answer = Client().post("/sign-in/", {"username": "lin", "password": "a-first-password"})

    assert answer.status_code == 302
    assert Person.objects.get(username="lin").role == "operator"


def test_the_last_administrator_stays(admin_client):
    admin = person("admin")

    answer = admin_client.post(
        f"/settings/people/{admin.pk}/", {"username": "admin", "role": "operator", "is_active": "on"}
    )

    admin.refresh_from_db()
    assert admin.role == "administrator"
    assert "last administrator" in answer.content.decode()


def test_a_new_password_signs_everybody_else_out(admin_client, operator_client):
    operator = person("operator")

    admin_client.post(f"/settings/people/{operator.pk}/password/", {"password": "another-password"})

    assert operator_client.get("/").status_code == 302
    assert not Client().login(username="operator", password=PASSWORD)


def test_a_time_zone_of_ones_own(operator_client):
    wrong = operator_client.post("/settings/me/", {"time_zone": "Mars/Base"})
    operator_client.post("/settings/me/", {"time_zone": "shanghai"})

    assert "time_zone" in wrong.context["form"].errors
    assert person("operator").time_zone == "Asia/Shanghai"


def test_a_new_password_of_ones_own_needs_the_old_one(operator_client):
    wrong = operator_client.post(
        "/settings/me/password/", {"old_password": "x", "password": "a-new-password"}
    )
    operator_client.post("/settings/me/password/", {"old_password": PASSWORD, "password": "a-new-password"})

    assert list(wrong.context["form"].errors) == ["old_password"]
    assert Client().login(username="operator", password="a-new-password")
    assert operator_client.get("/").status_code == 200


def test_the_audit_tells_who_did_what(admin_client):
    admin_client.post("/settings/accounts/new/", NEW_ACCOUNT)

    page = admin_client.get("/audit/").content.decode()

    assert "added the account" in page
    assert SECRET not in page
