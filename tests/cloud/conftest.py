"""Clients for the tests of this package."""

import pytest

from recorder_app.cloud.client import CloudClient
from tests.cloud.calls import KEYS, NOW


@pytest.fixture
def calling():
    """Make a client of a server; every client is closed at the end."""
    clients = []

    def make(server, product="tiw", credentials=KEYS, **options):
        endpoint = server if isinstance(server, str) else server.url
        options = {"endpoint": endpoint, "read_timeout": 5.0, "clock": lambda: NOW} | options
        clients.append(CloudClient(product, credentials, **options))
        return clients[-1]

    yield make
    for client in clients:
        client.close()
