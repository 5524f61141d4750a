"""How a person likes to see a list: which columns, and how close together."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from recorder_app.choices import ListPage
from recorder_app.models import Person

# Page -> column -> the words above it. The first two always stand: they say what became of it, and are its link.
COLUMNS: dict[str, dict[str, Any]] = {
    ListPage.CALLS.value: {
        "outcome": _("Outcome"),
        "action": _("Action, error code"),
        "application": _("Application"),
        "room": _("Room"),
        "request": _("RequestId"),
        "took": _("Took"),
        "by": _("By"),
        "origin": _("Made by"),
        "when": _("When"),
    },
    ListPage.RECORDINGS.value: {
        "status": _("Status"),
        "room": _("Room"),
        "product": _("Product"),
        "application": _("Application"),
        "task": _("TaskId"),
        "length": _("Recorded"),
        "why": _("Why"),
        "by": _("Started by"),
        "origin": _("Made by"),
        "when": _("When"),
    },
}
ALWAYS = {ListPage.CALLS.value: ("outcome", "action"), ListPage.RECORDINGS.value: ("status", "room")}
# Until somebody chooses: what a wide screen holds. Why something went wrong stands where that is what is looked at.
HIDDEN_AT_FIRST = {ListPage.CALLS.value: ("origin",), ListPage.RECORDINGS.value: ("length", "why", "origin")}
COMPACT = "compact"


def columns(person: Person, page: str) -> list[str]:
    """The columns this person sees on a page, in their order."""
    hidden = _settings(person, page).get("hidden", HIDDEN_AT_FIRST[page])
    return [key for key in COLUMNS[page] if key not in hidden or key in ALWAYS[page]]


def is_compact(person: Person, page: str) -> bool:
    """Whether this person wants more rows on a screen."""
    return _settings(person, page).get("density") == COMPACT


def choose(person: Person, page: str, *, shown: Iterable[str], compact: bool) -> None:
    """Keep which columns of a page a person wants to see, and how close together."""
    wanted = {*shown, *ALWAYS[page]}
    kept = {
        "hidden": [key for key in COLUMNS[page] if key not in wanted],
        "density": COMPACT if compact else "",
    }
    person.list_settings = {**person.list_settings, page: kept}
    person.save(update_fields=["list_settings"])


def _settings(person: Person, page: str) -> dict[str, Any]:
    return person.list_settings.get(page, {})
