"""A review of a whole time: by error code, application, person and hour, and what became of unknown starts."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from recorder_app.choices import RecordingStatus
from recorder_app.cloud.error_codes import explain
from recorder_app.reports.numbers import Numbers, Review
from recorder_app.reports.shapes import Column, Kind, Links, Section, Table
from recorder_app.services.tallies import percentiles

CALLS_A_SECOND = 20
MOST_ROWS = 50
# So many of them are drawn; the table has more.
MOST_BARS = 15


def _summed(outcomes: Mapping[str, int]) -> Numbers:
    return Numbers(outcomes=dict(outcomes))


def _by_size(tree: Mapping[Any, Mapping[str, int]]) -> list[tuple[Any, Numbers]]:
    found = [(key, _summed(outcomes)) for key, outcomes in tree.items()]
    return sorted(found, key=lambda pair: (-pair[1].total, str(pair[0])))[:MOST_ROWS]


def codes(review: Review, links: Links) -> Section:
    """Refusals and failures by their error code, with what it means."""
    found = _by_size(review.codes)
    names = [code for code, _sums in found]
    totals = [sums.total for _code, sums in found]
    to = [links.to(code=code) for code in names]
    bars = {
        "label": _("Calls"),
        "colour": "--bad",
        "hatch": "rising",
        "data": totals[:MOST_BARS],
        "links": to[:MOST_BARS],
    }
    return Section(
        "codes",
        _("Refusals and failures by error code"),
        _("Of all calls in this time, those that ended with an error code."),
        Table(
            [
                Column(_("Error code"), names, Kind.CODE, to),
                Column(_("What it means"), [str(explain(code).meaning) for code in names], Kind.WORDS),
                Column(_("Calls"), totals, links=to),
                Column(
                    _("Of all calls"),
                    [total / review.whole.total if review.whole.total else None for total in totals],
                    Kind.SHARE,
                ),
            ]
        ),
        {"kind": "rows", "labels": names[:MOST_BARS], "datasets": [bars], "unit": ""},
        empty="" if found else _("No call ended with an error code."),
    )


def _ranking(id: str, title: str, head: str, found: list[tuple[str, str, Numbers]]) -> Section:
    """How the calls of each of several ended: (name, link, sums)."""
    names, links, sums = ([one[at] for one in found] for at in range(3))
    accepted = [one.accepted for one in sums]
    others = [one.settled - one.accepted for one in sums]
    datasets = [
        {
            "label": _("Accepted"),
            "colour": "--ok",
            "data": accepted[:MOST_BARS],
            "links": links[:MOST_BARS],
        },
        {
            "label": _("Not accepted"),
            "colour": "--bad",
            "hatch": "rising",
            "data": others[:MOST_BARS],
            "links": links[:MOST_BARS],
        },
    ]
    table = Table(
        [
            Column(head, names, Kind.WORDS, links),
            Column(_("Calls"), [one.total for one in sums]),
            Column(_("Accepted"), accepted),
            Column(_("Not accepted"), others),
            Column(_("Success rate"), [one.rate for one in sums], Kind.SHARE),
        ]
    )
    chart = {"kind": "rows", "labels": names[:MOST_BARS], "datasets": datasets, "unit": "", "stacked": True}
    return Section(id, title, "", table, chart, empty="" if found else _("No call in this time."))


def applications(review: Review, names: Mapping[int, str], links: Links) -> Section:
    found = [
        (names.get(key, _("no application")), links.to(application=key) if key in names else "", sums)
        for key, sums in _by_size(review.applications)
    ]
    return _ranking("applications", _("By application"), _("Application"), found)


def people(review: Review, known: Mapping[str, tuple[str, str]], links: Links) -> Section:
    """``known`` gives name and sign-in name of a person by the key in the sums."""
    found = []
    for key, sums in _by_size(review.people):
        if key in known:
            name, username = known[key]
            found.append((name, links.to(by=username), sums))
        elif key.startswith("~"):
            found.append((_("%(name)s (removed)") % {"name": key[1:]}, links.to(by=key[1:]), sums))
        else:
            found.append((_("Background work"), links.to(origin="background"), sums))
    return _ranking("people", _("By person"), _("Person"), found)


def week(review: Review) -> Section:
    """The hours of the week as a table whose cells are coloured by how much happened."""
    totals = {hour: sum(outcomes.values()) for hour, outcomes in review.week.items()}
    most = max(totals.values(), default=0)
    days = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]
    columns = [Column(_("Day"), days, Kind.WORDS)]
    for hour in range(24):
        of_hour = [totals.get(day * 24 + hour, 0) for day in range(7)]
        columns.append(Column(f"{hour:02}", of_hour, levels=[_level(total, most) for total in of_hour]))
    return Section(
        "week",
        _("By hour of the week"),
        _("Calls by the day and hour at which they were intended, in your time zone. The darker, the more."),
        Table(columns),
        empty="" if most else _("No call in this time."),
    )


def _level(total: int, most: int) -> int:
    return 0 if not total else min(1 + (total - 1) * 4 // most, 4)


def unknown(review: Review) -> Section:
    """Starts whose outcome was not known for a while, and how long it took to find out."""
    sums = review.whole.recordings
    words = {
        RecordingStatus.STARTING.value: _("It was recording"),
        RecordingStatus.NOT_STARTED.value: _("It had not started"),
        RecordingStatus.REFUSED.value: _("The cloud had refused it"),
    }
    rows = [
        (
            words.get(status) or str(RecordingStatus(status).label),
            sum(buckets.values()),
            *percentiles(buckets, (0.5, 0.95)),
        )
        for status, buckets in sorted(sums.settled.items(), key=lambda pair: -sum(pair[1].values()))
    ]
    if sums.unsettled:
        rows.append((_("Not settled yet"), sums.unsettled, None, None))
    names, numbers, halves, nearly_all = ([row[at] for row in rows] for at in range(4))
    return Section(
        "unknown",
        _("Starts without an answer, and how they were settled"),
        _(
            "Recordings intended in this time whose start got no answer: what was found out, and how long that took."
        ),
        Table(
            [
                Column(_("What it turned out to be"), names, Kind.WORDS),
                Column(_("Starts"), numbers),
                Column(_("Half within"), halves, Kind.MILLISECONDS),
                Column(_("95 of 100 within"), nearly_all, Kind.MILLISECONDS),
            ]
        ),
        empty="" if sums.unknown else _("No start was unknown in this time."),
    )


def limit(review: Review, accounts: Mapping[int, str]) -> Section:
    """How near the calls came to the cloud's limit of 20 a second for each action and account."""
    found = sorted(review.busiest.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_ROWS]
    says = _(
        "The cloud takes 20 calls a second of each action and account. This is the busiest second of the time."
    )
    if review.is_upper_bound:
        says += " " + _("Counted for each application and added up: it may have been fewer.")
    return Section(
        "limit",
        _("Use of the limit of 20 calls a second"),
        says,
        Table(
            [
                Column(_("Action"), [action for (action, _account), _most in found], Kind.CODE),
                Column(
                    _("Account"),
                    [accounts.get(account, "—") for (_action, account), _most in found],
                    Kind.WORDS,
                ),
                Column(_("In the busiest second"), [most for _key, most in found]),
                Column(_("Of the limit"), [most / CALLS_A_SECOND for _key, most in found], Kind.SHARE),
            ]
        ),
        empty="" if found else _("No call left in this time."),
    )
