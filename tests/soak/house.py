"""A whole installation in processes of its own, which may be killed: database, sandbox, web server, workers."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import requests

from recorder_app.sandbox.defaults import DEMO_SDK_KEY
from tests.postgresql import PostgreSQL
from tests.processes import (
    SignInFailed,
    end,
    environment,
    free_port,
    gunicorn,
    manage,
    signed_in,
    start,
    wait_until_ready,
)

CHINESE_APP = 1400000002
READ_TIMEOUT = 3.0  # seconds the dashboard waits for the cloud: short, so that many trials fit into a run
WORKERS = 2
NAMES = ("sandbox", "web", *(f"worker-{number}" for number in range(WORKERS)))


class House:
    """The processes. What is killed comes back after a moment, as under any supervisor."""

    def __init__(self, *, sqlite: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="certainty-"))
        self.postgresql = None if sqlite else PostgreSQL()
        self.port, self.sandbox_port = free_port(), free_port()
        self.environment = environment(
            f"sqlite:///{self.folder}/recorder.sqlite3" if sqlite else self.postgresql.url,
            DJANGO_SETTINGS_MODULE="dashboard.settings",
            STATIC_ROOT=f"{self.folder}/static",
            CLOUD_CALL_GAP_MS="5",
            CLOUD_READ_TIMEOUT=str(READ_TIMEOUT),
            LOG_LEVEL="WARNING",
        )
        self._log = (self.folder / "log").open("ab")
        self._lock = threading.Lock()
        self._is_closing = False
        self._keeper = threading.Thread(target=self._keep_running, daemon=True)
        self._children: dict[str, subprocess.Popen] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    def __enter__(self) -> "House":
        try:
            if self.postgresql:
                self.postgresql.__enter__()
            for words in (
                ("migrate", "--verbosity", "0"),
                ("collectstatic", "--no-input", "--verbosity", "0"),
            ):
                manage(self.environment, *words)
            self._keeper.start()
            wait_until_ready(f"{self.sandbox}/_sandbox/health", f"{self.address}/readyz", within=60)
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End every process. What they said is kept only where something broke: being told to end is no such case."""
        with self._lock:
            self._is_closing = True
        if self._keeper.is_alive():
            self._keeper.join()
        end(self._children.values(), within=60)
        if self.postgresql:
            self.postgresql.__exit__()
        self._log.close()
        if kind and issubclass(kind, Exception):
            print(f"What the processes said is in {self.folder / 'log'}", file=sys.stderr)  # noqa: T201
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _command(self, name: str) -> list[str]:
        if name == "sandbox":
            return [
                "manage.py", "sandbox", "--port", str(self.sandbox_port), "--rate", "100000", "--speed", "4",
                "--app", f"tiw:{CHINESE_APP}", "--sdk-key", f"{CHINESE_APP}:{DEMO_SDK_KEY}",
            ]  # fmt: skip
        if name == "web":
            return gunicorn(self.port)
        return ["manage.py", "worker", "--threads", "8"]

    def _start(self, name: str) -> None:
        streams = {"stdout": self._log, "stderr": self._log}
        self._children[name] = start(self._command(name), self.environment, **streams)

    def _keep_running(self) -> None:
        """Start what is not running. Nobody else does: a signal to end raises in the main thread, where it could come
        between a process's start and its being noted."""
        while not self._is_closing:
            for name in NAMES:
                # Nothing is brought back behind the back of whoever is ending it all.
                with self._lock:
                    child = self._children.get(name)
                    if (child is None or child.poll() is not None) and not self._is_closing:
                        self._start(name)
            time.sleep(0.3)

    def kill_worker(self, number: int) -> None:
        self._children[f"worker-{number % WORKERS}"].kill()

    def kill_web_process(self, number: int) -> bool:
        """One of gunicorn's own processes, in the middle of whatever it does."""
        master = self._children["web"].pid
        try:
            pids = Path(f"/proc/{master}/task/{master}/children").read_text().split()
            os.kill(int(pids[number % len(pids)]), signal.SIGKILL)
        except (OSError, ZeroDivisionError):
            return False
        return True

    def kill_web_server(self) -> None:
        """All of it at once, the master first, so that nobody says goodbye."""
        master = self._children["web"]
        children = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text().split()
        master.kill()
        for pid in children:
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                continue

    def restart_database(self, away: float) -> None:
        self.postgresql.stop()
        time.sleep(away)
        self.postgresql.start()


class Browser:
    """One operator's browser, which signs in when it has to and reloads when the page does not come."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._session: requests.Session | None = None

    def post(self, path: str, fields: dict[str, str]) -> requests.Response | None:
        """The answer, or None when none came."""
        try:
            self._session = self._session or signed_in(self.address, timeout=10)
            token = self._session.cookies.get("csrftoken", "")
            form = {**fields, "csrfmiddlewaretoken": token}
            return self._session.post(self.address + path, data=form, allow_redirects=False, timeout=20)
        except (requests.RequestException, SignInFailed):
            return None
