"""Two calls, or two recordings, side by side: what differs first, then what is the same."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import CallOutcome
from recorder_app.cloud.flattening import flatten
from recorder_app.cloud.masking import is_secret
from recorder_app.models import ApiCall, Person, Recording

MOST_FILES = 200
MOST_CHANGES = 200
MOST_PROPOSED = 10
# How far back another room's success is looked for: of a rare action there may be none in all of history.
LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Row:
    """One thing with its value on either side: text, a moment, or None where there is none."""

    name: Any
    left: Any
    right: Any
    is_api_name: bool = False

    @property
    def is_different(self) -> bool:
        return self.left != self.right


@dataclass(frozen=True)
class Section:
    """Some rows under a title."""

    title: Any
    rows: list[Row]

    @property
    def different(self) -> list[Row]:
        return [row for row in self.rows if row.is_different]

    @property
    def same(self) -> list[Row]:
        return [row for row in self.rows if not row.is_different]


def of_calls(left: ApiCall, right: ApiCall) -> list[Section]:
    """Two calls: the facts, the request, the answer; names in the order of the left one, then of the right."""
    return [
        Section(_("The call"), _facts(CALL_FACTS, left, right)),
        Section(_("Request"), _flat(left.params, right.params)),
        Section(_("Answer"), _flat(left.answer, right.answer)),
    ]


def of_recordings(left: Recording, right: Recording) -> list[Section]:
    """Two recordings: the facts, the request, what the cloud told of the whole, files, and changes of status."""
    return [
        Section(_("The recording"), _facts(RECORDING_FACTS, left, right)),
        Section(_("Request"), _flat(left.params, right.params)),
        Section(_("Result"), _flat(left.result, right.result)),
        Section(_("Files"), _numbered(_("File %(number)d"), _files(left), _files(right))),
        Section(_("Status"), _numbered(_("Change %(number)d"), _changes(left), _changes(right))),
    ]


def proposed(thing: ApiCall | Recording, *, person: Person) -> list[Any]:
    """What it is worth comparing with, newest first: what went well before, in the same room if possible."""
    model = type(thing)
    earlier = model.objects.visible_to(person).filter(created_at__lte=thing.created_at).exclude(pk=thing.pk)
    if isinstance(thing, ApiCall):
        earlier = earlier.filter(action=thing.action, outcome=CallOutcome.OK).for_list()
    else:
        earlier = earlier.filter(product=thing.product, started_at__isnull=False).for_list()
    rooms: QuerySet = earlier.filter(room_id=thing.room_id, application=thing.application_id)
    found = list(rooms.newest_first()[:MOST_PROPOSED]) if thing.room_id else []
    if len(found) < MOST_PROPOSED:
        known = {row.pk for row in found}
        others = earlier.filter(
            application=thing.application_id, created_at__gt=thing.created_at - LOOKED_BACK
        )
        others = others.newest_first()[:MOST_PROPOSED]
        found += [row for row in others if row.pk not in known]
    return found[:MOST_PROPOSED]


Fact = tuple[Any, Callable[[Any], Any]]


def _ms(name: str) -> Callable[[Any], str | None]:
    def read(row: Any) -> str | None:
        value = getattr(row, name)
        return None if value is None else f"{value} ms"

    return read


def _text(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row, name) or None


def _words(name: str) -> Callable[[Any], str]:
    return lambda row: capfirst(str(getattr(row, f"get_{name}_display")()))


CALL_FACTS: list[Fact] = [
    (_("Outcome"), _words("outcome")),
    (_("Error code"), _text("error_code")),
    (_("Message"), _text("error_message")),
    (_("Action"), _text("action")),
    (_("Room"), _text("room_id")),
    (_("Application"), _text("application_name")),
    (_("Account"), _text("account_name")),
    (_("Environment"), _words("environment")),
    (_("Endpoint"), _text("endpoint")),
    (_("Region"), _text("region")),
    (_("HTTP status"), _text("http_status")),
    (_("Attempt"), _text("attempt")),
    (_("Made by"), _words("origin")),
    (_("By"), _text("by_name")),
    (_("Time to answer"), _ms("duration_ms")),
    (_("Cloud's clock minus ours"), _ms("clock_offset_ms")),
    (_("Intended"), _text("created_at")),
    (_("Left"), _text("sent_at")),
    (_("Settled"), _text("answered_at")),
    (_("RequestId"), _text("request_id")),
]
RECORDING_FACTS: list[Fact] = [
    (_("Status"), _words("status")),
    (_("Why it failed"), _text("failure")),
    (_("Why it ended"), _text("finish_reason")),
    (_("Product"), _words("product")),
    (_("Room"), _text("room_id")),
    (_("Application"), _text("application_name")),
    (_("Account"), _text("account_name")),
    (_("Environment"), _words("environment")),
    (_("Made by"), _words("origin")),
    (_("Started by"), _text("started_by_name")),
    (_("Asked for"), _text("created_at")),
    (_("Accepted"), _text("started_at")),
    (_("Stopped"), _text("stopped_at")),
    (_("RecordUserId"), _text("record_user_id")),
    (_("TaskId"), _text("task_id")),
]


def _facts(facts: list[Fact], left: Any, right: Any) -> list[Row]:
    rows = [Row(name, read(left), read(right)) for name, read in facts]
    return [row for row in rows if row.left is not None or row.right is not None]


def _flat(left: Any, right: Any) -> list[Row]:
    """What is nested, by its flattened names; secrets are masked alike and would only seem to be the same."""
    one, other = (_leaves(value) for value in (left, right))
    names = [*one, *(name for name in other if name not in one)]
    return [Row(name, one.get(name), other.get(name), is_api_name=True) for name in names]


def _leaves(value: Any) -> dict[str, str]:
    nested = value if isinstance(value, dict) else {} if value is None else {"…": value}
    return {name: _shown(leaf) for name, leaf in flatten(nested) if not is_secret(name)}


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _numbered(name: Any, left: list[str], right: list[str]) -> list[Row]:
    pairs = zip_longest(left, right)
    return [Row(name % {"number": number}, one, other) for number, (one, other) in enumerate(pairs, 1)]


def _files(recording: Recording) -> list[str]:
    return [
        " · ".join(
            filter(None, [str(file.get_kind_display()), file.owner, file.format, _length(file.duration_ms)])
        )
        for file in recording.files.all()[:MOST_FILES]
    ]


def _length(duration_ms: int | None) -> str:
    return "" if duration_ms is None else f"{duration_ms // 60_000}:{duration_ms // 1000 % 60:02d}"


def _changes(recording: Recording) -> list[str]:
    changes = recording.changes.all()[:MOST_CHANGES]
    return [
        f"{change.get_status_display()} · {change.get_why_display()} · {_after(recording.created_at, change.at)}"
        for change in changes
    ]


def _after(began: datetime, moment: datetime) -> str:
    return f"+{(moment - began).total_seconds():.0f} s"
