"""What happened to one recording, newest first: changes of its status, calls, callbacks, notes."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from django.db.models import Q

from recorder_app.choices import CallOutcome, Origin
from recorder_app.cloud.masking import masked
from recorder_app.models import ApiCall, CallbackEvent, Note, Recording, StatusChange

MOST = 100
MOST_READS = 500


class Kind(IntEnum):
    """What an entry tells of; of two at one moment the greater is the later."""

    ASKED = 0
    CALL = 1
    CALLBACK = 2
    CHANGE = 3
    NOTE = 4


@dataclass(frozen=True)
class Entry:
    """One line. ``row`` is the change, call, callback or note; ``count`` how many questions in a row it stands for;
    ``body`` what a callback said, masked."""

    kind: Kind
    at: datetime
    row: ApiCall | CallbackEvent | StatusChange | Note
    count: int = 1
    body: Any = None

    @property
    def name(self) -> str:
        return self.kind.name.lower()

    @property
    def key(self) -> str:
        return f"{self.name}-{self.row.pk}"


def tell(recording: Recording) -> list[Entry]:
    """The story of a recording, newest first: five queries, however long it is.

    Questions for the state that were answered are told as one line for as many as came one after another; of a very
    long story the oldest of them, and the oldest of each other kind beyond a hundred, are left to the list of calls.
    """
    calls = recording.calls.defer("params", "answer")
    is_read = {"action__startswith": "Describe", "outcome": CallOutcome.OK, "origin": Origin.BACKGROUND}
    reads = calls.filter(**is_read).only("action", "created_at", "recording_id").newest_first()[:MOST_READS]
    others = list(calls.exclude(**is_read).newest_first()[:MOST])
    events = recording.callback_events.newest_first()[:MOST]
    changes = recording.changes.order_by("-at", "-pk")[:MOST]
    # What was written about one of its calls tells of the recording as well.
    notes = Note.objects.filter(Q(recording=recording) | Q(call__in=[call.pk for call in others]))
    notes = notes.order_by("-created_at", "-pk")[:MOST]
    entries = [
        *(Entry(Kind.ASKED, call.created_at, call) for call in reads),
        *(Entry(Kind.CALL, call.created_at, call) for call in others),
        *(Entry(Kind.CALLBACK, event.received_at, event, body=_body(event)) for event in events),
        *(Entry(Kind.CHANGE, change.at, change) for change in changes),
        *(Entry(Kind.NOTE, note.created_at, note) for note in notes),
    ]
    return _folded(sorted(entries, key=lambda entry: (entry.at, entry.kind, entry.row.pk), reverse=True))


def _folded(entries: list[Entry]) -> list[Entry]:
    told: list[Entry] = []
    for entry in entries:
        last = told[-1] if told else None
        if last and last.kind == entry.kind == Kind.ASKED:
            told[-1] = Entry(Kind.ASKED, last.at, last.row, last.count + 1)
        else:
            told.append(entry)
    return told


def _body(event: CallbackEvent) -> Any:
    """What a callback said, without its secrets; nothing where it cannot be read and so cannot be masked."""
    try:
        return masked(json.loads(event.body))
    except ValueError:
        return None
