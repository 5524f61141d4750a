"""``manage.py sandbox`` as people run it: in a process of its own."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from recorder_app.sandbox import SandboxServer

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen, str]]:
    """The process and the line it prints when it is ready."""
    command = [sys.executable, "manage.py", "sandbox", "--port", "0", *options]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_stops_when_told(number):
    with running("--app", "tiw:1400000002", "--speed", "10") as (process, line):
        url = line.split()[-1]
        with urllib.request.urlopen(f"{url}/_sandbox/health", timeout=5) as answer:
            status = answer.status
        process.send_signal(number)
        code = process.wait(timeout=10)

    assert line == f"The sandbox cloud is ready at {url}\n"
    assert status == 200
    assert code == 0


def test_a_taken_port_is_said_clearly():
    with SandboxServer() as server, pytest.raises(CommandError, match=f"Port {server.port} is taken"):
        call_command("sandbox", port=server.port)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"host": "0.0.0.0"}, "this machine only"),
        ({"app": ["vod:5"]}, "not as vod:5"),
        ({"app": ["tiw:many"]}, "not as tiw:many"),
        ({"sdk_key": ["1400000001"]}, "SDKAPPID:KEY"),
        ({"speed": 0.0}, "above 0"),
        ({"gme_callback": "http://198.51.100.7/"}, "this machine only"),
        ({"state": "/nowhere/at/all.sqlite3"}, "unable to open"),
    ],
    ids=str,
)
def test_options_without_sense_are_refused(options, message):
    with pytest.raises(CommandError, match=message):
        call_command("sandbox", port=0, **options)
