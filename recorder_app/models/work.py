"""Rows that are units of background work, and the workers who do them.

A unit is a row with ``due_at``. Whoever takes it writes a name and a time limit into it, its lease; when the lease
has run out the unit may be taken again, so a killed worker holds nothing for ever.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import connection, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class WorkQuerySet(models.QuerySet):
    def due(self, now: datetime) -> Self:
        """What is to be done by now and is held by nobody."""
        return self.filter(due_at__lte=now).filter(Q(claimed_until=None) | Q(claimed_until__lte=now))

    def claim(self, *, by: str, now: datetime, lease: timedelta, most: int) -> list[int]:
        """Take up to ``most`` due units, the longest due first, for ``lease``; answer their keys.

        No unit is handed to two callers while a lease lasts. ``by`` names this one claim: what gives the unit back
        must name it too, so that a worker that was too slow gives back nothing that is another's by then.
        """
        waiting = self.due(now).order_by("due_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            with transaction.atomic():
                keys = list(waiting.select_for_update(skip_locked=True).values_list("pk", flat=True)[:most])
                self._hold(self.filter(pk__in=keys), by, now + lease)
            return keys
        # One writer at a time: each key is taken if it is still free when its turn comes. Looking takes no lock.
        keys = list(waiting.values_list("pk", flat=True)[:most])
        return [key for key in keys if self._hold(self.due(now).filter(pk=key), by, now + lease)]

    @staticmethod
    def _hold(rows: models.QuerySet, by: str, until: datetime) -> int:
        return rows.update(claimed_by=by, claimed_until=until)

    def release(self, key: int, *, by: str) -> None:
        """Give a unit back, unless its lease ran out and somebody else holds it."""
        self.filter(pk=key, claimed_by=by).update(claimed_by="", claimed_until=None)


class Work(models.Model):
    """The columns of a unit of work; ``due_at`` null means that nothing is to be done."""

    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    claimed_until = models.DateTimeField(_("held until"), null=True, blank=True)
    claimed_by = models.CharField(_("held by"), max_length=120, blank=True, default="")

    class Meta:
        abstract = True


class WorkerBeat(models.Model):
    """A sign of life of one worker process."""

    name = models.CharField(_("worker"), max_length=120, unique=True)
    threads = models.PositiveSmallIntegerField(_("threads"), default=1)
    started_at = models.DateTimeField(_("started at"))
    beat_at = models.DateTimeField(_("last sign of life"))
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)
    refreshed = models.PositiveBigIntegerField(_("states asked for"), default=0)
    settled = models.PositiveBigIntegerField(_("unknown starts looked into"), default=0)
    applied = models.PositiveBigIntegerField(_("callbacks applied"), default=0)
    stops = models.PositiveBigIntegerField(_("recordings of many stopped"), default=0)
    failed = models.PositiveBigIntegerField(_("units that broke"), default=0)

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")
        ordering = ["-beat_at"]

    def __str__(self) -> str:
        return self.name
