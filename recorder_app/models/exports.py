"""Files made in the background for one person: exports and support bundles.

Their content lies in the database, in parts, because nothing else is shared between machines.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import ExportKind, ExportState
from recorder_app.models.work import Work, WorkQuerySet


class Export(Work):
    """Due while it is being made; only its owner may see and take it."""

    kind = models.CharField(_("kind"), max_length=10, choices=ExportKind)
    # What it is made of: the name of a page, and the filter as it stood in the address (or the text looked up).
    page = models.CharField(_("page"), max_length=20)
    query = models.TextField(_("filter"), blank=True, default="")
    # Made with the page that asks, so that a second click orders nothing more.
    intention_key = models.UUIDField(_("intention"), unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports")
    state = models.CharField(_("state"), max_length=8, choices=ExportState, default=ExportState.WAITING)
    reason = models.TextField(_("why it failed"), blank=True, default="")
    tries = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # Rows it will hold, as far as known, and rows that are in it.
    total = models.PositiveBigIntegerField(_("rows"), null=True)
    done = models.PositiveBigIntegerField(_("rows done"), default=0)
    file_name = models.CharField(_("file"), max_length=200, blank=True, default="")
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    created_at = models.DateTimeField(_("ordered at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-created_at", "-pk"]
        indexes = [
            # The worker's next unit.
            models.Index(name="export_due", fields=["due_at", "id"], condition=Q(due_at__isnull=False)),
            # A person's exports.
            models.Index(name="export_of_person", fields=["by", "-created_at", "-id"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="export_known",
                condition=Q(kind__in=ExportKind.values, state__in=ExportState.values),
            ),
            models.CheckConstraint(
                name="export_waits_while_due",
                condition=Q(state=ExportState.WAITING, due_at__isnull=False, finished_at__isnull=True)
                | (~Q(state=ExportState.WAITING) & Q(due_at__isnull=True, finished_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.page}"

    def get_absolute_url(self) -> str:
        return reverse("export", args=[self.pk])


class ExportPart(models.Model):
    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        verbose_name = _("part of an export")
        verbose_name_plural = _("parts of an export")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(name="export_part_once", fields=["export", "number"])]

    def __str__(self) -> str:
        return f"{self.export_id} · {self.number}"
