"""What a list shows, taken away as a file: streamed where it is small, made in the background where it is large.

Rows are read newest first in blocks, each a short query that begins where the last one ended. So nothing is held open
while somebody's browser is slow, memory stays flat, and nothing that came after the order gets in.
"""

import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Case, F, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThanOrEqual, TupleLessThan
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recorder_app.choices import TROUBLED, CallOutcome, Environment, Origin, Product, RecordingStatus
from recorder_app.models import ApiCall
from recorder_app.models.pages import HistoryQuerySet
from recorder_app.services import tables
from recorder_app.services.copying import Block, block_of, copied, knows_zone
from recorder_app.services.tables import Column, Kind

# Up to so many rows a file is streamed at once.
MOST_AT_ONCE = 100_000
# Rows in a block: a few megabytes, as PostgreSQL's text or as Python's objects.
COPIED_ROWS, READ_ROWS = 10_000, 1_000
CHUNK_BYTES = 64 * 1024

type Pieces = Iterator[tuple[int, bytes]]


@dataclass(frozen=True)
class Source:
    """A column of a page's table: the field it is read from, and what the list calls it where it shows it."""

    column: Column
    field: str | Combinable
    name: str = ""


def _source(words: Any, field: str | Combinable, name: str = "", **how: Any) -> Source:
    return Source(Column(words, **how), field, name)


def _moments(words: Any, field: str, name: str = "") -> tuple[Source, Source]:
    return _source(words, field, name, kind=Kind.LOCAL), _source(words, field, name, kind=Kind.UTC)


def _choice(words: Any, field: str, among: Any, name: str = "") -> Source:
    return _source(words, field, name, choices=tuple(among.choices))


# What went wrong with a recording last, as its list tells it.
_ERROR_CODE = Subquery(
    ApiCall.objects.filter(recording=OuterRef("pk"))
    .exclude(error_code="")
    .newest_first()
    .values("error_code")[:1]
)
CALLS = (
    *_moments(gettext_lazy("Intended at"), "created_at", "when"),
    _choice(gettext_lazy("Outcome"), "outcome", CallOutcome, "outcome"),
    _source(gettext_lazy("Action"), "action", "action"),
    _source(gettext_lazy("RequestId"), "request_id", "request"),
    _source(gettext_lazy("Error code"), "error_code", "action"),
    _source(gettext_lazy("In the cloud's own words"), "error_message"),
    _source(gettext_lazy("Application"), "application_name", "application"),
    _choice(gettext_lazy("Environment"), "environment", Environment, "application"),
    _source(gettext_lazy("Account"), "account_name"),
    _choice(gettext_lazy("Product"), "product", Product),
    _source(gettext_lazy("Region"), "region"),
    _source(gettext_lazy("Endpoint"), "endpoint"),
    _source(gettext_lazy("Room"), "room_id", "room"),
    _source(gettext_lazy("TaskId"), "recording__task_id"),
    _source(gettext_lazy("RecordUserId"), "recording__record_user_id"),
    _source(gettext_lazy("Time to answer, ms"), "duration_ms", "took", kind=Kind.NUMBER),
    _source(gettext_lazy("HTTP status"), "http_status", kind=Kind.NUMBER),
    _source(gettext_lazy("Attempt"), "attempt", kind=Kind.NUMBER),
    _source(gettext_lazy("The cloud's clock minus ours, ms"), "clock_offset_ms", kind=Kind.NUMBER),
    _source(gettext_lazy("By"), "by_name", "by"),
    _choice(gettext_lazy("Made by"), "origin", Origin, "origin"),
    *_moments(gettext_lazy("Settled at"), "answered_at"),
)
RECORDINGS = (
    *_moments(gettext_lazy("Intended at"), "created_at", "when"),
    _choice(gettext_lazy("Status"), "status", RecordingStatus, "status"),
    _source(gettext_lazy("Room"), "room_id", "room"),
    _choice(gettext_lazy("Product"), "product", Product, "product"),
    _source(gettext_lazy("Application"), "application_name", "application"),
    _choice(gettext_lazy("Environment"), "environment", Environment, "application"),
    _source(gettext_lazy("Account"), "account_name"),
    _source(gettext_lazy("TaskId"), "task_id", "task"),
    _source(gettext_lazy("RecordUserId"), "record_user_id"),
    _source(gettext_lazy("Started by"), "started_by_name", "by"),
    _choice(gettext_lazy("Made by"), "origin", Origin, "origin"),
    *_moments(gettext_lazy("Accepted at"), "started_at"),
    *_moments(gettext_lazy("Stopped at"), "stopped_at"),
    _source(gettext_lazy("Lasted, s"), F("stopped_at") - F("started_at"), "length", kind=Kind.SECONDS),
    _source(
        gettext_lazy("Error code"),
        Case(When(status__in=TROUBLED, then=_ERROR_CODE), default=Value(""), output_field=TextField()),
        "why",
    ),
    _source(gettext_lazy("Why it ended"), "finish_reason"),
    _source(gettext_lazy("Why it failed"), "failure"),
    _source(gettext_lazy("The cloud's word for its state"), "cloud_status"),
)
TABLES: dict[str, tuple[Source, ...]] = {"calls": CALLS, "recordings": RECORDINGS}


def shown(page: str, columns: Collection[str]) -> tuple[Source, ...]:
    """What a file needs to hold what a list shows in these columns, by their names there."""
    return tuple(source for source in TABLES[page] if source.name in columns)


@dataclass(frozen=True)
class Selection:
    """What an export is made of.

    ``rows`` are those the person may see and the filter lets through, in no order; ``columns`` in the order of the
    file; ``about`` names the filter in a sentence; ``zone`` is the name of the person's; rows younger than ``until``
    stay out; ``by`` and ``title`` are words.
    """

    title: str
    rows: HistoryQuerySet
    columns: tuple[Source, ...]
    about: str
    zone: str
    until: datetime
    by: str

    @property
    def headings(self) -> list[Column]:
        return [source.column for source in self.columns]


def capped_count(rows: HistoryQuerySet, *, most: int = MOST_AT_ONCE) -> int:
    """How many rows there are, counted to one above ``most`` and no further."""
    return rows.order_by()[: most + 1].count()


# --- Reading ---------------------------------------------------------------------------------------------
def _until(moment: datetime) -> Q:
    return Q(created_at__lte=moment)


def _older(key: tuple[datetime, int]) -> Q:
    moment, number = key
    return Q(created_at__lte=moment) & (Q(created_at__lt=moment) | Q(pk__lt=number))


def _bounded(rows: HistoryQuerySet, bound: Q | TupleLessThan) -> HistoryQuerySet:
    """The rows within a bound, newest first.

    The bound comes first because SQLite searches by the first of two that an index could serve, and walks over what
    the other leaves out: from the newest row on, for every block.
    """
    return (rows.model._default_manager.filter(bound) & rows).newest_first()


def _key(rows: HistoryQuerySet, pk: int) -> tuple[datetime, int]:
    return rows.model._default_manager.values_list("created_at", "pk").get(pk=pk)


def read_blocks(selection: Selection, *, size: int = READ_ROWS) -> Iterator[list[tuple[Any, ...]]]:
    """The rows in blocks of up to ``size``, each given column by column in the order of the selection."""
    fields = list(dict.fromkeys(source.field for source in selection.columns))
    moments = {source.field for source in selection.columns if source.column.kind in (Kind.LOCAL, Kind.UTC)}
    if connection.vendor == "sqlite":
        # As they are stored: making moments of texts, to make texts of them again, would take half of the time.
        read = [Cast(field, TextField()) if field in moments else field for field in fields]
    else:
        read = fields
    places = [fields.index(source.field) + 1 for source in selection.columns]
    bound: Q | None = _until(selection.until)
    while bound:
        rows = _bounded(selection.rows, bound)
        block = list(rows.values_list("pk", *read)[:size])
        bound = _older(_key(selection.rows, block[-1][0])) if len(block) == size else None
        if block:
            values = list(zip(*block, strict=True))
            yield [values[place] for place in places]


def copy_blocks(selection: Selection, *, size: int = COPIED_ROWS) -> Pieces:
    """The rows as PostgreSQL writes them itself, up to ``size`` at a time; in pieces, each with how many it holds."""
    return copied(_blocks(selection, size))


def _blocks(selection: Selection, size: int) -> Iterator[Block]:
    columns = [(source.column, source.field) for source in selection.columns]
    # Compared as one: PostgreSQL searches its index by that, and guesses better how many rows there are.
    key = Tuple(F("created_at"), F("pk"))
    bound: Q | TupleLessThan | None = _until(selection.until)
    while bound:
        rows = _bounded(selection.rows, bound)
        # A block ends at a row, not after a number of them: what changes meanwhile is not missed nor written twice.
        last = rows.values_list("created_at", "pk")[size - 1 : size].first()
        ended = rows.filter(TupleGreaterThanOrEqual(key, last)) if last else rows
        yield block_of(ended, columns, zone=selection.zone)
        bound = TupleLessThan(key, last) if last else None


# --- Writing ---------------------------------------------------------------------------------------------
def csv_pieces(selection: Selection) -> Pieces:
    """A CSV file in pieces, each with how many rows it holds; the first holds the headings."""
    zone = selection.zone
    yield 0, tables.csv_head(selection.headings, zone=zone, about=selection.about)
    if knows_zone(zone):
        yield from copy_blocks(selection)
        return
    clock = tables.Clock(zone)
    for values in read_blocks(selection):
        yield len(values[0]), tables.csv_rows(selection.headings, values, clock=clock)


def xlsx_pieces(selection: Selection) -> Pieces:
    """An Excel workbook in pieces: first nothing but the rows done, because a workbook is whole only in the end."""
    with tempfile.TemporaryFile() as file:
        writer = tables.Workbook(file, selection.headings, zone=selection.zone, title=selection.title)
        with writer:
            for values in read_blocks(selection):
                for row in zip(*values, strict=True):
                    writer.write(row)
                yield len(values[0]), b""
            writer.write_about(_about(selection))
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            yield 0, chunk


def _about(selection: Selection) -> list[tuple[str, str]]:
    """What a workbook says of itself."""
    at = tables.Clock(selection.zone).local(selection.until)
    return [
        (_("Table"), selection.title),
        (_("Filter"), selection.about),
        (_("As of"), at),
        (_("Time zone"), selection.zone),
        (_("Taken by"), selection.by),
    ]
