"""A browser, a gunicorn that serves what production serves, and a sandbox cloud: nothing here is a stand-in.

Where there is no Chromium the journeys are skipped, unless JOURNEYS=required says that they must run.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import factories
from tests.journeys.switches import SWITCHES
from tests.people import person
from tests.processes import (
    database_of_test,
    end,
    environment,
    free_port,
    gunicorn,
    manage,
    start,
    wait_until_ready,
)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Generous, because two browsers and two servers may share two cores; a page answers in a fraction of it.
expect.set_options(timeout=10_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session", autouse=True)
def _browser_is_there() -> None:
    if CHROMIUM:
        return
    if os.environ.get("JOURNEYS") == "required":
        pytest.fail("JOURNEYS=required, and there is no Chromium on this machine")
    pytest.skip("no Chromium on this machine")


@pytest.fixture(scope="session", autouse=True)
def _rows_beside_a_browser() -> Iterator[None]:
    """Playwright keeps an event loop in this thread; Django takes that for asynchronous code and would refuse."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server_environment(django_db_setup, tmp_path_factory) -> dict[str, str]:
    """What the processes of the dashboard are told: the test's own database, and a cloud that is given up soon."""
    static = str(tmp_path_factory.mktemp("static"))
    return environment(database_of_test(), STATIC_ROOT=static, CLOUD_READ_TIMEOUT="3")


@pytest.fixture(scope="session")
def server(server_environment, tmp_path_factory) -> Iterator[str]:
    """The dashboard under gunicorn, with its files collected as in production."""
    manage(server_environment, "collectstatic", "--no-input", "--verbosity", "0")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with (tmp_path_factory.mktemp("server") / "gunicorn.log").open("w") as log:
        process = start(gunicorn(port, workers=1), server_environment, stdout=log, stderr=log)
        try:
            wait_until_ready(f"{address}/readyz")
            yield address
        finally:
            end([process])


class Watch:
    """What went wrong in a browser beside the page: console errors, CSP violations, requests to other hosts."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.wrong: list[str] = []

    def follow(self, page: Page) -> None:
        page.on("console", lambda message: self.hear(message.type, message.text))
        page.on("pageerror", lambda error: self.wrong.append(f"script error: {error}"))
        page.on("request", lambda request: self.see(request.url))

    def hear(self, kind: str, text: str) -> None:
        # A page that answers 403 or 404 on purpose is an error to the console as well.
        if kind == "error" and "the server responded with a status of 40" not in text:
            self.wrong.append(f"console: {text}")

    def see(self, url: str) -> None:
        if not url.startswith((self.server, "data:", "blob:")):
            self.wrong.append(f"request to another host: {url}")


@pytest.fixture
def watch(server) -> Iterator[Watch]:
    watching = Watch(server)
    yield watching
    assert watching.wrong == []


@pytest.fixture
def visit(browser, server, watch, transactional_db) -> Iterator[Callable[..., Page]]:
    """``visit()`` opens a browser of its own at the sign-in page; ``visit(width=390)`` a narrow one."""
    contexts = []

    def open_page(*, width: int = 1440, height: int = 900, **options) -> Page:
        context = browser.new_context(
            base_url=server, viewport={"width": width, "height": height}, reduced_motion="reduce", **options
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        watch.follow(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def sign_in(visit, server) -> Callable[..., Page]:
    """``sign_in("operator")`` opens a browser in which the operator has signed in, at the overview."""

    def enter(who: str, **options) -> Page:
        client = Client()
        client.force_login(person(who))
        page = visit(**options)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server}])
        page.goto("/")
        return page

    return enter


@pytest.fixture
def real_passwords(settings, transactional_db) -> None:
    """Passwords hashed as in production, which the server checks; the rest of the suite uses a quick hash."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]


@pytest.fixture
def applications(sandbox, transactional_db) -> dict:
    """A TIW and a GME application under one account of this test's sandbox."""
    account = factories.account(name="Sandbox", endpoint=sandbox.url)
    return {
        "tiw": factories.application(product="tiw", account=account, name="Evening classes"),
        "gme": factories.application(product="gme", account=account, name="Guild voice"),
    }


@pytest.fixture
def start_worker(server_environment, transactional_db, tmp_path) -> Iterator[Callable[[], None]]:
    """``start_worker()`` starts the background work, in a process of its own as in production."""
    started: list[subprocess.Popen] = []
    words = ("manage.py", "worker", "--threads", "4")
    with (tmp_path / "worker.log").open("w") as log:
        yield lambda: started.append(start(words, server_environment, stdout=log, stderr=log))
        end(started)


@pytest.fixture
def worker(start_worker) -> None:
    """The background work is being done, all the time."""
    start_worker()
