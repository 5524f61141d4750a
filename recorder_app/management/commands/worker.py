"""The background work: parses options, the rest is recorder_app.jobs."""

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from recorder_app.jobs import Worker


class Command(BaseCommand):
    help = "Do the background work: follow recordings, settle unknown starts, apply callbacks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--threads", type=int, default=16, help=_("units done at a time (default 16)"))
        parser.add_argument("--once", action="store_true", help=_("do what is due now, then end"))

    def handle(self, *args: Any, threads: int, once: bool, **options: Any) -> None:
        if not 1 <= threads <= 200:
            raise CommandError(_("--threads must lie between 1 and 200."))
        worker = Worker(threads=threads, say=self._say)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: worker.stop())
        if not once:
            self._say(_("The worker %(name)s is at work.") % {"name": worker.name})
        worker.run(once=once)
        if not once:
            self._say(_("The worker has finished what it held, and ends."))

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
