"""What the lists of calls and of recordings share: their filter, views, columns, pages, and how many match."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from recorder_app import periods
from recorder_app.choices import ListPage
from recorder_app.forms.filters import EVERYTHING, FILTERS, Chip, HistoryFilter, known_codes
from recorder_app.forms.views import ListForm
from recorder_app.permissions import Permission, allowed
from recorder_app.services import counting, lists, views

# The quick ranges that stand on the page itself; the others are in the form.
QUICK = ("1h", "24h", "7d", "30d")
# An empty list tries so many ways out.
MOST_WAYS_OUT = 6
# Seconds it may take to see whether one of them leads anywhere.
SHORT = 0.1


@dataclass(frozen=True)
class Choice:
    """A link that sets one thing and leaves the rest."""

    words: Any
    query: str
    is_chosen: bool


def plain_visit(request: HttpRequest, page: ListPage) -> HttpResponse | None:
    """Where somebody who asks for nothing in particular is led: to the view that opens first, if there is one."""
    first = None if request.GET or request.htmx else views.opens_first(request.user, page)
    return redirect(first) if first else None


def context(request: HttpRequest, filters: HistoryFilter) -> dict[str, Any]:
    """What the head of a list shows: views, quick choices, chips, and how the person likes the table."""
    page = filters.page
    query = filters.query
    # The part that keeps itself fresh lies below them.
    saved = [] if request.htmx else views.named(request.user, page)
    opened = next((view for view in saved if is_same(view.query, query)), None)
    return {
        "list_page": page,
        "filters": filters,
        "query": query,
        "chips": filters.chips(),
        "problems": filters.problems(),
        "views": saved,
        "opened": opened,
        "times": quick_times(filters),
        "everything": EVERYTHING,
        "all_columns": column_choices(request, page),
        "compact": lists.is_compact(request.user, page),
        # Only an empty list asks, and only when it is drawn.
        "ways_out": partial(ways_out, filters),
    }


def is_same(query: str, other: str) -> bool:
    """Whether two queries ask for the same, in whatever order."""
    return sorted(query.split("&")) == sorted(other.split("&"))


def quick(filters: HistoryFilter, name: str, options: list[tuple[str, Any]]) -> list[Choice]:
    """Links that set one thing to each of its values; the first is for any."""
    now = filters.set_to(name)
    return [
        Choice(capfirst(words), filters.replaced(name, value), now == ([value] if value else []))
        for value, words in options
    ]


def quick_times(filters: HistoryFilter) -> list[Choice]:
    return quick(filters, "period", [("", _("Any time")), *((key, periods.QUICK[key]) for key in QUICK)])


def column_choices(request: HttpRequest, page: str) -> list[tuple[str, Any, bool, bool]]:
    """Each column's key and words, whether it is shown, and whether it has to be."""
    shown, always = lists.columns(request.user, page), lists.ALWAYS[page]
    return [(key, words, key in shown, key in always) for key, words in lists.COLUMNS[page].items()]


def ways_out(filters: HistoryFilter) -> list[Chip]:
    """Of an empty list's filters, those without which something would be there."""
    chips = filters.chips()
    if len(chips) < 2 or filters.problems():
        return []
    return [chip for chip in chips[:MOST_WAYS_OUT] if _is_any(filters, chip.without)]


def _is_any(filters: HistoryFilter, query: str) -> bool:
    beside = type(filters).of(query, person=filters.person, now=filters.now)
    found = counting.count(beside.qs, most=1, patience=SHORT)
    return bool(found and found.number)


@allowed(Permission.SEE_HISTORY)
def filter_form(request: HttpRequest, page: str) -> HttpResponse:
    """Everything a list can be filtered by, as a form; a filter that makes sense leads to the list."""
    filters = FILTERS[page](request.GET, person=request.user, whole=True)
    if "apply" in request.GET and filters.is_valid():
        return redirect(f"{reverse(page)}?{filters.query or EVERYTHING}")
    part = "#dialog" if request.htmx.target == "dialog" else ""
    shown = {
        "list_page": page,
        "form": filters.offer(),
        "query": filters.query,
        "codes": known_codes(),
        "is_dialog": bool(part),
    }
    return render(request, f"lists/filter.html{part}", shown)


@allowed(Permission.SEE_HISTORY)
def count(request: HttpRequest, page: str) -> HttpResponse:
    """How many match, as a few words that the list fetches once it stands; nothing where counting takes long."""
    filters = FILTERS[page](request.GET, person=request.user)
    shown = {"count": counting.count(filters.qs) if filters.is_valid() else None, "list_page": page}
    return render(request, "lists/count.html", shown)


@allowed(Permission.SEE_HISTORY)
@require_POST
def settings(request: HttpRequest, page: str) -> HttpResponse:
    """Which columns of a list somebody wants to see; leads back to the list as it was."""
    form = ListForm(request.POST, page=page)
    if form.is_valid():
        form.save(request.user)
    query = QueryDict(request.POST.get("query", "").replace("\x00", "")).urlencode()
    return redirect(f"{reverse(page)}?{query or EVERYTHING}")
