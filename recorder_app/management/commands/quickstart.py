"""Everything on a fresh checkout: database, demo people, sandbox cloud, dashboard and worker, on this machine alone."""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from ipaddress import IPv4Address
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db.models import Q
from django.utils import timezone

from recorder_app.choices import Environment
from recorder_app.models import CloudAccount
from recorder_app.sandbox.defaults import DEMO_SECRET_ID, DEMO_SECRET_KEY
from recorder_app.services import demo

READY_WITHIN = 30.0  # seconds before we give up on a server that does not answer
HISTORY_ROWS = 60


class Command(BaseCommand):
    help = (
        "Set up and run a trial on this machine: database, demo people, sandbox cloud, dashboard and worker."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--port", type=int, default=8000, help="where the dashboard listens (default 8000)"
        )
        parser.add_argument(
            "--sandbox-port", type=int, default=8001, help="where the sandbox listens (default 8001)"
        )
        parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default 127.0.0.1)")

    def handle(self, *args: Any, host: str, port: int, sandbox_port: int, **options: Any) -> None:
        _refuse_what_is_no_trial(host)
        if port == sandbox_port:
            raise CommandError(
                f"--port and --sandbox-port are both {port}: the two servers need a port each."
            )
        _demand_free(host, port, "--port")
        _demand_free(host, sandbox_port, "--sandbox-port")
        sandbox_url = f"http://{host}:{sandbox_port}"
        self.stdout.write("Preparing the database and the pages ...")
        self.stdout.flush()
        _prepare(sandbox_url)
        children = Children(Ending())
        try:
            children.start(
                "the sandbox cloud", _manage("sandbox", "--host", host, "--port", str(sandbox_port))
            )
            children.start("the web server", _gunicorn(host, port))
            children.start("the worker", _manage("worker", "--threads", "8"))
            if children.wait_for(f"http://{host}:{port}/readyz", f"{sandbox_url}/_sandbox/health"):
                self._tell(f"http://{host}:{port}/", sandbox_url)
                children.watch()
            self.stdout.write("\nStopping ...")
        finally:
            children.stop()

    def _tell(self, address: str, sandbox_url: str) -> None:
        people = "\n".join(f"    {row[0]:<10} {demo.PASSWORD}" for row in demo.PEOPLE)
        self.stdout.write(
            f"\n  The dashboard is at {address}\n"
            f"  The sandbox cloud is at {sandbox_url}: nothing leaves this machine, nothing is billed.\n\n"
            f"  Sign in as\n{people}\n\n"
            "  Press Ctrl-C to stop everything.\n"
        )
        self.stdout.flush()


class Ending:
    """Whether this command was told to end. It looks between its steps: an exception could come between the start of
    a process and its being noted, and leave it behind on its port."""

    # Also when the terminal is closed; SIGINT because a shell starts what runs in its background with that ignored.
    SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.is_due = False
        for number in self.SIGNALS:
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.is_due = True


class Children:
    """The processes this command started: they end with it, and it ends when one of them does."""

    def __init__(self, ending: Ending) -> None:
        self.ending = ending
        self.running: list[tuple[str, subprocess.Popen]] = []

    def start(self, name: str, command: list[str]) -> None:
        # A group of its own: Ctrl-C reaches this process alone, which then stops the others in order.
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True)  # noqa: S603
        self.running.append((name, process))

    def wait_for(self, *addresses: str) -> bool:
        """Whether all of them answer; False when told to end before that."""
        deadline = time.monotonic() + READY_WITHIN
        silent = list(addresses)
        while silent and not self.ending.is_due:
            if time.monotonic() > deadline:
                raise CommandError(
                    f"{silent[0]} did not answer within {READY_WITHIN:.0f} seconds. The lines above may say why."
                )
            self._demand_all_alive()
            silent = [address for address in silent if not _answers(address)]
            time.sleep(0.1)
        return not self.ending.is_due

    def watch(self) -> None:
        while not self.ending.is_due:
            self._demand_all_alive()
            time.sleep(0.2)

    def stop(self) -> None:
        for _name, process in reversed(self.running):
            process.terminate()
        for _name, process in self.running:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _demand_all_alive(self) -> None:
        for name, process in self.running:
            if process.poll() is not None:
                raise CommandError(
                    f"{name} ended by itself (exit status {process.returncode}); stopping the rest."
                )


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - a loopback address of ours
            return True
    except (urllib.error.URLError, OSError):
        return False


def _refuse_what_is_no_trial(host: str) -> None:
    try:
        is_ours = IPv4Address("127.0.0.1" if host == "localhost" else host).is_loopback
    except ValueError:
        is_ours = False
    if not is_ours:
        raise CommandError(
            f"quickstart listens on this machine only, and {host} is not a loopback address (IPv4): its "
            "sign-ins are public. The README says how to run the dashboard for others."
        )
    if not settings.LOCAL:
        raise CommandError(
            "quickstart is for a trial, but the settings here describe a real installation (LOCAL is not True). "
            "Run it in a checkout of its own, without that .env."
        )


def _demand_free(host: str, port: int, option: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise CommandError(
                f"Port {port} on {host} cannot be used ({error}). Is another quickstart running? Stop it, or choose "
                f"another port with {option}."
            ) from None


def _prepare(sandbox_url: str) -> None:
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    real = Q(environment=Environment.LIVE) | Q(endpoint__contains="tencentcloudapi.com")
    if CloudAccount.objects.filter(real).exists():
        raise CommandError(
            "This database holds a live cloud account. quickstart adds people with a well-known password, so it "
            "stays away from it; use another DATABASE_URL for a trial."
        )
    demo.ensure_people()
    applications = demo.ensure_applications(
        endpoint=sandbox_url, secret_id=DEMO_SECRET_ID, secret_key=DEMO_SECRET_KEY
    )
    demo.ensure_history(applications, rows=HISTORY_ROWS, now=timezone.now())


def _manage(*words: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]


def _gunicorn(host: str, port: int) -> list[str]:
    return [
        sys.executable, "-m", "gunicorn", "dashboard.wsgi",
        "--bind", f"{host}:{port}",
        "--workers", "2", "--threads", "16", "--worker-class", "gthread",
        "--log-level", "warning",
    ]  # fmt: skip
