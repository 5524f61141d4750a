"""A PostgreSQL of one's own, so that it may be stopped without a word."""

import getpass
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.processes import free_port

PG_BIN = Path("/usr/lib/postgresql/15/bin")


def is_installed() -> bool:
    return (PG_BIN / "initdb").exists()


class PostgreSQL:
    """A cluster in a folder of its own, which goes with it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
        self.port = free_port()
        # PostgreSQL refuses to run as root.
        self._user = "postgres" if os.getuid() == 0 else getpass.getuser()

    def __enter__(self) -> "PostgreSQL":
        try:
            if os.getuid() == 0:
                shutil.chown(self.folder, self._user)
            options = ("--auth=trust", "--encoding=UTF8", "--no-sync")
            self._run("initdb", "-D", self._data, "-U", "recorder", *options)
            self.start()
            self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "recorder", "recorder")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        if self.is_running:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"postgresql://recorder@127.0.0.1:{self.port}/recorder"

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    @property
    def is_running(self) -> bool:
        return self._run("pg_ctl", "-D", self._data, "status", check=False) == 0

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} "
            "-c max_connections=200"
        )
        self._run("pg_ctl", "-D", self._data, "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """As a crash: nobody is told, nothing is finished."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "stop")

    def _run(self, program: str, *words: str, check: bool = True) -> int:
        command = [str(PG_BIN / program), *words]
        if os.getuid() == 0:
            command = ["runuser", "-u", self._user, "--", *command]
        quiet = subprocess.DEVNULL
        # In a session of its own: Ctrl-C is for whoever started it.
        streams = {"stdout": quiet, "stderr": quiet}
        return subprocess.run(command, cwd="/", check=check, start_new_session=True, **streams).returncode
