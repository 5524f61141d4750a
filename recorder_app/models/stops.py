"""Stopping many recordings at once: what somebody ordered, and one unit of work for each recording it names."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import StopOutcome
from recorder_app.models.calls import ApiCall
from recorder_app.models.recordings import Recording
from recorder_app.models.work import Work, WorkQuerySet


class StopOrder(models.Model):
    """How far it has come is counted from its units."""

    # Made with the confirmation page, so that a second click orders nothing more.
    intention_key = models.UUIDField(_("intention"), default=uuid.uuid4, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(_("by"), max_length=150)
    created_at = models.DateTimeField(_("ordered at"))

    class Meta:
        verbose_name = _("stopping of many")
        verbose_name_plural = _("stoppings of many")

    def __str__(self) -> str:
        return f"{self.by_name} · {self.created_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("stop-order", args=[self.pk])

    def counts(self) -> dict[str, int]:
        """How many units ended how, by ``StopOutcome``; all outcomes are there."""
        found = self.units.values_list("outcome").annotate(Count("pk")).order_by()
        return {**dict.fromkeys(StopOutcome.values, 0), **dict(found)}


class StopUnit(Work):
    """One recording of an order: due until it is settled."""

    order = models.ForeignKey(StopOrder, on_delete=models.PROTECT, related_name="units")
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=8, choices=StopOutcome, default=StopOutcome.WAITING)
    tries = models.PositiveSmallIntegerField(_("calls made"), default=0)
    # The last call that was made for it, and why it was given up, in words for people.
    call = models.ForeignKey(ApiCall, on_delete=models.SET_NULL, null=True, related_name="+")
    reason = models.TextField(_("reason"), blank=True, default="")

    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("stop of one of many")
        verbose_name_plural = _("stops of many")
        indexes = [
            # The worker's next unit.
            models.Index(
                name="stop_unit_due", fields=["due_at", "id"], condition=models.Q(due_at__isnull=False)
            ),
            # An order's progress.
            models.Index(name="stop_unit_of_order", fields=["order", "outcome"]),
        ]
        constraints = [
            models.UniqueConstraint(name="stop_once_per_order", fields=["order", "recording"]),
            models.CheckConstraint(
                name="stop_outcome_known", condition=models.Q(outcome__in=StopOutcome.values)
            ),
            models.CheckConstraint(
                name="stop_waits_while_due",
                condition=models.Q(outcome=StopOutcome.WAITING, due_at__isnull=False)
                | (~models.Q(outcome=StopOutcome.WAITING) & models.Q(due_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recording_id} · {self.outcome}"
