"""Reading what the cloud answers, strictly: whatever is not of the documented form counts as no answer."""

import json
import math
import re
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

KEPT_TEXT = 2048  # bytes of an unusable answer that are kept for support
_MAX_REQUEST_ID = 80  # characters; the documented ones have 36
_MAX_CODE = 120
_MAX_TASK_ID = 64
_MAX_DEPTH = 200  # nested deeper than any answer, and shallower than what copying it could bear

# Escapes of what no database stores: NUL, and halves of characters outside the first plane.
_SUSPICIOUS = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class Unusable(Exception):
    """An answer from which the outcome cannot be told; the text is a translated reason."""


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is beyond every number a database stores")
    return number


# Integers of any length stay exact; NaN and Infinity, which Python would accept, are no JSON.
_decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def response_of(text: str) -> dict[str, Any]:
    """Return the object under "Response". Raises ``Unusable``. Source: page "Responses"."""
    try:
        envelope = _decoder.decode(text)
    except (ValueError, RecursionError):
        raise Unusable(_("it is not JSON.")) from None
    response = envelope.get("Response") if isinstance(envelope, dict) else None
    if not isinstance(response, dict):
        raise Unusable(_("it holds no Response."))
    if _is_deeper(response, _MAX_DEPTH):
        raise Unusable(_("it is nested too deeply."))
    return _storable(response) if _SUSPICIOUS.search(text) else response


def _is_deeper(value: Any, most: int) -> bool:
    """Whether a value is nested more than ``most`` times; looked at level by level, so that depth costs no stack."""
    level = [value]
    for _depth in range(most):
        inner = [item for item in level if isinstance(item, dict | list)]
        if not inner:
            return False
        level = [child for item in inner for child in (item.values() if isinstance(item, dict) else item)]
    return True


def request_id_of(response: dict[str, Any]) -> str:
    """Return the RequestId, opaque text, or "" where there is none of a plausible form."""
    request_id = response.get("RequestId")
    return request_id if isinstance(request_id, str) and len(request_id) <= _MAX_REQUEST_ID else ""


def error_of(response: dict[str, Any]) -> tuple[str, str] | None:
    """Return code and message of an error answer, None when it is none. Raises ``Unusable``.

    The cloud sends errors with HTTP 200, so this alone tells them. Source: page "Responses".
    """
    if "Error" not in response:
        return None
    error = response["Error"]
    code = error.get("Code") if isinstance(error, dict) else None
    if not isinstance(code, str) or not 0 < len(code) <= _MAX_CODE:
        raise Unusable(_("it reports an error without a code."))
    message = error.get("Message")
    return code, message if isinstance(message, str) else ""


def has_task_id(response: dict[str, Any]) -> bool:
    """Tell whether an answer names a task: TIW text, GME a whole number. Source: StartOnlineRecord, StartRecord."""
    task_id = response.get("TaskId")
    if isinstance(task_id, str):
        return 0 < len(task_id.strip()) <= _MAX_TASK_ID
    return isinstance(task_id, int) and not isinstance(task_id, bool) and 0 < task_id < 2**64


@lru_cache(maxsize=8)  # the header changes once a second only
def seconds_of(date: str) -> float | None:
    """Return a Date header as Unix time in seconds, None when it is not one."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _storable(value: Any) -> Any:
    """A copy in which characters that no database takes are replaced by the usual mark."""
    if isinstance(value, str):
        whole = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return whole.replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return value


def answer_to_keep(text: str) -> dict[str, Any] | str:
    """Return what is kept of an answer to a failed call: the Response, or the beginning of the text that came."""
    try:
        return response_of(text)
    except Unusable:
        return _storable(text.encode(errors="replace")[:KEPT_TEXT].decode(errors="ignore"))
