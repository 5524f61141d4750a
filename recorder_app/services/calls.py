"""One signed call: recorded before it is sent, paced, sent, and its ending recorded."""

import logging
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from recorder_app.choices import CallOutcome, Origin, RecordingStatus
from recorder_app.cloud.client import CloudClient, Reply
from recorder_app.cloud.errors import CloudError, NotSent, Refused
from recorder_app.cloud.masking import masked
from recorder_app.cloud.products import action_of
from recorder_app.models import ApiCall, Application, CloudAccount, PaceSlot, Person, Recording
from recorder_app.models.calls import ApiCallQuerySet
from recorder_app.services import clients, health

logger = logging.getLogger(__name__)

# Seconds between the attempts to save an answer in a database that went away.
DATABASE_PAUSES = (0.1, 0.5, 2.0)
# Refused for calling too often, before anything was done.
TOO_OFTEN = "RequestLimitExceeded"
ATTEMPTS = 3
# A sign of life is given so often (seconds) while a start waits for its turn.
WAIT_STEP = 5.0
# A call that has been under way so long belongs to a process that is gone, or gets its answer all the same.
LOST_AFTER = timedelta(minutes=1)


def intend(
    *,
    account: CloudAccount,
    action: str,
    params: dict[str, Any],
    by: Person | None,
    origin: Origin = Origin.PERSON,
    application: Application | None = None,
    recording: Recording | None = None,
    attempt: int = 1,
) -> ApiCall:
    """Write down what is about to be sent; the caller commits it before ``send``.

    ``params`` are nested as they will be sent; signatures and keys in them are masked before they are stored.
    """
    product = action_of(action).product
    region = application.effective_region if application else clients.default_region_of(account, product)
    return ApiCall.objects.create(
        account=account,
        account_name=account.name,
        application=application,
        application_name=application.name if application else "",
        recording=recording,
        room_id=recording.room_id if recording else str(params.get("RoomId", "")),
        product=product,
        action=action,
        environment=account.environment,
        endpoint=clients.client_for(account, product=product, region=region).endpoint_host,
        region=region,
        params=masked(params),
        attempt=attempt,
        by=by,
        by_name=by.name if by else "",
        origin=origin,
        created_at=timezone.now(),
    )


def send(call: ApiCall, params: dict[str, Any]) -> Reply:
    """Wait for the call's turn, send it, and record how it ended.

    ``params`` are the true ones, unmasked, that ``intend`` recorded. Raises the ``CloudError`` it recorded. Never
    call it inside a transaction: the intention must be committed, and nothing may be locked while the cloud thinks.
    """
    client: CloudClient = clients.client_for(call.account, product=call.product, region=call.region)
    waited = PaceSlot.objects.wait_for_slot(
        account=call.account,
        endpoint=call.endpoint,
        action=call.action,
        is_urgent=call.origin == Origin.PERSON,
        sleep=lambda seconds: _wait(call, seconds),
    )
    if waited or call.attempt > 1:
        _hold(call)
    # From here on nobody may take it for unsent; and what was given up while it waited must not leave any more.
    if not action_of(call.action).is_read and not call.leave(now=timezone.now()):
        raise NotSent(call.action, never_left())
    try:
        reply = client.call(call.action, params)
    except CloudError as error:
        _write_down(call, error, partial(call.mark_failed, error, now=timezone.now()))
        health.note_failure(call.account, error, now=timezone.now())
        raise
    _write_down(call, reply, partial(call.mark_answered, reply, now=timezone.now()))
    health.note_success(call.account)
    return reply


def _write_down(call: ApiCall, ending: Reply | CloudError, save: Callable[[], None]) -> None:
    """Save how a call ended, also where the database went away while the cloud was thinking.

    What cannot be saved in the end is logged: support then has the RequestId, and the task, which are no secrets.
    """
    for pause in DATABASE_PAUSES:
        try:
            return save()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(pause)
    try:
        return save()
    except (OperationalError, InterfaceError):
        task = ending.fields.get("TaskId", "") if isinstance(ending, Reply) else ending.code
        logger.critical(
            "The answer to call %s (%s) could not be saved: RequestId %s, %s",
            *(call.pk, call.action, ending.request_id, task),
        )
        raise


def send_patiently(
    call: ApiCall, params: dict[str, Any], *, sleep: Callable[[float], None] = time.sleep
) -> tuple[ApiCall, Reply | CloudError]:
    """Send, and where the cloud turned it away for calling too often, send again, each time as a call of its own.

    That is the one refusal of any action that is safe to repeat: nothing was done. Answers the last call and how it
    ended.
    """
    while True:
        try:
            return call, send(call, params)
        except CloudError as error:
            if not is_too_often(error) or call.attempt >= ATTEMPTS:
                return call, error
        sleep(call.attempt + random.random())  # noqa: S311 - spreads the repeats, guards nothing
        call = repeat(call, params)


def is_too_often(error: CloudError) -> bool:
    """Whether a call was turned away for coming too soon after others, before anything was done."""
    return isinstance(error, Refused) and error.code.split(".")[0] == TOO_OFTEN


def repeat(call: ApiCall, params: dict[str, Any]) -> ApiCall:
    """Write down the same call once more, as the next attempt."""
    return intend(
        account=call.account,
        application=call.application,
        recording=call.recording,
        action=call.action,
        params=params,
        by=call.by,
        origin=Origin(call.origin),
        attempt=call.attempt + 1,
    )


def longest_call() -> timedelta:
    """How long a call may take from leaving to its recorded answer, with room to spare."""
    return timedelta(seconds=settings.CLOUD_CONNECT_TIMEOUT + settings.CLOUD_READ_TIMEOUT + 5)


def first_hold() -> timedelta:
    """How long after it was intended a start may go on without a sign of life before others look into it."""
    return longest_call() + timedelta(seconds=5)


def give_up_old(*, now: datetime) -> int:
    """Settle the calls of processes that are gone; answers how many there were.

    The call of a start that is still intended is left alone: its recording is looked into, and the call with it.
    """
    old = ApiCall.objects.filter(outcome=CallOutcome.SENDING, created_at__lt=now - LOST_AFTER)
    old = old.filter(Q(sent_at=None) | Q(sent_at__lt=now - longest_call()))
    intended = Q(recording__isnull=False, recording__status=RecordingStatus.INTENDED)
    keys = list(old.exclude(intended).values_list("pk", flat=True)[:500])
    return give_up(ApiCall.objects.filter(pk__in=keys), now=now) if keys else 0


def give_up(calls: ApiCallQuerySet, *, now: datetime) -> int:
    """Settle the calls among these that are still being sent, whose process is known to be gone."""
    return calls.give_up(
        now=now,
        never_left=never_left(),
        no_answer=_("The program ended before an answer was recorded, so the outcome is not known."),
    )


def never_left() -> str:
    return _("The program that was to send this ended before anything left, so nothing was sent.")


def _wait(call: ApiCall, seconds: float) -> None:
    """Sleep, and show meanwhile that the start waiting for its turn is not forgotten."""
    while seconds > 0:
        _hold(call)
        step = min(seconds, WAIT_STEP)
        time.sleep(step)
        seconds -= step


def _hold(call: ApiCall) -> None:
    """Keep others from looking into a start that is still on its way."""
    if call.recording_id and action_of(call.action).is_start:
        starting = Recording.objects.filter(pk=call.recording_id, status=RecordingStatus.INTENDED)
        starting.update(due_at=timezone.now() + first_hold())
