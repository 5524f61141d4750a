"""What templates need to draw: icons, badges, times, identifiers, JSON, and form fields in Tabler's classes.

Small repeated pieces are made here rather than in included files: a list draws hundreds of them.
"""

import json
import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache, wraps
from html import escape
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField, BoundWidget
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from recorder_app import back
from recorder_app.choices import CallOutcome, Environment, Product, RecordingStatus
from recorder_app.models import ApiCall
from recorder_app.permissions import Permission

register = template.Library()

# Status -> (icon, tone). The tone is a class of recorder.css; icon and word carry the meaning without it.
STATUS_LOOKS = {
    RecordingStatus.INTENDED: ("circle-dashed", "busy"),
    RecordingStatus.STARTING: ("loader-2", "busy"),
    RecordingStatus.RECORDING: ("player-record-filled", "running"),
    RecordingStatus.PAUSED: ("player-pause", "warn"),
    RecordingStatus.STOPPING: ("player-stop", "busy"),
    RecordingStatus.PROCESSING: ("hourglass", "busy"),
    RecordingStatus.FINISHED: ("circle-check", "calm"),
    RecordingStatus.REFUSED: ("ban", "bad"),
    RecordingStatus.NOT_STARTED: ("circle-x", "bad"),
    RecordingStatus.UNKNOWN: ("help-circle", "warn"),
    RecordingStatus.FAILED: ("alert-circle", "bad"),
}
OUTCOME_LOOKS = {
    CallOutcome.SENDING: ("loader-2", "busy"),
    CallOutcome.OK: ("check", "ok"),
    CallOutcome.REFUSED: ("ban", "bad"),
    CallOutcome.NO_ANSWER: ("help-circle", "warn"),
    CallOutcome.NOT_SENT: ("plug-connected-x", "bad"),
}
ENVIRONMENT_LOOKS = {
    Environment.SANDBOX: (
        "sandbox",
        gettext_lazy("Calls go to the sandbox: nothing is recorded, nothing is billed."),
    ),
    Environment.LIVE: ("live", gettext_lazy("Calls reach the real cloud: recordings are real and billed.")),
}
PRODUCT_ICONS = {Product.TIW: "presentation", Product.GME: "microphone"}


# --- Small pieces ----------------------------------------------------------------------------------------
def drawn_once(draw: Callable[..., SafeString]) -> Callable[..., SafeString]:
    """Remember, for each language, what a tag drew: a list draws the same few badges hundreds of times."""

    @cache
    def remembered(language: str | None, *args: Hashable, **named: Hashable) -> SafeString:
        return draw(*args, **named)

    @wraps(draw)
    def tag(*args: Hashable, **named: Hashable) -> SafeString:
        return remembered(get_language(), *args, **named)

    return tag


@register.simple_tag
@drawn_once
def icon(name: str, classes: str = "") -> SafeString:
    """A Tabler icon from the sprite, hidden from screen readers: a word always stands beside it."""
    sprite = static("vendor/tabler-icons/icons.svg")
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>', classes, sprite, name
    )


def _badge(look: tuple[str, str], word: Any, size: str) -> SafeString:
    name, tone = look
    return format_html(
        '<span class="state tone-{} {}">{}<span>{}</span></span>', tone, size, icon(name), word
    )


@register.simple_tag
@drawn_once
def status_badge(status: str, size: str = "") -> SafeString:
    """A recording's status as icon, word and colour; size "large" on its own page."""
    known = RecordingStatus(status)
    return _badge(STATUS_LOOKS[known], known.label, f"state-{size}" if size else "")


@register.simple_tag
@drawn_once
def outcome_badge(outcome: str, size: str = "") -> SafeString:
    """A call's outcome as icon, word and colour."""
    known = CallOutcome(outcome)
    return _badge(OUTCOME_LOOKS[known], capfirst(known.label), f"state-{size}" if size else "")


@register.simple_tag
@drawn_once
def environment_badge(environment: str) -> SafeString:
    """SANDBOX or LIVE, with a word of what that means on hover."""
    known = Environment(environment)
    name, meaning = ENVIRONMENT_LOOKS[known]
    return format_html('<span class="env env-{}" title="{}">{}</span>', name, meaning, known.label)


@register.simple_tag
@drawn_once
def product_label(product: str) -> SafeString:
    """The product's icon and short name."""
    known = Product(product)
    picture = icon(PRODUCT_ICONS[known])
    return format_html('<span class="product" title="{}">{}{}</span>', known.label, picture, known.name)


@drawn_once
def _copy_end(what: str) -> SafeString:
    label = _("Copy %(what)s") % {"what": what} if what else _("Copy")
    return format_html('" aria-label="{}" title="{}">{}</button>', label, label, icon("copy"))


@register.simple_tag
def copy_button(text: Any, what: str = "") -> SafeString:
    """A button that copies ``text``; ``what`` names it ("TaskId")."""
    # Escaped here, as what follows is there.
    return mark_safe(  # noqa: S308
        f'<button type="button" class="copy" data-copy="{escape(str(text))}{_copy_end(what)}'
    )


@register.simple_tag
def identifier(text: Any, what: str = "") -> SafeString:
    """An identifier in monospace with its copy button; a dash when there is none."""
    if text in ("", None):
        return mark_safe('<span class="none">—</span>')
    return mark_safe(  # noqa: S308 - escaped
        f'<span class="ident"><code>{escape(str(text))}</code>{copy_button(text, what)}</span>'
    )


@register.filter
def breakable(code: str) -> SafeString:
    """A dotted name that may break after its dots where the column is narrow."""
    return mark_safe(escape(code).replace(".", ".<wbr>"))  # noqa: S308 - escaped first


@register.filter
def retry_label(call: ApiCall) -> Any:
    """Whether this very call may be made again: the same code means more for a start than for a question."""
    return call.meaning.retry_for(call.action).label if call.meaning else ""


# --- Times -----------------------------------------------------------------------------------------------
def _offset(moment: datetime) -> str:
    offset = moment.strftime("%z")
    return "UTC" if offset in ("", "+0000") else f"UTC{offset[:3]}:{offset[3:]}"


@register.filter
def zone(moment: datetime) -> str:
    """The zone of a moment as it is shown, as its distance from UTC."""
    return _offset(timezone.localtime(moment))


def exact(moment: datetime) -> str:
    """A moment to the second in the current zone, and in UTC."""
    return _exact(timezone.localtime(moment))


def _exact(local: datetime) -> str:
    text = local.isoformat(" ", "seconds")
    if text.endswith("+00:00"):
        return f"{text[:19]} UTC"
    return f"{text[:19]} UTC{text[19:]} ({local.astimezone(UTC).isoformat()[11:19]} UTC)"


@drawn_once
def _day(day: date, shape: str) -> SafeString:
    return format_html("{}", date_format(day, shape))


@dataclass(frozen=True)
class Moments:
    """What the relative times of a page have in common; a list draws hundreds of them."""

    now: datetime = field(default_factory=timezone.now)
    zone: tzinfo = field(default_factory=timezone.get_current_timezone)
    this_year: int = field(default_factory=lambda: timezone.localdate().year)
    just_now: str = field(default_factory=lambda: escape(_("just now")))
    minutes: str = field(default_factory=lambda: escape(_("# min ago")))
    hours: str = field(default_factory=lambda: escape(_("# h ago")))

    def when(self, moment: datetime) -> SafeString:
        """A moment in relative time, with the exact one and its zone on hover; times.js keeps it fresh."""
        local = moment.astimezone(self.zone)
        words, title = self._words(moment, local), _exact(local)
        # The words are escaped, the rest is figures and names of zones.
        return mark_safe(  # noqa: S308
            f'<time datetime="{moment.isoformat()}" title="{title}" data-when>{words}</time>'
        )

    def _words(self, moment: datetime, local: datetime) -> str:
        seconds = (self.now - moment).total_seconds()
        if -60 < seconds < 60:
            return self.just_now
        if 0 < seconds < 3600:
            return self.minutes.replace("#", str(int(seconds // 60)))
        if 0 < seconds < 86400:
            return self.hours.replace("#", str(int(seconds // 3600)))
        shape = "j M" if local.year == self.this_year else "j M Y"
        return f"{_day(local.date(), shape)}, {local:%H:%M}"


@register.simple_tag
def when(moment: datetime | None) -> SafeString:
    """Relative time, with the exact one and its zone on hover; a dash when there is none."""
    return Moments().when(moment) if moment else mark_safe('<span class="none">—</span>')


@register.simple_tag
def exact_time(moment: datetime | None) -> SafeString:
    """The exact moment with its zone, for pages about one thing."""
    if moment is None:
        return mark_safe('<span class="none">—</span>')
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), exact(moment))


@register.filter
def apart_words(apart: timedelta) -> str:
    """How far two clocks are from each other, in the two largest units that count."""
    seconds = round(apart.total_seconds())
    parts = []
    for unit, words in (
        (86400, lambda n: ngettext("%d day", "%d days", n)),
        (3600, lambda n: ngettext("%d hour", "%d hours", n)),
        (60, lambda n: ngettext("%d minute", "%d minutes", n)),
        (1, lambda n: ngettext("%d second", "%d seconds", n)),
    ):
        number, seconds = divmod(seconds, unit)
        if number:
            parts.append(words(number) % number)
    return " ".join(parts[:2])


# --- JSON ------------------------------------------------------------------------------------------------
_TOKEN = re.compile(
    r'("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)|([^"\-\dtfn]+|.)'
)


def _coloured(match: re.Match[str]) -> str:
    text, colon, number, literal, other = match.groups()
    if text and colon:
        return f'<span class="j-key">{escape(text)}</span>{colon}'
    if text:
        return f'<span class="j-str">{escape(text)}</span>'
    if number:
        return f'<span class="j-num">{number}</span>'
    if literal:
        return f'<span class="j-lit">{literal}</span>'
    return escape(other)


@register.filter
def json_text(value: Any) -> str:
    """A Python value as indented JSON; integers keep every digit."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


@register.filter
def json_html(value: Any) -> SafeString:
    """The same, escaped, with keys, texts, numbers and literals marked for colour."""
    # Every piece is escaped or of digits and fixed words, see _coloured.
    return mark_safe(_TOKEN.sub(_coloured, json_text(value)))  # noqa: S308


# --- What is the same on every page ----------------------------------------------------------------------
class _Once(template.Node):
    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist
        self._drawn: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        language = get_language()
        if language not in self._drawn:
            self._drawn[language] = self.nodelist.render(context.new())
        return self._drawn[language]


@register.tag
def once(parser: template.base.Parser, token: template.base.Token) -> _Once:
    """Draw what lies between ``once`` and ``endonce`` once for each language and remember it: a page's frame is mostly
    the same words and addresses each time. Nothing of the page's own is known in there."""
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    return _Once(nodelist)


# Heading -> the links below it: who sees it, the name of its address, its words, its icon.
NAVIGATION = (
    (
        "",
        (
            (Permission.SEE_HISTORY, "overview", gettext_lazy("Overview"), "layout-dashboard"),
            (Permission.START_RECORDING, "start", gettext_lazy("Start"), "player-record"),
            (Permission.SEE_HISTORY, "recordings", gettext_lazy("Recordings"), "video"),
            (Permission.SEE_HISTORY, "calls", gettext_lazy("Calls"), "arrows-exchange"),
            (Permission.SEE_HISTORY, "reports", gettext_lazy("Reports"), "chart-bar"),
            (Permission.SEE_HISTORY, "errors", gettext_lazy("Error codes"), "book-2"),
        ),
    ),
    (
        gettext_lazy("Settings"),
        (
            (Permission.MANAGE_ACCOUNTS, "accounts", gettext_lazy("Accounts"), "cloud"),
            (Permission.MANAGE_APPLICATIONS, "applications", gettext_lazy("Applications"), "apps"),
            (Permission.MANAGE_PEOPLE, "people", gettext_lazy("People"), "users"),
            (Permission.SEE_AUDIT, "audit", gettext_lazy("Audit"), "clipboard-list"),
        ),
    ),
)


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> SafeString:
    """The lists of links that this person may follow; the one at or above the page's address is marked."""
    held = [name for name, is_held in context["may"].items() if is_held]
    return _navigation(_place_of(context["request"].path), *held)


def _place_of(path: str) -> str:
    """The name of the link at whose address, or below it, a page lies."""
    for name, address in _navigation_addresses():
        if path == address or (address != "/" and path.startswith(address)):
            return name
    return ""


@cache
def _navigation_addresses() -> list[tuple[str, str]]:
    return [(name, reverse(name)) for _heading, links in NAVIGATION for _who, name, _words, _icon in links]


@drawn_once
def _navigation(place: str, *held: str) -> SafeString:
    parts = []
    for heading, links in NAVIGATION:
        shown = [link for link in links if link[0] in held]
        if not shown:
            continue
        label = format_html('<h2 id="nav-settings">{}</h2>', heading) if heading else ""
        lines = format_html_join("", "{}", ((_nav_link(*link, place=place),) for link in shown))
        labelled = mark_safe(' aria-labelledby="nav-settings"') if heading else ""
        parts.append(format_html("{}<ul{}>{}</ul>", label, labelled, lines))
    return format_html_join("", "{}", ((part,) for part in parts))


def _nav_link(_who: Permission, name: str, words: Any, icon_name: str, *, place: str) -> SafeString:
    current = mark_safe(' aria-current="page"') if name == place else ""
    return format_html(
        '<li><a href="{}"{}>{}<span>{}</span></a></li>', reverse(name), current, icon(icon_name), words
    )


@register.simple_tag(takes_context=True)
def list_address(context: Context, page: str) -> str:
    """The way back to a list ("calls", "recordings") as it was left, with its filter."""
    return back.address_of(context["request"], page)


@register.filter
def words(text: str) -> list[str]:
    """The words of a text, to loop over."""
    return text.split()


# --- Form fields -----------------------------------------------------------------------------------------
@register.filter
def kind(field: BoundField) -> str:
    """How components/field.html draws the field: hidden, check, switch, group or line."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "switch" if getattr(field.field, "is_switch", False) else "check"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "group"
    return "line"


@register.filter
def options(field: BoundField) -> Iterator[BoundWidget]:
    """The choices of a radio or check-box group, in Tabler's classes."""
    for option in field:
        option.data["attrs"]["class"] = "form-check-input"
        yield option


@register.filter
def api_name(field: BoundField) -> str:
    """The name the API gives this field, where it has one."""
    return getattr(field.field, "api_name", "") or getattr(field, "api_name", "")


@register.filter
def described_by(field: BoundField) -> str:
    """The ids of the help and the errors drawn below the field."""
    ids = [f"{field.auto_id}_helptext"] if field.help_text else []
    if field.errors:
        ids.append(f"{field.auto_id}_error")
    return " ".join(ids)


def _classes(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "form-check-input"
    if isinstance(widget, forms.Select):
        return "form-select"
    if getattr(widget, "input_type", "") == "color":
        return "form-control form-control-color"
    return "form-control"


@register.filter
def widget(field: BoundField) -> SafeString:
    """The field's widget in Tabler's classes, tied to its help and errors."""
    inner = field.field.widget
    classes = [inner.attrs.get("class", ""), _classes(inner), "is-invalid" if field.errors else ""]
    attrs = {"class": " ".join(filter(None, classes))}
    if ids := described_by(field):
        attrs["aria-describedby"] = ids
    if field.errors:
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)
