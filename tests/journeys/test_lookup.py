"""Support finds what a ticket is about."""

import re
import zipfile

from playwright.sync_api import expect

from tests import factories

REQUEST_ID = "h9167d24-a2c6-1125-a5bd-5c023ba721c2"
TASK_ID = "446192236330927912"


def test_support_pastes_a_request_id_and_lands_on_the_call(sign_in, transactional_db):
    call = factories.call(request_id=REQUEST_ID, outcome="refused")
    page = sign_in("support")

    page.keyboard.press("/")
    page.keyboard.insert_text(f"  {REQUEST_ID}\t")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/calls/{call.pk}/")

    expect(page.locator("#request-id")).to_have_text(REQUEST_ID)
    expect(page.locator("main")).to_contain_text("The cloud refused the call")
    expect(page.locator("main")).to_contain_text("What to do")


def test_support_finds_a_voice_recording_by_its_task_id_to_the_last_digit(sign_in, transactional_db):
    recording = factories.recording(application=factories.application(product="gme"), task_id=TASK_ID)
    page = sign_in("support")

    page.goto(f"/lookup/?q={TASK_ID}")
    page.wait_for_url(f"**{recording.get_absolute_url()}")

    expect(page.locator("#recording-now")).to_contain_text(TASK_ID)


def test_an_identifier_nobody_knows_is_told_kindly(sign_in, transactional_db):
    page = sign_in("support")

    page.goto("/lookup/?q=nothing-like-it")

    expect(page.locator("main")).to_contain_text("nothing-like-it")


def test_support_cannot_start_anything(sign_in, applications):
    page = sign_in("support")

    expect(page.get_by_role("navigation").get_by_role("link", name="Start")).to_have_count(0)
    page.goto("/start/tiw/")

    expect(page.get_by_role("heading", level=1)).to_have_text("Your role does not include this")


def test_rows_are_reached_with_the_keyboard(sign_in, transactional_db):
    recording = factories.recording(room_id="1203")
    factories.call(recording=recording)
    page = sign_in("manager")
    page.goto("/recordings/")

    page.keyboard.press("j")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{recording.get_absolute_url()}")


def test_support_pastes_a_log_of_fifty_lines_and_takes_a_bundle(sign_in, transactional_db):
    recording = factories.recording(task_id=TASK_ID, room_id="1203")
    calls = [factories.call(recording=recording) for _number in range(24)]
    lines = [f'2026-11-20T09:00:00Z WARN {{"RequestId": "{call.request_id}"}}' for call in calls]
    lines += [f"TaskId: {TASK_ID}", *(f"RequestId: r-{number}" for number in range(25))]
    page = sign_in("support")

    page.keyboard.press("/")
    page.keyboard.insert_text("\n".join(lines))
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_contain_text("50 identifiers in this text")
    expect(page.locator("main")).to_contain_text("25 known here, 25 not.")
    expect(page.locator("#by-recording .found-group")).to_have_count(1)
    expect(page.locator("#in-order li")).to_have_count(50)
    assert "r-1" not in page.url

    page.get_by_role("button", name="Support bundle of all of these").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download the bundle").click()
    with zipfile.ZipFile(taken.value.path()) as bundle:
        held = "".join(bundle.read(name).decode() for name in bundle.namelist())

    assert all(call.request_id in held for call in calls)
    assert TASK_ID in held


def test_a_text_is_looked_up_without_javascript(sign_in, transactional_db):
    call = factories.call(request_id=REQUEST_ID)
    page = sign_in("support", java_script_enabled=False)

    page.get_by_role("link", name="Look up a whole text").click()
    page.get_by_label("An identifier, or any text that holds some").fill(f"It said\n{REQUEST_ID}\n")
    page.locator("main").get_by_role("button", name="Look up").click()

    expect(page).to_have_url(re.compile(f"/calls/{call.pk}/$"))
