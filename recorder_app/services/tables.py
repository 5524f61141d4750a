"""Tables as files: CSV that any reader takes and no spreadsheet takes for formulas, and Excel workbooks.

What is where in a file, and why:

- Identifiers are text: no reader rounds a TaskId of 20 digits in a workbook, and a CSV has every digit.
- A text that begins with ``= + - @``, their full-width forms, a tab or a line break gets an apostrophe before it in a
  CSV, because a spreadsheet would calculate it; so the room "-5" reads "'-5" there. In a workbook such a text stands as
  it is, in a cell marked as text. Numbers are never touched.
- A moment stands twice: in the person's zone with its distance from UTC, and in UTC. A workbook has the latter as a
  date one can calculate with.
- A CSV begins with a byte order mark, without which Excel reads Chinese names wrongly. What it was filtered by is the
  heading of a last column that has no cells: a line before the headings would break most readers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import IO, Any, Self
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

# What a spreadsheet may take for the beginning of a formula; the full-width forms where Chinese is typed.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_RISKY = frozenset(RISKY)
_ENDING = (",", '"', "\n", "\r")
BYTE_ORDER_MARK = "\ufeff"
# Excel's own limits.
MOST_ROWS_ON_A_SHEET = 1_048_576
LONGEST_TEXT = 32_767

type Rows = Iterable[Sequence[Any]]


class Kind(Enum):
    """What the cells of a column hold."""

    TEXT = "text"
    NUMBER = "number"
    # A length of time, told in whole seconds.
    SECONDS = "seconds"
    # A moment as the person's clock showed it, and in UTC.
    LOCAL = "local"
    UTC = "utc"


@dataclass(frozen=True)
class Column:
    """A column: its heading in words, what its cells hold, and the words for values that are a choice."""

    words: Any
    kind: Kind = Kind.TEXT
    choices: tuple[tuple[str, Any], ...] = ()

    def heading(self, zone: str) -> str:
        """The heading, which of a moment says its zone."""
        if self.kind is Kind.LOCAL:
            # No two headings may be the same, also for people whose zone is UTC.
            return f"{self.words} ({_('your zone')}: {zone})"
        return f"{self.words} (UTC)" if self.kind is Kind.UTC else str(self.words)


# --- CSV -------------------------------------------------------------------------------------------------
def csv_table(
    columns: Sequence[Column], rows: Rows, *, zone: str, about: str, size: int = 2000
) -> Iterator[bytes]:
    """A whole CSV file in pieces of ``size`` rows; ``rows`` have a value for each column, moments aware.

    ``zone`` is the name of the zone moments are told in, ``about`` says what the rows were filtered by.
    """
    clock = Clock(zone)
    yield csv_head(columns, zone=zone, about=about)
    block: list[Sequence[Any]] = []
    for row in rows:
        block.append(row)
        if len(block) == size:
            yield csv_rows(columns, list(zip(*block, strict=True)), clock=clock)
            block = []
    if block:
        yield csv_rows(columns, list(zip(*block, strict=True)), clock=clock)


def csv_head(columns: Sequence[Column], *, zone: str, about: str) -> bytes:
    """The headings of a CSV file, the last of which says what it was filtered by."""
    headings = [column.heading(zone) for column in columns]
    cells = [*headings, _("Filter: %(about)s") % {"about": about}]
    return f"{BYTE_ORDER_MARK}{','.join(_quoted(cells))}\n".encode()


def csv_rows(columns: Sequence[Column], values: Sequence[Sequence[Any]], *, clock: Clock) -> bytes:
    """Some rows of a CSV file; ``values`` are given column by column, ``clock`` tells moments in the person's zone.

    Columns are worked on whole, and most need no quotes: that is three times as quick as Python's own writer, which
    moreover leaves a carriage return without quotes before Python 3.13.
    """
    cells = [_csv_cells(column, of_column, clock) for column, of_column in zip(columns, values, strict=True)]
    # The last column has a heading only.
    return "".join([f"{line},\n" for line in map(",".join, zip(*cells, strict=True))]).encode()


def _csv_cells(column: Column, values: Sequence[Any], clock: Clock) -> Sequence[str]:
    if column.kind is Kind.LOCAL:
        return clock.locals(values)
    if column.kind is Kind.UTC:
        return utc_texts(values)
    # Most columns repeat a few values: each is made a cell once.
    different = list(set(values))
    cells = dict(zip(different, _different_cells(column, different), strict=True))
    return [cells[value] for value in values]


def _different_cells(column: Column, values: Sequence[Any]) -> Sequence[str]:
    if column.kind is Kind.NUMBER:
        return ["" if value is None else str(value) for value in values]
    if column.kind is Kind.SECONDS:
        return ["" if value is None else str(int(value.total_seconds())) for value in values]
    words = {key: str(label) for key, label in column.choices}
    texts = [words.get(value, value) for value in values] if words else values
    return _quoted([text if text and text[0] not in _RISKY else _safe(text) for text in texts])


def _safe(text: str | None) -> str:
    """A text that no spreadsheet calculates; "" for nothing."""
    return f"'{text}" if text else ""


def _quoted(texts: list[str]) -> list[str]:
    """The texts, in quotes where they hold what would end a cell or a line."""
    together = "".join(texts)
    if not any(sign in together for sign in _ENDING):
        return texts
    return [
        '"{}"'.format(text.replace('"', '""')) if any(sign in text for sign in _ENDING) else text
        for text in texts
    ]


# --- Moments ---------------------------------------------------------------------------------------------
# A moment is an aware datetime, or the text as which SQLite stores it: in UTC, without saying so.
type Moment = datetime | str


def _stored(moment: Moment | None) -> str:
    """A moment as SQLite stores it, always with its fraction: 2026-11-20 09:00:00.000000; "" for none."""
    if isinstance(moment, str):
        return moment if len(moment) > 19 else f"{moment}.000"
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds") if moment else ""


def _all_stored(moments: Sequence[Moment | None]) -> Sequence[str]:
    if set(map(type, moments)) == {str} and min(map(len, moments)) > 19:
        return moments
    return list(map(_stored, moments))


def utc_texts(moments: Sequence[Moment | None]) -> list[str]:
    """Moments in UTC to the millisecond: 2026-11-20T09:00:00.000Z; "" for none."""
    return [f"{text[:10]}T{text[11:23]}Z" if text else "" for text in _all_stored(moments)]


class Clock:
    """Tells moments in a zone to the millisecond, with their distance from UTC: 2026-11-20T17:00:00.000+08:00."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        # What stands before the minutes of an hour in UTC, and behind the moment; None where that does not hold for
        # the whole hour.
        self._hours: dict[str, tuple[str, str] | None] = {}

    def local(self, moment: Moment) -> str:
        return self._local(_stored(moment))

    def locals(self, moments: Sequence[Moment | None]) -> list[str]:
        """Many moments; "" for none."""
        known = self._hours
        return [
            f"{ends[0]}{text[13:23]}{ends[1]}"
            if (ends := known.get(text[:13]))
            else text and self._local(text)
            for text in _all_stored(moments)
        ]

    def _local(self, text: str) -> str:
        hour = text[:13]
        if hour not in self._hours:
            self._hours[hour] = self._ends(hour)
        if ends := self._hours[hour]:
            return f"{ends[0]}{text[13:23]}{ends[1]}"
        return self._there(datetime.fromisoformat(text)).isoformat(timespec="milliseconds")

    def _there(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=UTC).astimezone(self._zone)

    def _ends(self, hour: str) -> tuple[str, str] | None:
        first = self._there(datetime.fromisoformat(f"{hour}:00:00"))
        last = self._there(datetime.fromisoformat(f"{hour}:59:59"))
        if first.minute or first.utcoffset() != last.utcoffset():
            return None
        text = first.isoformat()
        return text[:13], text[19:]


# --- Excel -----------------------------------------------------------------------------------------------
class Workbook:
    """An Excel workbook written into ``file`` row by row, of which one row is held in memory at a time.

    The rows stand on a sheet named ``title``, and those beyond Excel's limit on further ones. Use it in a ``with``;
    ``zone`` is the name of the zone moments are told in.
    """

    def __init__(self, file: IO[bytes], columns: Sequence[Column], *, zone: str, title: str) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(file, options)
        self.columns, self.zone, self.title = columns, zone, title
        self.bold = self.book.add_format({"bold": True})
        self.moment = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        # The mark that Excel shows as an apostrophe: what is edited later does not become a formula either.
        self.as_text = self.book.add_format({"quote_prefix": True})
        self.count = 0
        self.cells = [self._cell(column) for column in columns]
        self._next_sheet()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.book.close()

    def write(self, row: Sequence[Any]) -> None:
        """Add one row: a value for each column, moments aware."""
        if self.line == MOST_ROWS_ON_A_SHEET:
            self._next_sheet()
        sheet, line = self.sheet, self.line
        for place, (cell, value) in enumerate(zip(self.cells, row, strict=True)):
            if value is not None and value != "":
                cell(sheet, line, place, value)
        self.line += 1

    def write_about(self, about: Sequence[tuple[str, str]]) -> None:
        """Add a last sheet that says what the rows are, the filter among it, in lines of what and value."""
        sheet = self.book.add_worksheet(_("About"))
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 100)
        for line, (what, value) in enumerate(about):
            sheet.write_string(line, 0, what, self.bold)
            sheet.write_string(line, 1, value[:LONGEST_TEXT])

    def _next_sheet(self) -> None:
        self.count += 1
        name = self.title if self.count == 1 else f"{self.title} {self.count}"
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(self.columns):
            sheet.set_column(place, place, 10 if column.kind in (Kind.NUMBER, Kind.SECONDS) else 24)
        for place, column in enumerate(self.columns):
            sheet.write_string(0, place, column.heading(self.zone), self.bold)
        self.sheet, self.line = sheet, 1

    def _cell(self, column: Column) -> Callable[[Worksheet, int, int, Any], None]:
        """What writes one cell of a column."""
        if column.kind is Kind.NUMBER:
            return lambda sheet, line, place, value: sheet.write_number(line, place, value)
        if column.kind is Kind.SECONDS:
            return lambda sheet, line, place, value: sheet.write_number(
                line, place, int(value.total_seconds())
            )
        if column.kind is Kind.UTC:
            return lambda sheet, line, place, value: sheet.write_datetime(
                line, place, datetime.fromisoformat(_stored(value)), self.moment
            )
        if column.kind is Kind.LOCAL:
            show = Clock(self.zone).local
            return lambda sheet, line, place, value: sheet.write_string(line, place, show(value))
        words = {key: str(label) for key, label in column.choices}
        return lambda sheet, line, place, value: self._write_text(
            sheet, line, place, words.get(value, str(value))
        )

    def _write_text(self, sheet: Worksheet, line: int, place: int, text: str) -> None:
        mark = self.as_text if text[:1] in _RISKY else None
        sheet.write_string(line, place, text[:LONGEST_TEXT], mark)
