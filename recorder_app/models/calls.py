"""Every signed call, for ever: written once when intended and once when answered."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import CallOutcome, Environment, Origin, Product
from recorder_app.cloud.client import Reply
from recorder_app.cloud.error_codes import ErrorCode, explain
from recorder_app.cloud.errors import CloudError
from recorder_app.cloud.masking import masked
from recorder_app.models.accounts import Application, CloudAccount
from recorder_app.models.counts import CountMark
from recorder_app.models.pages import HistoryQuerySet
from recorder_app.models.recordings import LISTED, Recording

# From here on an answer took so long that this is rare.
SLOW_MS = 2000
# The conditions of indexes. A query has to repeat them, word for word, to be served by SQLite from such an index.
HAS_ERROR = ~models.Q(error_code="")
IS_DEMO = models.Q(origin=Origin.DEMO)
IS_SLOW = models.Q(duration_ms__gte=SLOW_MS)


class ApiCallQuerySet(HistoryQuerySet):
    def with_error(self, code: str) -> ApiCallQuerySet:
        """Calls that ended with this error code."""
        # The second condition says nothing new, but it is the index's own.
        return self.filter(HAS_ERROR, error_code=code)

    def slower_than(self, milliseconds: int) -> ApiCallQuerySet:
        """Calls that took at least so long until they were answered."""
        slow = self.filter(duration_ms__gte=milliseconds)
        return slow.filter(IS_SLOW) if milliseconds >= SLOW_MS else slow

    def give_up(self, *, now: datetime, never_left: str, no_answer: str) -> int:
        """Settle the calls among these that are still being sent, whose process is gone; answers how many.

        What never left was not sent; of the rest, and of reads, nobody knows. A process that is alive after all
        finds its call given up and sends nothing, or overwrites this with the answer it got.
        """
        sending = self.filter(outcome=CallOutcome.SENDING)
        unsent = sending.filter(sent_at=None).exclude(action__startswith="Describe")
        return unsent.update(
            outcome=CallOutcome.NOT_SENT, error_message=never_left, answered_at=now
        ) + sending.update(outcome=CallOutcome.NO_ANSWER, error_message=no_answer, answered_at=now)

    def for_list(self, *, with_message: bool = False) -> ApiCallQuerySet:
        """Only what a row shows, and the message where it is asked for: request and answer stay in the table."""
        more = ("error_message",) if with_message else ()
        return self.select_related("recording").only(
            *("product", "action", "outcome", "error_code", "request_id", "room_id", "created_at", *more),
            *("application_name", "account_name", "environment", "by_name", "duration_ms"),
            *(f"recording__{name}" for name in LISTED),
        )


class ApiCall(models.Model):
    # Kept also as words: see Recording. None of the keys has Django's own index: those below serve them better.
    account = models.ForeignKey(
        CloudAccount, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    application = models.ForeignKey(
        Application, on_delete=models.SET_NULL, null=True, related_name="calls", db_index=False
    )
    application_name = models.CharField(_("application"), max_length=80, blank=True, default="")
    account_name = models.CharField(_("account"), max_length=80)
    recording = models.ForeignKey(
        Recording,
        on_delete=models.PROTECT,
        null=True,
        related_name="calls",
        verbose_name=_("recording"),
        db_index=False,
    )
    # The room it was about, where it was about one: kept here so that a room's calls are found without its recordings.
    room_id = models.CharField(_("room"), max_length=200, blank=True, default="")
    product = models.CharField(_("product"), max_length=3, choices=Product)
    action = models.CharField(_("action"), max_length=40)
    environment = models.CharField(_("environment"), max_length=10, choices=Environment)
    endpoint = models.CharField(_("endpoint"), max_length=200)
    region = models.CharField(_("region"), max_length=30, blank=True, default="")
    params = models.JSONField(_("parameters, masked"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=CallOutcome, default=CallOutcome.SENDING)
    # Opaque text: the documents' own example is no valid UUID.
    request_id = models.CharField(_("RequestId"), max_length=80, blank=True, default="")
    error_code = models.CharField(_("error code"), max_length=120, blank=True, default="")
    error_message = models.TextField(_("message"), blank=True, default="")
    answer = models.JSONField(_("answer, masked"), null=True)
    http_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    duration_ms = models.PositiveIntegerField(_("time to answer, ms"), null=True)
    # A wrong clock may be wrong by years.
    clock_offset_ms = models.BigIntegerField(_("the cloud's clock minus ours, ms"), null=True)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    by_name = models.CharField(_("by"), max_length=150)
    origin = models.CharField(_("origin"), max_length=10, choices=Origin)
    created_at = models.DateTimeField(_("intended at"))
    # The last moment at which nothing had left yet: null says that nothing ever did. Not kept for reads.
    sent_at = models.DateTimeField(_("left at"), null=True)
    answered_at = models.DateTimeField(_("settled at"), null=True)

    objects = ApiCallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        # Each is led by what its page filters by and ends with the order of the lists, which read it backwards: what
        # is new is written at the end, where it costs least. Every call is written here twice, so an index more is a
        # price for every start; a condition saves it where few rows meet it.
        indexes = [
            # /calls/, newest first, of any period; the reports' raw rows.
            models.Index(name="call_newest", fields=["created_at", "id"]),
            # Look-up by RequestId or its beginning.
            models.Index(name="call_by_request", fields=["request_id"], opclasses=["varchar_pattern_ops"]),
            # /calls/?outcome=; calls whose process is gone.
            models.Index(name="call_by_outcome", fields=["outcome", "created_at", "id"]),
            # /calls/?application=, and all that a person limited to some applications sees.
            models.Index(name="call_by_application", fields=["application", "created_at", "id"]),
            # /calls/?action=: some are rare, and a list of them would lead through all of history.
            models.Index(name="call_by_action", fields=["action", "created_at", "id"]),
            # /calls/?origin=demo, of which there is none in a house at work.
            models.Index(name="call_demo", fields=["created_at", "id"], condition=IS_DEMO),
            # /calls/?by=: background work has no person.
            models.Index(
                name="call_by_person",
                fields=["by", "created_at", "id"],
                condition=models.Q(by__isnull=False),
            ),
            # /calls/?by= with the name of somebody who was removed, or never was.
            models.Index(
                name="call_by_removed_person",
                fields=["by_name", "created_at", "id"],
                condition=models.Q(by__isnull=True) & ~models.Q(by_name=""),
            ),
            # /calls/?room=, look-up by room, "same room" on a call's page.
            models.Index(
                name="call_by_room",
                fields=["room_id", "created_at", "id"],
                opclasses=["varchar_pattern_ops", "timestamptz_ops", "int8_ops"],
            ),
            # /calls/?code=, "same error" on a call's page.
            models.Index(
                name="call_by_error", fields=["error_code", "created_at", "id"], condition=HAS_ERROR
            ),
            # /calls/?code=&by=: few among the many of either.
            models.Index(
                name="call_by_error_of_person",
                fields=["by", "error_code", "created_at", "id"],
                condition=HAS_ERROR,
            ),
            # /calls/?slower=, from where it becomes rare.
            models.Index(
                name="call_slow",
                fields=["created_at", "id"],
                condition=IS_SLOW,
            ),
            # A recording's page, and its newest error on the overview.
            models.Index(name="call_of_recording", fields=["recording", "created_at", "id"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="call_outcome_known", condition=models.Q(outcome__in=CallOutcome.values)
            ),
            models.CheckConstraint(
                name="call_settled_or_sending",
                condition=models.Q(outcome=CallOutcome.SENDING, answered_at__isnull=True)
                | (~models.Q(outcome=CallOutcome.SENDING) & models.Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="call_refused_has_code",
                condition=~models.Q(outcome=CallOutcome.REFUSED) | ~models.Q(error_code=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} · {self.request_id or self.get_outcome_display()}"

    def get_absolute_url(self) -> str:
        return reverse("call", args=[self.pk])

    @property
    def meaning(self) -> ErrorCode | None:
        """What the catalogue says about this call's error."""
        if not self.error_code:
            return None
        return explain(self.error_code, product=self.product, message=self.error_message, action=self.action)

    def leave(self, *, now: datetime) -> bool:
        """Write down that the request leaves now; False when somebody has given the call up meanwhile."""
        left = ApiCall.objects.filter(pk=self.pk, outcome=CallOutcome.SENDING).update(sent_at=now)
        self.sent_at = now if left else self.sent_at
        return bool(left)

    def mark_answered(self, reply: Reply, *, now: datetime) -> None:
        self.outcome = CallOutcome.OK
        self.request_id = reply.request_id
        self.answer = masked(reply.answer)
        self._mark_timing(reply, now)

    def mark_failed(self, error: CloudError, *, now: datetime) -> None:
        self.outcome = error.outcome
        self.request_id = error.request_id
        self.error_code = error.code
        self.error_message = error.message
        self.answer = masked(error.answer)
        self._mark_timing(error, now)

    def _mark_timing(self, ending: Reply | CloudError, now: datetime) -> None:
        self.http_status = ending.http_status
        self.duration_ms = ending.duration_ms
        self.clock_offset_ms = ending.clock_offset_ms
        self.answered_at = now
        fields = (
            *("outcome", "request_id", "error_code", "error_message", "answer"),
            *("http_status", "duration_ms", "clock_offset_ms", "answered_at"),
        )
        if not CountMark.is_late(self.created_at, now=now):
            self.save(update_fields=fields)
            return
        # Given up long ago and answered after all: it has been counted as what it was taken for.
        with transaction.atomic():
            self.save(update_fields=fields)
            CountMark.note(self.created_at, now=now)
