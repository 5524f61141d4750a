"""/reports/xlsx/ and /reports/csv/: the numbers that are on the screen as files, for whoever may see them."""

import csv
import io
import re
from datetime import timedelta

import openpyxl
import pytest

from recorder_app.choices import CallOutcome
from recorder_app.models import AuditEntry
from recorder_app.reports.files import SHEETS
from recorder_app.services import counts
from tests import factories
from tests.people import person
from tests.views.test_reports import cells, figures

pytestmark = pytest.mark.django_db
FORMULA = "=HYPERLINK(1)"
NOW = factories.NOW


@pytest.fixture(autouse=True)
def _standing(clock):
    """Time stands still at ``factories.NOW``."""


@pytest.fixture
def applications():
    """Two applications: four starts of the first, one refused; one of the second, whose name could be calculated."""
    first, second = factories.application(name="First"), factories.application(product="gme", name=FORMULA)
    for number, application in enumerate([first] * 4 + [second]):
        at = NOW - timedelta(days=2, minutes=number)
        recording = factories.recording(
            application=application, created_at=at, started_at=at, stopped_at=at + timedelta(minutes=45)
        )
        factories.call(
            recording=recording,
            outcome=CallOutcome.OK if number else CallOutcome.REFUSED,
            created_at=at,
            answered_at=at,
            duration_ms=90,
        )
    counts.rebuild()
    return first, second


@pytest.fixture
def limited(applications):
    """A manager who sees the second application alone."""
    manager = person("manager")
    manager.sees_all = False
    manager.save()
    manager.applications.set([applications[1]])
    return manager


def workbook(browser, query: str = "") -> openpyxl.Workbook:
    answer = browser.get(f"/reports/xlsx/?period=7d{query}")
    return openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))


def rows_of(book: openpyxl.Workbook, section: str) -> list[list]:
    return [[cell.value for cell in row] for row in book[str(SHEETS[section])].rows]


def table(browser, section: str, query: str = "") -> list[list[str]]:
    answer = browser.get(f"/reports/csv/?period=7d{query}&section={section}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_workbook_has_the_numbers_of_the_page(manager_client, applications):
    page = manager_client.get("/reports/?period=7d").content.decode()
    book = workbook(manager_client)

    assert book.sheetnames == ["Report", *map(str, SHEETS.values())]
    for section in ("starts", "running"):
        assert [[str(cell) for cell in row] for row in rows_of(book, section)[1:]] == cells(page, section)
    assert rows_of(book, "rate")[0] == ["Day", "Accepted, %", "Settled"]
    assert [row[1:] for row in rows_of(book, "rate")[1:] if row[2]] == [[80, 5]]
    assert rows_of(book, "applications")[1:] == [["First", 4, 3, 1, 75], [FORMULA, 1, 1, 0, 100]]
    hours = [row[1] for row in rows_of(book, "recorded")[1:]]
    assert sum(hours) == 3.75
    assert sum(sum(row[1:]) for row in rows_of(book, "week")[1:]) == 5


def test_its_first_sheet_names_the_filter_the_time_the_zone_and_the_figures(manager_client, applications):
    page = manager_client.get("/reports/?period=7d&outcome=ok").content.decode()
    book = workbook(manager_client, "&outcome=ok")

    front = {row[0].value: row[1].value for row in book["Report"].rows}
    assert front["Filter"] == "Time: last 7 days · Outcome: Accepted"
    assert front["Time"] == "14 November 2026, 00:00 – 20 November 2026, 09:00"
    assert (front["Time zone"], front["Taken by"]) == ("UTC", person("manager").name)
    assert front["Counted"] == "2026-11-20T09:00:00.000+00:00"
    assert front["Calls"] == int(figures(page)["Calls"]) == 4
    assert front["Accepted, %"] == 100
    assert front["Recorded hours"] == 3.75


def test_a_name_that_could_be_calculated_stays_a_text(manager_client, applications):
    cell = next(
        cell
        for row in workbook(manager_client)[str(SHEETS["applications"])].rows
        for cell in row
        if cell.value == FORMULA
    )

    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert [row[0] for row in table(manager_client, "applications")[1:]] == ["First", f"'{FORMULA}"]


def test_one_table_is_taken_as_csv_that_names_the_filter(manager_client, applications):
    heads, *rows = table(manager_client, "applications", "&product=tiw")

    assert heads[:-1] == ["Application", "Calls", "Accepted", "Not accepted", "Success rate, %"]
    assert heads[-1].startswith("Filter: Product: ")
    assert heads[-1].endswith("00:00 – 20 November 2026, 09:00 · UTC")
    assert rows == [["First", "4", "3", "1", "75.0", ""]]


def test_the_page_leads_to_the_files_of_just_this_report(manager_client, applications):
    page = manager_client.get("/reports/?period=7d&product=gme").content.decode()

    files = [link.replace("&amp;", "&") for link in re.findall(r'href="(/reports/(?:csv|xlsx)/[^"]*)"', page)]
    answers = [manager_client.get(link) for link in files]
    assert len(files) > 6
    assert {answer.status_code for answer in answers} == {200}
    assert all("period=7d" in link and "product=gme" in link for link in files)
    assert "section=codes" not in "".join(files)
    names = [answer["Content-Disposition"].split('"')[1] for answer in answers]
    assert names[0] == "reports_product-gme_period-7d_2026-11-20-0900.xlsx"
    assert names[1] == "reports_starts_product-gme_period-7d_2026-11-20-0900.csv"


def test_whoever_sees_one_application_takes_that_alone(client_of, limited):
    browser = client_of("manager")

    book = workbook(browser)
    texts = [str(cell.value) for sheet in book for row in sheet.rows for cell in row]
    assert rows_of(book, "applications")[1:] == [[FORMULA, 1, 1, 0, 100]]
    assert not any("First" in text or "InvalidParameter" in text for text in texts)
    assert [row[0] for row in table(browser, "applications")[1:]] == [f"'{FORMULA}"]


def test_whoever_took_what_is_written_down(manager_client, applications):
    workbook(manager_client, "&product=gme")
    table(manager_client, "people")

    taken = [entry.details for entry in AuditEntry.objects.filter(event="export_taken").order_by("pk")]
    assert [(one["page"], one["file"]) for one in taken] == [("reports", "xlsx"), ("reports", "csv")]
    assert taken[0]["filter"] == "product=gme&period=7d"
    assert taken[1]["rows"] == 1


@pytest.mark.parametrize("query", ["period=never", "period=7d&application=999999"])
@pytest.mark.parametrize("file", ["xlsx", "csv"])
def test_what_makes_no_sense_is_told_by_the_page(manager_client, applications, file, query):
    answer = manager_client.get(f"/reports/{file}/?{query}&section=starts")

    assert answer.headers["Location"].startswith("/reports/?")
    assert not AuditEntry.objects.filter(event="export_taken").exists()


def test_there_is_no_table_by_another_name(manager_client, applications):
    assert manager_client.get("/reports/csv/?period=7d&section=nothing").status_code == 404


def test_a_table_without_rows_says_so_on_its_sheet(manager_client, applications):
    assert (
        rows_of(workbook(manager_client, "&outcome=ok"), "codes")[1][0] == "No call ended with an error code."
    )
