"""The sandbox cloud alone: parses options, the rest is recorder_app.sandbox."""

import errno
import signal
import sqlite3
import threading

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from recorder_app.sandbox import SandboxServer
from recorder_app.sandbox import defaults as known


class Command(BaseCommand):
    help = "Run the sandbox cloud: a stand-in for both recording services, for this machine only."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--port", type=int, default=known.DEFAULT_PORT, help=_("0 takes any free port"))
        add("--host", default="127.0.0.1", help=_("a loopback address; others are refused"))
        add("--secret-id", default=known.DEMO_SECRET_ID)
        add("--secret-key", default=known.DEMO_SECRET_KEY)
        add("--rate", type=int, default=known.CALLS_PER_SECOND, help=_("calls a second for each action"))
        add("--callback-delay", type=float, default=known.CALLBACK_DELAY, metavar="SECONDS")
        add("--app", action="append", default=[], metavar="tiw:NUMBER", help=_("one more application"))
        add("--sdk-key", action="append", default=[], metavar="SDKAPPID:KEY",
            help=_("the key that makes an application's user signatures"))  # fmt: skip
        add("--gme-callback", default="", metavar="URL", help=_("where GME's callbacks go"))
        add("--state", default="", metavar="FILE", help=_("keep the state in this file; memory otherwise"))
        add("--show-signatures", action="store_true", help=_("show user signatures in /_sandbox/state"))
        add("--speed", type=float, default=1.0, help=_("how much faster tasks move through their states"))

    def handle(self, *args: object, **options: object) -> None:
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        with _server(options) as server:
            self.stdout.write(_("The sandbox cloud is ready at %(url)s") % {"url": server.url})
            self.stdout.flush()
            stopping.wait()


def _server(options: dict) -> SandboxServer:
    try:
        return SandboxServer(
            port=options["port"],
            host=options["host"],
            accounts={options["secret_id"]: options["secret_key"]},
            apps=[*known.DEMO_APPS, *(_app(text) for text in options["app"])],
            rate=options["rate"],
            callback_delay=options["callback_delay"],
            state_path=options["state"],
            show_signatures=options["show_signatures"],
            speed=options["speed"],
            sdk_keys={known.DEMO_TIW_APP: known.DEMO_SDK_KEY} | dict(map(_sdk_key, options["sdk_key"])),
            gme_callback=options["gme_callback"],
        )
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise CommandError(str(error)) from error
        message = _("Port %(port)s is taken by another program. Stop that program, or choose another --port.")
        raise CommandError(message % options) from None
    except (ValueError, sqlite3.Error) as error:
        raise CommandError(str(error)) from None


def _app(text: str) -> tuple[str, int]:
    service, _colon, number = text.partition(":")
    if service not in ("tiw", "gme") or not number.isdecimal():
        raise CommandError(_("Write an application as tiw:1400000002 or gme:3400352519, not as %s.") % text)
    return service, int(number)


def _sdk_key(text: str) -> tuple[int, str]:
    number, _colon, key = text.partition(":")
    if not number.isdecimal() or not key:
        raise CommandError(_("Write a user signature key as SDKAPPID:KEY."))
    return int(number), key
