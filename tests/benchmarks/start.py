"""What a start costs beside the cloud: POST /start/... minus the sandbox's own time, on SQLite and PostgreSQL.

    python -m tests.benchmarks.start [--starts 300] [--database-url postgresql://...]

Serves the dashboard under gunicorn as quickstart does, with a sandbox in a process of its own, signs in as the
operator, and posts starts one after another over one kept connection, as a browser does. The sandbox's own time is
what it needs for the same call on a kept connection without the dashboard: the median of as many direct calls.
The pace of 20 calls a second is off during the run, because it is a wait that is meant.
"""

import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parent.parent.parent
TARGET_MS = 40.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, round(share * len(values)))]


def wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{address} did not answer")


class Installation:
    """A dashboard and a sandbox on free ports, with a database of their own."""

    def __init__(self, database_url: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.port, self.sandbox_port = free_port(), free_port()
        self.environment = {
            "PATH": os.environ["PATH"],
            "SECRET_KEY": "benchmark-" + "x" * 50,
            "FIELD_ENCRYPTION_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
            "LOCAL": "True",
            "DATABASE_URL": database_url or f"sqlite:///{self.folder.name}/recorder.sqlite3",
            "STATIC_ROOT": f"{self.folder.name}/static",
            "CLOUD_CALL_GAP_MS": "0",
        }
        self.children: list[subprocess.Popen] = []

    def __enter__(self) -> "Installation":
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--no-input", "--verbosity", "0")
        self.manage(
            "shell", "--verbosity", "0", "-c", SET_UP.format(endpoint=f"http://127.0.0.1:{self.sandbox_port}")
        )
        self.run("manage.py", "sandbox", "--port", str(self.sandbox_port), "--rate", "100000")
        self.run(
            "-m", "gunicorn", "dashboard.wsgi", "--bind", f"127.0.0.1:{self.port}",
            "--workers", "2", "--threads", "8", "--log-level", "warning",
        )  # fmt: skip
        wait_until_ready(f"http://127.0.0.1:{self.port}/readyz")
        wait_until_ready(f"http://127.0.0.1:{self.sandbox_port}/_sandbox/health")
        return self

    def __exit__(self, *exception: object) -> None:
        for child in self.children:
            child.terminate()
        for child in self.children:
            child.wait(timeout=20)
        self.folder.cleanup()

    def invent_history(self) -> None:
        self.manage("shell", "--verbosity", "0", "-c", HISTORY)

    def manage(self, *words: str) -> None:
        subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, check=True)

    def run(self, *words: str) -> None:
        quiet = subprocess.DEVNULL
        self.children.append(
            subprocess.Popen([sys.executable, *words], cwd=ROOT, env=self.environment, stdout=quiet)
        )


SET_UP = """
from recorder_app.sandbox.defaults import DEMO_SECRET_ID, DEMO_SECRET_KEY
from recorder_app.services import demo
demo.ensure_people()
demo.ensure_applications(endpoint="{endpoint}", secret_id=DEMO_SECRET_ID, secret_key=DEMO_SECRET_KEY)
"""

HISTORY = """
from django.utils import timezone
from recorder_app.models import Application
from recorder_app.services import demo
demo.ensure_history(list(Application.objects.select_related("account")), rows=60, now=timezone.now())
"""


def signed_in(address: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    page = session.get(f"{address}/sign-in/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    form = {"csrfmiddlewaretoken": token, "username": "operator", "password": "recorder-demo"}
    answer = session.post(f"{address}/sign-in/", data=form, allow_redirects=False)
    assert answer.status_code == 302, "sign-in failed"
    return session


def start_once(session: requests.Session, address: str, product: str, fields: dict[str, str]) -> float:
    """Milliseconds of the POST alone; the form is fetched anew, as an operator's next class would be."""
    page = session.get(f"{address}/start/{product}/").text
    hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|intention)" value="([^"]+)"', page))
    application = re.search(r'<option value="(\d+)"[^>]*selected', page) or re.search(
        r'<option value="(\d+)"', page
    )
    form = {**hidden, "application": application[1], **fields}
    began = time.perf_counter()
    answer = session.post(f"{address}/start/{product}/", data=form, allow_redirects=False)
    took = (time.perf_counter() - began) * 1000
    assert answer.status_code == 302, f"not started: {answer.status_code}"
    return took


def sandbox_alone(endpoint: str, calls: int) -> float:
    """The sandbox's own time for a start, in milliseconds: the median of direct calls on a kept connection."""
    from recorder_app.cloud.client import CloudClient, Credentials
    from recorder_app.sandbox.defaults import DEMO_SECRET_ID, DEMO_SECRET_KEY

    client = CloudClient("gme", Credentials(DEMO_SECRET_ID, DEMO_SECRET_KEY), endpoint=endpoint)
    took = []
    for number in range(calls):
        began = time.perf_counter()
        client.call("StartRecord", {"BizId": 3400352518, "RoomId": f"direct-{number}", "RecordMode": 1})
        took.append((time.perf_counter() - began) * 1000)
    client.close()
    return statistics.median(took)


def measure(database_url: str, starts: int) -> list[dict]:
    fields: dict[str, Callable[[int], dict[str, str]]] = {
        "gme": lambda number: {"RoomId": f"room-{number}", "RecordMode": "1"},
        "tiw": lambda number: {"RoomId": str(1000 + number)},
    }
    rows = []
    with Installation(database_url) as installation:
        address = f"http://127.0.0.1:{installation.port}"
        endpoint = f"http://127.0.0.1:{installation.sandbox_port}"
        alone = sandbox_alone(endpoint, starts)
        session = signed_in(address)
        for product, make in fields.items():
            # The sandbox, like the cloud, runs at most 100 class recordings at once.
            count = starts if product == "gme" else min(starts, 95)
            for number in range(3):
                start_once(session, address, product, make(500_000 + number))
            took = [start_once(session, address, product, make(number)) for number in range(count)]
            rows.append(
                {
                    "database": database_url.split(":")[0] or "sqlite",
                    "form": product,
                    "starts": count,
                    "sandbox alone": round(alone, 2),
                    "p50": round(statistics.median(took) - alone, 2),
                    "p95": round(percentile(took, 0.95) - alone, 2),
                    "max": round(max(took) - alone, 2),
                }
            )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="Time of a start beside the cloud's own.")
    parser.add_argument("--starts", type=int, default=300)
    parser.add_argument("--database-url", default="", help="an empty PostgreSQL database; SQLite without it")
    options = parser.parse_args()
    rows = measure(options.database_url, options.starts)
    for row in rows:
        print(json.dumps(row))
    worst = max(row["p95"] for row in rows)
    print(f"p95 at most {TARGET_MS:.0f} ms: {'holds' if worst <= TARGET_MS else 'FALLS SHORT'} ({worst} ms)")


if __name__ == "__main__":
    main()
