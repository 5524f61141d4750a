"""A review of a whole time: by error code, application, person and hour, and what became of unknown starts."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from recorder_app.choices import RecordingStatus
from recorder_app.cloud.error_codes import explain
from recorder_app.reports.numbers import Numbers, Review
from recorder_app.reports.shapes import Cell, Link, Section, Table
from recorder_app.reports.words import duration, number, share
from recorder_app.services.tallies import percentile

CALLS_A_SECOND = 20
MOST_ROWS = 50
# So many of them are drawn; the table has more.
MOST_BARS = 15


def _summed(outcomes: Mapping[str, int]) -> Numbers:
    return Numbers(outcomes=dict(outcomes))


def _by_size(tree: Mapping[Any, Mapping[str, int]]) -> list[tuple[Any, Numbers]]:
    found = [(key, _summed(outcomes)) for key, outcomes in tree.items()]
    return sorted(found, key=lambda pair: (-pair[1].total, str(pair[0])))[:MOST_ROWS]


def codes(review: Review, link: Link) -> Section:
    """Refusals and failures by their error code, with what it means."""
    found = _by_size(review.codes)
    rows = [
        [
            Cell(code, link(code=code), is_head=True, is_code=True),
            Cell(str(explain(code).meaning)),
            Cell(number(sums.total), link(code=code)),
            Cell(share(sums.total / review.whole.total if review.whole.total else None)),
        ]
        for code, sums in found
    ]
    top = found[:MOST_BARS]
    bars = {
        "label": _("Calls"),
        "colour": "--bad",
        "hatch": "rising",
        "data": [sums.total for _code, sums in top],
        "links": [link(code=code) for code, _sums in top],
    }
    return Section(
        "codes",
        _("Refusals and failures by error code"),
        _("Of all calls in this time, those that ended with an error code."),
        Table([_("Error code"), _("What it means"), _("Calls"), _("Of all calls")], rows, words=2),
        {"kind": "rows", "labels": [code for code, _sums in top], "datasets": [bars], "unit": ""},
        empty="" if found else _("No call ended with an error code."),
    )


def _ranking(id: str, title: str, head: str, found: list[tuple[str, str, Numbers]], link: Link) -> Section:
    """How the calls of each of several ended: (name, link, sums)."""
    rows = [
        [
            Cell(name, href, is_head=True),
            Cell(number(sums.total)),
            Cell(number(sums.accepted)),
            Cell(number(sums.settled - sums.accepted)),
            Cell(share(sums.rate)),
        ]
        for name, href, sums in found
    ]
    top = found[:MOST_BARS]
    datasets = [
        {
            "label": _("Accepted"),
            "colour": "--ok",
            "data": [sums.accepted for _n, _h, sums in top],
            "links": [href for _n, href, _s in top],
        },
        {
            "label": _("Not accepted"),
            "colour": "--bad",
            "hatch": "rising",
            "data": [sums.settled - sums.accepted for _n, _h, sums in top],
            "links": [href for _n, href, _s in top],
        },
    ]
    heads = [head, _("Calls"), _("Accepted"), _("Not accepted"), _("Success rate")]
    chart = {
        "kind": "rows",
        "labels": [name for name, _h, _s in top],
        "datasets": datasets,
        "unit": "",
        "stacked": True,
    }
    return Section(
        id, title, "", Table(heads, rows), chart, empty="" if found else _("No call in this time.")
    )


def applications(review: Review, names: Mapping[int, str], link: Link) -> Section:
    found = [
        (names.get(key, _("no application")), link(application=key) if key in names else "", sums)
        for key, sums in _by_size(review.applications)
    ]
    return _ranking("applications", _("By application"), _("Application"), found, link)


def people(review: Review, known: Mapping[str, tuple[str, str]], link: Link) -> Section:
    """``known`` gives name and sign-in name of a person by the key in the sums."""
    found = []
    for key, sums in _by_size(review.people):
        if key in known:
            name, username = known[key]
            found.append((name, link(by=username), sums))
        elif key.startswith("~"):
            found.append((_("%(name)s (removed)") % {"name": key[1:]}, link(by=key[1:]), sums))
        else:
            found.append((_("Background work"), link(origin="background"), sums))
    return _ranking("people", _("By person"), _("Person"), found, link)


def week(review: Review) -> Section:
    """The hours of the week as a table whose cells are coloured by how much happened."""
    sums = {hour: _summed(outcomes) for hour, outcomes in review.week.items()}
    most = max((one.total for one in sums.values()), default=0)
    days = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]
    rows = []
    for day, name in enumerate(days):
        cells = [Cell(name, is_head=True)]
        for hour in range(24):
            total = sums[day * 24 + hour].total if day * 24 + hour in sums else 0
            cells.append(Cell(number(total) if total else "", level=_level(total, most)))
        rows.append(cells)
    heads = [_("Day"), *(f"{hour:02}" for hour in range(24))]
    return Section(
        "week",
        _("By hour of the week"),
        _("Calls by the day and hour at which they were intended, in your time zone. The darker, the more."),
        Table(heads, rows),
        empty="" if most else _("No call in this time."),
    )


def _level(total: int, most: int) -> int:
    return 0 if not total else min(1 + (total - 1) * 4 // most, 4)


def unknown(review: Review) -> Section:
    """Starts whose outcome was not known for a while, and how long it took to find out."""
    sums = review.whole.recordings
    rows = []
    words = {
        RecordingStatus.STARTING.value: _("It was recording"),
        RecordingStatus.NOT_STARTED.value: _("It had not started"),
        RecordingStatus.REFUSED.value: _("The cloud had refused it"),
    }
    for status, buckets in sorted(sums.settled.items(), key=lambda pair: -sum(pair[1].values())):
        name = words.get(status) or str(RecordingStatus(status).label)
        times = [duration(percentile(buckets, one)) for one in (0.5, 0.95)]
        rows.append([Cell(name, is_head=True), Cell(number(sum(buckets.values()))), *map(Cell, times)])
    if sums.unsettled:
        rows.append(
            [Cell(_("Not settled yet"), is_head=True), Cell(number(sums.unsettled)), Cell("—"), Cell("—")]
        )
    return Section(
        "unknown",
        _("Starts without an answer, and how they were settled"),
        _(
            "Recordings intended in this time whose start got no answer: what was found out, and how long that took."
        ),
        Table([_("What it turned out to be"), _("Starts"), _("Half within"), _("95 of 100 within")], rows),
        empty="" if sums.unknown else _("No start was unknown in this time."),
    )


def limit(review: Review, accounts: Mapping[int, str]) -> Section:
    """How near the calls came to the cloud's limit of 20 a second for each action and account."""
    found = sorted(review.busiest.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_ROWS]
    rows = [
        [
            Cell(action, is_head=True, is_code=True),
            Cell(accounts.get(account, "—")),
            Cell(number(most)),
            Cell(share(most / CALLS_A_SECOND)),
        ]
        for (action, account), most in found
    ]
    says = _(
        "The cloud takes 20 calls a second of each action and account. This is the busiest second of the time."
    )
    if review.is_upper_bound:
        says += " " + _("Counted for each application and added up: it may have been fewer.")
    return Section(
        "limit",
        _("Use of the limit of 20 calls a second"),
        says,
        Table([_("Action"), _("Account"), _("In the busiest second"), _("Of the limit")], rows, words=2),
        empty="" if rows else _("No call left in this time."),
    )
