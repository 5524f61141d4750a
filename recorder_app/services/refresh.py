"""Ask the cloud how a recording is doing, and take over what it says.

Each question is a signed call in the history, made as background work, so that people's calls go first.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from recorder_app.choices import FOLLOWED, Origin, Product, RecordingStatus, Verb, Why
from recorder_app.cloud.errors import CloudError, Refused
from recorder_app.cloud.states import (
    GME_RECORDING,
    GME_UPLOADED,
    TaskFacts,
    gme_file_states,
    read_gme_files,
    read_room_task,
    read_tiw_task,
)
from recorder_app.models import ApiCall, Recording
from recorder_app.services import calls, states
from recorder_app.services.cadence import next_due
from recorder_app.services.states import Source

# The recording itself has failed: an answer about the task, not a failure of the question (tiw.md section 4).
TASK_FAILED = "FailedOperation.Record"
NOT_FOUND = ("InvalidParameter.TaskNotFound", "ResourceNotFound.TaskNotFound")
ROOM_GONE = "ResourceNotFound.RoomNotFound"
# "No such task" is believed only after it was said for so long: it may come right after a start, too.
GONE_AFTER = timedelta(minutes=10)
# The room may not tell of a task that has only just begun.
SETS_UP_IN = timedelta(seconds=30)
# A voice recording in which nobody spoke leaves no file; so long after its end none is to be expected.
NO_FILES_AFTER = timedelta(minutes=2)


def refresh(recording: Recording) -> None:
    """Ask for the state of the recording's task, take it over, and set when to ask next.

    Whatever hinders the question is counted and recorded in its call; nothing is raised for it. A recording without
    a task that is alive is left as it is.
    """
    if recording.status not in FOLLOWED:
        return
    seen_due, asked_at = recording.due_at, timezone.now()
    try:
        facts, call = _look(recording, asked_at)
    except Refused as error:
        _take_refusal(recording, error, asked_at)
    except CloudError:
        _count_failure(recording)
    else:
        states.apply_state(recording, facts, Source(Why.REFRESH, call=call), asked_at=asked_at)
    set_next(recording, next_due(recording, now=timezone.now(), changed_at=_changed_at(recording)), seen_due)


def set_next(recording: Recording, due_at: datetime | None, seen_due: datetime | None) -> None:
    """Write when to look again, unless somebody has made the recording due since ``seen_due`` was read."""
    Recording.objects.filter(pk=recording.pk, due_at=seen_due).update(due_at=due_at)


def _changed_at(recording: Recording) -> datetime:
    newest = recording.changes.order_by("-at", "-pk").values_list("at", flat=True).first()
    return newest or recording.created_at


def ask(recording: Recording, action: str, params: dict[str, Any]) -> tuple[ApiCall, dict[str, Any]]:
    """Make one reading call for a recording as background work; answers the call and the answer's fields.

    Raises the ``CloudError`` that the call recorded.
    """
    call = calls.intend(
        account=recording.application.account,
        application=recording.application,
        recording=recording,
        action=action,
        params=params,
        by=None,
        origin=Origin.BACKGROUND,
    )
    return call, calls.send(call, params).fields


def _look(recording: Recording, asked_at: datetime) -> tuple[TaskFacts, ApiCall]:
    look = _look_at_class if recording.product == Product.TIW else _look_at_voice
    return look(recording, asked_at)


def _take_refusal(recording: Recording, error: Refused, asked_at: datetime) -> None:
    """Some refusals tell of the task, the others of the question."""
    if error.code == TASK_FAILED:
        facts = TaskFacts(RecordingStatus.FAILED, word=error.code, failure=error.message)
    elif error.code in NOT_FOUND and asked_at >= (recording.missing_since or asked_at) + GONE_AFTER:
        over = RecordingStatus.FINISHED if recording.files.exists() else RecordingStatus.FAILED
        facts = TaskFacts(over, failure=_("The cloud no longer knows this task."))
    else:
        _count_failure(recording, missing_since=asked_at if error.code in NOT_FOUND else None)
        return
    call = recording.calls.filter(error_code=error.code).order_by("-created_at", "-pk").first()
    source = Source(Why.REFRESH, call=call, note=facts.failure)
    states.apply_state(recording, facts, source, asked_at=asked_at)


def _count_failure(recording: Recording, missing_since: datetime | None = None) -> None:
    recording.watch_failures += 1
    recording.missing_since = recording.missing_since or missing_since
    recording.save(update_fields=["watch_failures", "missing_since"])


def _look_at_class(recording: Recording, asked_at: datetime) -> tuple[TaskFacts, ApiCall]:
    params = {"SdkAppId": int(recording.application.app_id), "TaskId": recording.task_id}
    call, fields = ask(recording, "DescribeOnlineRecord", params)
    return read_tiw_task(fields), call


def _look_at_voice(recording: Recording, asked_at: datetime) -> tuple[TaskFacts, ApiCall]:
    """GME knows states of files only. Whether the task goes on is told by its room, where no file tells it."""
    params = {"BizId": int(recording.application.app_id), "TaskId": int(recording.task_id)}
    call, fields = ask(recording, "DescribeRecordInfo", params)
    files = read_gme_files(fields)
    file_states = gme_file_states(files)
    result = {"record_mode": fields.get("RecordMode")} if isinstance(fields.get("RecordMode"), int) else {}
    has_ended = recording.status == RecordingStatus.PROCESSING  # once over, the room need not be asked again
    is_recording = GME_RECORDING in file_states
    # What has become of a change whose answer is missing, the room alone tells, too.
    asks_room = recording.verb == Verb.CHANGE or not (is_recording or has_ended)
    if (asks_room and _room_runs(recording)) or is_recording:
        return TaskFacts(RecordingStatus.RECORDING, files=files, result=result), call
    if (
        not files
        and recording.status == RecordingStatus.STARTING
        and asked_at < recording.started_at + SETS_UP_IN
    ):
        return TaskFacts(RecordingStatus.STARTING, result=result), call
    ended_at = recording.stopped_at or asked_at
    waited_enough = bool(files) or asked_at > ended_at + NO_FILES_AFTER
    is_done = waited_enough and all(state >= GME_UPLOADED for state in file_states)
    status = RecordingStatus.FINISHED if is_done else RecordingStatus.PROCESSING
    return TaskFacts(status, stopped_at=int(ended_at.timestamp()), files=files, result=result), call


def _room_runs(recording: Recording) -> bool:
    """Whether the room's running task is this one. Source: gme.md section 5 (nulls, or an error, for none)."""
    params = {"BizId": int(recording.application.app_id), "RoomId": recording.room_id}
    try:
        _call, fields = ask(recording, "DescribeTaskInfo", params)
    except Refused as error:
        if error.code == ROOM_GONE:
            return False
        raise
    return read_room_task(fields)[0] == recording.task_id
