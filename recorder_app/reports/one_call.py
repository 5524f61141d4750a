"""What the page of one call tells beside the call itself: other attempts, its waiting, the clocks."""

import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from recorder_app.cloud.products import action_of
from recorder_app.models import ApiCall, Person

MOST_ATTEMPTS = 20
# The cloud's Date header counts whole seconds, and the answer takes a moment to arrive.
AGREE_WITHIN = timedelta(seconds=2)
# Further off than this, the cloud refuses a signature. Source: page "Signature v3".
REFUSED_FROM = timedelta(minutes=5)
# Characters of JSON above which a value is shown folded.
LONG = 6000


class Clocks(StrEnum):
    """How the cloud's clock and this machine's stood to each other when the answer came."""

    UNKNOWN = "unknown"
    AGREE = "agree"
    OFF = "off"
    WRONG = "wrong"


@dataclass(frozen=True)
class Beside:
    """``waited_ms`` is how long it waited for its turn; ``apart`` how far the clocks were from each other, ``is_ahead``
    whether the cloud's was ahead; ``attempts`` are the calls with the same action for the same recording, oldest
    first, itself among them, or none where it was the only one."""

    attempts: list[ApiCall]
    waited_ms: int | None
    clocks: Clocks
    apart: timedelta
    is_ahead: bool
    request_is_long: bool
    answer_is_long: bool
    is_read: bool


def beside(call: ApiCall, *, person: Person) -> Beside:
    """What is to be told beside a call; one query for a call that changes something, none for a question."""
    offset = timedelta(milliseconds=call.clock_offset_ms or 0)
    waited = call.sent_at - call.created_at if call.sent_at else None
    return Beside(
        attempts=_attempts(call, person),
        waited_ms=max(0, round(waited / timedelta(milliseconds=1))) if waited is not None else None,
        clocks=_clocks(call.clock_offset_ms),
        apart=abs(offset),
        is_ahead=offset > timedelta(),
        request_is_long=_is_long(call.params),
        answer_is_long=_is_long(call.answer),
        is_read=action_of(call.action).is_read,
    )


def _attempts(call: ApiCall, person: Person) -> list[ApiCall]:
    if not call.recording_id or action_of(call.action).is_read:
        return []
    same = ApiCall.objects.visible_to(person).filter(recording_id=call.recording_id, action=call.action)
    shown = same.only("action", "outcome", "error_code", "attempt", "created_at", "by_name", "product")
    found = list(shown.newest_first()[:MOST_ATTEMPTS])
    return found[::-1] if len(found) > 1 else []


def _clocks(offset_ms: int | None) -> Clocks:
    if offset_ms is None:
        return Clocks.UNKNOWN
    apart = timedelta(milliseconds=abs(offset_ms))
    if apart <= AGREE_WITHIN:
        return Clocks.AGREE
    return Clocks.OFF if apart < REFUSED_FROM else Clocks.WRONG


def _is_long(value: object) -> bool:
    return value is not None and len(json.dumps(value)) > LONG
