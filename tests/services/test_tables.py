"""Tables as files: nothing is calculated, rounded or torn, whatever opens them."""

import csv
import io
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest

from recorder_app.choices import CallOutcome
from recorder_app.services import tables
from recorder_app.services.tables import Column, Kind

NOON = datetime(2026, 11, 1, 12, 30, 15, 250_999, tzinfo=UTC)
COLUMNS = [
    Column("Room"),
    Column("Took, ms", Kind.NUMBER),
    Column("Lasted, s", Kind.SECONDS),
    Column("When", Kind.LOCAL),
    Column("When", Kind.UTC),
    Column("Outcome", choices=tuple(CallOutcome.choices)),
]
ROW = ("1203", 87, timedelta(seconds=61.9), NOON, NOON, "refused")


def csv_of(*rows, zone: str = "Asia/Shanghai", about: str = "All calls") -> list[list[str]]:
    text = b"".join(tables.csv_table(COLUMNS, rows, zone=zone, about=about)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def cell_of(text: str | None) -> str:
    return csv_of((text, *ROW[1:]))[1][0]


def workbook_of(*rows, zone: str = "Asia/Shanghai") -> openpyxl.Workbook:
    file = io.BytesIO()
    with tables.Workbook(file, COLUMNS, zone=zone, title="Calls") as book:
        for row in rows:
            book.write(row)
        book.write_about([("Filter", "=All calls")])
    return openpyxl.load_workbook(file)


def test_a_csv_has_words_moments_in_both_zones_and_its_filter_in_the_heading():
    heading, row = csv_of(ROW, about="Outcome: Refused")

    assert heading == [
        *("Room", "Took, ms", "Lasted, s", "When (your zone: Asia/Shanghai)", "When (UTC)", "Outcome"),
        "Filter: Outcome: Refused",
    ]
    assert row == [
        *("1203", "87", "61", "2026-11-01T20:30:15.250+08:00", "2026-11-01T12:30:15.250Z", "refused", ""),
    ]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("＝1", "'＝1"),
        ("5-5", "5-5"),
        ("a,b", "a,b"),
        ('say "x"', 'say "x"'),
        ("two\r\nlines", "two\r\nlines"),
        ("课堂", "课堂"),
        ("446192236330927912", "446192236330927912"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_csv_cell_is_never_a_formula_and_otherwise_as_it_was(text, cell):
    assert cell_of(text) == cell


def test_the_filter_in_the_heading_cannot_be_a_formula_either():
    assert csv_of(about="=1+1")[0][-1] == "Filter: =1+1"


def test_a_csv_of_nothing_has_headings_alone():
    assert len(csv_of()) == 1


@pytest.mark.parametrize(
    ("zone", "moment", "local"),
    [
        ("Asia/Kolkata", NOON, "2026-11-01T18:00:15.250+05:30"),
        # The hour in which New York's clocks go back: half of it is told in either way.
        ("America/New_York", datetime(2026, 11, 1, 5, 59, 59, tzinfo=UTC), "2026-11-01T01:59:59.000-04:00"),
        ("America/New_York", datetime(2026, 11, 1, 6, 0, 0, tzinfo=UTC), "2026-11-01T01:00:00.000-05:00"),
        # Lord Howe changes its clocks in the middle of an hour of UTC.
        (
            "Australia/Lord_Howe",
            datetime(2026, 10, 3, 15, 29, 59, tzinfo=UTC),
            "2026-10-04T01:59:59.000+10:30",
        ),
        (
            "Australia/Lord_Howe",
            datetime(2026, 10, 3, 15, 30, 0, tzinfo=UTC),
            "2026-10-04T02:30:00.000+11:00",
        ),
        ("UTC", NOON, "2026-11-01T12:30:15.250+00:00"),
    ],
)
def test_a_moment_is_told_in_the_persons_zone(zone, moment, local):
    clock = tables.Clock(zone)

    assert clock.local(moment) == local
    assert clock.local(moment.replace(tzinfo=None).isoformat(" ")) == local


def test_a_workbook_keeps_every_digit_as_text_and_numbers_as_numbers():
    sheet = workbook_of(("18446744073709551615", *ROW[1:]))["Calls"]

    assert [cell.value for cell in sheet[2]] == [
        *("18446744073709551615", 87, 61, "2026-11-01T20:30:15.250+08:00"),
        *(NOON.replace(microsecond=251_000, tzinfo=None), "refused"),
    ]
    assert sheet["A2"].data_type == "s"


@pytest.mark.parametrize("text", ["=1+1", "-5", "@x", "+1", "https://example.com/=x"])
def test_a_workbook_cell_is_text_as_it_was_even_where_it_looks_like_a_formula(text):
    cell = workbook_of((text, *ROW[1:]))["Calls"]["A2"]

    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_a_workbook_opens_at_its_rows_and_names_its_filter_on_another_sheet():
    book = workbook_of(ROW)

    assert book.sheetnames == ["Calls", "About"]
    assert book.active.title == "Calls"
    assert [cell.value for cell in book["About"][1]] == ["Filter", "=All calls"]
    assert book["About"]["B1"].data_type == "s"


def test_rows_beyond_what_a_sheet_holds_go_on_the_next(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS_ON_A_SHEET", 3)

    book = workbook_of(*[(str(number), *ROW[1:]) for number in range(5)])

    assert book.sheetnames == ["Calls", "Calls 2", "Calls 3", "About"]
    assert [[row[0].value for row in book[name].rows] for name in book.sheetnames[:3]] == [
        *(["Room", "0", "1"], ["Room", "2", "3"], ["Room", "4"]),
    ]
