"""The verbs of a recording."""

import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from recorder_app.choices import Origin, Product, RecordingStatus, SettleStep, Why
from recorder_app.cloud.errors import CloudError
from recorder_app.cloud.masking import masked
from recorder_app.cloud.usersig import make_user_sig
from recorder_app.models import ApiCall, Application, Person, Recording
from recorder_app.services import calls, clients, states
from recorder_app.services.states import Source


class IntentionChanged(Exception):
    """The same form was sent before with something else in it: ``recording`` is what it started then."""

    def __init__(self, recording: Recording) -> None:
        super().__init__(f"intention {recording.intention_key} already belongs to recording {recording.pk}")
        self.recording = recording


class CannotSign(Exception):
    """The application has no SDK key and no signature was given: nothing was recorded or sent."""


def start(
    *,
    application: Application,
    action: str,
    params: dict[str, Any],
    by: Person,
    intention_key: uuid.UUID,
    origin: Origin = Origin.PERSON,
    sleep: Callable[[float], None] = time.sleep,
) -> Recording:
    """Start one recording, once, however often this is called with the same intention.

    ``params`` are nested as the cloud's API has them. A TIW start without ``RecordUserSig`` gets one from the
    application's key. The answer's status says how it ended; ``refusal`` holds what the cloud said. The same
    intention again answers the recording it made, without a call. Raises ``IntentionChanged`` when the intention
    was used with other parameters, for another application or by another person, and ``CannotSign``.
    """
    signed = with_user_sig(application, params)
    intention = {
        "application": application,
        "params": masked(signed),
        "started_by": by,
        "intention_key": intention_key,
    }
    if known := _known(**intention):
        return known
    # Loading certificates takes a moment, in which nobody else should wait for the database.
    clients.client_for(application.account, product=application.product, region=application.effective_region)
    try:
        with transaction.atomic():
            recording = _record(**intention, origin=origin)
            call = calls.intend(
                account=application.account,
                application=application,
                recording=recording,
                action=action,
                params=signed,
                by=by,
                origin=origin,
            )
    except IntegrityError:
        # A copy of the same request was quicker; its recording is ours.
        if known := _known(**intention):
            return known
        raise
    _send_start(recording, call, signed, sleep)
    return recording


def taken_by(application: Application, room_id: str, intention_key: uuid.UUID) -> Recording | None:
    """The newest recording that records in a room, or may do so for all that is known; not the intention's own."""
    there = Recording.objects.in_room(application, room_id).exclude(intention_key=intention_key)
    return there.only("status", "created_at").newest_first().first()


def _send_start(
    recording: Recording, call: ApiCall, params: dict[str, Any], sleep: Callable[[float], None]
) -> None:
    last, ending = calls.send_patiently(call, params, sleep=sleep)
    source = Source(Why.CALL, call=last)
    if isinstance(ending, CloudError):
        conclude_start(recording, ending.status_after_start, source)
    else:
        begin(recording, str(ending.fields["TaskId"]), source)


def begin(recording: Recording, task_id: str, source: Source) -> None:
    """The cloud itself answered this recording's start with a task, so the task is its own, whoever held it."""
    now = timezone.now()
    try:
        states.name_task(recording, task_id, source, now=now)
    except states.TaskTaken as taken:
        states.hand_over(taken.recording, recording, source, now=now)


def conclude_start(recording: Recording, status: RecordingStatus, source: Source) -> None:
    """The start ended without a task: refused, never left, or nobody knows, which is looked into at once."""
    now = timezone.now()
    is_open = status == RecordingStatus.UNKNOWN
    details = (
        {"due_at": now, "unknown_since": now, "settle_step": SettleStep.ASKING}
        if is_open
        else {"due_at": None}
    )
    states.change(recording, status, source, now=now, only_from=(RecordingStatus.INTENDED,), **details)


def _known(
    *, application: Application, params: dict[str, Any], started_by: Person, intention_key: uuid.UUID
) -> Recording | None:
    """The recording this intention made before, if any."""
    recording = Recording.objects.filter(intention_key=intention_key).first()
    if recording is None:
        return None
    same = (
        recording.application_id == application.pk
        and recording.started_by_id == started_by.pk
        and recording.params == params
    )
    if not same:
        raise IntentionChanged(recording)
    return recording


def _record(
    *,
    application: Application,
    params: dict[str, Any],
    started_by: Person,
    intention_key: uuid.UUID,
    origin: Origin,
) -> Recording:
    now = timezone.now()
    return Recording.objects.create(
        application=application,
        application_name=application.name,
        account_name=application.account.name,
        environment=application.account.environment,
        product=application.product,
        room_id=str(params["RoomId"]),
        record_user_id=params.get("RecordUserId", ""),
        params=params,
        intention_key=intention_key,
        started_by=started_by,
        started_by_name=started_by.name,
        origin=origin,
        created_at=now,
        # Should this process end before the answer is recorded, somebody looks into it then.
        due_at=now + calls.first_hold(),
    )


def with_user_sig(application: Application, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters with a signature for the account that enters the room (usersig.md); GME needs none."""
    if application.product != Product.TIW or params.get("RecordUserSig"):
        return params
    if not application.sdk_key:
        raise CannotSign(application.name)
    signature = make_user_sig(
        sdk_app_id=int(application.app_id),
        key=application.sdk_key,
        user_id=params["RecordUserId"],
        lifetime=round(settings.USER_SIG_HOURS * 3600),
        now=int(time.time()),
    )
    # In the place where the documents have it, behind the account it belongs to.
    ordered: dict[str, Any] = {}
    for name, value in params.items():
        ordered[name] = value
        if name == "RecordUserId":
            ordered["RecordUserSig"] = signature
    return ordered
