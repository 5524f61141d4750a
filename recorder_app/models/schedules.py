"""Reports that are sent by mail again and again."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import Rhythm
from recorder_app.models.views import SavedView
from recorder_app.models.work import Work, WorkQuerySet


class ScheduledReport(Work):
    """Due when the next mail is to be sent. It shows what its owner may see at that moment."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="scheduled_reports"
    )
    name = models.CharField(_("name"), max_length=80)
    # A saved view as it is at the time of sending; without one, the filter as it stood in the address.
    view = models.ForeignKey(
        SavedView, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("saved view")
    )
    query = models.CharField(_("filter"), max_length=2000, blank=True, default="")
    rhythm = models.CharField(_("how often"), max_length=8, choices=Rhythm)
    # Monday is 0 in a weekly rhythm; the day of the month, 1 to 28, in a monthly one.
    day = models.PositiveSmallIntegerField(_("day"))
    hour = models.PositiveSmallIntegerField(_("hour"))
    recipients = models.JSONField(_("addresses"), default=list)
    created_at = models.DateTimeField(_("scheduled at"))
    # The moment whose mail is due, or being sent. ``due_at`` may lie later, when a mail server was not there.
    for_at = models.DateTimeField(_("next mail"))
    # Written before the mail leaves: a process that dies in between leaves it set, and that mail is not sent again.
    is_leaving = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(_("last sent at"), null=True, blank=True)
    trouble = models.TextField(_("what went wrong last"), blank=True, default="")
    trouble_at = models.DateTimeField(null=True, blank=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("report by mail")
        verbose_name_plural = _("reports by mail")
        ordering = ["name", "pk"]
        indexes = [
            # The worker's next unit.
            models.Index(name="mail_due", fields=["due_at", "id"], condition=Q(due_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(name="mail_rhythm_known", condition=Q(rhythm__in=Rhythm.values)),
            models.CheckConstraint(
                name="mail_day_exists",
                condition=Q(rhythm=Rhythm.WEEKLY, day__lte=6)
                | Q(rhythm=Rhythm.MONTHLY, day__gte=1, day__lte=28),
            ),
            models.CheckConstraint(name="mail_hour_exists", condition=Q(hour__lte=23)),
        ]

    def __str__(self) -> str:
        return self.name
