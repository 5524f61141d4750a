"""The headline numbers of a report, and how they stand against the time before."""

from django.utils.translation import gettext as _

from recorder_app.reports.numbers import Review
from recorder_app.reports.shapes import Figure
from recorder_app.reports.words import duration, number, share


def figures(review: Review) -> list[Figure]:
    now, then = review.whole, review.before
    p95, earlier_p95 = now.percentiles[1], then.percentiles[1]
    found = [
        _figure(_("Calls"), number(now.total), now.total, then.total),
        _figure(_("Accepted"), share(now.rate), now.rate, then.rate, is_good=1, points=True),
        _figure(
            _("Refused"),
            number(now.outcomes.get("refused", 0)),
            now.outcomes.get("refused", 0),
            then.outcomes.get("refused", 0),
            is_good=-1,
        ),
        _figure(_("95 of 100 answered within"), duration(p95), p95, earlier_p95, is_good=-1),
        _figure(_("Recorded hours"), number(now.hours, 1), now.hours, then.hours),
        _figure(
            _("Most at once"),
            number(now.recordings.most_running),
            now.recordings.most_running,
            then.recordings.most_running,
        ),
        _figure(
            _("Starts without an answer"),
            number(now.recordings.unknown),
            now.recordings.unknown,
            then.recordings.unknown,
            is_good=-1,
        ),
    ]
    return [one for one in found if one]


def _figure(
    title: str, value: str, now: float | None, then: float | None, *, is_good: int = 0, points: bool = False
) -> Figure:
    if now is None or then is None or (not then and not points):
        words = _("none before") if not then and now else ""
        return Figure(title, value, words)
    change = (now - then) * 100 if points else (now / then - 1) * 100
    if abs(change) < 0.05:
        return Figure(title, value, _("as before"), "minus")
    unit = _("points") if points else "%"
    words = (
        _("%(change)s %(unit)s more than before") if change > 0 else _("%(change)s %(unit)s less than before")
    )
    tone = "" if not is_good else "ok" if (change > 0) == (is_good > 0) else "bad"
    digits = 1 if abs(change) < 10 else 0
    arrow = "arrow-up" if change > 0 else "arrow-down"
    return Figure(title, value, words % {"change": number(abs(change), digits), "unit": unit}, arrow, tone)
