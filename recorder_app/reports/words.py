"""Numbers and times in a report, written for people."""

from datetime import datetime, time
from functools import lru_cache
from urllib.parse import quote_plus

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from recorder_app.choices import Grain
from recorder_app.reports.timeline import Timeline

MIDNIGHT = time.min


def number(value: float | None, digits: int = 0) -> str:
    """A number for people; a dash for none. Made by hand: Django's own takes a tenth of a long report's time."""
    return "—" if value is None else f"{value:,.{digits}f}"


def share(value: float | None) -> str:
    """A share as so many of a hundred. Next to all is not all."""
    if value is None:
        return "—"
    hundredths = value * 100
    if 99.9 < hundredths < 100:
        hundredths = 99.9
    return f"{number(hundredths, 1)} %"


def duration(milliseconds: float | None) -> str:
    """A time for people, with the digits it deserves."""
    if milliseconds is None:
        return "—"
    if milliseconds < 1000:
        return _("%(number)s ms") % {"number": number(milliseconds)}
    seconds = milliseconds / 1000
    if seconds < 120:
        return _("%(number)s s") % {"number": number(seconds, 1)}
    if seconds < 7200:
        return _("%(number)s min") % {"number": number(seconds / 60)}
    return _("%(number)s h") % {"number": number(seconds / 3600, 1)}


def step_names(timeline: Timeline) -> list[str]:
    """What each step is called on the axis and in its row."""
    language = get_language()
    return [
        _step_name(timeline.grain, start.astimezone(timeline.zone).replace(tzinfo=None), language)
        for start, _end in timeline.steps
    ]


@lru_cache(maxsize=5000)
def _step_name(grain: Grain, local: datetime, language: str | None) -> str:
    """Remembered, for each language: writing a date takes as long as drawing the row that it stands in."""
    if grain == Grain.HOUR:
        return date_format(local, "j M H:i")
    if grain == Grain.DAY:
        return date_format(local, "D j M Y")
    if grain == Grain.WEEK:
        return _("Week of %(day)s") % {"day": date_format(local, "j M Y")}
    return date_format(local, "F Y")


def times_in_addresses(timeline: Timeline) -> list[str]:
    """The end of an address for each step: dates where it is whole days, otherwise moments."""
    zone = timeline.zone
    return [_when(start.astimezone(zone), end.astimezone(zone)) for start, end in timeline.steps]


def _when(first: datetime, last: datetime) -> str:
    if first.time() == last.time() == MIDNIGHT:
        day = (last - (last - first) / 10**9).date()
        return f"since={first.date().isoformat()}&until={day.isoformat()}"
    since, until = (quote_plus(moment.isoformat(timespec="minutes")) for moment in (first, last))
    return f"since={since}&until={until}"


def local_words(timeline: Timeline) -> str:
    """From when to when, in words."""
    start, end = timeline.start.astimezone(timeline.zone), timeline.end.astimezone(timeline.zone)
    if end > timeline.now:
        end = timezone.localtime(timeline.now, timeline.zone)
    if start.time() == end.time() == start.time().min:
        last = (end - (end - start) / 10**9).date()
        if last == start.date():
            return date_format(start, "j F Y")
        return f"{date_format(start, 'j F Y')} – {date_format(last, 'j F Y')}"
    return f"{date_format(start, 'j F Y, H:i')} – {date_format(end, 'j F Y, H:i')}"
