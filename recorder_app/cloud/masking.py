"""Replacing what must stay secret before anything is stored or shown."""

import re
from typing import Any

MASK = "***"

# Compared without case: the API, its callbacks and the SDKs spell the same thing differently.
_SECRET_NAMES = frozenset({
    "recordusersig", "usersig", "callbackkey", "secretkey", "authorization", "token", "x-tc-token",
    "password", "sdkkey", "tls.sig",
})  # fmt: skip

# The path at which our own receivers hear the cloud, as it is or as some encoders write it; what follows is its secret.
_SLASH = r"(?:\\{0,4}/|%2F)"
_OUR_PATH = re.compile(rf"({_SLASH}callbacks{_SLASH}(?:tiw|gme){_SLASH})[\w*-]+", re.ASCII | re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?P<scheme>https?://)(?:[^/?#]*@)?(?P<host>[^/?#]+)(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)


def is_secret(name: str) -> bool:
    """Tell whether a value under this name (an API field, dotted or not) must never be shown."""
    whole = name.lower()
    last = whole.rpartition(".")[2]
    return whole in _SECRET_NAMES or last in _SECRET_NAMES or last.startswith("sign")


def masked(value: Any) -> Any:
    """Return a deep copy of parameters or of an answer with every secret value replaced by ``MASK``.

    ``value`` is anything JSON can hold. Empty values stay as they are: "no key is set" is worth seeing and
    gives nothing away. Of an address for callbacks, in whatever text it stands, only the secret part is replaced.
    """
    if isinstance(value, dict):
        return {key: _masked_item(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return without_tokens(value) if isinstance(value, str) else value


def without_tokens(text: str) -> str:
    """Return a text in which no address of ours for callbacks gives away its secret part."""
    return _OUR_PATH.sub(rf"\1{MASK}", text)


def without_path(address: str) -> str:
    """Return an address for callbacks of which the host can be read, and the path only as far as it is ours.

    What another system's address means is not known here, so all that follows its host may be secret.
    """
    parts = _ADDRESS.fullmatch(address)
    if parts is None:
        return without_tokens(address)
    ours = _OUR_PATH.search(parts["rest"])
    path = parts["rest"][: ours.end()] if ours else f"/{MASK}" if parts["rest"].strip("/") else ""
    return parts["scheme"] + parts["host"] + without_tokens(path)


def _masked_item(name: str, item: Any) -> Any:
    if item and is_secret(name):
        return MASK
    if isinstance(item, str) and name.rpartition(".")[2].lower() == "callback":
        return without_path(item)
    return masked(item)
