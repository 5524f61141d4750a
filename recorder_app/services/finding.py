"""Find the task of a start whose answer was lost, by asking the cloud; nothing is concluded here.

GME tells the running task of a room. TIW has lists that name rooms but not the RecordUserId: each task that may be
meant is described, and the RecordUserId, which no two recordings share, is the proof.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from recorder_app.choices import Product, RecordingStatus
from recorder_app.cloud.errors import CloudError, Refused
from recorder_app.cloud.states import (
    Candidate,
    read_gme_files,
    read_record_search,
    read_room_task,
    read_running_tasks,
    read_tiw_task,
)
from recorder_app.models import ApiCall, CallbackEvent, Recording
from recorder_app.services.refresh import NOT_FOUND, ROOM_GONE, TASK_FAILED, ask

# DescribeRecordSearch is undocumented in its inputs and may not exist: these say that it cannot be used, not that
# nothing was found (tiw.md section 6).
UNUSABLE = (
    "InvalidAction", "ActionOffline", "UnknownParameter", "MissingParameter", "InvalidParameter",
    "InvalidParameterValue", "UnauthorizedOperation", "UnsupportedOperation", "UnsupportedRegion", "NoSuchVersion",
)  # fmt: skip
PAGE = 100
RUNNING_PAGE, MOST_RUNNING_PAGES = 500, 4
MOST_CANDIDATES = 10
# The cloud's clock and ours may differ so far before a task counts as older than the request.
CLOCKS_DIFFER = timedelta(seconds=15)
TASK_ID = {Product.TIW: re.compile(r"[0-9A-Za-z_-]{8,64}"), Product.GME: re.compile(r"[1-9][0-9]{0,19}")}


@dataclass(frozen=True)
class Found:
    """What a search brought: a task of this recording, or proof that the room is another's, or nothing.

    ``is_blind`` says that the cloud has no way to tell, so that "nothing" means nothing. ``call`` is what told it.
    """

    task_id: str = ""
    call: ApiCall | None = None
    note: str = ""
    belongs_to_another: bool = False
    is_blind: bool = False


def find(recording: Recording, *, left_at: datetime) -> Found:
    """Look for the task of a start that left at ``left_at``. Raises ``CloudError`` when the cloud cannot be asked."""
    if recording.product == Product.GME:
        found = _find_voice(recording, left_at)
        is_open = not (found.task_id or found.belongs_to_another or found.is_blind)
        return (_told_voice(recording, left_at) or found) if is_open else found
    if found := _told_class(recording):
        return found
    if recording.application.account.is_chinese:
        return _find_class(recording, _running_tasks(recording))
    try:
        return _find_class(recording, _searched_tasks(recording))
    except Refused as error:
        if error.code.split(".")[0] not in UNUSABLE:
            raise
        return Found(is_blind=True)


def is_task_id(product: str, text: str) -> bool:
    """Whether a text has the form of a TaskId of the product (tiw.md section 2, gme.md section 6)."""
    return bool(TASK_ID[Product(product)].fullmatch(text)) and (product != Product.GME or int(text) < 2**64)


def contradiction(recording: Recording, task_id: str) -> str:
    """Why this cannot be the recording's task, as a sentence for people; "" when the cloud says nothing against it."""
    number = int(recording.application.app_id)
    try:
        if recording.product == Product.GME:
            _call, fields = ask(recording, "DescribeRecordInfo", {"BizId": number, "TaskId": int(task_id)})
            same = fields.get("RoomId") in (None, "", recording.room_id)
        else:
            _call, fields = ask(recording, "DescribeOnlineRecord", {"SdkAppId": number, "TaskId": task_id})
            same = read_tiw_task(fields).record_user_id in ("", recording.record_user_id)
    except Refused as error:
        return _("The cloud knows no task with this TaskId.") if error.code in NOT_FOUND else ""
    except CloudError:
        return ""
    return "" if same else _("The cloud says that this task is another recording's.")


def _find_voice(recording: Recording, left_at: datetime) -> Found:
    """Source: gme.md section 5, DescribeTaskInfo."""
    params = {"BizId": int(recording.application.app_id), "RoomId": recording.room_id}
    try:
        call, fields = ask(recording, "DescribeTaskInfo", params)
    except Refused as error:
        if error.code == ROOM_GONE:
            return Found(call=_refused_call(recording, error))
        raise
    task_id, mode = read_room_task(fields)
    if not task_id:
        return Found(call=call)
    owner = Recording.objects.filter(application=recording.application_id, task_id=task_id).first()
    if owner is not None:
        return _room_of_another(owner, left_at, call)
    if _is_foreign(recording, task_id, mode, left_at):
        note = _("The room is being recorded by the task %(task)s, which was not started here.")
        return Found(belongs_to_another=True, note=note % {"task": task_id}, call=call)
    if _elder_sibling(recording, left_at):
        return Found(call=call, is_blind=True)
    return Found(task_id, call, _("The cloud named the running task of the room."))


def _room_of_another(owner: Recording, left_at: datetime, call: ApiCall) -> Found:
    if owner.started_at > left_at:
        # It began later, which it could not while this one ran: that may not have arrived yet, or never will.
        return Found(call=call)
    note = _("The room was already being recorded by recording %(number)s, so this start cannot have worked.")
    return Found(belongs_to_another=True, note=note % {"number": owner.pk}, call=call)


def _is_foreign(recording: Recording, task_id: str, mode: int | None, left_at: datetime) -> bool:
    """Whether a task in the room was begun by something else than this start."""
    if mode is not None and mode != recording.params.get("RecordMode"):
        return True
    params = {"BizId": int(recording.application.app_id), "TaskId": int(task_id)}
    try:
        _call, fields = ask(recording, "DescribeRecordInfo", params)
    except Refused as error:
        if error.code in NOT_FOUND:
            return False
        raise
    begun = [file.begun_at for file in read_gme_files(fields) if file.begun_at]
    return bool(begun) and min(begun) < (left_at - CLOCKS_DIFFER).timestamp()


def _elder_sibling(recording: Recording, left_at: datetime) -> bool:
    """Whether another start for the same room is open, too, and comes first: the cloud let in only one of them."""
    rooms = Recording.objects.filter(application=recording.application_id, room_id=recording.room_id)
    others = rooms.exclude(pk=recording.pk)
    on_its_way = others.filter(status=RecordingStatus.INTENDED)
    elder = others.filter(status=RecordingStatus.UNKNOWN, created_at__lt=recording.created_at)
    return on_its_way.exists() or elder.exists()


def _told_voice(recording: Recording, left_at: datetime) -> Found | None:
    """A task of the room that callbacks told of and that has ended by now, once the cloud confirms it."""
    told = CallbackEvent.objects.filter(
        application=recording.application_id, room_id=recording.room_id, created_at__gte=recording.created_at
    )
    for task_id in _unowned(recording, told.exclude(task_id="").newest_first()[:50]):
        params = {"BizId": int(recording.application.app_id), "TaskId": int(task_id)}
        try:
            call, fields = ask(recording, "DescribeRecordInfo", params)
        except Refused as error:
            if error.code in NOT_FOUND:
                continue
            raise
        begun = [file.begun_at for file in read_gme_files(fields) if file.begun_at]
        same_mode = fields.get("RecordMode") in (None, recording.params.get("RecordMode"))
        if same_mode and begun and min(begun) >= (left_at - CLOCKS_DIFFER).timestamp():
            return Found(task_id, call, _("A callback named the task, and the cloud confirmed it."))
    return None


def _told_class(recording: Recording) -> Found | None:
    """The task that a callback named together with this RecordUserId, once the cloud confirms it."""
    told = recording.callback_events.filter(record_user_id=recording.record_user_id)
    note = _("A callback named the task, and the cloud confirmed it.")
    number = int(recording.application.app_id)
    for task_id in _unowned(recording, told.exclude(task_id="").newest_first()[:50]):
        try:
            call, fields = ask(recording, "DescribeOnlineRecord", {"SdkAppId": number, "TaskId": task_id})
        except Refused as error:
            if error.code == TASK_FAILED:
                return Found(task_id, _refused_call(recording, error), note)
            if error.code in NOT_FOUND:
                continue
            raise
        if read_tiw_task(fields).record_user_id in ("", recording.record_user_id):
            return Found(task_id, call, note)
    return None


def _unowned(recording: Recording, tasks: Iterable[CallbackEvent | Candidate]) -> list[str]:
    """The tasks named here that belong to no recording yet, in the same order."""
    named = list(dict.fromkeys(one.task_id for one in tasks))
    ours = Recording.objects.filter(application=recording.application_id, task_id__in=named)
    owned = set(ours.values_list("task_id", flat=True))
    return [task_id for task_id in named if task_id not in owned][:MOST_CANDIDATES]


def _running_tasks(recording: Recording) -> tuple[list[Candidate], ApiCall]:
    """Every running class recording of the application. Source: tiw.md section 6, Chinese edition."""
    found: list[Candidate] = []
    for page in range(MOST_RUNNING_PAGES):
        params = {
            "SdkAppID": int(recording.application.app_id),
            "TaskType": "OnlineRecord",
            "Offset": page * RUNNING_PAGE,
            "Limit": RUNNING_PAGE,
        }
        call, fields = ask(recording, "DescribeRunningTasks", params)
        tasks = read_running_tasks(fields)
        found += tasks
        if len(tasks) < RUNNING_PAGE:
            break
    return found, call


def _searched_tasks(recording: Recording) -> tuple[list[Candidate], ApiCall]:
    """The tasks of the room. Source: tiw.md section 6, international edition; undocumented inputs."""
    params = {"RoomId": int(recording.room_id), "Offset": 0, "Limit": PAGE}
    call, fields = ask(recording, "DescribeRecordSearch", params)
    return read_record_search(fields, sdk_app_id=recording.application.app_id), call


def _find_class(recording: Recording, listed: tuple[list[Candidate], ApiCall]) -> Found:
    candidates, call = listed
    # A list may leave the room out; then only the description tells.
    possible = [one for one in candidates if one.room_id in ("", recording.room_id)]
    number = int(recording.application.app_id)
    unowned = _unowned(recording, possible)
    for one in [one for one in possible if one.task_id in unowned]:
        try:
            asked, fields = ask(
                recording, "DescribeOnlineRecord", {"SdkAppId": number, "TaskId": one.task_id}
            )
        except Refused as error:
            if error.code == TASK_FAILED and _failed_one_is_ours(recording, one):
                return Found(
                    one.task_id, _refused_call(recording, error), _("The only failed task of the room.")
                )
            continue
        if read_tiw_task(fields).record_user_id == recording.record_user_id:
            return Found(one.task_id, asked, _("The task's RecordUserId is this recording's."))
    return Found(call=call)


def _failed_one_is_ours(recording: Recording, failed: Candidate) -> bool:
    """A failed task does not tell its RecordUserId any more: it is ours when it was made after the start was asked
    for, and nobody else in the room waits for one."""
    try:
        created_at = datetime.fromisoformat(failed.created_at)
    except ValueError:
        return False
    if created_at.tzinfo is None or created_at < recording.created_at - CLOCKS_DIFFER:
        return False
    waiting = Recording.objects.filter(
        application=recording.application_id, room_id=recording.room_id, task_id=""
    )
    open_ones = waiting.filter(status__in=(RecordingStatus.INTENDED, RecordingStatus.UNKNOWN))
    return not open_ones.exclude(pk=recording.pk).exists()


def _refused_call(recording: Recording, error: Refused) -> ApiCall | None:
    return recording.calls.filter(error_code=error.code).order_by("-created_at", "-pk").first()
