"""The lists of a look-up of a text. They may have hundreds of lines, so each is one line of text made here.

Whatever comes out of a row or out of the text passes ``escape`` or a tag that does so.
"""

from functools import cache
from html import escape
from urllib.parse import quote

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from recorder_app.models import ApiCall, Recording
from recorder_app.services.identifiers import Identifier, Kind
from recorder_app.services.lookup import Found, Hits, OfRecording
from recorder_app.templatetags.recorder import Moments, breakable, identifier, outcome_badge, status_badge

register = template.Library()

# Of one identifier that belongs to many.
MOST = 5


class _Desk:
    """The addresses and words that all lines have in common."""

    def __init__(self) -> None:
        self.calls, self.recordings, self.errors = (
            reverse(name) for name in ("calls", "recordings", "errors")
        )
        self.moments = Moments()
        # A line has several of these, and there are few different ones.
        self.outcome, self.status = cache(outcome_badge), cache(status_badge)
        self.room = escape(_("Room %(room)s"))
        self.kinds = {kind.value: escape(str(kind.label)) for kind in Kind}
        self.unknown = escape(_("not known here"))
        self.meaning = escape(_("what it means"))
        self.whole_room = escape(_("all of this room"))

    def call(self, call: ApiCall, css: str = "") -> str:
        return f'<a{css} href="{self.calls}{call.pk}/">{escape(call.action)}</a>'

    def recording(self, recording: Recording, css: str = "") -> str:
        room = self.room.replace("%(room)s", escape(recording.room_id))
        return f'<a{css} href="{self.recordings}{recording.pk}/">{room}</a>'


@register.filter
def keys(rows: list[ApiCall] | list[Recording]) -> str:
    """The keys of rows, with commas."""
    return ",".join(str(row.pk) for row in rows)


@register.simple_tag
def lines_of_text(found: Found) -> SafeString:
    """Every identifier of the text in its order, with what it belongs to."""
    desk = _Desk()
    # Every piece is escaped, or drawn by a tag.
    return mark_safe("\n".join(_line(hit, desk) for hit in found.hits))  # noqa: S308


def _line(hit: Hits, desk: _Desk) -> str:
    css = ' class="found-to"'
    parts = [f"{desk.call(call, css)} {desk.outcome(call.outcome)}" for call in hit.calls[:MOST]]
    parts += [f"{desk.recording(one, css)} {desk.status(one.status)}" for one in hit.recordings[:MOST]]
    parts += [
        f'<a{css} href="{desk.calls}?application={one.pk}">{escape(one.name)}</a>' for one in hit.applications
    ]
    if hit.code:
        parts.append(f'<a{css} href="{desk.errors}?q={_in_address(hit)}">{desk.meaning}</a>')
    if hit.identifier.kind is Kind.ROOM and hit.recordings:
        parts.append(f'<a{css} href="{desk.recordings}?room={_in_address(hit)}">{desk.whole_room}</a>')
    if not parts:
        parts.append(f'<span class="none">{desk.unknown}</span>')
    kind = desk.kinds[hit.identifier.kind]
    row = "found-row" if hit.is_known else "found-row is-unknown"
    return (
        f'<li class="{row}"><span class="found-kind">{kind}</span><span class="found-what">'
        f"{identifier(hit.identifier.text, kind)} {' '.join(parts)}</span></li>"
    )


def _in_address(hit: Hits) -> str:
    return quote(hit.identifier.text, errors="replace")


@register.simple_tag
def lines_of_recordings(groups: list[OfRecording]) -> SafeString:
    """Every recording that the text leads to, with the identifiers and calls that do."""
    desk = _Desk()
    return mark_safe("\n".join(_group(group, desk) for group in groups))  # noqa: S308 - as above


def _group(group: OfRecording, desk: _Desk) -> str:
    recording = group.recording
    facts = [f"<span>{escape(recording.application_name)}</span>"]
    facts += [_named(one, desk) for one in group.identifiers]
    calls = "".join(
        f"<li>{desk.outcome(call.outcome)} {desk.call(call)}{_code(call)}</li>" for call in group.calls
    )
    return (
        f'<li class="found-group"><div class="found-row"><span class="found-state">{desk.status(recording.status)}'
        f'</span><span class="found-what">{desk.recording(recording)}<span class="found-more">{"".join(facts)}</span>'
        f"</span>{desk.moments.when(recording.created_at)}</div>"
        + (f'<ul class="found-calls">{calls}</ul>' if calls else "")
        + "</li>"
    )


def _named(one: Identifier, desk: _Desk) -> str:
    return f"<span>{desk.kinds[one.kind]} <code>{escape(one.text)}</code></span>"


def _code(call: ApiCall) -> str:
    return f' <code class="code-error">{breakable(call.error_code)}</code>' if call.error_code else ""
