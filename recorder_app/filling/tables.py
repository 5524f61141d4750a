"""Writing rows in bulk: by COPY on PostgreSQL, by executemany on SQLite, with the indexes made afterwards.

A second thread writes while the first makes up what comes next: on PostgreSQL they keep two cores busy.
"""

import queue
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

from django.core.management.color import no_style
from django.db import connection, models, transaction

Rows = list[tuple]
# So many blocks may wait to be written.
WAITING = 3
CREATE_INDEX = re.compile(r'CREATE INDEX "(?P<name>[^"]+)"')


@contextmanager
def bulk(tables: list[type[models.Model]], *, rebuild: bool) -> Iterator[None]:
    """Everything inside is written in bulk: for PostgreSQL all of it or nothing, for SQLite in steps.

    With ``rebuild`` the indexes are taken away and made anew at the end, which is quicker for many rows; on SQLite,
    a fill that is killed leaves them away until the next one puts them back.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic(), _without_constraints(tables, rebuild), _without_indexes(tables, rebuild):
            with connection.cursor() as cursor:
                # Room to sort, so that an index of a few million rows is made without files in between.
                cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
            yield
            _set_sequences(tables)
        return
    restore_indexes(tables)
    with _quick_sqlite(), _without_indexes(tables, rebuild):
        yield


@contextmanager
def _without_indexes(tables: list[type[models.Model]], rebuild: bool) -> Iterator[None]:
    if not rebuild:
        yield
        return
    _execute(f"DROP INDEX IF EXISTS {connection.ops.quote_name(name)}" for name in _indexes(tables))
    try:
        yield
    finally:
        if not connection.needs_rollback:
            restore_indexes(tables)


def restore_indexes(tables: list[type[models.Model]]) -> None:
    """Make those indexes of the models that the database does not have."""
    with connection.cursor() as cursor:
        present = {
            name
            for model in tables
            for name in connection.introspection.get_constraints(cursor, model._meta.db_table)
        }
    _execute(statement for name, statement in _indexes(tables).items() if name not in present)


def _indexes(tables: list[type[models.Model]]) -> dict[str, str]:
    """The indexes of the models by name, those of foreign keys among them; unique ones are promises, and stay."""
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        for model in tables:
            editor.create_model(model)
    found = (CREATE_INDEX.match(statement) for statement in editor.collected_sql)
    return {match["name"]: match.string for match in found if match}


def _execute(statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def _without_constraints(tables: list[type[models.Model]], rebuild: bool) -> Iterator[None]:
    """PostgreSQL checks keys row by row while rows are written, and all at once, far quicker, when it is told anew."""
    if not rebuild:
        yield
        return
    names = [model._meta.db_table for model in tables]
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        # What was written in this transaction before is checked now: a table with checks to come is not changed.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT relname, conname, pg_get_constraintdef(c.oid) FROM pg_constraint c "
            "JOIN pg_class t ON t.oid = conrelid WHERE relname = ANY(%s) AND contype IN ('f', 'u') "
            "AND t.relnamespace = current_schema()::regnamespace ORDER BY conname",
            [names],
        )
        found = cursor.fetchall()
        for table, name, _definition in found:
            cursor.execute(f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(name)}")
    yield
    with connection.cursor() as cursor:
        for table, name, definition in found:
            cursor.execute(f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(name)} {definition}")


# The same file, without waiting for the disk after each step, with room to sort, and unchecked: what is written fits by
# construction, which the tests look into and PostgreSQL checks every time.
QUICK = {
    "synchronous": 0,
    "foreign_keys": 0,
    "ignore_check_constraints": 1,
    "cache_size": -500_000,
    # Indexes are sorted by a thread beside the one that reads the table.
    "threads": 2,
}


@contextmanager
def _quick_sqlite() -> Iterator[None]:
    with connection.cursor() as cursor:
        before = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in QUICK}
        for name, value in QUICK.items():
            cursor.execute(f"PRAGMA {name} = {value}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for name, value in before.items():
                cursor.execute(f"PRAGMA {name} = {value}")


def _set_sequences(tables: list[type[models.Model]]) -> None:
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)


def analyze() -> None:
    """Let the database learn what its tables hold: it chooses its indexes by that."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def null() -> str | None:
    """What stands in a row where a column is null: written as it is."""
    return r"\N" if connection.vendor == "postgresql" else None


class Writer:
    """Writes blocks of rows in a thread of its own, in the order they are given.

    ``columns`` names the columns of each table in the order of its rows' values. The connection is the caller's,
    who must not use it until ``close``, which raises what went wrong in the thread.
    """

    def __init__(self, columns: dict[type[models.Model], tuple[str, ...]]) -> None:
        connection.ensure_connection()
        self._raw = connection.connection
        write = _copy if connection.vendor == "postgresql" else _insert
        self._write = {model: write(self._raw, model, names) for model, names in columns.items()}
        self._waiting: queue.Queue[list[tuple[type[models.Model], Rows]] | None] = queue.Queue(WAITING)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="filling", daemon=True)
        self._thread.start()

    def put(self, block: list[tuple[type[models.Model], Rows]]) -> None:
        if self._error:
            self.close()
        self._waiting.put(block)

    def close(self) -> None:
        self._waiting.put(None)
        self._thread.join()
        if self._error:
            raise self._error

    def _run(self) -> None:
        while (block := self._waiting.get()) is not None:
            if self._error:
                continue
            try:
                self._write_block(block)
            except BaseException as error:  # handed to the thread that waits for this one
                self._error = error

    def _write_block(self, block: list[tuple[type[models.Model], Rows]]) -> None:
        if isinstance(self._raw, sqlite3.Connection):
            # In steps, whatever Django takes for a transaction: what was begun here is ended here.
            with closing(self._raw.cursor()) as cursor:
                cursor.execute("BEGIN IMMEDIATE")
                try:
                    self._write_rows(block)
                except BaseException:
                    cursor.execute("ROLLBACK")
                    raise
                cursor.execute("COMMIT")
            return
        self._write_rows(block)

    def _write_rows(self, block: list[tuple[type[models.Model], Rows]]) -> None:
        for model, rows in block:
            if rows:
                self._write[model](rows)


def _copy(raw, model: type[models.Model], names: tuple[str, ...]):
    columns = ", ".join(connection.ops.quote_name(name) for name in names)
    statement = f"COPY {connection.ops.quote_name(model._meta.db_table)} ({columns}) FROM STDIN"

    def write(rows: Rows) -> None:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write("\n".join(map("\t".join, rows)))

    return write


def _insert(raw, model: type[models.Model], names: tuple[str, ...]):
    columns = ", ".join(connection.ops.quote_name(name) for name in names)
    table, marks = connection.ops.quote_name(model._meta.db_table), ", ".join("?" * len(names))
    statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - names of our own columns

    def write(rows: Rows) -> None:
        raw.executemany(statement, rows)

    return write
