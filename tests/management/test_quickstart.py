"""quickstart as a newcomer runs it: a process of its own, its own database and keys, real servers."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.processes import ROOT, children_of, free_port, is_alive, wait_until


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A fresh clone: the files git would give, without keys or database."""
    target = tmp_path / "recorder"
    hidden = shutil.ignore_patterns("__pycache__", "tests")
    for name in ("dashboard", "recorder_app", "templates", "static"):
        shutil.copytree(ROOT / name, target / name, ignore=hidden)
    shutil.copy(ROOT / "manage.py", target)
    return target


def quickstart(checkout: Path, *words: str, in_background: bool = False) -> subprocess.Popen:
    """Start it; ``in_background`` as a script does with ``&``, which has Ctrl-C ignored from the start."""
    ignored = ["sh", "-c", 'trap "" INT; exec "$@"', "sh"] if in_background else []
    environment = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")}
    return subprocess.Popen(
        [*ignored, sys.executable, "manage.py", "quickstart", *words],
        cwd=checkout, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def read_until(process: subprocess.Popen, text: str) -> str:
    said = ""
    for line in process.stdout:
        said += line
        if text in line:
            return said
    raise AssertionError(f"never said {text!r}, but:\n{said}")


@pytest.mark.parametrize("in_background", [False, True])
def test_it_is_ready_in_seconds_and_leaves_nothing_running(checkout, in_background):
    port, sandbox_port = free_port(), free_port()
    began = time.monotonic()
    words = ("--port", str(port), "--sandbox-port", str(sandbox_port))
    process = quickstart(checkout, *words, in_background=in_background)
    try:
        said = read_until(process, "Ctrl-C")
        took = time.monotonic() - began
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=5) as answer:
            page = answer.read().decode()
    finally:
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)

    assert took < 20, "10 s on a machine of its own; the suite shares it with others"
    assert f"http://127.0.0.1:{port}/" in said
    assert re.findall(r"(\w+) +recorder-demo", said) == ["operator", "support", "manager", "admin"]
    assert "csrfmiddlewaretoken" in page
    assert process.returncode == 0, rest
    for gone in (port, sandbox_port):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", gone)) != 0
    keys = checkout / ".data" / "local.env"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600


def test_told_to_end_while_it_starts_it_leaves_nothing_running(checkout):
    port, sandbox_port = free_port(), free_port()
    process = quickstart(checkout, "--port", str(port), "--sandbox-port", str(sandbox_port))

    has_begun = wait_until(lambda: children_of(process.pid), within=60, every=0.001)
    children = children_of(process.pid)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=60)

    assert has_begun, said
    assert process.returncode == 0, said
    assert "Stopping" in said
    assert [pid for pid in children if is_alive(pid)] == []


def test_a_taken_port_is_told(checkout):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        said, _ = quickstart(checkout, "--port", str(port)).communicate(timeout=60)

    assert f"Port {port} on 127.0.0.1 cannot be used" in said
    assert "--port" in said


def test_it_listens_to_this_machine_alone(checkout):
    process = quickstart(checkout, "--host", "0.0.0.0")

    said, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "0.0.0.0 is not a loopback address" in said


def test_it_stays_away_from_a_real_installation(checkout):
    (checkout / ".env").write_text(
        f"SECRET_KEY={'x' * 60}\nFIELD_ENCRYPTION_KEYS=dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=\n"
    )

    said, _ = quickstart(checkout).communicate(timeout=60)

    assert "LOCAL is not True" in said
