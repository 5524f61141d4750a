"""What stands in a report by mail: the week or the month before, as its owner may see it at that moment."""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recorder_app.choices import Rhythm
from recorder_app.forms.reports import TIMES, ReportFilter
from recorder_app.models import ScheduledReport
from recorder_app.reports import contents
from recorder_app.reports.shapes import Links, Section
from recorder_app.reports.words import local_words
from recorder_app.services.mails import CannotWrite, Letter, zone_of

# The sections whose tables a mail holds, with so many rows at most; the page has the rest.
IN_A_MAIL = {"starts": 31, "codes": 5, "applications": 12, "people": 10}


def write(report: ScheduledReport) -> Letter:
    """Write a report's mail. Raises ``CannotWrite`` where its filter makes no sense to its owner any more."""
    zone = zone_of(report.by)
    with timezone.override(zone):
        query = _query(report)
        filters = ReportFilter.of(query, person=report.by)
        if problems := filters.problems():
            raise CannotWrite(
                _("Its filter makes no sense any more. %(label)s: %(why)s")
                % {"label": problems[0].label, "why": problems[0].why}
            )
        shown_in, is_own = contents.zone_of(zone)
        first = contents.first_moment()
        time = filters.timeline(first=first, zone=shown_in) if first else None
        if time is not None and filters.is_too_much(time):
            raise CannotWrite(_("Its filter would have to count too many calls one by one."))
        told = {
            "report": report,
            "zone": shown_in.key,
            "is_other_zone": not is_own,
            "filter": ReportFilter.of(_without_time(report), person=report.by).words(),
            "period": local_words(time) if time else "",
            "before": local_words(time.before) if time else "",
            "address": f"{settings.PUBLIC_ADDRESS}{reverse('reports')}?{query}",
            "mails": f"{settings.PUBLIC_ADDRESS}{reverse('mails')}",
        }
        if time is not None:
            made = contents.contents(time, filters.choice(), person=report.by, links=Links())
            told |= {"made": made, "sections": _sections(made), "is_missing": made.review.missing}
        subject = _("Recorder: %(name)s, %(period)s") % {"name": report.name, "period": told["period"]}
        return Letter(
            subject=" ".join(subject.split()),
            text=render_to_string("reports/mail.txt", told),
            html=render_to_string("reports/mail.html", told),
        )


def _without_time(report: ScheduledReport) -> str:
    kept = report.view.query if report.view else report.query
    pairs = ReportFilter.of(kept, person=report.by).pairs
    return urlencode([pair for pair in pairs if pair[0] not in (*TIMES, "grain")])


def _query(report: ScheduledReport) -> str:
    """Its filter, over the seven days, or the month, before the day of the mail."""
    day = timezone.localtime(report.for_at).date()
    if report.rhythm == Rhythm.WEEKLY:
        since = day - timedelta(days=7)
    else:
        since = (day.replace(day=1) - timedelta(days=1)).replace(day=1)
        day = day.replace(day=1)
    time = urlencode(
        {"since": since.isoformat(), "until": (day - timedelta(days=1)).isoformat(), "grain": "day"}
    )
    return "&".join(filter(None, [_without_time(report), time]))


def _sections(made: contents.Report) -> list[dict]:
    return [_section(section, IN_A_MAIL[section.id]) for section in made.sections if section.id in IN_A_MAIL]


def _section(section: Section, most: int) -> dict:
    rows = list(section.table.rows())
    return {
        "title": section.title,
        "empty": section.empty,
        "heads": [column.head for column in section.table.columns],
        "rows": rows[:most],
        "more": max(len(rows) - most, 0),
    }
