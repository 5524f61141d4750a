"""The look-up: paste an identifier, words, or any text, and land on what it belongs to.

What is posted stands in no address, so it may hold what must not be kept: it is written nowhere, and what looks like
a secret does not come back with the page.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from recorder_app.choices import ExportKind
from recorder_app.cloud.masked_text import masked_text
from recorder_app.forms.filters import CallFilter, RecordingFilter
from recorder_app.models import Person
from recorder_app.permissions import Permission, allowed
from recorder_app.reports import found_table
from recorder_app.services import lookup, making
from recorder_app.services.identifiers import MOST, Kind, find_identifiers
from recorder_app.services.search_words import LONGEST as LONGEST_WORDS
from recorder_app.services.search_words import Words, read_words, with_applications
from recorder_app.services.tables import csv_table
from recorder_app.views.exports import stream

LONGEST = 1_000_000
# What fits into the box again, and into an address.
LONGEST_LINE = 200
OF_CALLS, OF_RECORDINGS = set(CallFilter.base_filters), set(RecordingFilter.base_filters)


@allowed(Permission.SEE_HISTORY)
@sensitive_post_parameters("q")
def look_up(request: HttpRequest) -> HttpResponseBase:
    is_posted = request.method == "POST"
    # No identifier holds a NUL, and PostgreSQL cannot even be asked for one.
    text = (request.POST if is_posted else request.GET).get("q", "").replace("\x00", "")
    if len(text) > LONGEST:
        return render(request, "lookup/lookup.html", {"is_too_long": True, "longest": LONGEST})
    # What is typed as words goes on in an address, and comes back with the page.
    typed = masked_text(text) if len(text) <= LONGEST_WORDS else text
    words = read_words(typed, known=OF_CALLS | OF_RECORDINGS)
    if words and not (words.strange and _names_something(text)):
        return _search(request, text, words)
    found = lookup.find(text, person=request.user)
    if is_posted and request.POST.get("as") == "csv":
        return _table(request, found)
    if found.only:
        return redirect(found.only)
    shown = masked_text(text)
    is_line = _is_line(text)
    if is_posted and is_line and shown == text and found.query:
        # An address that can be kept and reloaded.
        return redirect(reverse("lookup", query={"q": found.query}))
    context = {
        "found": found,
        "most": MOST,
        "shown": shown,
        "query": _asked(found, is_line=is_line),
        "is_line": is_line,
    }
    return _page(request, context)


def _asked(found: lookup.Found, *, is_line: bool) -> str:
    """What was looked up, as a sentence can name it: of a whole text the identifier in it."""
    if is_line or not found.known:
        return masked_text(found.query)
    return found.known[0].identifier.text


def _is_line(text: str) -> bool:
    return len(text) <= LONGEST_LINE and "\n" not in text.strip()


def _names_something(text: str) -> bool:
    """Whether it is rather a line of a log than a search with words that mean nothing."""
    found, _is_cut = find_identifiers(text)
    return any(one.is_sure and one.kind in (Kind.REQUEST, Kind.TASK, Kind.RECORD_USER) for one in found)


def _search(request: HttpRequest, text: str, words: Words) -> HttpResponse:
    """The list with the filters that were typed, or what is wrong with them."""
    names = {name for name, _value in words.pairs}
    if words.strange or (names - OF_CALLS and names - OF_RECORDINGS):
        context = {
            "words": words,
            "of_calls": sorted(names - OF_RECORDINGS),
            "of_recordings": sorted(names - OF_CALLS),
            "shown": masked_text(text),
            "is_line": _is_line(text),
        }
        return _page(request, context)
    return redirect(_address(words, names, request.user))


def _address(words: Words, names: set[str], person: Person) -> str:
    query: dict[str, list[str]] = {}
    for name, value in with_applications(words.pairs, person=person):
        query.setdefault(name, []).append(value)
    return reverse("recordings" if names - OF_CALLS else "calls", query=query)


def _table(request: HttpRequest, found: lookup.Found) -> HttpResponseBase:
    """All that was found as CSV; what it was made from is not kept."""
    rows = list(found_table.rows(found))
    making.record_taken(page="lookup", query="", kind=ExportKind.CSV, rows=len(rows), by=request.user)
    zone = timezone.get_current_timezone_name()
    about = _("a text with %(count)d identifiers") % {"count": len(found.hits)}
    pieces = csv_table(found_table.COLUMNS, rows, zone=zone, about=about)
    return stream(pieces, kind=ExportKind.CSV, name="look-up.csv")


def _page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """``is_line`` says that the text fits into the box, which then keeps it."""
    box = context["shown"] if context["is_line"] else ""
    both = sorted(OF_CALLS & OF_RECORDINGS)
    keys = {
        "both": both,
        "calls": sorted(OF_CALLS - OF_RECORDINGS),
        "recordings": sorted(OF_RECORDINGS - OF_CALLS),
    }
    return render(request, "lookup/lookup.html", {**context, "in_box": box, "keys": keys})
