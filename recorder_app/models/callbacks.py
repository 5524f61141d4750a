"""What the cloud reported by itself: every callback as it came, and how many were turned away."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import EventOutcome, Product, RefusalReason
from recorder_app.models.accounts import Application
from recorder_app.models.pages import HistoryQuerySet
from recorder_app.models.recordings import Recording
from recorder_app.models.work import Work, WorkQuerySet


class CallbackEventQuerySet(HistoryQuerySet, WorkQuerySet):
    pass


class CallbackEvent(Work):
    """One verified callback. A second delivery of the same content is the same row, counted."""

    application = models.ForeignKey(
        Application, on_delete=models.SET_NULL, null=True, related_name="callback_events", db_index=False
    )
    application_name = models.CharField(_("application"), max_length=80)
    product = models.CharField(_("product"), max_length=3, choices=Product)
    recording = models.ForeignKey(
        Recording, on_delete=models.PROTECT, null=True, related_name="callback_events", db_index=False
    )
    event_type = models.CharField(_("event"), max_length=60)
    task_id = models.CharField(_("TaskId"), max_length=64, blank=True, default="")
    room_id = models.CharField(_("room"), max_length=200, blank=True, default="")
    record_user_id = models.CharField(_("RecordUserId"), max_length=80, blank=True, default="")
    body = models.TextField(_("body as it came"))
    # SHA-256, in hex, of the application and the body.
    digest = models.CharField(max_length=64, unique=True)
    # How it proved itself: "md5", "base64" or "hex"; empty where the application has no key.
    signature_form = models.CharField(max_length=10, blank=True, default="")
    deliveries = models.PositiveIntegerField(_("deliveries"), default=1)
    # When the cloud says it sent it; null when it does not say.
    occurred_at = models.DateTimeField(_("sent by the cloud at"), null=True)
    received_at = models.DateTimeField(_("received at"))
    last_received_at = models.DateTimeField(_("last received at"))
    applied_at = models.DateTimeField(_("applied at"), null=True)
    outcome = models.CharField(
        _("outcome"), max_length=12, choices=EventOutcome, default=EventOutcome.WAITING
    )
    # The same moment as received_at under the name by which history pages are read.
    created_at = models.DateTimeField(_("stored at"))

    objects = CallbackEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        indexes = [
            models.Index(name="event_newest", fields=["-created_at", "-id"]),
            # The worker's next unit.
            models.Index(name="event_due", fields=["due_at", "id"], condition=models.Q(due_at__isnull=False)),
            # A recording's page.
            models.Index(name="event_of_recording", fields=["recording", "-created_at", "-id"]),
            # An application's newest callback on its page; what was told of a room since a start got lost.
            models.Index(name="event_by_application", fields=["application", "created_at", "id"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="event_outcome_known", condition=models.Q(outcome__in=EventOutcome.values)
            ),
            models.CheckConstraint(
                name="event_applied_or_waiting",
                condition=models.Q(outcome=EventOutcome.WAITING, applied_at__isnull=True)
                | (~models.Q(outcome=EventOutcome.WAITING) & models.Q(applied_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="event_held_by_somebody",
                condition=models.Q(claimed_until__isnull=True, claimed_by="")
                | (models.Q(claimed_until__isnull=False) & ~models.Q(claimed_by="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} · {self.task_id}"


class RefusedCallback(models.Model):
    """How many callbacks were turned away on a day (UTC), and why; nothing of their content is kept."""

    product = models.CharField(_("product"), max_length=3, choices=Product)
    # Empty where the address led to no application.
    application_name = models.CharField(_("application"), max_length=80, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=20, choices=RefusalReason)
    day = models.DateField(_("day"))
    count = models.PositiveIntegerField(_("how many"), default=0)
    last_at = models.DateTimeField(_("last at"))

    class Meta:
        verbose_name = _("refused callbacks")
        verbose_name_plural = _("refused callbacks")
        ordering = ["-day", "product", "reason"]
        constraints = [
            models.UniqueConstraint(
                name="refused_counted_once", fields=["product", "application_name", "reason", "day"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.product} {self.reason}: {self.count}"
