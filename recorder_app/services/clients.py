"""The cloud clients of this process: one per account, product and region, so that connections stay warm."""

from threading import Lock

from django.conf import settings

from recorder_app.cloud.client import CloudClient, Credentials
from recorder_app.cloud.products import default_region
from recorder_app.models import CloudAccount

_clients: dict[tuple[int, str, str], tuple[object, CloudClient]] = {}
_lock = Lock()


def client_for(account: CloudAccount, *, product: str, region: str) -> CloudClient:
    """The client that signs with this account's key; a new one when the account has been changed since.

    The account's own row is the only state: what is kept here is a pool of connections.
    """
    place = (account.pk, product, region)
    version = (account.changed_at, account.endpoint, account.secret_id)
    with _lock:
        known = _clients.get(place)
        if known and known[0] == version:
            return known[1]
        client = _make(account, product, region)
        # The one it replaces may be in use by another thread; it closes when the last of them lets go of it.
        _clients[place] = (version, client)
        return client


def default_region_of(account: CloudAccount, product: str) -> str:
    """The region of a call that belongs to no application, e.g. the test of an account."""
    return default_region(product, account.edition)


def close_all() -> None:
    """Let go of every connection, e.g. at the end of a test."""
    with _lock:
        for _version, client in _clients.values():
            client.close()
        _clients.clear()


def _make(account: CloudAccount, product: str, region: str) -> CloudClient:
    return CloudClient(
        product,
        Credentials(account.secret_id, account.secret_key, account.token),
        region=region,
        endpoint=account.endpoint,
        connect_timeout=settings.CLOUD_CONNECT_TIMEOUT,
        read_timeout=settings.CLOUD_READ_TIMEOUT,
        proxy=settings.CLOUD_PROXY,
        ca_bundle=settings.CLOUD_CA_BUNDLE,
        language=settings.CLOUD_LANGUAGE,
    )
