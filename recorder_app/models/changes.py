"""The time line of a recording's status: one row for each change, written with it, never edited."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import RecordingStatus, Why
from recorder_app.models.callbacks import CallbackEvent
from recorder_app.models.calls import ApiCall
from recorder_app.models.recordings import Recording


class StatusChange(models.Model):
    recording = models.ForeignKey(
        Recording, on_delete=models.PROTECT, related_name="changes", verbose_name=_("recording")
    )
    status = models.CharField(_("status"), max_length=12, choices=RecordingStatus)
    previous = models.CharField(_("before"), max_length=12, choices=RecordingStatus)
    why = models.CharField(_("owed to"), max_length=10, choices=Why)
    call = models.ForeignKey(ApiCall, on_delete=models.SET_NULL, null=True, related_name="+")
    event = models.ForeignKey(CallbackEvent, on_delete=models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(_("by"), max_length=150, blank=True, default="")
    # What the change was concluded from, in words for people.
    note = models.TextField(_("note"), blank=True, default="")
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("change of status")
        verbose_name_plural = _("changes of status")
        ordering = ["at", "pk"]
        indexes = [
            # A recording's page, in order.
            models.Index(name="change_of_recording", fields=["recording", "at", "id"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="change_status_known",
                condition=models.Q(status__in=RecordingStatus.values, previous__in=RecordingStatus.values),
            ),
            models.CheckConstraint(name="change_why_known", condition=models.Q(why__in=Why.values)),
            # What a person decided carries their name.
            models.CheckConstraint(
                name="change_by_person_has_name", condition=~models.Q(why=Why.PERSON) | ~models.Q(by_name="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.previous} → {self.status}"
