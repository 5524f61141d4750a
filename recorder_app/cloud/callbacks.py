"""What the cloud reports by itself: verifying a callback and reading what it claims.

A callback is a hint. TIW's Sign covers a key and a time but not the body, GME's Signature covers the body but no
time: so whatever is read here is confirmed by asking the cloud before it counts. Source: callbacks.md.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NoReturn

# The longest events documented, a finished class with its videos, have a few kilobytes.
MOST_BYTES = 1024 * 1024
_LONGEST_APP_ID = 20
_LONGEST_EVENT_TYPE = 60
_LONGEST_TASK_ID = 64
_LONGEST_RECORD_USER_ID = 80
_LONGEST_NAME = 200
_LONGEST_FILE_NAME = 500
# Whose voice a mixed file is: nobody's. The API writes it so, the callback page leaves it open (callbacks.md B3).
MIXED_USER = "0"
# Moments beyond this year are milliseconds, or nonsense.
_LAST_SECOND = 4_102_444_800


class CallbackRefused(Exception):
    """A callback that must not be applied; ``reason`` is the word it is counted under."""

    reason = ""


class Malformed(CallbackRefused):
    """It cannot be read: no JSON, no object, or a value that cannot be what its name says."""

    reason = "malformed"


class Forged(CallbackRefused):
    """Its signature is missing, unreadable, or was not made with the key that is stored here."""

    reason = "forged"


class Expired(CallbackRefused):
    """It was signed with the right key, for a time that is over."""

    reason = "expired"


class NoKey(CallbackRefused):
    """It has to be checked with a key, and none is stored here."""

    reason = "no_key"


@dataclass(frozen=True)
class FileClaim:
    """What a GME callback says of one file. ``stage``: 1 recording, 2 recorded, 3 uploaded (callbacks.md B3)."""

    name: str
    owner: str
    number: int | None
    stage: int


@dataclass(frozen=True)
class Claim:
    """What one callback says. Identifiers are text with every digit; "" stands for what it does not name.

    ``event_type`` is TIW's word or GME's number as text, ``occurred_at`` when the cloud says it was sent,
    ``identity`` the same for every delivery of the same event, ``signature_form`` how it proved itself ("md5",
    "base64", "hex", or "" where there was nothing to prove it with), ``file`` only with GME.
    """

    app_id: str
    event_type: str
    task_id: str
    room_id: str
    record_user_id: str
    occurred_at: datetime | None
    identity: str
    signature_form: str = ""
    file: FileClaim | None = None


def tiw_sign(key: str, expire_time: int) -> str:
    """TIW's Sign for a key and an expiry in Unix seconds: lower-hex MD5 of both, joined (callbacks.md A3)."""
    return hashlib.md5(f"{key}{expire_time}".encode(), usedforsecurity=False).hexdigest()


def read_tiw(body: bytes, *, key: str, now: float) -> Claim:
    """Verify a TIW callback and return what it claims.

    ``body`` is the raw body, ``key`` the application's callback key ("" where none is set: then the cloud does not
    sign, and the secret address is the only proof), ``now`` Unix seconds. Raises ``Malformed``, ``Forged`` (also
    for an unsigned message where a key is set) and ``Expired``. Source: callbacks.md A2 to A5, which say that Sign
    counts up to and including ExpireTime.
    """
    message = _object(body)
    if not key:
        return _tiw_claim(message)
    _verify_tiw(message, key, now)
    return replace(_tiw_claim(message), signature_form="md5")


def read_gme(body: bytes, *, signature: str, key: str) -> Claim:
    """Verify a GME callback and return what it claims.

    ``signature`` is the header Signature, ``key`` the permission key of the application from the console. Raises
    ``NoKey``, ``Forged`` and ``Malformed``. Source: callbacks.md B2, B3.
    """
    if not key:
        raise NoKey
    form = _gme_signature_form(body, signature, key)
    if not form:
        raise Forged
    return replace(parse_gme(body), signature_form=form)


def _gme_signature_form(body: bytes, signature: str, key: str) -> str:
    """How a right signature is written, "base64" or "hex"; "" for a wrong one.

    The documents name HMAC-SHA1 over the raw body and leave its spelling open, so both usual ones count; the length
    decides, and the comparison takes the same time wherever they differ. Source: callbacks.md B2.
    """
    digest = hmac.digest(key.encode(), body, "sha1")
    spellings = {28: ("base64", base64.b64encode(digest)), 40: ("hex", digest.hex().encode())}
    form, expected = spellings.get(len(signature), ("", b""))
    return form if form and hmac.compare_digest(expected, signature.encode(errors="replace")) else ""


def parse_gme(body: bytes) -> Claim:
    """What a GME callback that was verified before claims. Raises ``Malformed``. Source: callbacks.md B3."""
    message = _object(body)
    detail = message.get("Detail") or {}
    if not isinstance(detail, dict):
        raise Malformed
    number = _whole(detail.get("SeqNo"))
    name = _text(detail.get("FileName"), _LONGEST_FILE_NAME)
    event_type = _needed(_identifier(message.get("EventType"), _LONGEST_EVENT_TYPE))
    task_id = _identifier(message.get("TaskID"), _LONGEST_TASK_ID)
    owner = _identifier(message.get("UserID"), _LONGEST_NAME)
    stage = int(event_type) if event_type in ("1", "2", "3") else 0
    return Claim(
        app_id=_identifier(message.get("BizID"), _LONGEST_APP_ID),
        event_type=event_type,
        task_id=task_id,
        room_id=_identifier(message.get("RoomID"), _LONGEST_NAME),
        record_user_id="",
        occurred_at=moment(message.get("Timestamp")),
        # What the page itself names as the keys of a repetition, see callbacks.md B2.
        identity=json.dumps([task_id, event_type, owner, number, name]),
        file=FileClaim(name, owner, number, stage) if name and stage else None,
    )


def moment(value: Any) -> datetime | None:
    """A time in Unix seconds, or in milliseconds where it is too large for seconds; None for anything else.

    The documents leave the unit of some times open (callbacks.md A4): their size tells.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    seconds = value if value <= _LAST_SECOND else value // 1000
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds <= _LAST_SECOND else None


def _verify_tiw(message: dict[str, Any], key: str, now: float) -> None:
    sign, expire_time = message.get("Sign"), message.get("ExpireTime")
    if not isinstance(sign, str) or _whole(expire_time) is None:
        raise Forged
    if not hmac.compare_digest(tiw_sign(key, expire_time).encode(), sign.encode(errors="replace")):
        raise Forged
    if now > expire_time:
        raise Expired


def _tiw_claim(message: dict[str, Any]) -> Claim:
    data = message.get("EventData")
    if not isinstance(data, dict):
        raise Malformed
    event_type = _needed(_text(message.get("EventType"), _LONGEST_EVENT_TYPE))
    return Claim(
        app_id=_identifier(message.get("SdkAppId"), _LONGEST_APP_ID),
        event_type=event_type,
        # An older failure event names no task (callbacks.md A5).
        task_id=_identifier(data.get("TaskId"), _LONGEST_TASK_ID),
        room_id=_identifier(data.get("RoomId"), _LONGEST_NAME),
        record_user_id=_text(data.get("RecordUserId"), _LONGEST_RECORD_USER_ID),
        occurred_at=moment(message.get("Timestamp")),
        # Repetitions carry a time, an expiry and a Sign of their own.
        identity=_canonical([event_type, data]),
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(message, dict):
        raise Malformed
    return message


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _canonical(value: Any) -> str:
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        raise Malformed from None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any, longest: int) -> str:
    """A text that every database takes; absent and null are ""."""
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        raise Malformed
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a pair of surrogates
        raise Malformed from None
    return value


def _identifier(value: Any, longest: int) -> str:
    """A number with all its digits, or a text: the products write the same identifier either way."""
    whole = _whole(value)
    if whole is not None and abs(whole) >= 10**longest:
        raise Malformed
    return _text(value if whole is None else str(whole), longest)


def _needed(text: str) -> str:
    if not text:
        raise Malformed
    return text
