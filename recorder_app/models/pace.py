"""The cloud's limit of calls a second, kept over all processes and machines by one row per account and action."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection, models

from recorder_app.models.accounts import CloudAccount

# A caller that wakes later than this takes a new slot: twenty of them late at once would crowd into one second.
LATE_SECONDS = 0.03
# On a machine too busy for that, go on all the same in the end: the cloud's refusal is safe to repeat.
MOST_LATE = 5
# A line longer than this was not made by calls, but by a clock that was set back.
LONGEST_LINE_US = 600 * 1_000_000


class PaceSlotManager(models.Manager):
    """Hands out the slots of a line: evenly spaced, in the order in which they are asked for.

    Reserving a slot is one statement, and the database's clock is the only clock, so any number of processes on
    machines whose clocks differ keep one pace.
    """

    def wait_for_slot(
        self,
        *,
        account: CloudAccount,
        endpoint: str,
        action: str,
        is_urgent: bool,
        sleep: Callable[[float], None] = time.sleep,
    ) -> float:
        """Sleep until a call may leave; answer the seconds waited. Never call it inside a transaction.

        A person's call (``is_urgent``) takes the next free slot. Background work queues behind: it takes a place in
        its own line, and at its turn takes a slot only if no person holds it. While people cut in, waiting
        background calls may change places among themselves.
        """
        gap = round(settings.CLOUD_CALL_GAP_MS * 1000)
        if not gap:
            return 0.0
        # The cloud counts by key: two rows here with one SecretId stand in one line.
        line = (account.secret_id, endpoint, action)
        if is_urgent:
            return self._wait_urgently(line, gap, sleep)
        waited, _late = self._sleep(self._reserve("background_at_us", line, gap), sleep)
        while remaining := self._take_if_free(line, gap):
            waited += self._sleep(remaining, sleep)[0]
        return waited

    def _wait_urgently(self, line: tuple[str, str, str], gap: int, sleep: Callable[[float], None]) -> float:
        waited = 0.0
        for _try in range(MOST_LATE):
            seconds, is_late = self._sleep(self._reserve("next_at_us", line, gap), sleep)
            waited += seconds
            if not is_late:
                break
        return waited

    @staticmethod
    def _sleep(microseconds: int, sleep: Callable[[float], None]) -> tuple[float, bool]:
        """Sleep; answer for how long, in seconds, and whether waking took too long."""
        seconds = max(microseconds, 0) / 1_000_000
        if not seconds:
            return 0.0, False
        began = time.monotonic()
        sleep(seconds)
        return seconds, time.monotonic() - began > seconds + LATE_SECONDS

    def _reserve(self, column: str, line: tuple[str, str, str], gap: int) -> int:
        """Move the end of the line on by one gap; answer how long until the slot so gained, in microseconds."""
        table, now, later = self.model._meta.db_table, _now(), _greatest()
        # Background also stands behind every slot that people have reserved already.
        end = f"{table}.{column}"
        if column == "background_at_us":
            end = later(end, f"{table}.next_at_us")
        end = f"CASE WHEN {end} > {now} + {LONGEST_LINE_US} THEN {now} ELSE {later(end, now)} END"
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (secret_id, endpoint, action, next_at_us, background_at_us) "  # noqa: S608
                f"VALUES (%s, %s, %s, {'0' if column != 'next_at_us' else f'{now} + %s'}, "
                f"{'0' if column != 'background_at_us' else f'{now} + %s'}) "
                f"ON CONFLICT (secret_id, endpoint, action) DO UPDATE SET {column} = {end} + %s "
                f"RETURNING {column} - %s - {now}",
                [*line, gap, gap, gap],
            )
            return cursor.fetchone()[0]

    def _take_if_free(self, line: tuple[str, str, str], gap: int) -> int:
        """Take the slot that is free now and answer 0, or answer how long until one is, in microseconds."""
        table, now = self.model._meta.db_table, _now()
        here = "secret_id = %s AND endpoint = %s AND action = %s"
        free = f"(next_at_us <= {now} OR next_at_us > {now} + {LONGEST_LINE_US})"
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET next_at_us = {now} + %s WHERE {here} AND {free} RETURNING 1",  # noqa: S608
                [gap, *line],
            )
            if cursor.fetchone():
                return 0
            cursor.execute(f"SELECT next_at_us - {now} FROM {table} WHERE {here}", list(line))  # noqa: S608
            # At least a millisecond: SQLite's clock ticks no finer, and zero would mean "taken".
            return max(cursor.fetchone()[0], 1000)


class PaceSlot(models.Model):
    """When the next call of one action with one key at one endpoint may leave, in microseconds since 1970."""

    secret_id = models.CharField(max_length=120)
    endpoint = models.CharField(max_length=200)
    action = models.CharField(max_length=40)
    # The end of the line of the people, and of the background work behind it.
    next_at_us = models.BigIntegerField(default=0)
    background_at_us = models.BigIntegerField(default=0)

    objects = PaceSlotManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="pace_one_row_per_line", fields=["secret_id", "endpoint", "action"]),
        ]

    def __str__(self) -> str:
        return f"{self.action} at {self.endpoint}"


def _now() -> str:
    """SQL for the database's present moment in microseconds."""
    if connection.vendor == "postgresql":
        return "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint"
    return "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"


def _greatest() -> Callable[[str, str], str]:
    name = "GREATEST" if connection.vendor == "postgresql" else "MAX"
    return lambda one, other: f"{name}({one}, {other})"
