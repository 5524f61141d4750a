"""What people see while the dashboard's database is stopped, and when it is back: nothing that they typed is lost."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect

from tests.journeys.test_access import AXE, serious
from tests.outages.conftest import away, installation, postgresql  # noqa: F401 - fixtures of this module
from tests.processes import Installation, signed_in
from tests.soak.verdict import truth

# Milliseconds: the pool's patience, a look of the page, and a little for two busy cores.
SOON = 30_000


@pytest.fixture
def enter(browser: Browser, installation: Installation) -> Iterator[Callable[..., Page]]:  # noqa: F811
    """``enter()`` opens a browser in which the operator has signed in."""
    contexts = []

    def open_page(**options) -> Page:
        context = browser.new_context(base_url=installation.address, reduced_motion="reduce", **options)
        context.set_default_timeout(SOON)
        contexts.append(context)
        cookies = signed_in(installation.address).cookies
        context.add_cookies(
            [{"name": c.name, "value": c.value, "url": installation.address} for c in cookies]
        )
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def room(page: Page):
    return page.locator('[name="RoomId"]:not([type=hidden])')


def start(page: Page) -> None:
    page.get_by_role("button", name="Start recording").click()


def send_again(page: Page, send: Callable[[], None]) -> None:
    """As people do who are told to try again in a moment, until the recording's page comes."""
    started = re.compile(r"/recordings/\d+/$")
    for _attempt in range(10):
        send()
        try:
            return page.wait_for_url(started, timeout=3_000)
        except TimeoutError:
            continue
    raise AssertionError(f"never started, but at {page.url}")


def rooms(installation: Installation) -> list[str]:  # noqa: F811
    return [str(task["RoomId"]) for task in truth(installation.sandbox)["tasks"]]


def test_a_start_form_stays_as_it_is_and_is_sent_again(enter, installation, postgresql, away):  # noqa: F811
    page = enter()
    page.goto("/start/tiw/")
    room(page).fill("1203")

    away()
    start(page)
    expect(page.locator("#notices")).to_contain_text("cannot reach its database", timeout=SOON)
    expect(room(page)).to_have_value("1203")
    postgresql.start()
    send_again(page, lambda: start(page))

    assert rooms(installation).count("1203") == 1


@pytest.mark.parametrize("has_javascript", [True, False], ids=["with a button", "without JavaScript"])
def test_a_whole_page_that_was_sent_is_sent_again_with_everything_typed(
    enter, installation, postgresql, away, has_javascript  # noqa: F811
):  # fmt: skip
    number = "1204" if has_javascript else "1205"
    page = enter(java_script_enabled=has_javascript)
    # Without htmx, the form goes the browser's own way.
    page.route("**/htmx*.js", lambda route: route.abort())
    page.goto("/start/tiw/")
    room(page).fill(number)

    away()
    start(page)
    expect(page.get_by_role("heading", name="The dashboard cannot reach its database")).to_be_visible()
    expect(page.locator("main")).to_contain_text("What you typed is not lost")
    postgresql.start()
    if has_javascript:
        expect(page.locator("[data-away-said]")).to_contain_text("The database answers again.", timeout=SOON)
        send_again(page, page.get_by_role("button", name="Send it again").click)
    else:
        send_again(page, page.reload)

    assert rooms(installation).count(number) == 1


def test_a_list_says_that_it_may_be_old_and_goes_on_by_itself(enter, postgresql, away):  # noqa: F811
    page = enter()
    page.goto("/recordings/")
    trouble = page.locator("[data-live-trouble]")
    expect(trouble).to_be_hidden()

    away()
    expect(trouble).to_contain_text("Cannot be refreshed at the moment", timeout=SOON)
    expect(page.locator("#live")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("reach its database")
    expect(page.locator("#notices")).to_be_empty()
    postgresql.start()

    expect(trouble).to_be_hidden(timeout=SOON)


def test_a_page_comes_by_itself_when_the_database_is_back(enter, postgresql, away):  # noqa: F811
    page = enter()
    page.goto("/recordings/")

    away()
    page.goto("/calls/")
    expect(page.get_by_role("heading", name="The dashboard cannot reach its database")).to_be_visible()
    postgresql.start()

    expect(page.get_by_role("heading", name="Calls")).to_be_visible(timeout=SOON)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_the_page_fits_a_narrow_screen(enter, away, scheme):  # noqa: F811
    page = enter(color_scheme=scheme, bypass_csp=True, viewport={"width": 320, "height": 900})

    away()
    page.goto("/recordings/")
    page.add_script_tag(path=AXE)

    assert serious(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
