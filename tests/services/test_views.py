"""Saved views: whose they are, who may change them, which one opens first."""

import pytest

from recorder_app.models import AuditEntry, DefaultView, SavedView
from recorder_app.services import views
from tests.people import person

pytestmark = pytest.mark.django_db


def made(owner: str = "support", **fields) -> SavedView:
    named = {"page": "calls", "name": "Refused", "query": "outcome=refused", **fields}
    return SavedView.objects.create(owner=person(owner), **named)


def test_a_person_uses_views_of_his_own_and_shared_ones_and_no_others():
    mine, shared = made(), made("manager", name="Shared", is_shared=True)
    made("manager", name="Hidden")

    assert list(views.of(person("support"))) == [mine, shared]


def test_each_person_has_a_view_of_his_own_that_opens_first():
    shared = made(is_shared=True)
    views.make_default(shared, person=person("manager"))

    opens = {who: views.of(person(who)).get().is_default for who in ("support", "manager")}

    assert opens == {"support": False, "manager": True}


def test_another_view_of_the_page_takes_the_place_of_the_one_that_opened_first():
    one, other = made(), made(name="Other")
    views.make_default(one, person=person("support"))

    views.make_default(other, person=person("support"))

    assert [(default.view, default.page) for default in DefaultView.objects.all()] == [(other, "calls")]


def test_everything_opens_again_once_no_view_does():
    views.make_default(made(), person=person("support"))

    views.drop_default("calls", person=person("support"))

    assert not DefaultView.objects.exists()


@pytest.mark.parametrize(
    ("who", "own", "shared"),
    [("support", True, True), ("manager", False, False), ("admin", False, True)],
)
def test_the_owner_changes_a_view_and_an_administrator_one_that_is_shared(who, own, shared):
    private, public = made(), made(name="Shared", is_shared=True)

    assert [views.may_change(view, person(who)) for view in (private, public)] == [own, shared]


def test_sharing_leaves_one_entry_in_the_audit():
    view = SavedView(owner=person("support"), page="calls", name="Refused", query="outcome=refused")
    views.save(view, by=person("support"), is_default=False)
    view.is_shared = True
    views.save(view, by=person("support"), is_default=False)
    view.name = "All refused"
    views.save(view, by=person("support"), is_default=False)

    [entry] = AuditEntry.objects.all()
    assert (entry.event, entry.about, entry.details) == (
        "view_shared",
        "Refused",
        {"page": "calls", "filter": "outcome=refused"},
    )


def test_a_view_that_is_shared_no_longer_opens_first_for_nobody_else():
    view = made(is_shared=True)
    for who in ("support", "manager"):
        views.make_default(view, person=person(who))
    view.is_shared = False

    views.save(view, by=person("support"), is_default=True)

    assert [default.person for default in DefaultView.objects.all()] == [person("support")]
