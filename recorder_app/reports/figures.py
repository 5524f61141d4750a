"""The headline numbers of a report, and how they stand against the time before."""

from django.utils.translation import gettext as _

from recorder_app.choices import CallOutcome
from recorder_app.reports.numbers import Review
from recorder_app.reports.shapes import Figure, Kind
from recorder_app.reports.words import number


def figures(review: Review) -> list[Figure]:
    now, then = review.whole, review.before
    refused = CallOutcome.REFUSED.value
    return [
        _figure(_("Calls"), now.total, then.total),
        _figure(_("Accepted"), now.rate, then.rate, Kind.SHARE, is_good=1),
        _figure(_("Refused"), now.outcomes.get(refused, 0), then.outcomes.get(refused, 0), is_good=-1),
        _figure(
            _("95 of 100 answered within"),
            now.percentiles[1],
            then.percentiles[1],
            Kind.MILLISECONDS,
            is_good=-1,
        ),
        _figure(_("Recorded hours"), now.hours, then.hours, Kind.HOURS),
        _figure(_("Most at once"), now.recordings.most_running, then.recordings.most_running),
        _figure(_("Starts without an answer"), now.recordings.unknown, then.recordings.unknown, is_good=-1),
    ]


def _figure(
    title: str, now: float | None, then: float | None, kind: Kind = Kind.NUMBER, *, is_good: int = 0
) -> Figure:
    points = kind is Kind.SHARE
    if now is None or then is None or (not then and not points):
        words = _("none before") if not then and now else ""
        return Figure(title, now, kind, words)
    change = (now - then) * 100 if points else (now / then - 1) * 100
    if abs(change) < 0.05:
        return Figure(title, now, kind, _("as before"), "minus")
    unit = _("points") if points else "%"
    words = (
        _("%(change)s %(unit)s more than before") if change > 0 else _("%(change)s %(unit)s less than before")
    )
    tone = "" if not is_good else "ok" if (change > 0) == (is_good > 0) else "bad"
    digits = 1 if abs(change) < 10 else 0
    arrow = "arrow-up" if change > 0 else "arrow-down"
    return Figure(
        title, now, kind, words % {"change": number(abs(change), digits), "unit": unit}, arrow, tone
    )
