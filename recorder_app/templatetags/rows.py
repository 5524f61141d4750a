"""The tables of calls and recordings. A page draws hundreds of cells, so each is one line of text made here.

Rows may be models or named tuples; a list fetches only ``fields_of`` the columns that it shows. Whatever comes out of a
row passes ``escape`` or a tag that does so.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from html import escape
from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recorder_app.choices import ACTIVE, STOPPABLE, ListPage, Origin, RecordingStatus
from recorder_app.cloud.error_codes import explain
from recorder_app.permissions import Permission
from recorder_app.services.lists import COLUMNS, HIDDEN_AT_FIRST
from recorder_app.templatetags.recorder import (
    Moments,
    breakable,
    drawn_once,
    environment_badge,
    icon,
    identifier,
    outcome_badge,
    product_label,
    status_badge,
)
from recorder_app.templatetags.recordings import length

register = template.Library()

# What stands in the cell of a recording that went wrong without an error code.
NO_CODE = {
    RecordingStatus.UNKNOWN.value: lambda: _("no answer arrived"),
    RecordingStatus.NOT_STARTED.value: lambda: _("the call never left"),
}
# Of what the cloud said about a failure; all of it is on the recording's page.
MOST_WORDS = 120


@dataclass(frozen=True)
class Desk:
    """What all rows of a table have in common."""

    address: str
    moments: Moments = field(default_factory=Moments)


@dataclass(frozen=True)
class Column:
    """One column: the fields it is made of, how a cell is drawn, and its class."""

    fields: tuple[str, ...]
    draw: Callable[[Any, Desk], str]
    css: str
    head_css: str = ""


# --- Cells -----------------------------------------------------------------------------------------------
def _application(name: str, environment: str) -> str:
    return f'<span class="app"><span class="app-name">{escape(name)}</span>{environment_badge(environment)}</span>'


def _action(call: Any, desk: Desk) -> str:
    code = f'<code class="code-error">{breakable(call.error_code)}</code>' if call.error_code else ""
    return f'<a class="row-link" href="{desk.address}{call.pk}/">{escape(call.action)}</a>{code}'


@drawn_once
def _origin(origin: str) -> SafeString:
    return format_html("{}", capfirst(Origin(origin).label))


@drawn_once
def _room_word() -> SafeString:
    return format_html('<span class="visually-hidden">{} </span>', _("Room"))


def _room(recording: Any, desk: Desk) -> str:
    room = escape(recording.room_id)
    return f'<a class="row-link" href="{desk.address}{recording.pk}/">{_room_word()}{room}</a>'


@drawn_once
def _meaning(code: str, product: str) -> SafeString:
    return format_html(
        '<code class="code-error">{}</code><span class="why-words">{}</span>',
        breakable(code),
        explain(code, product=product).meaning,
    )


def _why(recording: Any, desk: Desk) -> str:
    if code := getattr(recording, "error_code", ""):
        return str(_meaning(code, recording.product))
    if recording.status == RecordingStatus.FAILED:
        return f'<span class="why-words">{escape(recording.failure[:MOST_WORDS])}</span>'
    words = NO_CODE.get(recording.status)
    return f'<span class="none">{escape(words())}</span>' if words else ""


def _length(recording: Any, desk: Desk) -> str:
    if not recording.started_at:
        return ""
    # One that still records has recorded up to now.
    until = recording.stopped_at or (desk.moments.now if recording.status in ACTIVE else None)
    return length((until - recording.started_at) / timedelta(milliseconds=1)) if until else ""


CALL_COLUMNS = {
    "outcome": Column(("outcome",), lambda call, desk: outcome_badge(call.outcome), "cell-state"),
    "action": Column(("action", "error_code"), _action, "cell-main"),
    "application": Column(
        ("application_name", "account_name", "environment"),
        lambda call, desk: _application(call.application_name or call.account_name, call.environment),
        "cell-app",
    ),
    "room": Column(("room_id",), lambda call, desk: escape(call.room_id), "cell-room"),
    "request": Column(
        ("request_id",), lambda call, desk: identifier(call.request_id, "RequestId"), "cell-id"
    ),
    "took": Column(
        ("duration_ms",),
        lambda call, desk: "" if call.duration_ms is None else f"{call.duration_ms} ms",
        "cell-ms at-end",
        "cell-ms at-end",
    ),
    "by": Column(("by_name",), lambda call, desk: escape(call.by_name), "cell-by", "cell-by"),
    "origin": Column(("origin",), lambda call, desk: _origin(call.origin), "cell-by", "cell-by"),
    "when": Column(
        ("created_at",), lambda call, desk: desk.moments.when(call.created_at), "cell-when", "at-end"
    ),
}
RECORDING_COLUMNS = {
    "status": Column(("status",), lambda recording, desk: status_badge(recording.status), "cell-state"),
    "room": Column(("room_id",), _room, "cell-main"),
    "product": Column(("product",), lambda recording, desk: product_label(recording.product), "cell-product"),
    "application": Column(
        ("application_name", "environment"),
        lambda recording, desk: _application(recording.application_name, recording.environment),
        "cell-app",
    ),
    "task": Column(("task_id",), lambda recording, desk: identifier(recording.task_id, "TaskId"), "cell-id"),
    "length": Column(("started_at", "stopped_at", "status"), _length, "cell-ms at-end", "cell-ms at-end"),
    "why": Column(("status", "product", "failure"), _why, "cell-error"),
    "by": Column(
        ("started_by_name",), lambda recording, desk: escape(recording.started_by_name), "cell-by", "cell-by"
    ),
    "origin": Column(("origin",), lambda recording, desk: _origin(recording.origin), "cell-by", "cell-by"),
    "when": Column(
        ("created_at",),
        lambda recording, desk: desk.moments.when(recording.created_at),
        "cell-when",
        "at-end",
    ),
}
TABLES = {ListPage.CALLS.value: CALL_COLUMNS, ListPage.RECORDINGS.value: RECORDING_COLUMNS}

# --- Tables ----------------------------------------------------------------------------------------------
# What may be done from a recording's row.
STOP_FIELDS = ("status", "verb", "task_id")
# The overview's table of what went wrong.
TROUBLED_COLUMNS = ("status", "room", "product", "application", "why", "by", "when")


def fields_of(page: str, columns: Iterable[str]) -> list[str]:
    """What has to be fetched of a row to draw these columns, and to page by its key."""
    named = [name for key in columns for name in TABLES[page][key].fields]
    acted_on = STOP_FIELDS if page == ListPage.RECORDINGS else ()
    return list(dict.fromkeys(("pk", "created_at", *named, *acted_on)))


@register.simple_tag
def call_table(calls: Iterable[Any], columns: Iterable[str] = (), compact: bool = False) -> SafeString:
    """A table of calls with these columns, or with those everybody starts with."""
    return _table(ListPage.CALLS, calls, columns, compact, prefix="call")


@register.simple_tag(takes_context=True)
def recording_table(
    context: Context, recordings: Iterable[Any], columns: Iterable[str] = (), compact: bool = False
) -> SafeString:
    """A table of recordings, with a button to stop each that runs for those who may."""
    may_stop = bool(context.get("may", {}).get(Permission.START_RECORDING.value))
    return _table(ListPage.RECORDINGS, recordings, columns, compact, prefix="recording", can_stop=may_stop)


@register.simple_tag
def troubled_table(recordings: Iterable[Any]) -> SafeString:
    """A table of recordings that went wrong, with the reason (each row carries ``error_code``)."""
    return _table(ListPage.RECORDINGS, recordings, TROUBLED_COLUMNS, False, prefix="troubled")


def _table(
    page: ListPage,
    rows: Iterable[Any],
    keys: Iterable[str],
    compact: bool,
    *,
    prefix: str,
    can_stop: bool = False,
) -> SafeString:
    keys = list(keys) or [key for key in COLUMNS[page] if key not in HIDDEN_AT_FIRST[page]]
    columns = [TABLES[page][key] for key in keys]
    desk = Desk(_stem("call" if page == ListPage.CALLS else "recording"))
    heads = "".join(
        f'<th scope="col"{_css(column.head_css)}>{escape(str(COLUMNS[page][key]))}</th>'
        for key, column in zip(keys, columns, strict=True)
    )
    cells = [(f'<td class="{column.css}">', column.draw) for column in columns]
    stop = _stop_words() if can_stop else None
    if stop:
        heads += f'<th scope="col" class="cell-do"><span class="visually-hidden">{escape(_("Actions"))}</span></th>'
    body = "".join(
        f'<tr id="{prefix}-row-{row.pk}">'
        + "".join([f"{opening}{draw(row, desk)}</td>" for opening, draw in cells])
        + (_stop_cell(row, desk, stop) if stop else "")
        + "</tr>\n"
        for row in rows
    )
    classes = f"rows rows-{page}{' rows-compact' if compact else ''}"
    # Every cell is made of escaped texts, see above.
    return mark_safe(  # noqa: S308
        f'<table class="{classes}" data-rows><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
    )


def _stop_cell(recording: Any, desk: Desk, words: tuple[str, str]) -> str:
    if recording.status not in STOPPABLE or recording.verb or not recording.task_id:
        return '<td class="cell-do"></td>'
    opening, room = words
    return (
        f'<td class="cell-do"><a class="btn btn-sm" id="stop-{recording.pk}" '
        f'href="{desk.address}{recording.pk}/stop/" data-dialog>{opening}'
        f'<span class="visually-hidden"> {room.replace("#", escape(recording.room_id))}</span></a></td>'
    )


def _stop_words() -> tuple[str, str]:
    return f"{icon('player-stop')}{escape(_('Stop'))}", escape(_("room #"))


def _css(classes: str) -> str:
    return f' class="{classes}"' if classes else ""


@cache
def _stem(name: str) -> str:
    """The address of a row without its number."""
    return reverse(name, args=[0]).removesuffix("0/")
