"""Counting what matches a filter: up to a bound, and not for long, because history only grows."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

MOST = 10_000
# Seconds after which counting gives up: the number is worth no more.
PATIENCE = 0.5
# SQLite's steps between two looks at the clock, a fraction of a millisecond.
STEPS = 10_000


@dataclass(frozen=True)
class Count:
    """How many there are; ``is_more`` where there are more than that."""

    number: int
    is_more: bool


def count(rows: QuerySet, *, most: int = MOST, patience: float = PATIENCE) -> Count | None:
    """How many ``rows`` there are, counted up to ``most``; None when that takes longer than ``patience`` seconds.

    Newest first: the same walk over an index as the list's own, where an unordered one might read the whole table.
    """
    try:
        with _for_at_most(patience):
            found = rows.newest_first().values("pk")[: most + 1].count()
    except OperationalError as error:
        if not _was_stopped(error):
            raise
        return None
    return Count(min(found, most), found > most)


@contextmanager
def _for_at_most(seconds: float) -> Iterator[None]:
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(int(seconds * 1000))])
            yield
        return
    connection.ensure_connection()
    deadline = time.monotonic() + seconds
    connection.connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
    try:
        yield
    finally:
        connection.connection.set_progress_handler(None, STEPS)


def _was_stopped(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", "") == "57014" or str(error) == "interrupted"
