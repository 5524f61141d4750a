"""What every test may ask for: the five people's browsers, and a sandbox cloud of its own."""

import threading
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from recorder_app.reports.numbers import REMEMBERED
from recorder_app.services import clients
from tests import factories
from tests.people import ROLE_OF, person


@pytest.fixture(autouse=True)
def _no_sums_of_another_test() -> None:
    """Each test begins with the same keys again, so what is remembered by them has to go."""
    REMEMBERED.clear()


@pytest.fixture
def client_of(db):
    """``client_of("support")`` is a browser in which support has signed in."""

    def signed_in(who: str) -> Client:
        browser = Client()
        browser.force_login(person(who))
        return browser

    return signed_in


@pytest.fixture
def operator_client(client_of) -> Client:
    return client_of("operator")


@pytest.fixture
def support_client(client_of) -> Client:
    return client_of("support")


@pytest.fixture
def manager_client(client_of) -> Client:
    return client_of("manager")


@pytest.fixture
def admin_client(client_of) -> Client:
    return client_of("admin")


@pytest.fixture
def stranger_client(client_of) -> Client:
    return client_of("stranger")


@pytest.fixture(params=list(ROLE_OF))
def anybody(request, client_of) -> tuple[str, Client]:
    """Each of the five people in turn."""
    return request.param, client_of(request.param)


@pytest.fixture
def sandbox() -> Iterator:
    """A sandbox cloud on a free port, without a limit of calls a second."""
    from recorder_app.sandbox import SandboxServer

    with SandboxServer(
        accounts={factories.SECRET_ID: factories.SECRET_KEY},
        apps=[("tiw", 1400000001), ("gme", 3400352518)],
        rate=100_000,
    ) as server:
        yield server


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until ``clock.shift(seconds)``, for the dashboard and an in-process sandbox alike."""
    with time_machine.travel(factories.NOW, tick=False) as standing:
        yield standing


@pytest.fixture(autouse=True)
def _connections_closed() -> Iterator[None]:
    """No connection to one test's sandbox outlives it."""
    yield
    clients.close_all()


@pytest.fixture
def together():
    """``together(100, work)`` runs ``work`` in that many threads at the same moment; answers what each returned."""

    def run(count: int, work) -> list:
        from django.db import connection

        results: list = [None] * count
        gate = threading.Barrier(count)

        def one(index: int) -> None:
            gate.wait()
            try:
                results[index] = work()
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=(index,)) for index in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    return run
