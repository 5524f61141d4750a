"""Sums of the history: what reports read instead of it. A cache that the worker keeps and a command can rebuild.

The history itself (calls, recordings, changes of status) is the truth. A span of time whose sums may be out of date is
*open*; counting it reads the history anew and replaces what was there, so it may be done any number of times.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import Grain

# The key of the sums over all applications, and of calls that belong to none.
ALL = 0
# What is written down so long after it happened leaves a mark. Sooner than that, its hour is counted again anyway.
LATE = timedelta(hours=1)


class CountedSpanQuerySet(models.QuerySet):
    def touching(self, start: datetime, end: datetime) -> CountedSpanQuerySet:
        """Those that have any time in common with [start, end)."""
        return self.filter(start__lt=end, end__gt=start)

    def reopen(self) -> int:
        """Have these counted again; answers how many were closed."""
        return self.filter(is_open=False).update(is_open=True)


class CountedSpan(models.Model):
    """An hour, or a day, week or month as one time zone has them."""

    grain = models.CharField(max_length=5, choices=Grain)
    # The zone whose days these are; for hours the minute at which they begin (":00"; ":30" for India, ":45" for Nepal).
    zone = models.CharField(max_length=60)
    start = models.DateTimeField()
    end = models.DateTimeField()
    # To be counted (again).
    is_open = models.BooleanField(default=True)
    counted_at = models.DateTimeField(null=True)

    objects = CountedSpanQuerySet.as_manager()

    class Meta:
        verbose_name = _("counted span")
        verbose_name_plural = _("counted spans")
        indexes = [
            # The worker's next spans to count.
            models.Index(name="span_open", fields=["grain", "zone", "start"], condition=Q(is_open=True)),
        ]
        constraints = [
            # Also the index by which a report finds its spans.
            models.UniqueConstraint(name="span_once", fields=["grain", "zone", "start"]),
            models.CheckConstraint(name="span_grain_known", condition=Q(grain__in=Grain.values)),
            models.CheckConstraint(name="span_ends_after_start", condition=Q(end__gt=models.F("start"))),
            models.CheckConstraint(
                name="span_closed_was_counted", condition=Q(is_open=True) | Q(counted_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grain} {self.zone} {self.start:%Y-%m-%d %H:%M}"


class CallCount(models.Model):
    """The calls intended in a span, of one application or of all; starts apart from other actions.

    ``numbers`` is what charts over time need, ``details`` what tables of the whole period need: an hour has few of
    either, so a document holds them in a hundredth of the rows. Both nest as dimension -> action -> outcome -> key.
    """

    span = models.ForeignKey(CountedSpan, on_delete=models.CASCADE, related_name="call_counts")
    application = models.BigIntegerField(default=ALL)
    is_start = models.BooleanField()
    numbers = models.JSONField(default=dict)
    details = models.JSONField(default=dict)
    # The most calls that left in one second, by action and account.
    busiest = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("sum of calls")
        verbose_name_plural = _("sums of calls")
        constraints = [
            models.UniqueConstraint(name="call_count_once", fields=["span", "is_start", "application"])
        ]

    def __str__(self) -> str:
        return f"{self.span_id} · {self.application}"


class RecordingCount(models.Model):
    """What was recorded in a span, and the starts intended in it whose outcome was unknown for a while."""

    span = models.ForeignKey(CountedSpan, on_delete=models.CASCADE, related_name="recording_counts")
    application = models.BigIntegerField(default=ALL)
    # Time recorded within the span, over all recordings.
    recorded_ms = models.BigIntegerField(default=0)
    most_running = models.IntegerField(default=0)
    unknown = models.IntegerField(default=0)
    # Those of them that are not settled yet, and the time the others took: status settled to -> bucket -> how many.
    unsettled = models.IntegerField(default=0)
    settled = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("sum of recordings")
        verbose_name_plural = _("sums of recordings")
        constraints = [models.UniqueConstraint(name="recording_count_once", fields=["span", "application"])]

    def __str__(self) -> str:
        return f"{self.span_id} · {self.application}"


class CountMark(models.Model):
    """Something changed so late that closed hours may be wrong: written with the change, taken by the next count."""

    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("mark of a late change")
        verbose_name_plural = _("marks of late changes")

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M} – {self.until:%Y-%m-%d %H:%M}"

    @classmethod
    def note(cls, since: datetime, *, now: datetime, until: datetime | None = None) -> None:
        """Leave a mark if the change that is being written concerns a moment long past.

        Call it in the transaction of the change: whoever sees the mark must see the change.
        """
        if cls.is_late(since, now=now):
            cls.objects.create(since=since, until=until or since + timedelta(microseconds=1))

    @staticmethod
    def is_late(moment: datetime, *, now: datetime) -> bool:
        return moment < now - LATE


class CountTurn(models.Model):
    """Whose turn it is to count: one row. What was counted under a turn that is over is not written."""

    holder = models.CharField(max_length=60, blank=True, default="")
    until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("turn at counting")
        verbose_name_plural = _("turns at counting")

    def __str__(self) -> str:
        return self.holder

    @classmethod
    def take(cls, holder: str, *, now: datetime, lease: timedelta) -> bool:
        """Take the turn if nobody has it."""
        cls.objects.get_or_create(pk=1)
        free = cls.objects.filter(Q(until=None) | Q(until__lte=now), pk=1)
        return bool(free.update(holder=holder, until=now + lease))

    @classmethod
    def keep(cls, holder: str, *, now: datetime, lease: timedelta) -> bool:
        """Renew the turn; False when another has had it since. In a transaction nobody else gets it until its end."""
        return bool(cls.objects.filter(pk=1, holder=holder).update(until=now + lease))

    @classmethod
    def give_back(cls, holder: str) -> None:
        """Let the next one count at once."""
        cls.objects.filter(pk=1, holder=holder).update(holder="", until=None)
