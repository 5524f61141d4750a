"""Pages that stay open all day: what changes shows by itself, and nothing jumps."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Request, expect

from recorder_app.choices import AccountTrouble, RecordingStatus
from recorder_app.models import Application, CloudAccount, Recording
from recorder_app.sandbox import SandboxServer
from tests import factories, steps
from tests.journeys.test_access import AXE, serious

ROUND = 6_000  # milliseconds: one look of a live page, and a little


class Cloud:
    """A sandbox cloud that can go down and come back with what it knew, at the same address."""

    def __init__(self, memory: str) -> None:
        self._memory = memory
        self.server = self._serve(0)
        self.port = self.server.port

    def _serve(self, port: int) -> SandboxServer:
        accounts = {factories.SECRET_ID: factories.SECRET_KEY}
        apps = [("tiw", 1400000001)]
        server = SandboxServer(accounts=accounts, apps=apps, rate=100_000, port=port, state_path=self._memory)
        return server.start()

    def go_down(self) -> None:
        self.server.stop()

    def come_back(self) -> None:
        self.server = self._serve(self.port)


@pytest.fixture
def cloud(tmp_path) -> Iterator[Cloud]:
    made = Cloud(str(tmp_path / "cloud.sqlite3"))
    yield made
    made.server.stop()


def open_live(page: Page, address: str) -> Page:
    """Open a page whose clock can be wound forward."""
    page.clock.install()
    page.goto(address)
    expect(page.locator("[data-live-bar]")).to_be_visible()
    return page


def asks_of(page: Page) -> list[Request]:
    """What the page asks for from now on, by itself."""
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "hx-request" in request.headers else None)
    return asked


def many(number: int) -> Application:
    application = factories.application(name="Evening classes")
    now = timezone.now()
    for minutes in range(number):
        moment = now - timedelta(minutes=minutes + 1)
        factories.recording(
            application=application, created_at=moment, started_at=moment, room_id=f"old-{minutes}"
        )
    return application


def test_a_new_row_and_a_new_state_appear_while_focus_and_scroll_stay(sign_in, transactional_db):
    application = many(40)
    page = open_live(sign_in("operator"), "/recordings/")
    held = page.locator("a.row-link", has_text="old-20")
    held.focus()
    held.scroll_into_view_if_needed()
    page.evaluate("scrollBy(0, 200)")
    place = held.bounding_box()["y"]

    factories.recording(application=application, room_id="new-room", created_at=timezone.now())
    Recording.objects.filter(room_id="old-21").update(status=RecordingStatus.PAUSED)
    page.clock.run_for(ROUND)

    expect(page.locator("tr", has_text="old-21")).to_contain_text("Paused")
    expect(page.locator("tbody tr").first).to_contain_text("new-room")
    expect(held).to_be_focused()
    assert page.evaluate("scrollY") > 0
    assert held.bounding_box()["y"] == pytest.approx(place, abs=1)


def test_an_empty_list_fills_and_a_recording_that_ends_leaves(sign_in, transactional_db):
    page = open_live(sign_in("operator"), "/recordings/?status=running")
    expect(page.locator("#live")).to_contain_text("Nothing is being recorded")

    recording = factories.recording(room_id="here")
    page.clock.run_for(ROUND)
    expect(page.locator("#live tbody")).to_contain_text("here")
    Recording.objects.filter(pk=recording.pk).update(status=RecordingStatus.FINISHED)
    page.clock.run_for(ROUND)

    expect(page.locator("#live")).to_contain_text("Nothing is being recorded")


def test_nothing_is_sent_while_nothing_changes(sign_in, transactional_db):
    many(3)
    page = open_live(sign_in("manager"), "/")
    with page.expect_response(lambda answer: answer.status == 204) as quiet:
        page.clock.run_for(ROUND)

    assert quiet.value.request.headers["hx-target"] == "live"
    expect(page.locator("[data-live-bar]")).to_contain_text("Updated just now", use_inner_text=True)


def test_a_pause_holds_the_page_is_remembered_and_ends_with_a_look_at_once(sign_in, transactional_db):
    application = many(3)
    page = open_live(sign_in("operator"), "/recordings/")

    page.get_by_role("button", name="Pause updates").click()
    factories.recording(application=application, room_id="new-room", created_at=timezone.now())
    asked = asks_of(page)
    page.clock.run_for(3 * ROUND)
    assert [request for request in asked if request.headers["hx-target"] == "live"] == []
    page.reload()
    expect(page.locator("[data-live-bar]")).to_contain_text("Paused, updated", use_inner_text=True)
    factories.recording(application=application, room_id="newer-room", created_at=timezone.now())
    page.get_by_role("button", name="Resume updates").click()

    expect(page.locator("tbody tr").first).to_contain_text("newer-room")


def test_a_hidden_tab_asks_for_nothing_and_looks_when_it_is_seen_again(sign_in, transactional_db):
    application = many(3)
    page = open_live(sign_in("operator"), "/recordings/")
    hide = "Object.defineProperty(document, 'hidden', {configurable: true, value: %s});"
    page.evaluate(hide % "true")
    factories.recording(application=application, room_id="new-room", created_at=timezone.now())
    asked = asks_of(page)

    page.clock.run_for(5 * ROUND)
    assert asked == []
    page.evaluate((hide % "false") + "document.dispatchEvent(new Event('visibilitychange'))")

    expect(page.locator("tbody tr").first).to_contain_text("new-room")


def test_a_row_that_changes_keeps_working(sign_in, transactional_db):
    recording = factories.recording(room_id="1203", task_id="bj0mt2l23osdj3", created_at=timezone.now())
    page = open_live(sign_in("operator"), "/recordings/")
    Recording.objects.filter(pk=recording.pk).update(status=RecordingStatus.PAUSED)
    page.clock.run_for(ROUND)
    expect(page.locator("tbody tr")).to_contain_text("Paused")

    page.keyboard.press("j")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{recording.get_absolute_url()}")


def test_an_alarm_comes_and_goes_on_a_page_that_is_not_live(sign_in, applications):
    page = sign_in("operator")
    page.clock.install()
    page.goto("/errors/")
    trouble = {"trouble": AccountTrouble.KEY, "trouble_since": timezone.now()}

    CloudAccount.objects.update(**trouble)
    page.clock.run_for(16_000)
    expect(page.locator("#alarms")).to_contain_text("The cloud refuses the key")
    CloudAccount.objects.update(trouble="", trouble_since=None)
    page.clock.run_for(16_000)

    expect(page.locator("#alarms")).not_to_contain_text("key")


def test_a_cloud_that_is_down_at_the_start_and_comes_back(sign_in, cloud, start_worker):
    application = factories.application(name="Evening classes", endpoint=cloud.server.url)
    running = steps.start_class(application, room=1203)
    start_worker()
    page = sign_in("operator")
    expect(page.locator("#live")).to_contain_text("1 worker is at work")

    page.goto("/start/tiw/")
    cloud.go_down()
    page.locator("[name=RoomId]").fill("1204")
    start = page.get_by_role("button", name="Start recording")
    start.click()
    expect(page.locator("#alarms")).to_contain_text("The cloud cannot be reached")
    expect(page.locator(".alarm")).to_have_count(1)
    assert Recording.objects.get(room_id="1204").status == RecordingStatus.NOT_STARTED
    cloud.come_back()
    # The worker's next look at what runs, which may be half a minute away.
    Recording.objects.filter(pk=running.pk).update(due_at=timezone.now())
    expect(page.locator(".alarm")).to_have_count(0, timeout=40_000)
    start.click()
    page.wait_for_url(re.compile(r"/recordings/\d+/$"))

    expect(page.locator("#recording-now")).to_contain_text(re.compile("Starting|Recording"))
    tasks = steps.truth(cloud.server)["tasks"]
    assert sorted(str(task["RoomId"]) for task in tasks) == ["1203", "1204"]
    assert steps.reread(running).status in (RecordingStatus.STARTING, RecordingStatus.RECORDING)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_an_alarm_and_it_fits_a_narrow_screen(sign_in, applications, scheme):
    CloudAccount.objects.update(
        trouble=AccountTrouble.UNREACHABLE, trouble_since=timezone.now(), trouble_message="x" * 200
    )
    page = sign_in("admin", width=320, color_scheme=scheme, bypass_csp=True)
    page.add_script_tag(path=AXE)

    expect(page.locator(".alarm")).to_be_visible()
    assert serious(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
