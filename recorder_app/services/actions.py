"""What people do to a recording that runs: stop, pause, resume, change. Each is one signed call in the history.

Whoever is first takes the verb, in one transaction with the call's intention; a second click finds it taken. What
becomes of the recording is told by the cloud: an accepted call makes it due, and so does one without an answer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recorder_app.choices import STOPPABLE, CallOutcome, Origin, Product, RecordingStatus, Verb, Why
from recorder_app.cloud.error_codes import Retry, retry_for
from recorder_app.cloud.errors import CloudError, NoAnswer, Refused
from recorder_app.cloud.states import Subscription, read_room_task, read_subscription
from recorder_app.models import ApiCall, Person, Recording
from recorder_app.services import calls, states
from recorder_app.services.states import Source

# An accepted call shows about 2 s later (tiw.md section 3).
SHOWS_AFTER = timedelta(seconds=2)
ACTIONS = {
    Product.TIW: {
        Verb.STOP: "StopOnlineRecord",
        Verb.PAUSE: "PauseOnlineRecord",
        Verb.RESUME: "ResumeOnlineRecord",
    },
    Product.GME: {Verb.STOP: "StopRecord", Verb.CHANGE: "ModifyRecordInfo"},
}
ALLOWED_IN = {
    Verb.STOP: STOPPABLE,
    Verb.PAUSE: (RecordingStatus.RECORDING,),
    Verb.RESUME: (RecordingStatus.PAUSED,),
    Verb.CHANGE: (RecordingStatus.STARTING, RecordingStatus.RECORDING),
}
# What tells what a voice recording records: what was ordered, and what was asked of its room.
ORDERED_BY, ROOM_ASKED_BY = ("StartRecord", "ModifyRecordInfo"), "DescribeTaskInfo"
# Of the newest, so many are looked at: a room may tell of another task than this recording's.
MOST_TOLD = 20


@dataclass(frozen=True)
class Possible:
    """One thing that can be done to recordings of a product; ``reason`` says why not now, "" when it can be done."""

    verb: Verb
    reason: str

    @property
    def is_allowed(self) -> bool:
        return not self.reason


class NotNow(Exception):
    """The recording's state does not allow it; the text says why, for people. Nothing was sent."""


def allowed_actions(recording: Recording) -> list[Possible]:
    """Every verb of the recording's product, each with the reason where it is not possible now."""
    return [Possible(verb, _why_not(recording, verb)) for verb in ACTIONS[Product(recording.product)]]


def stop(recording: Recording, *, by: Person, origin: Origin = Origin.PERSON) -> ApiCall:
    """End the recording. Answers the call, whose outcome says what the cloud said. Raises ``NotNow``."""
    return _act(recording, Verb.STOP, {}, by=by, origin=origin)


def pause(recording: Recording, *, by: Person, origin: Origin = Origin.PERSON) -> ApiCall:
    """Interrupt a class recording. Answers the call. Raises ``NotNow``."""
    return _act(recording, Verb.PAUSE, {}, by=by, origin=origin)


def resume(recording: Recording, *, by: Person, origin: Origin = Origin.PERSON) -> ApiCall:
    """Go on with a paused class recording. Answers the call. Raises ``NotNow``."""
    return _act(recording, Verb.RESUME, {}, by=by, origin=origin)


def change(
    recording: Recording, *, wanted: dict[str, Any], by: Person, origin: Origin = Origin.PERSON
) -> ApiCall:
    """Change mode and lists of a voice recording. Answers the call. Raises ``NotNow``.

    ``wanted`` holds RecordMode (1, 2, 3) and, unless everybody is to be recorded, SubscribeRecordUserIds: whether
    lists that are left out would stay is not documented, so all that is wanted is always sent (gme.md section 4).
    """
    return _act(recording, Verb.CHANGE, wanted, by=by, origin=origin)


def recorded_now(recording: Recording) -> Subscription | None:
    """What a voice recording records, as the cloud last told or accepted it; None where nothing tells.

    After a change whose answer was lost it is the room that tells, with its task (gme.md section 5). What it says of
    another task, or without a mode, says nothing of this recording.
    """
    told = recording.calls.filter(action__in=(*ORDERED_BY, ROOM_ASKED_BY), outcome=CallOutcome.OK)
    for call in told.only("action", "params", "answer").newest_first()[:MOST_TOLD]:
        if call.action in ORDERED_BY:
            return read_subscription(call.params)
        answer = call.answer or {}
        if read_room_task(answer)[0] == recording.task_id and (found := read_subscription(answer)):
            return found
    return read_subscription(recording.params)


def _why_not(recording: Recording, verb: Verb) -> str:
    if verb not in ACTIONS[Product(recording.product)]:
        return _("A voice recording can be stopped or changed only.")
    if not recording.task_id:
        return _("The cloud has not named a task for this recording.")
    if recording.verb:
        return _("“%(verb)s” is under way.") % {"verb": Verb(recording.verb).label}
    if recording.status in ALLOWED_IN[verb]:
        return ""
    status = RecordingStatus(recording.status)
    sentences = {
        RecordingStatus.STARTING: _("The recording is still being set up."),
        RecordingStatus.RECORDING: _("The recording is not paused."),
        RecordingStatus.PAUSED: _("The recording is paused already."),
        RecordingStatus.STOPPING: _("The recording is being stopped."),
        RecordingStatus.PROCESSING: _("The recording has ended; the cloud is making its files."),
        RecordingStatus.FINISHED: _("The recording is over."),
        RecordingStatus.FAILED: _("The recording has failed."),
    }
    return sentences.get(status, _("The cloud has no running task for this recording."))


def _act(recording: Recording, verb: Verb, extra: dict[str, Any], *, by: Person, origin: Origin) -> ApiCall:
    params = {**_identity(recording), **extra}
    call, ending = calls.send_patiently(_take(recording, verb, params, by=by, origin=origin), params)
    if isinstance(ending, CloudError):
        _note_failure(recording, ending)
    else:
        _note_success(recording, verb, call)
    return call


def _identity(recording: Recording) -> dict[str, Any]:
    number = int(recording.application.app_id)
    if recording.product == Product.TIW:
        return {"SdkAppId": number, "TaskId": recording.task_id}
    return {"BizId": number, "TaskId": int(recording.task_id or 0)}


def _take(recording: Recording, verb: Verb, params: dict[str, Any], *, by: Person, origin: Origin) -> ApiCall:
    """Take the verb and write down the call, together or not at all. Raises ``NotNow``."""
    now = timezone.now()
    with transaction.atomic():
        row = Recording.objects.select_for_update().get(pk=recording.pk)
        if reason := _why_not(row, verb):
            raise NotNow(reason)
        row.verb, row.verb_at = verb, now
        # Should this process end before the answer is recorded, the cloud is asked what became of it.
        row.due_at = now + calls.first_hold()
        row.save(update_fields=["verb", "verb_at", "due_at"])
        call = calls.intend(
            account=recording.application.account,
            application=recording.application,
            recording=recording,
            action=ACTIONS[Product(recording.product)][verb],
            params=params,
            by=by,
            origin=origin,
        )
    recording.verb, recording.verb_at, recording.due_at = row.verb, row.verb_at, row.due_at
    return call


def _note_success(recording: Recording, verb: Verb, call: ApiCall) -> None:
    now = timezone.now()
    if verb == Verb.STOP:
        ended = {"stopped_at": now, "verb": "", "verb_at": None, "due_at": now + SHOWS_AFTER}
        source = Source(Why.CALL, call=call)
        if states.change(
            recording, RecordingStatus.STOPPING, source, now=now, only_from=ALLOWED_IN[Verb.STOP], **ended
        ):
            return
    still_shown = verb in states.REACHED_BY
    _set(
        recording,
        verb=verb if still_shown else "",
        verb_at=now if still_shown else None,
        due_at=now + SHOWS_AFTER,
    )


def _note_failure(recording: Recording, error: CloudError) -> None:
    """Nothing happened, or nobody knows: either way the cloud is asked at once."""
    now = timezone.now()
    if _is_open(recording, error):
        _set(recording, due_at=now)
    else:
        _set(recording, verb="", verb_at=None, due_at=now)


def _is_open(recording: Recording, error: CloudError) -> bool:
    """Whether it may have worked although nothing says so; a call that came too often was not even looked at."""
    if isinstance(error, NoAnswer):
        return True
    if not isinstance(error, Refused) or calls.is_too_often(error):
        return False
    return retry_for(error.code, error.action, recording.product) is Retry.LATER


def _set(recording: Recording, *, due_at: datetime, **fields: Any) -> None:
    """Write the verb's fields, unless the verb was given up and taken by somebody else meanwhile."""
    Recording.objects.filter(pk=recording.pk, verb_at=recording.verb_at).update(**fields, due_at=due_at)
    for name, value in {**fields, "due_at": due_at}.items():
        setattr(recording, name, value)
