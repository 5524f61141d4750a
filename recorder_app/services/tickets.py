"""The text of a ticket to the vendor: what was expected, what was seen, and every identifier the vendor asks for.

Plain data and two templates, English and Chinese: both are texts of the product, for the vendor's people to read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from django.template.loader import render_to_string

from recorder_app.choices import CallOutcome, Environment, Origin, Product
from recorder_app.cloud.products import PRODUCTS
from recorder_app.models import ApiCall, Recording, RecordingFile, StatusChange

# The vendor's day: its people read times in UTC+8.
CHINA = timezone(timedelta(hours=8))
# Of many cases the first are told; the others are in the files beside.
MOST_CASES, MOST_CALLS = 50, 20
APP_ID_NAMES = {Product.TIW: "SdkAppId", Product.GME: "BizId"}
# What is expected of a call, by how its action begins.
_EXPECTED = ("Start", "Stop", "Pause", "Resume", "Modify", "Describe", "Set")


@dataclass(frozen=True)
class When:
    """One moment as both sides read it."""

    utc: str
    china: str


def when(moment: datetime) -> When:
    """A moment to the millisecond in UTC and in UTC+8."""
    texts = [
        moment.astimezone(zone).replace(tzinfo=None).isoformat(" ", "milliseconds") for zone in (UTC, CHINA)
    ]
    return When(*texts)


@dataclass(frozen=True)
class Line:
    """One call as a ticket tells it."""

    call: ApiCall
    at: When


@dataclass(frozen=True)
class Step:
    """One change of the status."""

    change: StatusChange
    at: When


@dataclass(frozen=True)
class Case:
    """What happened to one recording, or with one call that belongs to none.

    ``expected`` is how the action of ``about``, the call that matters most, begins; ``recording`` None for a lone call.
    """

    product: str
    app_id: str
    region: str
    room: str
    about: ApiCall | None
    expected: str
    lines: list[Line]
    recording: Recording | None = None
    steps: tuple[Step, ...] = ()
    files: int = 0
    clock_ms: int | None = None
    is_sandbox: bool = False

    @property
    def service(self) -> str:
        return PRODUCTS[self.product].service

    @property
    def version(self) -> str:
        return PRODUCTS[self.product].version

    @property
    def app_id_name(self) -> str:
        return APP_ID_NAMES[Product(self.product)]


def case_of_recording(
    recording: Recording,
    *,
    calls: Sequence[ApiCall],
    meant: Sequence[ApiCall],
    changes: Sequence[StatusChange],
    files: Sequence[RecordingFile],
) -> Case:
    """The case of a recording with its calls in order; ``meant`` are those somebody asked about."""
    telling = [call for call in calls if call in meant or not _is_answered_question(call)]
    about = _matters_most(meant or telling)
    offsets = [call.clock_offset_ms for call in calls if call.clock_offset_ms is not None]
    region = next((call.region for call in reversed(calls) if call.region), "")
    return Case(
        product=recording.product,
        app_id=recording.application.app_id,
        region=region or recording.application.effective_region,
        room=recording.room_id,
        about=about,
        expected=_expected(about),
        lines=[Line(call, when(call.created_at)) for call in telling[-MOST_CALLS:]],
        recording=recording,
        steps=tuple(Step(change, when(change.at)) for change in changes),
        files=len(files),
        clock_ms=offsets[-1] if offsets else None,
        is_sandbox=recording.environment == Environment.SANDBOX,
    )


def case_of_call(call: ApiCall) -> Case:
    """The case of a call that belongs to no recording."""
    params = call.params if isinstance(call.params, dict) else {}
    return Case(
        product=call.product,
        app_id=str(params.get(APP_ID_NAMES[Product(call.product)], "")),
        region=call.region,
        room=call.room_id,
        about=call,
        expected=_expected(call),
        lines=[Line(call, when(call.created_at))],
        clock_ms=call.clock_offset_ms,
        is_sandbox=call.environment == Environment.SANDBOX,
    )


def write(cases: Sequence[Case], *, language: str) -> str:
    """The ticket in a language, "en" or "zh"."""
    context = {"cases": cases[:MOST_CASES], "more": max(0, len(cases) - MOST_CASES), "total": len(cases)}
    text = render_to_string(f"bundles/ticket-{language}.txt", context)
    # What a template's tags leave behind.
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _is_answered_question(call: ApiCall) -> bool:
    return (
        call.action.startswith("Describe")
        and call.outcome == CallOutcome.OK
        and call.origin == Origin.BACKGROUND
    )


def _matters_most(calls: Sequence[ApiCall]) -> ApiCall | None:
    """The newest call that did not succeed, or else the newest start, or the newest of all."""
    failed = [call for call in calls if call.outcome not in (CallOutcome.OK, CallOutcome.SENDING)]
    starts = [call for call in calls if call.action.startswith("Start")]
    some = failed or starts or calls
    return some[-1] if some else None


def _expected(call: ApiCall | None) -> str:
    return next((word for word in _EXPECTED if call and call.action.startswith(word)), "").lower()
