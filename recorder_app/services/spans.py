"""Hours, days, weeks and months: where they begin and end in a time zone, in UTC."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from recorder_app.choices import Grain
from recorder_app.models import Person

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def zones_in_use() -> list[str]:
    """The names of the zones in which somebody looks at reports: the installation's, and those of its people."""
    chosen = Person.objects.filter(is_active=True).exclude(time_zone="").order_by("time_zone")
    names = chosen.values_list("time_zone", flat=True).distinct()
    return list(dict.fromkeys([settings.TIME_ZONE, *names]))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which a day begins in a zone."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def first_day(moment: datetime, grain: Grain, zone: ZoneInfo) -> date:
    """The first day of the day, week (from Monday on) or month in which a moment lies."""
    day = moment.astimezone(zone).date()
    if grain == Grain.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == Grain.MONTH else day


def day_after(day: date, grain: Grain) -> date:
    """The first day of the day, week or month that follows the one that begins with ``day``."""
    if grain == Grain.MONTH:
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day + (timedelta(days=7) if grain == Grain.WEEK else DAY)


def hour_of(moment: datetime, minute: int) -> datetime:
    """The beginning of the hour in which a moment lies, for hours that begin at ``minute``."""
    shifted = moment.astimezone(UTC) - timedelta(minutes=minute)
    return shifted.replace(minute=0, second=0, microsecond=0) + timedelta(minutes=minute)


def minute_name(minute: int) -> str:
    """What hours that begin at this minute are kept under."""
    return f":{minute:02}"


def covering(
    grain: Grain, zone: ZoneInfo, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The spans of a zone, in order, that together cover [start, end): the first may begin earlier, the last end later.

    An hour begins where an hour of the zone's day does, counted from the midnight before ``start``.
    """
    if grain == Grain.HOUR:
        moment = hour_of(start, midnight(start.astimezone(zone).date(), zone).minute)
        while moment < end:
            yield moment, moment + HOUR
            moment += HOUR
        return
    day = first_day(start, grain, zone)
    begins = midnight(day, zone)
    while begins < end:
        day = day_after(day, grain)
        ends = midnight(day, zone)
        yield begins, ends
        begins = ends


def minutes_of(zone: ZoneInfo, start: datetime, end: datetime) -> set[int]:
    """The minutes at which a zone's days began between two moments, judged by the first days of its months."""
    months = covering(Grain.MONTH, zone, start, end)
    return {begins.minute for begins, _ends in months} | {midnight(end.astimezone(zone).date(), zone).minute}
