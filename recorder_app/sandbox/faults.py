"""Misbehaviour on demand: which faults wait, and which of them strike a call.

A fault is ``{"action": name or "*", "kind": ..., "count": n or "probability": p, ...}``; without count and
probability it strikes every call until it is cleared. Of each group below one fault at most strikes a call.

======================  =====================================================================================
kind                    what happens, and which further fields it takes
======================  =====================================================================================
``skew``                the clock is off by ``seconds``: the signature's window and the Date header
``delay``               the call takes ``seconds`` longer
``drop_before``         the connection is cut and nothing was done
``drop_after``          the work is done and the connection is cut
``error``               the answer is the error ``code`` with ``message``
``http_status``         the answer has HTTP status ``status`` and no API body
``garbage``             the answer has HTTP status 200 and a body that is no JSON
======================  =====================================================================================

``delay``, ``error``, ``http_status`` and ``garbage`` strike before the work, which (save for ``delay``) is then
never done; with ``"after": true`` they strike after it.
"""

import math
import secrets
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass

SKEW, DELAY = "skew", "delay"
DROP_BEFORE, DROP_AFTER, ERROR, HTTP_STATUS, GARBAGE = ENDINGS = (
    "drop_before",
    "drop_after",
    "error",
    "http_status",
    "garbage",
)
KINDS = (SKEW, DELAY, *ENDINGS)
_LONGEST_DELAY = 600  # seconds
_LARGEST_SKEW = 366 * 86400  # seconds


@dataclass
class Fault:
    """One waiting fault; ``count`` goes down as it strikes."""

    kind: str
    action: str = "*"
    count: int | None = None
    probability: float | None = None
    seconds: float = 0.0
    code: str = "InternalError"
    message: str = "The service has an internal fault."
    status: int = 502
    after: bool = False

    @property
    def is_spent(self) -> bool:
        return self.count is not None and self.count <= 0

    def strikes(self, action: str) -> bool:
        if self.is_spent or self.action not in ("*", action):
            return False
        return self.probability is None or secrets.randbelow(1_000_000) < self.probability * 1_000_000


@dataclass(frozen=True)
class Strike:
    """The faults that meet one call."""

    skew: float = 0.0
    delay: Fault | None = None
    ending: Fault | None = None


def read_fault(values: object) -> Fault:
    """One fault from its JSON object. Raises ValueError with a sentence that says what is wrong."""
    if not isinstance(values, dict):
        raise ValueError("A fault is an object with at least a kind.")
    unknown = set(values) - set(Fault.__dataclass_fields__)
    if unknown:
        raise ValueError(f"A fault has no {sorted(unknown)[0]}.")
    if values.get("kind") not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}.")
    fault = Fault(**values)
    numbers = {"seconds": fault.seconds, "probability": fault.probability, "count": fault.count}
    for name, value in numbers.items():
        if value is not None and (type(value) not in (int, float) or not math.isfinite(value)):
            raise ValueError(f"{name} must be a number.")
    if fault.probability is not None and not 0 <= fault.probability <= 1:
        raise ValueError("probability lies between 0 and 1.")
    if abs(fault.seconds) > _LARGEST_SKEW:
        raise ValueError(f"seconds lie between -{_LARGEST_SKEW} and {_LARGEST_SKEW}.")
    if fault.kind == DELAY and not 0 <= fault.seconds <= _LONGEST_DELAY:
        raise ValueError(f"A delay lasts from 0 to {_LONGEST_DELAY} seconds.")
    if not isinstance(fault.status, int) or not 400 <= fault.status <= 599:
        raise ValueError("status lies between 400 and 599.")
    if not all(isinstance(text, str) for text in (fault.action, fault.code, fault.message)):
        raise ValueError("action, code and message are texts.")
    return fault


class Faults:
    """The waiting faults, safe to use from any thread."""

    def __init__(self):
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, faults: Iterable[Fault]) -> None:
        with self._lock:
            self._waiting.extend(faults)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def as_json(self) -> list[dict]:
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def strike(self, action: str) -> Strike:
        """Take the faults that meet a call of this action."""
        if not self._waiting:
            return Strike()
        with self._lock:
            skew = self._take(action, (SKEW,))
            strike = Strike(
                skew=skew.seconds if skew else 0.0,
                delay=self._take(action, (DELAY,)),
                ending=self._take(action, ENDINGS),
            )
            self._waiting = [fault for fault in self._waiting if not fault.is_spent]
            return strike

    def _take(self, action: str, kinds: tuple[str, ...]) -> Fault | None:
        for fault in self._waiting:
            if fault.kind in kinds and fault.strikes(action):
                if fault.count is not None:
                    fault.count -= 1
                return fault
        return None
