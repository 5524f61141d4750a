"""An operator follows a recording from its start to its files, and sees an unknown one settle, in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.journeys.test_access import AXE, serious
from tests.steps import break_next
from tests.talk import truth

pytestmark = pytest.mark.usefixtures("worker")
# Milliseconds: a task's next state, the worker's question and the page's look follow one another.
SOON, FILES = 30_000, 60_000


def start(page: Page, room: str) -> None:
    page.goto("/start/tiw/")
    page.locator('[name="RoomId"]').fill(room)
    page.get_by_role("button", name="Start recording").click()
    page.wait_for_url(re.compile(r"/recordings/\d+/$"))


def status(page: Page):
    return page.locator("#recording-now .state-large")


def test_a_class_is_started_paused_resumed_stopped_and_its_files_appear(sign_in, applications, sandbox):
    page = sign_in("operator", bypass_csp=True)  # lets the accessibility checker in
    start(page, "1203")
    expect(status(page)).to_have_text("Recording", timeout=SOON)

    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".messages")).to_contain_text("The cloud accepted it")
    expect(status(page)).to_have_text("Paused", timeout=SOON)
    expect(page.locator(".messages .notice")).to_have_count(0)
    page.get_by_role("button", name="Resume").click()
    expect(status(page)).to_have_text("Recording", timeout=SOON)

    page.locator("#do-stop").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Stop the recording of room 1203?")
    expect(dialog).to_contain_text(truth(sandbox)["tasks"][0]["TaskId"])
    dialog.get_by_role("button", name="Stop recording").click()
    expect(status(page)).to_have_text("Finished", timeout=FILES)

    expect(page.locator(".file")).not_to_have_count(0)
    expect(page.locator("video.file-player").first).to_be_visible()
    expect(page.locator(".timeline")).to_contain_text("StopOnlineRecord")
    page.add_script_tag(path=AXE)
    assert serious(page) == []


def test_a_lost_answer_settles_before_the_operators_eyes(sign_in, applications, sandbox):
    page = sign_in("operator")
    break_next(sandbox, kind="drop_after", action="StartOnlineRecord")

    start(page, "1204")

    expect(page.locator(".timeline")).to_contain_text("Unknown")
    expect(status(page)).to_have_text("Recording", timeout=FILES)
    [task] = truth(sandbox)["tasks"]
    expect(page.locator("#recording-now")).to_contain_text(task["TaskId"])


def test_the_dialog_closes_and_gives_the_focus_back(sign_in, applications):
    recording = factories.recording(application=applications["tiw"], due_at=None)
    page = sign_in("operator")
    page.goto("/recordings/")

    page.locator(f"#stop-{recording.pk}").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator(f"#stop-{recording.pk}")).to_be_focused()


def test_stop_works_without_javascript(sign_in, applications, sandbox):
    recording = factories.recording(application=applications["tiw"], due_at=None)
    page = sign_in("operator", java_script_enabled=False)
    page.goto(f"/recordings/{recording.pk}/")

    page.locator("#do-stop").click()
    page.get_by_role("button", name="Stop recording").click()

    expect(page.locator(".messages")).to_contain_text("The cloud refused it.")
    expect(page.locator(".messages")).to_contain_text("RequestId")
