"""Rows that PostgreSQL writes as CSV by itself: several times as quick as Python, and byte for byte the same.

Writing them costs the database more than finding them, and each of its processes works on one core. So blocks of rows
are written ahead, two at a time, over connections of their own.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched, chain, islice
from threading import Event
from types import MappingProxyType
from typing import Any

from django.db import DataError, OperationalError, connection, transaction
from django.db.models import BigIntegerField, Case, Expression, F, Func, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import NullIf

from recorder_app.services.tables import RISKY, Column, Kind

_RISKY = ", ".join(str(ord(sign)) for sign in RISKY)
# Blocks that are written at a time.
_AT_ONCE = 2
# Lines in a piece: some ten thousand bytes.
_LINES = 200
# PostgreSQL guesses too few rows in a block and too many beside it: left alone it reads the whole of a joined table for
# each, starts processes for it, or compiles what runs for milliseconds.
_PLANNING = {
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
}


class _Safe(Func):
    """As ``tables`` makes a text safe; what is empty becomes null, so that it is not quoted."""

    output_field = TextField()

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple[Any, ...]]:
        text, params = compiler.compile(self.source_expressions[0])
        sql = f"CASE WHEN ascii({text}) IN ({_RISKY}) THEN '''' || {text} ELSE NULLIF({text}, '') END"
        # An expression may have parameters of its own, and stands there three times.
        return sql, (*params, *params, *params)


class _Local(Func):
    """A moment in the zone of the transaction, with its distance from UTC."""

    output_field = TextField()
    template = "to_char(%(expressions)s, 'YYYY-MM-DD\"T\"HH24:MI:SS.MSTZH:TZM')"


class _Utc(Func):
    output_field = TextField()
    template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"


class _Seconds(Func):
    output_field = BigIntegerField()
    template = "trunc(extract(epoch FROM %(expressions)s))::bigint"


def knows_zone(zone: str) -> bool:
    """Whether this database is PostgreSQL and knows a time zone by this name, as Python does."""
    if connection.vendor != "postgresql":
        return False
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            _enter(cursor, zone)
            _enter(cursor, connection.timezone_name)
    except DataError:
        return False
    return True


# Lines of a CSV file in pieces, each with how many they are.
type Lines = list[tuple[int, bytes]]


@dataclass(frozen=True)
class Block:
    """Some rows to be written: the query for their cells, and the zone in which it tells moments."""

    sql: str
    params: tuple[Any, ...]
    zone: str


def block_of(rows: QuerySet, columns: Sequence[tuple[Column, str | Combinable]], *, zone: str) -> Block:
    """Rows as a block to be written.

    ``columns`` are the columns with the field each is read from, ``zone`` the name of the zone for moments, which the
    database must know.
    """
    cells = [_expression(column, field) for column, field in columns]
    # The last column has a heading only.
    sql, params = rows.values_list(*cells, Value(None, output_field=TextField())).query.sql_with_params()
    return Block(sql, params, zone)


def copied(blocks: Iterable[Block]) -> Iterator[tuple[int, bytes]]:
    """The blocks as lines of a CSV file, in their order: pieces, each with how many lines it holds.

    A few blocks are held in memory, whole: no transaction waits for whoever takes them.
    """
    coming = iter(blocks)
    first = list(islice(coming, _AT_ONCE))
    coming = chain(first, coming)
    # What a transaction wrote it alone sees, and a single block has none to be written beside.
    if connection.in_atomic_block or len(first) < _AT_ONCE:
        for block in coming:
            yield from _lines(block)
        return
    has_none = Event()
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="copy")
    waiting: deque[tuple[Block, Future[Lines | None]]] = deque()
    try:
        for block in coming:
            waiting.append((block, pool.submit(_lines_apart, block, has_none)))
            if len(waiting) > _AT_ONCE:
                yield from _taken(*waiting.popleft())
        while waiting:
            yield from _taken(*waiting.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _taken(block: Block, written: Future[Lines | None]) -> Lines:
    lines = written.result()
    return _lines(block) if lines is None else lines


def _lines_apart(block: Block, has_none: Event) -> Lines | None:
    """The lines of a block over this thread's own connection; None where there is none to be had.

    The pool makes one wait for seconds before it says so: ``has_none`` tells the blocks that follow.
    """
    if has_none.is_set():
        return None
    try:
        connection.ensure_connection()
    except OperationalError:
        has_none.set()
        return None
    try:
        return _lines(block)
    finally:
        connection.close()


def _lines(block: Block) -> Lines:
    found = []
    with transaction.atomic(), connection.cursor() as cursor:
        _enter(cursor, block.zone, _PLANNING)
        with cursor.copy(f"COPY ({block.sql}) TO STDOUT (FORMAT csv)", block.params) as copy:
            for lines in batched(iter(copy.read, b""), _LINES):
                found.append((len(lines), b"".join(lines)))
        # Whatever transaction this is part of goes on in the zone in which Django reads moments.
        _enter(cursor, connection.timezone_name)
    return found


def _enter(cursor: Any, zone: str, planning: Mapping[str, str] = MappingProxyType({})) -> None:
    """Tell moments in a zone, and plan by these settings, for this transaction only."""
    settings = {"TimeZone": zone, **planning}
    calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
    cursor.execute(f"SELECT {calls}", [word for setting in settings.items() for word in setting])


def _expression(column: Column, field: str | Combinable) -> Expression | F:
    if column.choices:
        known = [When(**{field: key}, then=Value(str(label))) for key, label in column.choices]
        return Case(*known, default=NullIf(F(field), Value("")), output_field=TextField())
    match column.kind:
        case Kind.TEXT:
            return _Safe(field)
        case Kind.LOCAL:
            return _Local(field)
        case Kind.UTC:
            return _Utc(field)
        case Kind.SECONDS:
            return _Seconds(field)
        case Kind.NUMBER:
            return F(field) if isinstance(field, str) else field
