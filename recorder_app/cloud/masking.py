"""Replacing what must stay secret before anything is stored or shown."""

from typing import Any

MASK = "***"

# Compared without case: the API, its callbacks and the SDKs spell the same thing differently.
_SECRET_NAMES = frozenset({
    "recordusersig", "usersig", "callbackkey", "secretkey", "authorization", "token", "x-tc-token",
    "password", "sdkkey", "tls.sig",
})  # fmt: skip


def is_secret(name: str) -> bool:
    """Tell whether a value under this name (an API field, dotted or not) must never be shown."""
    whole = name.lower()
    last = whole.rpartition(".")[2]
    return whole in _SECRET_NAMES or last in _SECRET_NAMES or last.startswith("sign")


def masked(value: Any) -> Any:
    """Return a deep copy of parameters or of an answer with every secret value replaced by ``MASK``.

    ``value`` is anything JSON can hold. Empty values stay as they are: "no key is set" is worth seeing and
    gives nothing away.
    """
    if isinstance(value, dict):
        return {key: MASK if item and is_secret(str(key)) else masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return value
