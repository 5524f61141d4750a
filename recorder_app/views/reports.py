"""/reports/: what managers review, over any time and compared with the time before, as pictures and as tables."""

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recorder_app import periods
from recorder_app.choices import Grain, ListPage
from recorder_app.forms.filters import EVERYTHING, STARTS
from recorder_app.forms.reports import TIMES, USUAL_PERIOD, ReportFilter
from recorder_app.permissions import Permission, allowed
from recorder_app.reports import contents
from recorder_app.reports.shapes import Links
from recorder_app.reports.timeline import Timeline, possible_grains
from recorder_app.reports.words import local_words
from recorder_app.services import views
from recorder_app.views.lists import Choice, is_same, plain_visit

QUICK = ("24h", "7d", "30d", "90d", "month", "last-month", "1y", "2y")

GRAIN_WORDS = {
    Grain.HOUR: _("By hour"),
    Grain.DAY: _("By day"),
    Grain.WEEK: _("By week"),
    Grain.MONTH: _("By month"),
}


@allowed(Permission.SEE_HISTORY)
def report(request: HttpRequest) -> HttpResponse:
    if first := plain_visit(request, ListPage.REPORTS):
        return first
    saved = views.named(request.user, ListPage.REPORTS)
    filters = ReportFilter(request.GET, person=request.user)
    chips = filters.chips()
    context: dict[str, Any] = {
        "filters": filters,
        "query": filters.query,
        "chips": chips,
        "problems": filters.problems(),
        "views": saved,
        "opened": next((view for view in saved if is_same(view.query, filters.query)), None),
        "everything": EVERYTHING,
        "times": _times(filters),
    }
    if filters.is_valid():
        context |= _contents(filters)
    return render(request, "reports/report.html", context)


def _contents(filters: ReportFilter) -> dict[str, Any]:
    zone, is_own = contents.zone_of(timezone.get_current_timezone())
    time = _time_in(zone, filters)
    shown: dict[str, Any] = {"zone": zone.key, "is_other_zone": not is_own}
    if time is None:
        return shown
    shown |= {"time": time, "grains": _grains(filters, time), "period_words": local_words(time)}
    shown["before_words"] = local_words(time.before)
    if filters.is_too_much(time):
        return {**shown, "is_too_much": True}
    made = contents.contents(time, filters.choice(), person=filters.person, links=_links(filters))
    return {
        **shown,
        "report": made,
        "is_counted_one_by_one": filters.is_counted_one_by_one,
    }


def time_of(filters: ReportFilter) -> Timeline | None:
    """The time that a report is about, in the zone in which it can be shown; None where there is nothing to report."""
    zone, _is_own = contents.zone_of(timezone.get_current_timezone())
    return _time_in(zone, filters)


def _time_in(zone: ZoneInfo, filters: ReportFilter) -> Timeline | None:
    first = contents.first_moment()
    return filters.timeline(first=first, zone=zone) if first else None


def _times(filters: ReportFilter) -> list[Choice]:
    now = dict(pair for pair in filters.pairs if pair[0] in TIMES) or {"period": USUAL_PERIOD}
    others = [pair for pair in filters.pairs if pair[0] not in TIMES]
    return [
        Choice(
            str(periods.words_of(key)).capitalize(),
            urlencode([*others, ("period", key)]),
            now == {"period": key},
        )
        for key in QUICK
    ]


def _grains(filters: ReportFilter, time: Timeline) -> list[Choice]:
    return [
        Choice(GRAIN_WORDS[grain], filters.replaced("grain", grain.value), grain == time.grain)
        for grain in possible_grains(time.end - time.start)
    ]


def _links(filters: ReportFilter) -> Links:
    """Addresses of the calls behind a number: the report's filter, with what is said beside it."""
    kept = [pair for pair in filters.pairs if pair[0] != "grain"]
    if not any(name in TIMES for name, _value in kept):
        kept.append(("period", USUAL_PERIOD))
    if not any(name == "action" for name, _value in kept):
        kept.append(("action", STARTS))
    return Links(contents.calls_address(), kept, TIMES)
