"""A dashboard whose PostgreSQL is stopped and started again, while nobody restarts anything else."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.processes import Installation, signed_in, start_form, wait_until
from tests.soak.verdict import truth

HTML = {"Accept": "text/html,application/xhtml+xml"}
# Seconds: four for the pool, and room for two busy cores; without all this it was ten, and minutes to recover.
SOON = 12.0


class Operator:
    """One operator's browser."""

    def __init__(self, installation: Installation) -> None:
        self.address = installation.address
        self.session = signed_in(self.address)
        self.form = start_form(self.session, self.address, "tiw")

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.address + path, headers=HTML, timeout=30)

    def start(self, room: int) -> requests.Response:
        form = {**self.form, "RoomId": str(room), "RecordUserId": f"tic_record_user_{room}_1"}
        path = f"{self.address}/start/tiw/"
        return self.session.post(path, data=form, headers=HTML, allow_redirects=False, timeout=30)


@pytest.fixture
def operator(installation) -> Operator:
    return Operator(installation)


def tasks_of(installation: Installation, room: int) -> int:
    """How many tasks the sandbox has for a room."""
    return sum(task["RoomId"] == room for task in truth(installation.sandbox)["tasks"])


def starts(installation: Installation) -> int:
    return sum(call["Action"] == "StartOnlineRecord" for call in truth(installation.sandbox)["calls"])


def test_page_and_callback_are_told_soon_and_everything_works_again_by_itself(
    installation, operator, postgresql, away
):
    callback = f"{installation.address}/callbacks/tiw/any-token-at-all/"
    before = (
        operator.get("/recordings/").status_code,
        requests.post(callback, json={}, timeout=30).status_code,
    )

    away()
    began = time.monotonic()
    page = operator.get("/recordings/")
    took = time.monotonic() - began
    callbacks = [requests.post(callback, json={}, timeout=30).status_code for _ in range(2)]
    ready = requests.get(f"{installation.address}/readyz", timeout=30)
    postgresql.start()
    is_back = wait_until(lambda: operator.get("/recordings/").status_code == 200, SOON)

    assert before == (200, 404)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "The dashboard cannot reach its database" in page.text
    assert took < SOON
    assert callbacks == [503, 503]
    assert (ready.status_code, "cannot reach its database" in ready.json()["database"]) == (503, True)
    assert is_back


def test_the_process_stays_awake_while_many_ask(installation, operator, away):
    away()
    with ThreadPoolExecutor(20) as pool:
        # More than there are threads, were each of them to wait for the database.
        pages = [pool.submit(operator.get, "/") for _ in range(60)]
        time.sleep(0.5)
        began = time.monotonic()
        alive = requests.get(f"{installation.address}/healthz", timeout=30)
        took = time.monotonic() - began

    assert {page.result().status_code for page in pages} == {503}
    assert (alive.status_code, alive.text) == (200, "ok\n")
    assert took < SOON


def test_a_start_sent_meanwhile_sends_nothing_and_starts_one_recording_when_sent_again(
    installation, operator, postgresql, away
):
    sent_before = starts(installation)

    away()
    told = [operator.start(1203).status_code for _ in range(3)]
    sent_meanwhile = starts(installation) - sent_before
    postgresql.start()
    assert wait_until(lambda: operator.get("/").status_code == 200, SOON)
    again = [operator.start(1203) for _ in range(2)]

    assert (told, sent_meanwhile) == ([503, 503, 503], 0)
    assert [answer.status_code for answer in again] == [302, 302]
    assert again[0].headers["Location"] == again[1].headers["Location"]
    assert (tasks_of(installation, 1203), starts(installation) - sent_before) == (1, 1)


def test_the_worker_goes_on_when_the_database_is_back(installation, operator, postgresql, away):
    page = operator.start(1204).headers["Location"]

    away()
    operator.get("/")
    postgresql.start()

    assert wait_until(lambda: "The cloud is recording this room" in operator.get(page).text, 60)
    assert "recorder_workers 1\n" in requests.get(f"{installation.address}/metrics", timeout=30).text
