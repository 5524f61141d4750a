"""/reports/mails/: who has which report sent, to whom, and how to stop it."""

import pytest

from recorder_app.models import Person, SavedView, ScheduledReport
from tests import factories
from tests.people import person

pytestmark = pytest.mark.django_db
TYPED = {
    "name": "Refusals",
    "rhythm": "weekly",
    "weekday": "0",
    "monthday": "1",
    "hour": "8",
    "addresses": "a@example.com\nb@example.com",
}


@pytest.fixture(autouse=True)
def _standing(clock):
    """Time stands still at ``factories.NOW``."""


def test_a_report_is_scheduled_with_the_filter_it_was_asked_from(manager_client):
    led = manager_client.post("/reports/mails/new/?outcome=refused&period=7d", TYPED)

    report = ScheduledReport.objects.get()
    assert led.headers["Location"] == "/reports/mails/"
    assert (report.by.username, report.query) == ("manager", "period=7d&outcome=refused")
    assert report.recipients == ["a@example.com", "b@example.com"]
    assert report.for_at.isoformat() == "2026-11-23T08:00:00+00:00"
    assert "Refusals" in manager_client.get("/reports/mails/").content.decode()


def test_it_may_follow_a_saved_view(manager_client):
    view = SavedView.objects.create(owner=person("manager"), page="reports", name="Mine", query="product=tiw")

    manager_client.post("/reports/mails/new/", {**TYPED, "view": view.pk})

    assert ScheduledReport.objects.get().view == view


def test_the_view_of_another_that_is_not_shared_is_not_taken(manager_client):
    view = SavedView.objects.create(owner=person("admin"), page="reports", name="Secret", query="product=tiw")

    page = manager_client.post("/reports/mails/new/", {**TYPED, "view": view.pk})

    assert page.status_code == 200
    assert ScheduledReport.objects.count() == 0


@pytest.mark.parametrize("who", ["operator", "support"])
def test_others_may_have_it_sent_to_their_own_address_alone(client_of, who):
    browser = client_of(who)
    without = browser.post("/reports/mails/new/", TYPED).content.decode()
    Person.objects.filter(username=who).update(email="me@example.com")

    browser.post("/reports/mails/new/", TYPED)

    assert "You have no address for mail yet" in without
    assert ScheduledReport.objects.get().recipients == ["me@example.com"]


@pytest.mark.parametrize(
    "addresses", ["nobody", "", "a@example.com\nb c@example.com", "a@example.com\r\nBcc: x"]
)
def test_what_is_no_address_is_told(manager_client, addresses):
    page = manager_client.post("/reports/mails/new/", {**TYPED, "addresses": addresses})

    assert 'id="id_addresses_error"' in page.content.decode()
    assert ScheduledReport.objects.count() == 0


def test_without_a_mail_server_nothing_is_scheduled_and_that_is_told(manager_client, settings):
    settings.SENDS_MAIL = False

    page = manager_client.post("/reports/mails/new/", TYPED).content.decode()

    assert "No mail server is set up" in page
    assert ScheduledReport.objects.count() == 0


def test_everybody_sees_and_stops_their_own_and_administrators_all(client_of):
    report = factories.scheduled_report(by=person("manager"))

    seen = {
        who: "Weekly" in client_of(who).get("/reports/mails/").content.decode()
        for who in ("manager", "support", "admin")
    }
    refused = client_of("support").post(f"/reports/mails/{report.pk}/stop/").status_code
    client_of("admin").post(f"/reports/mails/{report.pk}/stop/")

    assert seen == {"manager": True, "support": False, "admin": True}
    assert refused == 404
    assert ScheduledReport.objects.count() == 0


def test_what_went_wrong_is_told(manager_client):
    factories.scheduled_report(
        by=person("manager"), trouble="The mail server did not take it.", trouble_at=factories.NOW
    )

    page = manager_client.get("/reports/mails/").content.decode()

    assert "The mail server did not take it." in page
