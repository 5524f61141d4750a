"""Recordings: one row per intention to record, followed until its files are there."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import (
    ACTIVE,
    IN_THE_ROOM,
    STOPPABLE,
    TROUBLED,
    WITH_TASK,
    CallOutcome,
    Environment,
    Origin,
    Product,
    RecordingStatus,
    SettleStep,
    Verb,
)
from recorder_app.models.accounts import Application
from recorder_app.models.pages import HistoryQuerySet
from recorder_app.models.work import Work, WorkQuerySet

if TYPE_CHECKING:
    from recorder_app.models.calls import ApiCall


# What a row of a list shows.
LISTED = (
    *("status", "product", "application_name", "environment", "room_id", "task_id"),
    *("started_by_name", "created_at", "verb", "failure"),
)


class RecordingQuerySet(HistoryQuerySet, WorkQuerySet):
    def active(self) -> RecordingQuerySet:
        # Their keys first: they are few among many, and SQLite would otherwise walk through all of history for them.
        return self.filter(pk__in=Recording.objects.filter(status__in=ACTIVE).values("pk"))

    def troubled(self) -> RecordingQuerySet:
        each = (models.Q(status=status) for status in TROUBLED)
        return self.filter(status__in=TROUBLED).in_parts(*each)

    def stoppable(self) -> RecordingQuerySet:
        """Those a stop may be sent for now, as ``is_stoppable`` says of one."""
        return self.filter(status__in=STOPPABLE, verb="").exclude(task_id="")

    def in_room(self, application: Application, room_id: str) -> RecordingQuerySet:
        """Those that record in a room of an application, or may do so for all that is known."""
        return self.filter(application=application, room_id=room_id, status__in=IN_THE_ROOM)

    def with_names(self) -> RecordingQuerySet:
        """With the application and its account in the same query, without fetching and decrypting any key."""
        return self.select_related("application__account").defer(
            *("application__sdk_key", "application__callback_key"),
            *("application__account__secret_key", "application__account__token"),
        )

    def for_list(self) -> RecordingQuerySet:
        """Only what a row shows: the parameters stay in the table."""
        return self.only(*LISTED)


class Recording(Work):
    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="recordings",
        verbose_name=_("application"),
        db_index=False,
    )
    # History keeps words: it reads the same after an application or a person was renamed or removed.
    application_name = models.CharField(_("application"), max_length=80)
    account_name = models.CharField(_("account"), max_length=80)
    environment = models.CharField(_("environment"), max_length=10, choices=Environment)
    product = models.CharField(_("product"), max_length=3, choices=Product)
    room_id = models.CharField(_("room"), max_length=200)
    record_user_id = models.CharField(_("RecordUserId"), max_length=80, blank=True, default="")
    task_id = models.CharField(_("TaskId"), max_length=64, blank=True, default="")
    status = models.CharField(
        _("status"), max_length=12, choices=RecordingStatus, default=RecordingStatus.INTENDED
    )
    params = models.JSONField(_("parameters, masked"))
    # Made with the form, so that the same form sent twice is the same intention.
    intention_key = models.UUIDField(_("intention"), default=uuid.uuid4, unique=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="recordings",
        verbose_name=_("started by"),
        db_index=False,
    )
    started_by_name = models.CharField(_("started by"), max_length=150)
    origin = models.CharField(_("origin"), max_length=10, choices=Origin, default=Origin.PERSON)
    created_at = models.DateTimeField(_("intended at"))
    # The cloud accepted the start then.
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)
    finish_reason = models.CharField(_("why it ended"), max_length=40, blank=True, default="")
    # What the cloud said of a recording that failed.
    failure = models.TextField(_("why it failed"), blank=True, default="")
    # The cloud's own word for the state, and the moment at which it was asked for it.
    cloud_status = models.CharField(_("cloud status"), max_length=40, blank=True, default="")
    checked_at = models.DateTimeField(_("last asked for at"), null=True, blank=True)
    # Questions in a row that brought no state.
    watch_failures = models.PositiveIntegerField(default=0)
    # Since when the cloud says that it knows no such task.
    missing_since = models.DateTimeField(null=True, blank=True)
    # What somebody is doing to it, from the click until the cloud's answer; a second click finds it taken.
    verb = models.CharField(max_length=8, choices=Verb, blank=True, default="")
    verb_at = models.DateTimeField(null=True, blank=True)
    # The search for the truth about a start without an answer.
    unknown_since = models.DateTimeField(_("unknown since"), null=True, blank=True)
    settle_step = models.CharField(max_length=10, choices=SettleStep, blank=True, default="")
    settle_tries = models.PositiveIntegerField(default=0)
    # What the cloud tells of the whole: total_ms, exceptions, omitted, interrupts, replay_url.
    result = models.JSONField(_("result"), default=dict, blank=True)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        # The order of the lists is read backwards: what is new is written at the end, where it costs least.
        indexes = [
            # /recordings/, newest first.
            models.Index(name="recording_newest", fields=["created_at", "id"]),
            # The overview's "running now" and "failed lately"; the status leads, the key ends.
            models.Index(name="recording_by_status", fields=["status", "created_at", "id"]),
            # Look-up by TaskId, room or RecordUserId, or the beginning of one. No condition leaves the empty ones
            # out: SQLite would read the whole table for a query that does not repeat it.
            models.Index(name="recording_by_task", fields=["task_id"], opclasses=["varchar_pattern_ops"]),
            # Also /recordings/?room=, and whether a room is taken.
            models.Index(
                name="recording_by_room",
                fields=["room_id", "created_at", "id"],
                opclasses=["varchar_pattern_ops", "timestamptz_ops", "int8_ops"],
            ),
            models.Index(
                name="recording_by_user", fields=["record_user_id"], opclasses=["varchar_pattern_ops"]
            ),
            # /recordings/?application=, and all that a person limited to some applications sees.
            models.Index(name="recording_by_application", fields=["application", "created_at", "id"]),
            # /recordings/?by=.
            models.Index(
                name="recording_by_person",
                fields=["started_by", "created_at", "id"],
                condition=models.Q(started_by__isnull=False),
            ),
            # /recordings/?by= with the name of somebody who was removed, or never was.
            models.Index(
                name="recording_by_removed_person",
                fields=["started_by_name", "created_at", "id"],
                condition=models.Q(started_by__isnull=True) & ~models.Q(started_by_name=""),
            ),
            # /recordings/?origin=demo, of which there is none in a house at work.
            models.Index(
                name="recording_demo",
                fields=["created_at", "id"],
                condition=models.Q(origin=Origin.DEMO),
            ),
            # The worker's next unit.
            models.Index(
                name="recording_due", fields=["due_at", "id"], condition=models.Q(due_at__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="recording_product_known", condition=models.Q(product__in=Product.values)
            ),
            models.CheckConstraint(
                name="recording_status_known", condition=models.Q(status__in=RecordingStatus.values)
            ),
            models.CheckConstraint(
                name="recording_origin_known", condition=models.Q(origin__in=Origin.values)
            ),
            models.CheckConstraint(
                name="recording_running_has_task",
                condition=~models.Q(status__in=WITH_TASK)
                | (~models.Q(task_id="") & models.Q(started_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="recording_held_by_somebody",
                condition=models.Q(claimed_until__isnull=True, claimed_by="")
                | (models.Q(claimed_until__isnull=False) & ~models.Q(claimed_by="")),
            ),
            models.CheckConstraint(
                name="recording_verb_has_moment",
                condition=models.Q(verb="", verb_at__isnull=True)
                | (~models.Q(verb="") & models.Q(verb_at__isnull=False)),
            ),
            models.UniqueConstraint(
                name="recording_task_once", fields=["application", "task_id"], condition=~models.Q(task_id="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_product_display()} · {self.room_id}"

    def get_absolute_url(self) -> str:
        return reverse("recording", args=[self.pk])

    @property
    def is_refused(self) -> bool:
        return self.status == RecordingStatus.REFUSED

    @property
    def is_not_started(self) -> bool:
        return self.status == RecordingStatus.NOT_STARTED

    @property
    def is_being_sent(self) -> bool:
        return self.status == RecordingStatus.INTENDED

    @property
    def is_stoppable(self) -> bool:
        return self.status in STOPPABLE and not self.verb and bool(self.task_id)

    @property
    def start_call(self) -> ApiCall | None:
        """The newest call that tried to start this recording."""
        return (
            self.calls.filter(action__in=("StartOnlineRecord", "StartRecord"))
            .order_by("-created_at", "-pk")
            .first()
        )

    @property
    def refusal(self) -> ApiCall | None:
        """The start call the cloud refused, when that is how it ended."""
        call = self.start_call
        return call if call and call.outcome == CallOutcome.REFUSED else None

    def as_shown(self) -> dict[str, Any]:
        """What may change of it on its page; who holds it at the moment is nobody's concern there."""
        held = ("claimed_by", "claimed_until", "params")
        fields = [field.attname for field in self._meta.concrete_fields]
        return {name: getattr(self, name) for name in fields if name not in held}

    def as_words(self) -> dict[str, Any]:
        """What an audit entry keeps of a recording."""
        return {
            "recording": self.pk,
            "application": self.application_name,
            "room": self.room_id,
            "task": self.task_id,
        }
