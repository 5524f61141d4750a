"""A report as files: a workbook with a sheet for each of its tables, or one of them as CSV.

Numbers stand as numbers that one can calculate with, their unit in the heading; texts are safe as in any table of ours.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from xlsxwriter.worksheet import Worksheet

from recorder_app.reports.contents import Report
from recorder_app.reports.shapes import Column, Kind, Section
from recorder_app.reports.words import local_words
from recorder_app.services import tables

CHUNK_BYTES = 64 * 1024
# Excel takes 31 letters for the name of a sheet, so titles are too long.
SHEETS = {
    "starts": gettext_lazy("Calls"),
    "rate": gettext_lazy("Success rate"),
    "answers": gettext_lazy("Time to answer"),
    "recorded": gettext_lazy("Recorded hours"),
    "running": gettext_lazy("Running at once"),
    "codes": gettext_lazy("Error codes"),
    "applications": gettext_lazy("Applications"),
    "people": gettext_lazy("People"),
    "unknown": gettext_lazy("Starts without an answer"),
    "limit": gettext_lazy("Use of the limit"),
    "week": gettext_lazy("Hours of the week"),
}


@dataclass(frozen=True)
class Taking:
    """A report that is taken away: ``about`` is its filter in words, ``by`` the name of whoever takes it."""

    report: Report
    about: str
    by: str

    def facts(self) -> list[tuple[str, str]]:
        """What the numbers are of, in lines of what and value."""
        review = self.report.review
        zone, counted_at = review.timeline.zone.key, review.counted_at
        facts = [
            (_("Filter"), self.about),
            (_("Time"), local_words(review.timeline)),
            (_("Compared with"), local_words(review.timeline.before)),
            (_("Time zone"), zone),
            (_("Counted"), tables.Clock(zone).local(counted_at) if counted_at else "—"),
            (_("Taken by"), self.by),
        ]
        if review.missing:
            facts.append((_("Not complete"), _("Part of this time has not been counted yet.")))
        return facts


def csv_pieces(taking: Taking, section: Section) -> Iterator[bytes]:
    """The table of a section as CSV, in pieces; its last heading says what the numbers are of."""
    columns = [
        tables.Column(_heading(column), tables.Kind.NUMBER if column.is_number else tables.Kind.TEXT)
        for column in section.table.columns
    ]
    rows = zip(*(_amounts(column) for column in section.table.columns), strict=True)
    timeline = taking.report.review.timeline
    about = f"{taking.about} · {local_words(timeline)} · {timeline.zone.key}"
    return tables.csv_table(columns, rows, zone=timeline.zone.key, about=about)


def xlsx_pieces(taking: Taking) -> Iterator[bytes]:
    """The whole report as an Excel workbook, in pieces: first what it is about and its figures, then each table."""
    with tempfile.TemporaryFile() as file:
        with _Book(file) as book:
            book.write_front(taking)
            for section in taking.report.sections:
                book.write_section(section)
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


class _Book:
    """A workbook, of which one row is held in memory at a time."""

    def __init__(self, file: Any) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(file, options)
        self.bold = self.book.add_format({"bold": True})
        # The mark that Excel shows as an apostrophe: what is edited later does not become a formula either.
        self.as_text = self.book.add_format({"quote_prefix": True})

    def __enter__(self) -> "_Book":
        return self

    def __exit__(self, *exception: object) -> None:
        self.book.close()

    def write_front(self, taking: Taking) -> None:
        sheet = self.book.add_worksheet(_("Report"))
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 2, 28)
        facts = taking.facts()
        for line, (what, value) in enumerate(facts):
            sheet.write_string(line, 0, what, self.bold)
            self._write(sheet, line, 1, value)
        begin = len(facts) + 1
        self._write_heads(sheet, begin, [_("Key figures"), _("Value"), _("Against the time before")])
        for line, figure in enumerate(taking.report.figures, start=begin + 1):
            column = Column(figure.title, [figure.amount], figure.kind)
            for place, value in enumerate((_heading(column), *_amounts(column), figure.change)):
                self._write(sheet, line, place, value)

    def write_section(self, section: Section) -> None:
        """A sheet with the table of a section; where that is empty, with the sentence that says so."""
        sheet = self.book.add_worksheet(str(SHEETS[section.id]))
        sheet.freeze_panes(1, 1)
        columns = section.table.columns
        for place, column in enumerate(columns):
            sheet.set_column(place, place, 12 if column.is_number else 32)
        self._write_heads(sheet, 0, map(_heading, columns))
        if section.empty:
            self._write(sheet, 1, 0, section.empty)
            return
        for line, row in enumerate(zip(*map(_amounts, columns), strict=True), start=1):
            for place, value in enumerate(row):
                self._write(sheet, line, place, value)

    def _write_heads(self, sheet: Worksheet, line: int, heads: Any) -> None:
        for place, head in enumerate(heads):
            sheet.write_string(line, place, head, self.bold)

    def _write(self, sheet: Worksheet, line: int, place: int, value: Any) -> None:
        if isinstance(value, str):
            mark = self.as_text if value.startswith(tables.RISKY) else None
            sheet.write_string(line, place, value[: tables.LONGEST_TEXT], mark)
        elif value is not None:
            sheet.write_number(line, place, value)


def _heading(column: Column) -> str:
    """The heading of a column with the unit of its numbers."""
    if column.kind is Kind.SHARE:
        return _("%(heading)s, %%") % {"heading": column.head}
    return f"{column.head}, ms" if column.kind is Kind.MILLISECONDS else column.head


def _amounts(column: Column) -> Sequence[Any]:
    """The values of a column in the unit of its heading, with as many digits as mean anything."""
    if column.kind is Kind.SHARE:
        return [None if value is None else round(value * 100, 2) for value in column.values]
    if column.kind in (Kind.MILLISECONDS, Kind.HOURS):
        return [None if value is None else round(value, 2) for value in column.values]
    return column.values
