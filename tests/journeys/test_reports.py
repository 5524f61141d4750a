"""A manager reviews what was recorded: from the picture to the calls behind it."""

import io
import re
from datetime import timedelta

import openpyxl
from django.utils import timezone
from playwright.sync_api import expect

from recorder_app.services import counts
from tests import factories

REFUSED = 4


def a_week(applications) -> None:
    """Nine starts the day before yesterday, four of them refused, with sums counted."""
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=2)
    for number in range(9):
        at = noon + timedelta(minutes=number)
        recording = factories.recording(
            application=applications["gme"], created_at=at, started_at=at, stopped_at=at + timedelta(minutes=50),
            task_id=f"99999999999999999{number:03}",
        )  # fmt: skip
        outcome = "refused" if number < REFUSED else "ok"
        factories.call(recording=recording, outcome=outcome, created_at=at, answered_at=at)
    counts.rebuild()


def test_from_a_bar_of_refusals_to_the_rows_behind_it_and_their_export(sign_in, applications):
    a_week(applications)
    page = sign_in("manager")
    page.get_by_role("link", name="Reports", exact=True).click()
    page.get_by_role("link", name="Last 7 days").click()
    expect(page.locator(".report-figures")).to_contain_text("55.6 %")

    # The bar of the refusals, in the picture itself: where Chart.js says that it drew it.
    bar = page.locator("#starts-chart").evaluate(
        """canvas => {
            const chart = Chart.getChart(canvas);
            const set = chart.data.datasets.findIndex((one) => one.label === "Refused");
            const place = chart.data.datasets[set].data.findIndex(Boolean);
            const {x, y, base} = chart.getDatasetMeta(set).data[place];
            return {x, y: (y + base) / 2};
        }"""
    )
    page.locator("#starts-chart").click(position=bar)
    page.wait_for_url(re.compile(r"/calls/\?.*outcome=refused"))

    expect(page.locator(".rows tbody tr")).to_have_count(REFUSED)
    page.get_by_role("link", name="Export").click()
    page.get_by_label(re.compile("Excel|XLSX", re.I)).check()
    with page.expect_download() as download:
        page.locator("main form button[type=submit]").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert cells.count("Refused") + cells.count("refused") >= REFUSED


def test_pictures_have_their_numbers_beside_them_and_can_be_taken_away(sign_in, applications):
    a_week(applications)
    page = sign_in("manager")
    page.goto("/reports/?period=7d")

    page.locator("#starts summary").click()
    expect(page.locator("#starts-table")).to_contain_text(str(REFUSED))
    with page.expect_download() as download:
        page.locator("[data-png=starts]").click()

    assert download.value.suggested_filename == "starts.png"
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_narrow_screen_holds_the_whole_report(sign_in, applications):
    a_week(applications)
    page = sign_in("manager", width=320)

    page.goto("/reports/?period=7d")

    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_report_is_sent_by_mail_until_it_is_stopped(sign_in, applications):
    page = sign_in("manager")
    page.goto("/reports/?product=gme")
    page.get_by_role("link", name="Send by mail", exact=True).click()

    page.get_by_label("Name").fill("Voice, every Monday")
    page.get_by_label("To").fill("head@example.com")
    page.get_by_role("button", name="Send it from now on").click()
    expect(page.locator(".mail-list")).to_contain_text("head@example.com")
    page.get_by_role("button", name="Stop").click()

    expect(page.locator("main")).to_contain_text("No report is sent by mail")
