"""Times as lists and reports take them from the address: quick ranges, dates, moments; in the person's zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

# ?period= -> the words of its chip, in the order in which they are offered.
QUICK = {
    "1h": _("last hour"),
    "24h": _("last 24 hours"),
    "today": _("today"),
    "yesterday": _("yesterday"),
    "7d": _("last 7 days"),
    "30d": _("last 30 days"),
    "90d": _("last 90 days"),
    "month": _("this month"),
    "last-month": _("last month"),
    "1y": _("last year up to today"),
    "2y": _("last 2 years up to today"),
}
# Any other number of hours, days or years may be asked for, too.
COUNTED = re.compile(r"([1-9]\d{0,3})([hdy])")


@dataclass(frozen=True)
class Span:
    """From a moment on and up to, but without, another; None where it is open."""

    start: datetime | None = None
    end: datetime | None = None

    def within(self, other: "Span") -> "Span":
        """What both cover."""
        starts = [moment for moment in (self.start, other.start) if moment]
        ends = [moment for moment in (self.end, other.end) if moment]
        return Span(max(starts, default=None), min(ends, default=None))


def words_of(period: str) -> Any:
    """The words of a period that ``span_of`` knows."""
    if period in QUICK:
        return QUICK[period]
    number, unit = _counted(period)
    if unit == "h":
        return ngettext("last hour", "last %(number)d hours", number) % {"number": number}
    if unit == "d":
        return ngettext("today", "last %(number)d days", number) % {"number": number}
    return ngettext("last year up to today", "last %(number)d years up to today", number) % {"number": number}


def span_of(period: str, now: datetime) -> Span:
    """What a period covers at the moment ``now``: hours to the second, days and years whole, today included.

    Days begin at midnight in the current time zone. Raises ValueError for a period that is none.
    """
    today = timezone.localtime(now).date()
    if period == "today":
        return Span(midnight(today))
    if period == "yesterday":
        return Span(midnight(today - timedelta(days=1)), midnight(today))
    if period == "month":
        return Span(midnight(today.replace(day=1)))
    if period == "last-month":
        first = today.replace(day=1)
        return Span(midnight((first - timedelta(days=1)).replace(day=1)), midnight(first))
    number, unit = _counted(period)
    if unit == "h":
        return Span(now - timedelta(hours=number))
    if unit == "d":
        return Span(midnight(today - timedelta(days=number - 1)))
    return Span(midnight(_years_before(today, number)))


def start_of(text: str) -> datetime:
    """The moment at which a date or a moment begins. Raises ValueError for what is neither."""
    return _moment(text) if _has_time(text) else midnight(date.fromisoformat(text))


def end_of(text: str) -> datetime:
    """The moment before which things happened: a date includes its day. Raises ValueError for what is neither."""
    if _has_time(text):
        return _moment(text)
    try:
        return midnight(date.fromisoformat(text) + timedelta(days=1))
    except OverflowError:
        raise ValueError("no day follows this one") from None


def midnight(day: date) -> datetime:
    """The moment, in UTC, at which a day begins in the current time zone. Raises ValueError off the calendar."""
    return _in_utc(datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone()))


def _has_time(text: str) -> bool:
    return "T" in text or " " in text


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return _in_utc(found if found.tzinfo else found.replace(tzinfo=timezone.get_current_timezone()))


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("this moment has none in UTC") from None


def _counted(period: str) -> tuple[int, str]:
    match = COUNTED.fullmatch(period)
    if not match:
        raise ValueError(f"{period!r} is no period")
    return int(match[1]), match[2]


def _years_before(day: date, number: int) -> date:
    try:
        return day.replace(year=day.year - number)
    except ValueError:
        # The 29th of February; or a year before the first, which is told as no period.
        return day.replace(year=day.year - number, day=28)
