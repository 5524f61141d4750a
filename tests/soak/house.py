"""A whole installation in processes of its own, which may be killed: database, sandbox, web server, workers."""

import getpass
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import requests

from recorder_app.sandbox.defaults import DEMO_SDK_KEY

ROOT = Path(__file__).resolve().parent.parent.parent
PG_BIN = Path("/usr/lib/postgresql/15/bin")
CHINESE_APP = 1400000002
READ_TIMEOUT = 3.0  # seconds the dashboard waits for the cloud: short, so that many trials fit into a run
WORKERS = 2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PostgreSQL:
    """A cluster of our own, so that it may be stopped without a word."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._user = "postgres" if os.getuid() == 0 else getpass.getuser()
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        self._run(
            "initdb",
            "-D",
            str(folder / "data"),
            "-U",
            "recorder",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-sync",
        )
        self.start()
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "recorder", "recorder")

    @property
    def url(self) -> str:
        return f"postgresql://recorder@127.0.0.1:{self.port}/recorder"

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} "
            "-c max_connections=200"
        )
        self._run(
            "pg_ctl",
            "-D",
            str(self.folder / "data"),
            "-w",
            "-l",
            str(self.folder / "log"),
            "-o",
            options,
            "start",
        )

    def stop(self) -> None:
        """As a crash: nobody is told, nothing is finished."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def _run(self, program: str, *words: str) -> None:
        command = [str(PG_BIN / program), *words]
        if os.getuid() == 0:
            command = ["runuser", "-u", self._user, "--", *command]
        subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class House:
    """The processes. What is killed comes back after a moment, as under any supervisor."""

    def __init__(self, *, sqlite: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="certainty-"))
        self.folder.chmod(0o755)
        self.postgresql = None if sqlite else PostgreSQL(self._sub("postgresql"))
        self.port, self.sandbox_port = free_port(), free_port()
        url = f"sqlite:///{self.folder}/recorder.sqlite3" if sqlite else self.postgresql.url
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "SECRET_KEY": "certainty-" + "x" * 50,
            "FIELD_ENCRYPTION_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
            "LOCAL": "True",
            "DATABASE_URL": url,
            "STATIC_ROOT": f"{self.folder}/static",
            "CLOUD_CALL_GAP_MS": "5",
            "CLOUD_READ_TIMEOUT": str(READ_TIMEOUT),
            "LOG_LEVEL": "WARNING",
        }
        self._log = (self.folder / "log").open("ab")
        self._lock = threading.Lock()
        self._closing = False
        self._children: dict[str, subprocess.Popen] = {}

    def _sub(self, name: str) -> Path:
        path = self.folder / name
        path.mkdir()
        return path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    def __enter__(self) -> "House":
        for words in (("migrate", "--verbosity", "0"), ("collectstatic", "--no-input", "--verbosity", "0")):
            subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, check=True)
        self._start("sandbox")
        self._start("web")
        for number in range(WORKERS):
            self._start(f"worker-{number}")
        self._keeper = threading.Thread(target=self._keep_running, daemon=True)
        self._keeper.start()
        self._wait(f"{self.sandbox}/_sandbox/health")
        self._wait(f"{self.address}/readyz")
        return self

    def __exit__(self, *exception: object) -> None:
        self._closing = True
        self._keeper.join()
        for child in self._children.values():
            child.terminate()
        for child in self._children.values():
            child.wait(timeout=60)
        if self.postgresql:
            self.postgresql.stop()
        self._log.close()
        if exception[0] is None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _command(self, name: str) -> list[str]:
        if name == "sandbox":
            return [
                "manage.py", "sandbox", "--port", str(self.sandbox_port), "--rate", "100000", "--speed", "4",
                "--app", f"tiw:{CHINESE_APP}", "--sdk-key", f"{CHINESE_APP}:{DEMO_SDK_KEY}",
            ]  # fmt: skip
        if name == "web":
            return [
                "-m", "gunicorn", "dashboard.wsgi", "--bind", f"127.0.0.1:{self.port}",
                "--workers", "2", "--threads", "8", "--log-level", "error",
            ]  # fmt: skip
        return ["manage.py", "worker", "--threads", "8"]

    def _start(self, name: str) -> None:
        self._children[name] = subprocess.Popen(
            [sys.executable, *self._command(name)], cwd=ROOT, env=self.environment,
            stdout=self._log, stderr=self._log,
        )  # fmt: skip

    def _keep_running(self) -> None:
        while not self._closing:
            for name, child in list(self._children.items()):
                if child.poll() is not None and not self._closing:
                    self._start(name)
            time.sleep(0.3)

    @staticmethod
    def _wait(address: str) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(address, timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"{address} did not answer")

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
        self._session = requests.Session()
        self._session.trust_env = False
        self._token = ""

    def post(self, path: str, fields: dict[str, str]) -> requests.Response | None:
        """The answer, or None when none came."""
        try:
            if not self._token:
                self._sign_in()
            return self._session.post(
                self.address + path, data={**fields, "csrfmiddlewaretoken": self._token},
                allow_redirects=False, timeout=20,
            )  # fmt: skip
        except (requests.RequestException, TypeError):
            return None

    def _sign_in(self) -> None:
        page = self._session.get(f"{self.address}/sign-in/", timeout=10).text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        form = {"csrfmiddlewaretoken": token, "username": "operator", "password": "recorder-demo"}
        answer = self._session.post(f"{self.address}/sign-in/", data=form, allow_redirects=False, timeout=10)
        if answer.status_code == 302:
            self._token = self._session.cookies.get("csrftoken", "")
