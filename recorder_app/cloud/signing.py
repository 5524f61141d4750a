"""TC3-HMAC-SHA256, the signature of API 3.0, as a ``requests`` auth object.

Source: documentation page "Signature v3". The small functions follow its four steps and are pure; ``TC3Auth``
puts them on a request and keeps the key of the day, which is good for one UTC date and one service.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase

from recorder_app.cloud.endpoints import host_of

ALGORITHM = "TC3-HMAC-SHA256"
SIGNED_HEADERS = "content-type;host"  # what the official SDK signs; nothing else is compulsory
_DAY = 86400  # seconds


def utc_date(timestamp: int) -> str:
    """Return the UTC date of a Unix time in seconds as ``YYYY-MM-DD``, never the local one."""
    return time.strftime("%Y-%m-%d", time.gmtime(timestamp))


def canonical_request(method: str, query: str, headers: Mapping[str, str], payload: bytes) -> str:
    """Return step 1, the canonical request.

    ``query`` is the encoded query exactly as sent ("" for POST), ``headers`` are those to sign, ``payload`` is
    the body exactly as sent (empty for GET). Source: "Signature v3", step 1.
    """
    block = _header_block(tuple(headers.items()))
    return f"{method}\n/\n{query}\n{block}\n{hashlib.sha256(payload).hexdigest()}"


@lru_cache(maxsize=64)  # they are the same for every call of an account
def _header_block(headers: tuple[tuple[str, str], ...]) -> str:
    lines = sorted((name.strip().lower(), value.strip().lower()) for name, value in headers)
    return (
        "".join([f"{name}:{value}\n" for name, value in lines]) + "\n" + ";".join([name for name, _ in lines])
    )


def string_to_sign(timestamp: int, date: str, service: str, canonical: str) -> str:
    """Return step 2: ``timestamp`` is Unix time in seconds, ``date`` its UTC date. Source: "Signature v3"."""
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return f"{ALGORITHM}\n{timestamp}\n{date}/{service}/tc3_request\n{digest}"


def signing_key(secret_key: str, date: str, service: str) -> bytes:
    """Return the 32 bytes of step 3 that sign everything of one UTC date and one service ("tiw", "gme")."""
    key = f"TC3{secret_key}".encode()
    for part in (date, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def signature(key: bytes, text: str) -> str:
    """Return the lower-case hexadecimal signature of a string to sign under a signing key."""
    return hmac.digest(key, text.encode(), "sha256").hex()


class TC3Auth(AuthBase):
    """Signs a prepared request, POST with a body or GET with a query, and sets the headers that belong to it.

    ``clock`` gives Unix time in seconds. A Host or Content-Type header that is already there is signed as it
    is; where one is missing, it is set to what the request implies. One object serves any number of threads.
    """

    def __init__(
        self,
        secret_id: str,
        secret_key: str,
        *,
        service: str,
        token: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.secret_id = secret_id
        self.service = service
        self._secret_key = secret_key
        self._token = token
        self._clock = clock
        # Number of the day, its date, its key: swapped as one tuple, so that threads never mix two days.
        self._today: tuple[int, str, bytes] = (-1, "", b"")

    def __repr__(self) -> str:
        return f"TC3Auth(secret_id={self.secret_id!r}, service={self.service!r})"

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign ``request`` in place and return it. Raises TypeError when its body is not text or bytes."""
        url = urlsplit(request.url)
        headers = request.headers
        if "Host" not in headers:
            headers["Host"] = host_of(url)
        if "Content-Type" not in headers:
            headers["Content-Type"] = _content_type(request.method)
        timestamp = int(self._clock())
        date, key = self._key_of(timestamp)
        signed = {"content-type": headers["Content-Type"], "host": headers["Host"]}
        canonical = canonical_request(request.method, url.query, signed, _payload(request))
        text = string_to_sign(timestamp, date, self.service, canonical)
        headers["X-TC-Timestamp"] = str(timestamp)
        if self._token:
            headers["X-TC-Token"] = self._token
        headers["Authorization"] = (
            f"{ALGORITHM} Credential={self.secret_id}/{date}/{self.service}/tc3_request, "
            f"SignedHeaders={SIGNED_HEADERS}, Signature={signature(key, text)}"
        )
        return request

    def _key_of(self, timestamp: int) -> tuple[str, bytes]:
        day = timestamp // _DAY
        kept, date, key = self._today
        if kept != day:
            date = utc_date(timestamp)
            key = signing_key(self._secret_key, date, self.service)
            self._today = (day, date, key)
        return date, key


def _content_type(method: str) -> str:
    return "application/x-www-form-urlencoded" if method == "GET" else "application/json"


def _payload(request: PreparedRequest) -> bytes:
    """The bytes that will be sent, which are the bytes to hash: a text body is encoded here, once."""
    body = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        body = request.body = body.encode()
    if not isinstance(body, bytes):
        raise TypeError("Only a request whose body is text or bytes can be signed.")
    return body
