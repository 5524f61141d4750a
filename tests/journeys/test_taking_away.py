"""What people take away: rows of a list as a file, and bundles for the vendor."""

import zipfile
from pathlib import Path

import openpyxl
from playwright.sync_api import Page, expect

from recorder_app.models import Export
from recorder_app.services import making
from tests import factories
from tests.people import person

TASK_ID = "18446744073709551615"


def download(page: Page, name: str, folder: Path) -> Path:
    """Press what downloads; answers the file as it came."""
    with page.expect_download() as waiting:
        page.get_by_role("main").get_by_text(name, exact=True).click()
    target = folder / waiting.value.suggested_filename
    waiting.value.save_as(target)
    return target


def test_a_manager_exports_what_the_filter_shows_and_opens_it_in_excel(sign_in, transactional_db, tmp_path):
    voice = factories.application(product="gme")
    factories.recording(application=voice, task_id=TASK_ID, room_id="-5")
    factories.recording(application=voice, status="failed", room_id="other")
    page = sign_in("manager")
    page.goto("/exports/new/?page=recordings&status=recording")

    expect(page.get_by_role("main")).to_contain_text("Export one row?")
    page.get_by_label("Excel workbook").check()
    file = download(page, "Download", tmp_path)

    sheet = openpyxl.load_workbook(file)["Recordings"]
    headings = [cell.value for cell in sheet[1]]
    row = [cell.value for cell in sheet[2]]
    assert file.name.startswith("recordings_status-recording_")
    assert sheet.max_row == 2
    assert (row[headings.index("TaskId")], row[headings.index("Room")]) == (TASK_ID, "-5")


def test_many_rows_are_made_in_the_background_while_the_page_shows_how_far_it_is(
    sign_in, worker, transactional_db, tmp_path
):
    manager = sign_in("manager")
    recording = factories.recording()
    for _number in range(3):
        factories.call(recording=recording)
    # As the page does it for more than a hundred thousand rows.
    export = making.order(
        kind="csv", page="calls", query="room=1203", file_name="calls.csv", by=person("manager"),
        intention_key=recording.intention_key,
    )  # fmt: skip
    manager.goto(export.get_absolute_url())

    expect(manager.get_by_role("heading", name="The file is ready")).to_be_visible()
    with manager.expect_download() as waiting:
        manager.get_by_role("link", name="Download").click()

    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    assert len(text.splitlines()) == 4
    assert Export.objects.get().done == 3


def test_support_takes_the_bundle_of_a_refused_call(sign_in, transactional_db, tmp_path):
    call = factories.call(outcome="refused")
    page = sign_in("support")
    page.goto(call.get_absolute_url())

    page.get_by_role("link", name="Support bundle").click()
    expect(page.locator("#ticket-en")).to_contain_text(call.request_id)
    expect(page.locator("#ticket-zh")).to_contain_text(call.request_id)
    file = download(page, "Download the bundle", tmp_path)

    with zipfile.ZipFile(file) as package:
        names = package.namelist()
        assert call.request_id in package.read("ticket-zh.txt").decode()
    assert names == [f"recordings/{call.recording_id}.json", "ticket-en.txt", "ticket-zh.txt", "about.json"]


def test_support_pastes_a_log_and_takes_one_bundle_of_all_it_names(sign_in, transactional_db, tmp_path):
    calls = [factories.call(outcome="refused") for _number in range(5)]
    lines = [f"2026-11-20 09:00:{number:02} INFO nothing to see" for number in range(45)]
    log = "\n".join([*lines, *(f'ERROR {{"RequestId": "{call.request_id}"}}' for call in calls)])
    page = sign_in("support")
    page.goto("/lookup/")

    page.locator("main textarea[name=q]").fill(log)
    page.locator("main form:has(textarea[name=q])").get_by_role("button").click()
    page.get_by_role("button", name="Support bundle of all of these").click()
    expect(page.locator("#ticket-en")).to_contain_text("5 cases of cloud recording")
    file = download(page, "Download the bundle", tmp_path)

    with zipfile.ZipFile(file) as package:
        ticket = package.read("ticket-en.txt").decode()
    assert all(call.request_id in ticket for call in calls)
