"""Coming in, being kept out, and an administrator who sets things up."""

from playwright.sync_api import expect

from recorder_app.models import CloudAccount
from tests import factories
from tests.people import PASSWORD, person


def test_an_administrator_adds_an_account_and_tests_it(sign_in, sandbox):
    page = sign_in("admin")

    page.goto("/settings/accounts/")
    page.get_by_role("link", name="Add").first.click()
    page.get_by_label("Name", exact=False).first.fill("School")
    page.get_by_label("Environment").select_option("sandbox")
    page.get_by_label("Endpoint").fill(sandbox.url)
    page.get_by_label("SecretId").fill(factories.SECRET_ID)
    page.get_by_label("SecretKey").fill(factories.SECRET_KEY)
    page.get_by_role("button", name="Add the account").click()
    expect(page.get_by_text("School is set up")).to_be_visible()
    page.get_by_role("button", name="Test this account").click()

    expect(page.locator("#account-test")).to_contain_text("The cloud accepted the key")
    assert CloudAccount.objects.get().secret_key == factories.SECRET_KEY
    assert factories.SECRET_KEY not in page.content()


def test_a_stranger_is_kept_out_and_told_whom_to_ask(sign_in, transactional_db):
    person("admin")
    page = sign_in("stranger")

    expect(page.get_by_role("heading", level=1)).to_have_text("You have no role yet")
    expect(page.locator("main")).to_contain_text("admin")


def test_a_wrong_password_is_told_and_the_name_stays(visit):
    page = visit()
    page.goto("/sign-in/?next=/calls/")
    page.locator("[name=username]").fill("operator")
    page.locator("[name=password]").fill("wrong")

    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.locator("[name=username]")).to_have_value("operator")


def test_signing_in_leads_back_and_signing_out_shuts_the_door(visit, server, real_passwords):
    person("manager")
    page = visit()
    page.goto("/calls/")
    page.locator("[name=username]").fill("manager")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{server}/calls/")

    page.get_by_role("banner").locator("summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/**")
    page.goto("/calls/")

    page.wait_for_url("**/sign-in/?next=%2Fcalls%2F")
