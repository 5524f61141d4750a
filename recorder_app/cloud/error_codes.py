"""Every documented error code: what it means, which field it points at, whether to repeat, what to do.

Source: pages StartOnlineRecord, StartRecord and "Error codes"; the tables lie in ``catalogue``.
"""

from dataclasses import replace

from recorder_app.cloud.catalogue import common, gme, tiw
from recorder_app.cloud.catalogue.common import SDK_CODES, UNKNOWN
from recorder_app.cloud.catalogue.entry import ErrorCode, Retry
from recorder_app.cloud.catalogue.fields import field_in

__all__ = ["ALL", "SDK_CODES", "ErrorCode", "Retry", "explain", "retry_for"]

ALL: tuple[ErrorCode, ...] = (*tiw.CODES, *gme.CODES, *common.CODES)

# These families say that something is wrong with a field, and leave it to the message to say with which.
_FIELD_FAMILIES = ("InvalidParameter", "InvalidParameterValue", "MissingParameter", "UnknownParameter")


def _by_code() -> dict[str, tuple[ErrorCode, ...]]:
    entries: dict[str, tuple[ErrorCode, ...]] = {}
    for entry in (*ALL, *SDK_CODES):
        entries[entry.code] = (*entries.get(entry.code, ()), entry)
    return entries


_ENTRIES = _by_code()


def explain(code: str, product: str = "", message: str = "", action: str = "") -> ErrorCode:
    """Return what is known about ``code``, with the field to mark.

    A code that is not in the documents is explained as the next more general one (``A.B.C`` as ``A.B``, then
    as ``A``), and keeps its own name in the result. Where products ("tiw", "gme") use one code differently,
    the entry of ``product`` is taken; ``action`` narrows that further. ``message`` is searched for the name
    of a field where the code itself points at none. Never raises.
    """
    entry = _entry(code, product, action)
    named = field_in(message) if _asks_the_message(entry) else ""
    return replace(entry, code=code, field=named or entry.field)


def retry_for(code: str, action_name: str, product: str = "") -> Retry:
    """Return whether a call of ``action_name`` that was refused with ``code`` may be made again.

    Some codes leave open whether a start took effect (``UNSAFE``), while the same code on any other action
    only asks for patience. A code of no known family counts as such, because nothing says that it is safe.
    Source: page "Error codes"; the advice is our own reading of it.
    """
    return _entry(code, product, action_name).retry_for(action_name)


def _entry(code: str, product: str, action: str) -> ErrorCode:
    while code:
        if code in _ENTRIES:
            return max(_ENTRIES[code], key=lambda entry: _fitness(entry, product, action))
        code = code.rpartition(".")[0]
    return UNKNOWN


def _fitness(entry: ErrorCode, product: str, action: str) -> tuple[bool, bool, bool]:
    """How well an entry fits, to choose among several of one code; the first of equals is taken."""
    named = [name for name in entry.actions if isinstance(name, str)]  # the words instead of names are lazy
    elsewhere = bool(action and named) and action not in named
    return (not elsewhere, entry.products == (product,), not product and len(entry.products) > 1)


def _asks_the_message(entry: ErrorCode) -> bool:
    return entry.code.partition(".")[0] in _FIELD_FAMILIES and (
        not entry.field or entry.code in _FIELD_FAMILIES
    )
