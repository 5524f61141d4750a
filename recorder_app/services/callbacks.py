"""Callbacks: stored as they came before the cloud gets its answer, applied afterwards by the worker.

What a callback claims never becomes a recording's state. It tells which recording to ask the cloud about, now.
"""

import hashlib
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from recorder_app.choices import (
    FOLLOWED,
    UNSETTLED,
    EventOutcome,
    FileKind,
    Product,
    RecordingStatus,
    RefusalReason,
)
from recorder_app.cloud.callbacks import (
    MIXED_USER,
    CallbackRefused,
    Claim,
    FileClaim,
    parse_gme,
    read_gme,
    read_tiw,
)
from recorder_app.models import Application, CallbackEvent, Recording, RecordingFile
from recorder_app.services import refusals

# A callback may be quicker than the answer to the start it belongs to, or than the search for one: it comes back,
# first soon, then ever more slowly.
COMES_BACK_AFTER = timedelta(seconds=2)
COMES_BACK_FOR = timedelta(hours=24)
# How far the cloud's clock may be behind ours.
CLOCK_SLACK = timedelta(minutes=5)
# A file's stage in callbacks (callbacks.md B3) as the number that DescribeRecordInfo has for it (gme.md section 5).
FILE_STATES = {1: 2, 2: 10, 3: 13}


class UnknownToken(CallbackRefused):
    """No application has this address."""

    reason = RefusalReason.UNKNOWN_TOKEN


class TooLarge(CallbackRefused):
    """Larger than anything the cloud would send; it was not read."""

    reason = RefusalReason.TOO_LARGE


class OtherApplication(CallbackRefused):
    """It names another application than the one whose address it was sent to."""

    reason = RefusalReason.OTHER_APPLICATION


def receive(
    *, product: str, token: str, body: bytes | None, signature: str = "", now: datetime | None = None
) -> CallbackEvent:
    """Verify a callback and store it; what comes back is committed, so the cloud may be told that it arrived.

    ``token`` is the secret part of the address, ``body`` the raw body, None when it is too large to be read,
    ``signature`` GME's header. The same event again is the same row with one more delivery. Raises
    ``CallbackRefused`` after counting it. Never call it inside a transaction.
    """
    now = now or timezone.now()
    application = Application.objects.defer("sdk_key").filter(product=product, callback_token=token).first()
    try:
        claim = _verified(application, body, signature, now)
    except CallbackRefused as refused:
        refusals.count(product=product, application=application, reason=refused.reason, now=now)
        raise
    return _store(application, claim, body.decode(), now)


def apply(event: CallbackEvent, *, now: datetime | None = None) -> None:
    """Find the recording that a stored callback is about, and make it due for a question to the cloud.

    Changes no status, and may be repeated. An event that comes before its start is settled, or while a worker is
    asking about its recording, stays waiting and comes back. The caller gives the unit of work back.
    """
    now = now or timezone.now()
    recording = _recording_of(event)
    if recording is None:
        is_awaited = _wake_room(event, now)
        young = now < event.received_at + COMES_BACK_FOR
        _conclude(event, None if is_awaited and young else EventOutcome.NO_RECORDING, now)
        return
    event.recording = recording
    told_files = _keep_file(event, recording, now)
    if recording.status in FOLLOWED or _may_have_started(recording):
        _conclude(event, EventOutcome.APPLIED if _wake(recording, event, now) else None, now)
    elif recording.status == RecordingStatus.INTENDED or told_files:
        # The start is under way; its answer, or the search for one, has its own time.
        _conclude(event, EventOutcome.APPLIED, now)
    else:
        _conclude(event, EventOutcome.NOTHING_NEW, now)


def last_event(application: Application, *, now: datetime) -> CallbackEvent | None:
    """The newest callback of an application in the last seven days."""
    lately = CallbackEvent.objects.filter(application=application, created_at__gte=now - refusals.LATELY)
    return lately.defer("body").newest_first().first()


def _verified(application: Application | None, body: bytes | None, signature: str, now: datetime) -> Claim:
    if application is None:
        raise UnknownToken
    if body is None:
        raise TooLarge
    if application.product == Product.TIW:
        claim = read_tiw(body, key=application.callback_key, now=now.timestamp())
    else:
        claim = read_gme(body, signature=signature, key=application.callback_key)
    if claim.app_id != application.app_id:
        raise OtherApplication
    return claim


def _store(application: Application, claim: Claim, body: str, now: datetime) -> CallbackEvent:
    digest = hashlib.sha256(f"{application.pk}\n{claim.identity}".encode()).hexdigest()
    try:
        with transaction.atomic():
            return CallbackEvent.objects.create(
                application=application,
                application_name=application.name,
                product=application.product,
                event_type=claim.event_type,
                task_id=claim.task_id,
                room_id=claim.room_id,
                record_user_id=claim.record_user_id,
                body=body,
                digest=digest,
                signature_form=claim.signature_form,
                occurred_at=claim.occurred_at,
                received_at=now,
                last_received_at=now,
                created_at=now,
                due_at=now,
            )
    except IntegrityError:
        known = CallbackEvent.objects.filter(digest=digest)
        if not known.update(deliveries=F("deliveries") + 1, last_received_at=now):
            raise
        return known.get()


def _recording_of(event: CallbackEvent) -> Recording | None:
    """The recording with this TaskId, or the one whose lost start used this RecordUserId."""
    ours = _recordings_of_application(event)
    if event.task_id and (recording := ours.filter(task_id=event.task_id).first()):
        return recording
    if not event.record_user_id:
        return None
    lost = ours.filter(
        record_user_id=event.record_user_id,
        task_id="",
        status__in=(*UNSETTLED, RecordingStatus.NOT_STARTED),
        created_at__lte=(event.occurred_at or event.received_at) + CLOCK_SLACK,
    )
    if event.room_id:
        lost = lost.filter(room_id=event.room_id)
    # Of several, one that is still unsettled before one that was taken as not started.
    found = sorted(lost.newest_first()[:20], key=lambda recording: recording.status not in UNSETTLED)
    return found[0] if found else None


def _recordings_of_application(event: CallbackEvent) -> QuerySet[Recording]:
    """The recordings of the event's application: the cloud has one address for each, whoever's key it is used with.

    So an application that is set up under two accounts of the same environment counts as one here.
    """
    if event.application is None:
        return Recording.objects.none()
    return Recording.objects.filter(
        application__product=event.product,
        application__app_id=event.application.app_id,
        application__account__environment=event.application.account.environment,
    )


def _may_have_started(recording: Recording) -> bool:
    return not recording.task_id and recording.status in (
        RecordingStatus.UNKNOWN,
        RecordingStatus.NOT_STARTED,
    )


def _wake(recording: Recording, event: CallbackEvent, now: datetime) -> bool:
    """Make the recording due; False while a worker holds it, who may have asked before this happened."""
    if recording.checked_at and recording.checked_at >= event.received_at and recording.status in FOLLOWED:
        return True  # the cloud has been asked since
    return bool(_free(Recording.objects.filter(pk=recording.pk), now).update(due_at=_at_once(now)))


def _wake_room(event: CallbackEvent, now: datetime) -> bool:
    """Ask about the unsettled starts of the event's room: one of them may be this task. Whether there is any."""
    if not event.room_id:
        return False
    unsettled = _recordings_of_application(event).filter(
        room_id=event.room_id, task_id="", status__in=UNSETTLED
    )
    keys = list(unsettled.values_list("pk", flat=True)[:20])
    unknown = Recording.objects.filter(pk__in=keys, status=RecordingStatus.UNKNOWN)
    _free(unknown, now).update(due_at=_at_once(now))
    return bool(keys)


def _free(recordings: QuerySet[Recording], now: datetime) -> QuerySet[Recording]:
    return recordings.filter(Q(claimed_until=None) | Q(claimed_until__lte=now))


def _at_once(now: datetime) -> Least:
    """Now, or earlier where it has been due for longer: a hint must not cost it its place."""
    return Least(Coalesce("due_at", Value(now)), Value(now))


def _keep_file(event: CallbackEvent, recording: Recording, now: datetime) -> bool:
    """Keep what a GME callback tells of a file; what the cloud says when asked overrules it. Whether it was news."""
    file = parse_gme(event.body.encode()).file if event.product == Product.GME else None
    if file is None or not recording.task_id:
        return False
    # The example of one page begins with a slash, that of the other does not.
    bare, state = file.name.lstrip("/"), FILE_STATES[file.stage]
    with transaction.atomic():
        # Files are written under the lock of their recording, so that two who learn of one do not both add it.
        Recording.objects.select_for_update().only("pk").get(pk=recording.pk)
        known = recording.files.filter(key__in=(file.name, bare, f"/{bare}")).first()
        if known is None:
            _add_file(recording, file, state, now)
            return True
        if known.status.isdecimal() and int(known.status) >= state:
            return False
        return bool(RecordingFile.objects.filter(pk=known.pk).update(status=str(state), seen_at=now))


def _add_file(recording: Recording, file: FileClaim, state: int, now: datetime) -> None:
    mixed = file.owner == MIXED_USER
    RecordingFile.objects.create(
        recording=recording,
        key=file.name,
        kind=FileKind.MIXED_VOICE if mixed else FileKind.VOICE,
        name=file.name.rpartition("/")[2],
        format=file.name.rpartition(".")[2][:20] if "." in file.name else "",
        owner="" if mixed else file.owner,
        position=file.number if file.number is not None and 0 <= file.number < 2**31 else 0,
        status=str(state),
        seen_at=now,
    )


def _conclude(event: CallbackEvent, outcome: EventOutcome | None, now: datetime) -> None:
    """Write down what became of the event; None lets it come back."""
    if outcome is None:
        event.due_at = now + max(COMES_BACK_AFTER, (now - event.received_at) / 4)
    else:
        event.due_at, event.outcome, event.applied_at = None, outcome, now
    rows = CallbackEvent.objects.filter(pk=event.pk)
    if event.recording_id is None:
        # Its recording may have got the task since it was looked for, and the event with it: then it comes again.
        rows = rows.filter(recording=None)
    rows.update(
        recording=event.recording_id, due_at=event.due_at, outcome=event.outcome, applied_at=event.applied_at
    )
