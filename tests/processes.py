"""Real processes for tests, measurements and trials: what they are told, when they answer, how they end."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path

import requests
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(question: Callable[[], object], within: float = 20, every: float = 0.1) -> bool:
    """Ask until the answer is yes; False when it never was within so many seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if question():
            return True
        time.sleep(every)
    return False


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except OSError:
        return False


def wait_until_ready(*addresses: str, within: float = 30) -> None:
    for address in addresses:
        if not wait_until(lambda: answers(address), within):  # noqa: B023 - asked before the next one's turn
            raise TimeoutError(f"{address} did not answer")


def environment(database_url: str, **more: str) -> dict[str, str]:
    """What a process of the dashboard needs; nothing else of this machine's environment reaches it."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        # In the suite these are the suite's own, so that a session made by a test is good for the process.
        "SECRET_KEY": os.environ.get("SECRET_KEY", "processes-" + "x" * 50),
        "FIELD_ENCRYPTION_KEYS": os.environ.get(
            "FIELD_ENCRYPTION_KEYS", "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="
        ),
        "LOCAL": "True",
        "DATABASE_URL": database_url,
        **more,
    }


def database_of_test() -> str:
    """The address of the test's own database."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    account = f"{database['USER']}:{database['PASSWORD']}".rstrip(":")
    return f"postgresql://{account}@{database['HOST']}:{database['PORT'] or 5432}/{database['NAME']}"


def gunicorn(port: int, *, workers: int = 2, threads: int = 8) -> list[str]:
    """The words behind ``python`` that serve the dashboard."""
    return [
        "-m", "gunicorn", "dashboard.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
        "--workers", str(workers), "--threads", str(threads), "--log-level", "warning",
    ]  # fmt: skip


def start(words: Iterable[str], environment: dict[str, str], **options) -> subprocess.Popen:
    # A group of its own: Ctrl-C reaches whoever started it, which ends it in order.
    options.setdefault("start_new_session", True)
    return subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment, **options)


def manage(environment: dict[str, str], *words: str) -> str:
    """Run one command to its end; answers what it said."""
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    return done.stdout


def children_of(pid: int) -> list[int]:
    """Whatever thread of the process started them."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for children in tasks for child in children.read_text().split()]


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def end(children: Iterable[subprocess.Popen], within: float = 30) -> None:
    """Ask all of them to end, and end those that do not."""
    children = list(children)
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(timeout=within)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


PEOPLE_AND_APPLICATIONS = """
from recorder_app.sandbox.defaults import DEMO_SECRET_ID, DEMO_SECRET_KEY
from recorder_app.services import demo
demo.ensure_people()
demo.ensure_applications(endpoint="{endpoint}", secret_id=DEMO_SECRET_ID, secret_key=DEMO_SECRET_KEY)
"""


class Installation:
    """A dashboard under gunicorn and a sandbox on free ports, with the demonstration's people and applications.

    ``database_url`` is an empty PostgreSQL database; a new SQLite file without it. ``more`` goes into the environment.
    """

    def __init__(self, database_url: str = "", **more: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.port, self.sandbox_port = free_port(), free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.sandbox = f"http://127.0.0.1:{self.sandbox_port}"
        self.environment = environment(
            database_url or f"sqlite:///{self.folder.name}/recorder.sqlite3",
            STATIC_ROOT=f"{self.folder.name}/static", CLOUD_CALL_GAP_MS="0", **more,
        )  # fmt: skip
        self.log = Path(self.folder.name) / "log"
        self.children: list[subprocess.Popen] = []

    def __enter__(self) -> "Installation":
        try:
            self.manage("migrate", "--verbosity", "0")
            self.manage("collectstatic", "--no-input", "--verbosity", "0")
            self.set_up(PEOPLE_AND_APPLICATIONS.format(endpoint=self.sandbox))
            self.run("manage.py", "sandbox", "--port", str(self.sandbox_port), "--rate", "100000")
            self.run(*gunicorn(self.port))
            wait_until_ready(f"{self.address}/readyz", f"{self.sandbox}/_sandbox/health")
        except BaseException as error:
            if self.log.exists():
                error.add_note(self.log.read_text()[-2000:])
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        end(self.children)
        self.folder.cleanup()

    def set_up(self, code: str) -> str:
        return self.manage("shell", "--verbosity", "0", "-c", code)

    def manage(self, *words: str) -> str:
        return manage(self.environment, *words)

    def run(self, *words: str) -> subprocess.Popen:
        with self.log.open("ab") as log:
            child = start(words, self.environment, stdout=log, stderr=log)
        self.children.append(child)
        return child


class SignInFailed(Exception):
    """The sign-in page, or what follows it, did not come."""


def signed_in(address: str, who: str = "operator", *, timeout: float = 30) -> requests.Session:
    """A browser in which one of the demonstration's people has signed in."""
    session = requests.Session()
    session.trust_env = False
    page = session.get(f"{address}/sign-in/", timeout=timeout).text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if token is None:
        raise SignInFailed("the page holds no form")
    form = {"csrfmiddlewaretoken": token[1], "username": who, "password": "recorder-demo"}
    answer = session.post(f"{address}/sign-in/", data=form, allow_redirects=False, timeout=timeout)
    if answer.status_code != 302:
        raise SignInFailed(f"answered {answer.status_code}")
    return session


def start_form(session: requests.Session, address: str, product: str) -> dict[str, str]:
    """What a start form holds when it is opened: its token, its intention and the application."""
    page = session.get(f"{address}/start/{product}/", timeout=30).text
    hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|intention)" value="([^"]+)"', page))
    choice = re.search(r'<option value="(\d+)"[^>]*selected', page) or re.search(
        r'<option value="(\d+)"', page
    )
    return {**hidden, "application": choice[1]}
