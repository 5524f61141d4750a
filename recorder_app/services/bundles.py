"""Support bundles: all that is known of some recordings and calls in one ZIP, with a ticket text for the vendor.

A bundle leaves the house, so everything in it is masked once more on its way in, and what was masked is listed. The
same state makes the same bytes: nothing in it says when it was made.
"""

import json
import platform
import sys
import tempfile
import tomllib
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import IO, Any

import django
from django.conf import settings
from django.db import connection
from django.db.models import Model

from recorder_app.choices import CallOutcome, Origin
from recorder_app.models import ApiCall, CallbackEvent, Note, Person, Recording, StatusChange
from recorder_app.services import tickets
from recorder_app.services.exports import CHUNK_BYTES, Pieces
from recorder_app.services.masks import Masks

# Recordings and calls of one bundle that is shown and made while a person waits.
MOST_AT_ONCE = 100
# Of one recording: questions for its state that were answered, and everything else.
MOST_READS, MOST_CALLS = 100, 1000
# A ZIP's own beginning of time.
NO_TIME = (1980, 1, 1, 0, 0, 0)
RECORDING_FIELDS = (
    "id", "product", "environment", "account_name", "application_name", "room_id", "task_id", "record_user_id",
    "status", "cloud_status", "created_at", "started_at", "stopped_at", "finish_reason", "failure", "unknown_since",
    "settle_step", "started_by_name", "origin", "params", "result",
)  # fmt: skip
CALL_FIELDS = (
    "id", "product", "environment", "endpoint", "region", "account_name", "application_name", "room_id", "action",
    "request_id", "outcome", "error_code", "error_message", "http_status", "duration_ms", "clock_offset_ms", "attempt",
    "created_at", "sent_at", "answered_at", "by_name", "origin", "params", "answer",
)  # fmt: skip
CALLBACK_FIELDS = (
    "id", "event_type", "task_id", "room_id", "record_user_id", "signature_form", "deliveries", "occurred_at",
    "received_at", "last_received_at", "applied_at", "outcome",
)  # fmt: skip
FILE_FIELDS = (
    "key", "kind", "name", "format", "url", "owner", "size_bytes", "duration_ms", "width", "height", "begins_ms",
    "begun_at", "status", "seen_at",
)  # fmt: skip

# What the cloud says in its own words.
PROSE = ("error_message", "failure")


@dataclass(frozen=True)
class Subject:
    """What a bundle is about, by key: recordings, and calls that are meant themselves."""

    recordings: tuple[int, ...] = ()
    calls: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        return len(self.recordings) + len(self.calls)


@dataclass
class Bundle:
    """What was gathered, piece by piece: cases for the ticket, what was masked, how much of what there is."""

    masks: Masks
    cases: list[tickets.Case] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    offsets: list[tuple[datetime, int]] = field(default_factory=list)

    def ticket(self, language: str) -> str:
        """The ticket text in a language, "en" or "zh"."""
        return self.masks.prose(tickets.write(self.cases, language=language))


def visible(subject: Subject, *, person: Person) -> tuple[list[Recording], list[ApiCall]]:
    """The recordings of a subject, those of its calls among them, and its calls, as far as a person may see them."""
    calls = list(
        ApiCall.objects.visible_to(person)
        .filter(pk__in=subject.calls)
        .select_related("recording")
        .order_by("pk")
    )
    keys = {*subject.recordings, *(call.recording_id for call in calls if call.recording_id)}
    recordings = Recording.objects.visible_to(person).with_names().filter(pk__in=keys).order_by("pk")
    return list(recordings), calls


def preview(subject: Subject, *, person: Person) -> tuple[Bundle, list[str]]:
    """What would be in the bundle, and the names of its files."""
    bundle = Bundle(Masks.known())
    names = [name for name, _text in entries(bundle, subject, person=person)]
    return bundle, names


def pieces(subject: Subject, *, person: Person) -> Pieces:
    """The ZIP in pieces, each with how many recordings and calls were finished since the last."""
    bundle = Bundle(Masks.known())
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
            for name, text in entries(bundle, subject, person=person):
                entry = zipfile.ZipInfo(name, NO_TIME)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                package.writestr(entry, text)
                yield int("/" in name), b""
        yield from ((0, chunk) for chunk in _chunks(file))


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def entries(bundle: Bundle, subject: Subject, *, person: Person) -> Iterator[tuple[str, str]]:
    """The files of a bundle, as names and texts: one for each recording and lone call, then what sums them up."""
    recordings, calls = visible(subject, person=person)
    for recording in recordings:
        meant = [call for call in calls if call.recording_id == recording.pk]
        yield f"recordings/{recording.pk}.json", _json(_whole(bundle, recording, meant, person))
    for call in calls:
        if not any(call.recording_id == recording.pk for recording in recordings):
            yield f"calls/{call.pk}.json", _json(_alone(bundle, call))
    yield "ticket-en.txt", bundle.ticket("en")
    yield "ticket-zh.txt", bundle.ticket("zh")
    yield "about.json", _json(_about(bundle))


# --- One recording, one call -----------------------------------------------------------------------------
def _whole(bundle: Bundle, recording: Recording, meant: Sequence[ApiCall], person: Person) -> dict[str, Any]:
    """Everything about a recording."""
    of_it = recording.calls.visible_to(person)
    reads = {"action__startswith": "Describe", "outcome": CallOutcome.OK, "origin": Origin.BACKGROUND}
    some_reads = list(of_it.filter(**reads).newest_first()[:MOST_READS])
    others = list(of_it.exclude(**reads).newest_first()[:MOST_CALLS])
    calls = _in_order([*some_reads, *others, *meant])
    events = list(recording.callback_events.visible_to(person).order_by("received_at", "pk"))
    changes = list(recording.changes.order_by("at", "pk"))
    files = list(recording.files.order_by("position", "pk"))
    notes = list(Note.objects.filter(recording=recording)) + list(Note.objects.filter(call__in=calls))
    left_out = max(0, of_it.filter(**reads).count() - len(some_reads))
    bundle.cases.append(
        tickets.case_of_recording(recording, calls=calls, meant=meant, changes=changes, files=files)
    )
    _count(bundle, calls=calls, callbacks=events, status_changes=changes, files=files, notes=notes)
    bundle.counts["recordings"] += 1
    masks = bundle.masks
    return {
        "recording": {
            **_row(masks, recording, RECORDING_FIELDS),
            "application_id": recording.application.app_id,
        },
        "status_history": [_change(masks, change) for change in changes],
        "calls": [_row(masks, call, CALL_FIELDS) for call in calls],
        "answered_questions_left_out": left_out,
        "callbacks": [_callback(masks, event) for event in events],
        "files": [_row(masks, file, FILE_FIELDS) for file in files],
        "notes": [_note(masks, note) for note in notes],
    }


def _alone(bundle: Bundle, call: ApiCall) -> dict[str, Any]:
    """A call that belongs to no recording."""
    notes = list(call.notes.all())
    bundle.cases.append(tickets.case_of_call(call))
    _count(bundle, calls=[call], notes=notes)
    return {
        "call": _row(bundle.masks, call, CALL_FIELDS),
        "notes": [_note(bundle.masks, note) for note in notes],
    }


def _in_order(calls: Iterable[ApiCall]) -> list[ApiCall]:
    once = {call.pk: call for call in calls}
    return sorted(once.values(), key=lambda call: (call.created_at, call.pk))


def _count(bundle: Bundle, *, calls: Sequence[ApiCall], **others: Collection[Any]) -> None:
    bundle.counts["calls"] += len(calls)
    bundle.counts.update({name: len(rows) for name, rows in others.items()})
    measured = [(call.created_at, call.clock_offset_ms) for call in calls if call.clock_offset_ms is not None]
    bundle.offsets += measured


def _row(masks: Masks, row: Model, fields: Iterable[str]) -> dict[str, Any]:
    return {
        name: masks.prose(getattr(row, name), name)
        if name in PROSE
        else masks.value(getattr(row, name), name)
        for name in fields
    }


def _change(masks: Masks, change: StatusChange) -> dict[str, Any]:
    facts = _row(masks, change, ("at", "previous", "status", "why", "by_name"))
    return {
        **facts,
        "note": masks.prose(change.note, "note"),
        "call": change.call_id,
        "callback": change.event_id,
    }


def _callback(masks: Masks, event: CallbackEvent) -> dict[str, Any]:
    try:
        body = masks.value(json.loads(event.body), "body")
    except ValueError:
        # What cannot be read cannot be masked.
        body = None
    return {**_row(masks, event, CALLBACK_FIELDS), "body": body}


def _note(masks: Masks, note: Note) -> dict[str, Any]:
    facts = _row(masks, note, ("created_at", "by_name"))
    return {**facts, "call": note.call_id, "text": masks.prose(note.text, "note")}


# --- What sums them up -----------------------------------------------------------------------------------
def _about(bundle: Bundle) -> dict[str, Any]:
    return {
        "contents": dict(sorted(bundle.counts.items())),
        "masked": bundle.masks.counts,
        "versions": versions(),
        "clock": clock(bundle.offsets),
    }


def clock(offsets: Sequence[tuple[datetime, int]]) -> dict[str, Any]:
    """The cloud's clock minus ours in ms, as its Date header told with the answers: the newest, least and most."""
    if not offsets:
        return {"cloud_minus_ours_ms": None, "measured": 0}
    values = [value for _moment, value in offsets]
    newest = max(offsets)[1]
    told = {"newest": newest, "least": min(values), "most": max(values)}
    return {"cloud_minus_ours_ms": told, "measured": len(values)}


def versions() -> dict[str, str]:
    """What the product runs on."""
    return {
        "recorder": _own_version(),
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))}",
        "platform": sys.platform,
    }


@cache
def _own_version() -> str:
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]["version"]


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
    return str(value)
