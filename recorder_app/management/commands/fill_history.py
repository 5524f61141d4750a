"""A large history, made up, to try and to measure the pages on."""

import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from recorder_app.filling import LiveAccount, fill

TELL_EVERY = 2.0  # seconds


class Command(BaseCommand):
    help = "Fill the database with made-up history: recordings, calls, callbacks and files that fit together."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rows", type=int, required=True, help="how many calls to make")
        parser.add_argument("--days", type=int, default=730, help="over how many days (default 730)")
        parser.add_argument(
            "--seed", type=int, default=1, help="the same seed makes the same rows (default 1)"
        )
        parser.add_argument(
            "--until",
            type=datetime.fromisoformat,
            help="when the history ends, such as 2026-11-20T12:00+00:00 (default: the beginning of this hour)",
        )

        parser.add_argument(
            "--no-counts",
            action="store_true",
            help="do not count it for the reports: the worker, or rebuild_counts, does so later",
        )

    def handle(
        self,
        *args: Any,
        rows: int,
        days: int,
        seed: int,
        until: datetime | None,
        no_counts: bool,
        **options: Any,
    ) -> None:
        if rows < 1 or not 1 <= days <= 3650:
            raise CommandError("--rows must be 1 or more, and --days lie between 1 and 3650.")
        until = until or timezone.now().replace(minute=0, second=0, microsecond=0)
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        began = self._told_at = time.monotonic()
        self._rows, self._began = rows, began
        try:
            made = fill(rows, until=until, days=days, seed=seed, told=self._tell)
        except LiveAccount:
            raise CommandError(
                "This database holds an account of the live cloud. A made-up history does not belong beside a real "
                "one; use another DATABASE_URL."
            ) from None
        seconds = time.monotonic() - began
        self.stderr.write(
            f"{made.calls:,} calls, {made.recordings:,} recordings, {made.callbacks:,} callbacks, "
            f"{made.changes:,} changes and {made.files:,} files in {seconds:.1f} s: {made.total / seconds:,.0f} rows "
            f"a second, {made.calls / seconds:,.0f} of them calls."
        )
        if not no_counts:
            call_command("rebuild_counts", stdout=self.stderr, stderr=self.stderr)

    def _tell(self, made: int) -> None:
        now = time.monotonic()
        if now - self._told_at >= TELL_EVERY:
            self._told_at = now
            self.stderr.write(f"{made:,} calls of {self._rows:,}, {made / (now - self._began):,.0f} a second")
