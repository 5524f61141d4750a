"""Reports by mail: when the next one is due, and sending it so that a process that dies sends none of them twice.

That a mail is leaving is written down before it is handed to the mail server. A process that dies in between leaves
the word standing, and whoever takes over does not send that mail again: it may have arrived, and nobody can tell.
A mail that the server did not take is tried again; if the connection broke after the server had taken it, and before
it could say so, that mail arrives twice. Mail knows no better.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recorder_app.choices import Rhythm
from recorder_app.models import Person, ScheduledReport
from recorder_app.permissions import Permission
from recorder_app.services import audit
from recorder_app.services.spans import DAY

log = logging.getLogger(__name__)

# Pauses before a mail that the server did not take is tried again; after the last it is left out.
PAUSES = (timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1), timedelta(hours=4))


class CannotWrite(Exception):
    """There is nothing to send; the text says why, for people."""


@dataclass(frozen=True)
class Letter:
    """A mail's subject, and its content as text and as HTML."""

    subject: str
    text: str
    html: str


def are_possible() -> bool:
    """Whether a mail server is set up, or mails are shown in the log of a trial."""
    return settings.SENDS_MAIL


def zone_of(person: Person) -> ZoneInfo:
    return ZoneInfo(person.time_zone or settings.TIME_ZONE)


def next_moment(report: ScheduledReport, after: datetime) -> datetime:
    """When, after a moment, its next mail is due: at its hour, in the zone of its owner, on its day."""
    zone = zone_of(report.by)
    day = after.astimezone(zone).date()
    while True:
        is_its_day = (day.weekday() if report.rhythm == Rhythm.WEEKLY else day.day) == report.day
        # An hour that a change of the clocks leaves out is the one after it.
        moment = datetime.combine(day, time(report.hour), tzinfo=zone).astimezone(UTC)
        if is_its_day and moment > after:
            return moment
        day += DAY


def schedule(report: ScheduledReport, *, by: Person) -> ScheduledReport:
    """Begin to send a report, the first time on its next day."""
    now = timezone.now()
    report.by, report.created_at = by, now
    report.for_at = report.due_at = next_moment(report, now)
    with transaction.atomic():
        report.save()
        _tell(audit.Event.REPORT_SCHEDULED, report, by)
    return report


def unschedule(report: ScheduledReport, *, by: Person) -> None:
    """Send a report no more."""
    with transaction.atomic():
        _tell(audit.Event.REPORT_UNSCHEDULED, report, by)
        report.delete()


def _tell(event: audit.Event, report: ScheduledReport, by: Person) -> None:
    details = {"how_often": str(report.get_rhythm_display()), "addresses": report.recipients}
    audit.record(
        event, by=by, about=report, filter=report.view.query if report.view else report.query, **details
    )


def send(report: ScheduledReport, write: Callable[[ScheduledReport], Letter]) -> None:
    """Send a report's mail if it is due, and set when the next one is. ``write`` may raise ``CannotWrite``."""
    now = timezone.now()
    if report.due_at is None or report.due_at > now:
        return
    if report.is_leaving:
        lost = _(
            "A process ended while this mail was being handed over. It may have arrived; it is not sent twice."
        )
        _go_on(report, now, trouble=lost)
        return
    if not report.by.may(Permission.SEE_HISTORY):
        _go_on(report, now, trouble=_("Its owner may not see the history any more, so nothing was sent."))
        return
    try:
        letter = write(report)
    except CannotWrite as error:
        _go_on(report, now, trouble=str(error))
        return
    if not ScheduledReport.objects.filter(pk=report.pk, is_leaving=False, due_at=report.due_at).update(
        is_leaving=True
    ):
        return
    try:
        _hand_over(report, letter)
    except OSError as error:  # of which the errors of SMTP are a kind
        log.warning("The report %s could not be mailed: %s", report.pk, error)
        _try_again(report, now, str(error) or type(error).__name__)
    else:
        report.sent_at = now
        _go_on(report, now)


def _hand_over(report: ScheduledReport, letter: Letter) -> None:
    mail = EmailMultiAlternatives(letter.subject, letter.text, settings.DEFAULT_FROM_EMAIL, report.recipients)
    mail.attach_alternative(letter.html, "text/html")
    mail.send()


def _try_again(report: ScheduledReport, now: datetime, said: str) -> None:
    if report.tries >= len(PAUSES):
        _go_on(
            report,
            now,
            trouble=_("The mail server did not take it, and it was left out: %(said)s") % {"said": said},
        )
        return
    report.due_at = now + PAUSES[report.tries]
    report.tries += 1
    report.trouble = _("The mail server did not take it; it is tried again: %(said)s") % {"said": said}
    report.trouble_at = now
    _save(report)


def _go_on(report: ScheduledReport, now: datetime, trouble: str = "") -> None:
    """Leave this mail behind, sent or not, and wait for the next."""
    report.tries, report.trouble = 0, trouble
    report.trouble_at = now if trouble else None
    report.for_at = report.due_at = next_moment(report, now)
    _save(report)


def _save(report: ScheduledReport) -> None:
    report.is_leaving = False
    report.save(update_fields=["due_at", "for_at", "is_leaving", "tries", "sent_at", "trouble", "trouble_at"])
