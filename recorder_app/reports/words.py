"""Numbers and times in a report, written for people."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from recorder_app.choices import Grain
from recorder_app.reports.timeline import Timeline


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


def step_name(start: datetime, end: datetime, timeline: Timeline) -> str:
    """What a step is called on the axis and in its row."""
    local = start.astimezone(timeline.zone)
    if timeline.grain == Grain.HOUR:
        return date_format(local, "j M H:i")
    if timeline.grain == Grain.DAY:
        return date_format(local, "D j M Y")
    if timeline.grain == Grain.WEEK:
        return _("Week of %(day)s") % {"day": date_format(local, "j M Y")}
    return date_format(local, "F Y")


def moments(start: datetime, end: datetime, timeline: Timeline) -> dict[str, str]:
    """The parameters of an address that mean a step: dates where it is whole days, otherwise moments."""
    first, last = start.astimezone(timeline.zone), end.astimezone(timeline.zone)
    if first.time() == last.time() == first.time().min:
        day = (last - (last - first) / 10**9).date()
        return {"since": first.date().isoformat(), "until": day.isoformat()}
    return {"since": first.isoformat(timespec="minutes"), "until": last.isoformat(timespec="minutes")}


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
