"""Make the README's pictures anew: ``python -m tests.journeys.pictures [--folder static/img/readme] [--all]``.

Runs a dashboard with the demonstration data in a database of its own, and photographs its pages as the people see
them. With ``--all`` every page in light and dark, wide and narrow, for looking through.
"""

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.switches import SWITCHES
from tests.processes import ROOT, Installation

PATHS = (
    "/", "/start/", "/start/tiw/", "/start/gme/", "/recordings/", "/recordings/58/", "/calls/", "/calls/58/",
    "/lookup/?q=1203", "/lookup/?q=nothing", "/errors/", "/settings/accounts/", "/settings/accounts/1/",
    "/settings/accounts/new/", "/settings/applications/", "/settings/applications/1/", "/settings/people/",
    "/settings/people/new/", "/settings/me/", "/audit/",
)  # fmt: skip


HISTORY = """
from django.utils import timezone
from recorder_app.models import Application
from recorder_app.services import demo
demo.ensure_history(list(Application.objects.select_related("account")), rows=60, now=timezone.now())
"""


def signed_in(browser: Browser, address: str, who: str, *, width: int, scheme: str = "light") -> Page:
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/sign-in/")
    page.locator("[name=username]").fill(who)
    page.locator("[name=password]").fill("recorder-demo")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{address}/")
    return page


def fill(page: Page, values: dict[str, str]) -> None:
    for name, value in values.items():
        page.locator(f'[name="{name}"]:not([type=hidden])').fill(value)


def overview(page: Page) -> None:
    page.goto("/")


def start_tiw(page: Page) -> None:
    page.goto("/start/tiw/")
    fill(page, {"RoomId": "1203"})
    page.locator('[id="switch_MixStream"]').check()
    page.locator(".preview-picture svg").wait_for()


def custom_layout(page: Page) -> None:
    start_tiw(page)
    page.locator('[id="switch_MixStream.Custom"]').check()
    page.locator(".preview-picture svg rect").nth(2).wait_for()
    page.locator('[id="switch_MixStream.Custom"]').scroll_into_view_if_needed()


def refusal(page: Page) -> None:
    page.goto("/start/gme/")
    fill(page, {"RoomId": "missing-guild"})
    page.locator("[name=RecordMode]").nth(1).check()
    page.get_by_role("button", name="Start recording").click()
    page.get_by_text("The cloud refused the call").wait_for()


def recording(page: Page) -> None:
    page.goto("/start/tiw/")
    fill(page, {"RoomId": "1204"})
    page.get_by_role("button", name="Start recording").click()
    page.wait_for_url("**/recordings/*/")


def call(page: Page) -> None:
    page.goto("/calls/?outcome=refused")
    page.locator("main tbody a[href^='/calls/']").first.click()
    page.wait_for_url("**/calls/*/")


def errors(page: Page) -> None:
    page.goto("/errors/")


PICTURES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "overview": ("manager", overview),
    "start-tiw": ("operator", start_tiw),
    "custom-layout": ("operator", custom_layout),
    "refusal": ("operator", refusal),
    "recording": ("operator", recording),
    "call": ("support", call),
    "errors": ("support", errors),
}


def take_for_readme(browser: Browser, address: str, folder: Path) -> None:
    for name, (who, show) in PICTURES.items():
        page = signed_in(browser, address, who, width=1280)
        show(page)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=folder / f"{name}.png")
        page.context.close()


def take_all(browser: Browser, address: str, folder: Path) -> None:
    for scheme in ("light", "dark"):
        for width in (1440, 390):
            page = signed_in(browser, address, "admin", width=width, scheme=scheme)
            for path in PATHS:
                page.goto(path)
                name = path.strip("/").replace("/", "-").replace("?", "-") or "overview"
                page.screenshot(path=folder / f"{name}-{scheme}-{width}.png", full_page=True)
            page.context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Photograph the pages.")
    parser.add_argument("--folder", type=Path, default=ROOT / "static" / "img" / "readme")
    parser.add_argument("--all", action="store_true", help="every page, light and dark, wide and narrow")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with Installation() as installation, sync_playwright() as playwright:
        installation.set_up(HISTORY)
        installation.run("manage.py", "worker", "--threads", "4")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        (take_all if options.all else take_for_readme)(browser, installation.address, options.folder)
        browser.close()


if __name__ == "__main__":
    main()
