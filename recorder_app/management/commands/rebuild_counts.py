"""Count the history anew: parses options, the rest is recorder_app.services.counts."""

import time
from argparse import ArgumentTypeError
from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recorder_app.services import counts

SAY_EVERY = 2.0  # seconds


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(_("give a day such as 2026-11-20")) from None


class Command(BaseCommand):
    help = "Count the sums that reports read anew from the history; reports can be read meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since", type=day, help=_("only what happened from this day on, in UTC (default: everything)")
        )

    def handle(self, *args: Any, since: date | None, **options: Any) -> None:
        began = self._said = time.monotonic()
        moment = datetime(since.year, since.month, since.day, tzinfo=UTC) if since else None
        progress = counts.Progress(say=self._say)
        counts.rebuild(since=moment, progress=progress)
        self.stdout.write(
            ngettext(
                "%(number)d span of time was counted in %(seconds).1f s.",
                "%(number)d spans of time were counted in %(seconds).1f s.",
                progress.counted,
            )
            % {"number": progress.counted, "seconds": time.monotonic() - began}
        )

    def _say(self, progress: counts.Progress) -> None:
        if time.monotonic() - self._said < SAY_EVERY:
            return
        self._said = time.monotonic()
        total = progress.counted + progress.open
        share = 100 * progress.counted / total if total else 100
        self.stderr.write(
            _("%(share).0f %%: %(done)d of %(total)d spans of time counted.")
            % {"share": share, "done": progress.counted, "total": total}
        )
