"""Filters, views and columns as people use them; and without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from recorder_app.choices import CallOutcome
from recorder_app.models import SavedView
from tests import factories
from tests.journeys.test_access import AXE, serious
from tests.people import person

PAGES = (
    "/calls/?outcome=refused&room=1203&period=7d", "/calls/?outcome=junk", "/calls/?room=nowhere&outcome=ok",
    "/calls/filter/?outcome=refused&since=2026-11-20T09:30", "/calls/filter/?apply=1&slower=x",
    "/recordings/?status=troubled&status=running", "/recordings/filter/", "/views/", "/views/{view}/",
    "/views/new/?page=calls&outcome=refused", "/views/{view}/delete/",
)  # fmt: skip


@pytest.fixture
def calls(transactional_db) -> None:
    application = factories.application(name="Evening classes")
    for room, outcome in (("1203", "ok"), ("1203", "refused"), ("1204", "refused")):
        recording = factories.recording(application=application, room_id=room)
        factories.call(recording=recording, outcome=CallOutcome(outcome))


@pytest.fixture
def view(transactional_db) -> SavedView:
    owner = person("admin")
    return SavedView.objects.create(
        owner=owner, page="calls", name="Refused lately", query="outcome=refused", is_shared=True
    )


def rooms(page: Page) -> list[str]:
    return page.locator("tbody .cell-room").all_inner_texts()


def test_a_filter_is_set_saved_shared_and_seen_by_another(sign_in, calls):
    page = sign_in("support")
    page.get_by_role("link", name="Calls", exact=True).click()
    page.get_by_role("link", name="Refused", exact=True).click()
    page.get_by_role("link", name="Change the filter").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Room").fill("1203")
    dialog.get_by_role("button", name="Show these").click()
    expect(page).to_have_url(re.compile(r"/calls/\?room=1203&outcome=refused$"))
    expect(page.get_by_text("1 call", exact=True)).to_be_visible()
    assert rooms(page) == ["1203"]

    page.get_by_role("link", name="Save as a view").click()
    dialog.get_by_label("Name").fill("Refused in 1203")
    dialog.get_by_label("Everybody may use it").check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Refused in 1203")).to_have_attribute("aria-current", "page")

    other = sign_in("manager")
    other.goto("/calls/")
    other.get_by_role("link", name="Refused in 1203").click()
    assert rooms(other) == ["1203"]
    other.get_by_role("link", name="Take away: Room: 1203").click()
    expect(other).to_have_url(re.compile(r"/calls/\?outcome=refused$"))
    assert sorted(rooms(other)) == ["1203", "1204"]


def test_the_list_is_as_it_was_when_one_comes_back(sign_in, calls):
    page = sign_in("support")
    page.goto("/calls/?outcome=refused&room=1204")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("navigation", name="Back").get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/calls/\?outcome=refused&room=1204$"))

    page.locator(".row-link").click()
    page.reload()
    page.get_by_role("navigation", name="Back").get_by_role("link").click()

    expect(page).to_have_url(re.compile(r"/calls/\?outcome=refused&room=1204$"))
    assert rooms(page) == ["1204"]


def test_everything_works_without_javascript(sign_in, calls):
    page = sign_in("support", java_script_enabled=False)
    page.goto("/calls/?outcome=refused")

    page.locator(".list-menu summary").click()
    page.get_by_label("Application").uncheck()
    page.get_by_role("button", name="Show it so").click()
    page.get_by_role("link", name="Change the filter").click()
    page.get_by_label("Room").fill("1204")
    page.get_by_role("button", name="Show these").click()

    expect(page).to_have_url(re.compile(r"/calls/\?room=1204&outcome=refused$"))
    assert rooms(page) == ["1204"]
    expect(page.get_by_role("columnheader", name="Application")).to_have_count(0)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_axe_finds_nothing_serious_and_no_page_scrolls_sideways(sign_in, calls, view, scheme, width):
    page = sign_in("admin", width=width, color_scheme=scheme, bypass_csp=True)

    found, too_wide = {}, []
    for path in PAGES:
        page.goto(path.format(view=view.pk))
        page.add_script_tag(path=AXE)
        if problems := serious(page):
            found[path] = problems
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            too_wide.append(path)

    assert (found, too_wide) == ({}, [])


def test_an_open_menu_of_columns_fits_a_narrow_screen(sign_in, calls):
    page = sign_in("support", width=320)
    page.goto("/calls/")

    page.locator(".list-menu summary").click()

    panel = page.locator(".list-menu .menu-panel").bounding_box()
    assert panel["x"] >= 0
    assert panel["x"] + panel["width"] <= 320
