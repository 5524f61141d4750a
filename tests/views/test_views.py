"""Filters kept under a name: saved, shared, opened first, renamed, thrown away."""

from urllib.parse import urlencode

import pytest

from recorder_app.models import AuditEntry, DefaultView, SavedView
from tests import factories
from tests.people import person

pytestmark = pytest.mark.django_db
NEW = "/views/new/?page=calls&outcome=refused&room=1203"


def made(owner: str = "support", **fields) -> SavedView:
    named = {"page": "calls", "name": "Refused", "query": "outcome=refused", **fields}
    return SavedView.objects.create(owner=person(owner), **named)


def test_a_filter_is_kept_under_a_name(support_client):
    asked = support_client.get(NEW).content.decode()
    led = support_client.post(NEW, {"name": "Refused in 1203"})

    view = SavedView.objects.get()
    assert "Room: 1203 · Outcome: Refused" in asked
    assert led.headers["Location"] == "/calls/?room=1203&outcome=refused"
    assert (view.owner, view.page, view.query, view.is_shared) == (
        person("support"),
        "calls",
        "room=1203&outcome=refused",
        False,
    )


def test_a_kept_view_stands_above_the_list_and_is_marked_while_it_is_open(support_client):
    made(query="outcome=refused&room=1203")

    page = support_client.get("/calls/?room=1203&outcome=refused").content.decode()

    assert '<a href="?outcome=refused&amp;room=1203" aria-current="page">Refused</a>' in page
    assert "Save as a view" not in page
    assert "Refused · Calls" in page


def test_the_list_leads_to_keeping_what_is_not_kept_yet(support_client):
    page = support_client.get("/calls/?outcome=refused").content.decode()

    assert 'href="/views/new/?page=calls&amp;outcome=refused" data-dialog' in page


@pytest.mark.parametrize(
    ("query", "problem"), [("", "Set a filter first"), ("&outcome=junk", "Set a filter first")]
)
def test_nothing_and_nonsense_are_not_kept(support_client, query, problem):
    answer = support_client.post(f"/views/new/?page=calls{query}", {"name": "All"})

    assert problem in answer.content.decode()
    assert not SavedView.objects.exists()


def test_a_name_is_taken_once_by_each_person(support_client):
    made(), made("manager", name="Other")

    answers = [support_client.post(NEW, {"name": name}) for name in ("Refused", "Other")]

    assert [answer.status_code for answer in answers] == [200, 302]
    assert "You have a view of this name already." in answers[0].content.decode()


def test_a_shared_view_is_there_for_others_and_written_down(support_client, manager_client):
    support_client.post(NEW, {"name": "Refused in 1203", "is_shared": "on"})

    page = manager_client.get("/calls/").content.decode()

    assert 'title="Shared by support">Refused in 1203' in page
    assert AuditEntry.objects.get(event="view_shared").details["filter"] == "room=1203&outcome=refused"


def test_a_view_of_ones_own_is_there_for_nobody_else(manager_client):
    view = made("support")

    pages = [manager_client.get(address).content.decode() for address in ("/calls/", "/views/")]
    found = manager_client.get(f"/views/{view.pk}/")

    assert ["Refused</a>" in page.split("chips")[0] for page in pages] == [False, False]
    assert found.status_code == 404


def test_a_plain_visit_opens_the_view_that_opens_first(support_client):
    view = made(query="outcome=refused")
    factories.call()

    support_client.post(f"/views/{view.pk}/first/")

    assert support_client.get("/calls/").headers["Location"] == "/calls/?outcome=refused"
    assert len(support_client.get("/calls/?all=1").context["page"].rows) == 1
    assert support_client.get("/recordings/").status_code == 200


def test_taking_the_last_filter_away_does_not_open_the_first_view_again(support_client):
    made(query="outcome=refused")

    page = support_client.get("/calls/?outcome=refused").content.decode()

    assert '<a class="chip-set" href="?all=1">' in page


def test_everything_opens_again_when_one_likes(support_client):
    view = made()
    support_client.post(f"/views/{view.pk}/first/")

    led = support_client.post(f"/views/{view.pk}/not-first/")

    assert led.headers["Location"] == "/calls/?all=1"
    assert not DefaultView.objects.exists()


def test_a_view_can_be_renamed_shared_and_opened_first(support_client):
    view = made()

    support_client.post(f"/views/{view.pk}/", {"name": "New", "is_shared": "on", "is_default": "on"})

    view.refresh_from_db()
    assert (view.name, view.is_shared, view.query, view.defaults.count()) == (
        "New",
        True,
        "outcome=refused",
        1,
    )


def test_a_view_goes_after_a_question(support_client):
    view = made()

    asked = support_client.get(f"/views/{view.pk}/delete/").content.decode()
    support_client.post(f"/views/{view.pk}/delete/")

    assert "Throw “Refused” away?" in asked
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("manager", 404), ("admin", 302)])
def test_what_is_shared_is_changed_by_its_owner_and_administrators_alone(client_of, who, status):
    view = made("support", is_shared=True)

    form = {"name": "New", "is_shared": "on"}
    answers = [client_of(who).post(f"/views/{view.pk}/{verb}", form) for verb in ("", "delete/")]

    assert [answer.status_code for answer in answers] == [status, status]
    assert SavedView.objects.exists() == (who == "manager")


def test_a_shared_view_grants_no_rights(support_client):
    theirs = factories.application(name="Theirs")
    factories.call(recording=factories.recording(application=theirs))
    made("manager", name="Of theirs", query=f"application={theirs.pk}", is_shared=True)
    support = person("support")
    support.sees_all = False
    support.save()

    page = support_client.get(f"/calls/?application={theirs.pk}").content.decode()

    assert "or you may not see it" in page
    assert "Theirs" not in page
    assert "call-row-" not in page


def test_a_filter_too_long_to_keep_is_told(support_client):
    query = urlencode({"page": "calls", "room": "房" * 190, "by": "人" * 100})

    page = support_client.post(f"/views/new/?{query}", {"name": "Long"})

    assert "So long a filter cannot be kept" in page.content.decode()
    assert SavedView.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_name_given_twice_at_the_same_moment_is_kept_once_and_told(client_of, together):
    browsers = iter([client_of("support") for _number in range(4)])

    answers = together(4, lambda: next(browsers).post(NEW, {"name": "Refused"}))

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 302]
    assert all(
        "You have a view of this name already" in answer.content.decode()
        for answer in answers
        if answer.status_code == 200
    )
    assert SavedView.objects.count() == 1
