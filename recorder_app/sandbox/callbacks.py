"""Signed callbacks: how they are signed, where they may go, and the thread that posts them.

Source: callbacks.md (pages of TIW's callback overview and GME's recording callback).
"""

import base64
import hashlib
import hmac
import http.client
import ipaddress
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from recorder_app.sandbox.state import Event, State

ANSWER_WITHIN = 10.0  # seconds
RETRY_AFTER = 5.0  # seconds
ATTEMPTS = 6  # the first one and five more
_LOOK_EVERY = 0.05  # seconds between two looks for due events
_AT_ONCE = 4
_AT_A_LOOK = 50


@dataclass(frozen=True)
class Delivery:
    """One callback ready to be posted."""

    url: str
    body: bytes
    headers: dict[str, str]


def tiw_sign(key: str, expire_time: int) -> str:
    """TIW's Sign: lower-hex MD5 of the key directly followed by the expiry, Unix seconds (callbacks.md A3)."""
    return hashlib.md5(f"{key}{expire_time}".encode(), usedforsecurity=False).hexdigest()


def gme_signature(key: str, body: bytes) -> str:
    """GME's Signature header: HMAC-SHA1 of the raw body (callbacks.md B2).

    The reference does not tell how the 20 bytes are written; base64 is what the sister callback documents.
    """
    return base64.b64encode(hmac.digest(key.encode(), body, "sha1")).decode()


def is_loopback(url: str) -> bool:
    """Whether an address leads to this machine: a sandbox has no business anywhere else."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port  # raises ValueError where the port is none
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def post(delivery: Delivery) -> str:
    """Post one callback; returns the HTTP status as text, or what went wrong. Redirects are not followed."""
    if not is_loopback(delivery.url):
        return "not a loopback address"
    parts = urlsplit(delivery.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=ANSWER_WITHIN)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, delivery.body, delivery.headers)
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return type(error).__name__
    finally:
        connection.close()


class Postman:
    """Posts due callbacks in the background and repeats them as documented: 5 times, 5 seconds apart.

    ``deliver`` turns an event into a Delivery, or None where nobody listens.
    """

    def __init__(
        self,
        state: State,
        deliver: Callable[[Event, float], Delivery | None],
        *,
        clock: Callable[[], float],
        speed: float,
    ):
        self._state = state
        self._deliver = deliver
        self._clock = clock
        self._speed = speed
        self._stopping = threading.Event()
        self._hands = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sandbox-callback")
        self._thread = threading.Thread(target=self._run, name="sandbox-postman", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._hands.shutdown(cancel_futures=True)

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY):
            for event in self._state.claim_due_events(self._clock(), _AT_A_LOOK):
                self._hands.submit(self._attempt, event)

    def _attempt(self, event: Event) -> None:
        delivery = self._deliver(event, self._clock())
        if delivery is None:
            self._state.finish_event(event.number, "no address")
            return
        result = post(delivery)
        if result == "200":
            self._state.finish_event(event.number, "delivered")
        elif event.attempts + 1 < ATTEMPTS:
            again = self._clock() + RETRY_AFTER / self._speed
            self._state.finish_event(event.number, "pending", again)
        else:
            self._state.finish_event(event.number, f"given up: {result}")
