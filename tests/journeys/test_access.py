"""axe looks at every page, in light and dark: nothing serious may be found. And pages stay light."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from recorder_app.choices import CallOutcome, RecordingStatus
from tests import factories

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PAGES = (
    "/", "/start/", "/start/tiw/", "/start/gme/", "/recordings/", "/recordings/{recording}/", "/calls/",
    "/calls/{call}/", "/lookup/?q=1203", "/lookup/?q=nothing", "/errors/", "/settings/accounts/",
    "/settings/accounts/new/", "/settings/accounts/{account}/", "/settings/accounts/{account}/key/",
    "/settings/applications/", "/settings/applications/new/", "/settings/applications/{application}/",
    "/settings/people/", "/settings/people/new/", "/settings/me/", "/audit/", "/nowhere/",
)  # fmt: skip
FIRST_VISIT_BYTES = 150 * 1024


@pytest.fixture
def rows(transactional_db) -> dict[str, int]:
    """A history with something of every kind on it."""
    application = factories.application(product="tiw", name="Evening classes")
    for status in RecordingStatus:
        factories.recording(application=application, status=status)
    recording = factories.recording(application=application, status=RecordingStatus.REFUSED)
    for outcome in CallOutcome:
        factories.call(recording=recording, outcome=outcome)
    call = factories.call(recording=recording, outcome=CallOutcome.REFUSED)
    return {
        "recording": recording.pk,
        "call": call.pk,
        "account": application.account.pk,
        "application": application.pk,
    }


def serious(page: Page) -> list[str]:
    found = page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_serious_on_any_page(sign_in, rows, scheme, width):
    # Axe itself is a foreign script, which the pages' policy would rightly block.
    page = sign_in("admin", width=width, color_scheme=scheme, bypass_csp=True)

    found = {}
    for path in PAGES:
        page.goto(path.format(**rows))
        page.add_script_tag(path=AXE)
        if problems := serious(page):
            found[path] = problems

    assert found == {}


@pytest.mark.parametrize("width", [1440, 390, 320])
def test_no_page_scrolls_sideways(sign_in, rows, width):
    page = sign_in("admin", width=width)

    too_wide = []
    for path in PAGES:
        page.goto(path.format(**rows))
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            too_wide.append(path)

    assert too_wide == []


def test_a_first_visit_is_light(visit, transactional_db):
    page = visit()
    moved: list[int] = []

    def weigh(request) -> None:
        sizes = request.sizes()
        moved.append(sizes["responseBodySize"] + sizes["responseHeadersSize"])

    page.on("requestfinished", weigh)
    page.goto("/sign-in/", wait_until="networkidle")

    assert 10 * 1024 < sum(moved) <= FIRST_VISIT_BYTES
