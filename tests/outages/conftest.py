"""A PostgreSQL that may be stopped, and a dashboard on it; skipped where there is no PostgreSQL to run."""

from collections.abc import Callable, Iterator

import pytest

from tests.postgresql import PostgreSQL, is_installed
from tests.processes import Installation, answers, wait_until


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgreSQL]:
    if not is_installed():
        pytest.skip("no PostgreSQL 15 on this machine")
    with PostgreSQL() as server:
        yield server


@pytest.fixture(scope="module")
def installation(postgresql) -> Iterator[Installation]:
    """Web server, worker and sandbox; a cloud that keeps silent is given up soon enough for a test."""
    with Installation(postgresql.url, CLOUD_READ_TIMEOUT="3") as running:
        running.run("manage.py", "worker", "--threads", "4")
        yield running


@pytest.fixture
def away(installation, postgresql) -> Iterator[Callable[[], None]]:
    """``away()`` stops the database as a crash would; it is there again for the next test at the latest."""
    yield postgresql.stop
    if not postgresql.is_running:
        postgresql.start()
    # Each process of the web server finds out for itself that the database is back: so often in a row asks them all.
    page = f"{installation.address}/sign-in/"
    assert wait_until(lambda: all(answers(page) for _time in range(20)), within=60)
