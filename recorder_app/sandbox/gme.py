"""The voice recording service: its actions, its files, and what its callbacks say.

Source: gme.md sections 2 to 7 and callbacks.md part B.
"""

import json
import secrets
from datetime import UTC, datetime

from recorder_app.sandbox.callbacks import Delivery, gme_signature
from recorder_app.sandbox.context import Context
from recorder_app.sandbox.defaults import GME_STEP_SECONDS, LONGEST_RECORDING
from recorder_app.sandbox.protocol import ApiError
from recorder_app.sandbox.state import Event, State, Task

_EVERYBODY = ("10001", "10002")  # who is in a room of the sandbox
_MIXED_USER = "0"
_SINGLE, _MIX, _BOTH = 1, 2, 3
_AFTER_THE_END = (10, 11, 12, 13, 14)
_BEGUN, _COMPLETED, _UPLOADED = "1", "2", "3"
_UPLOADED_AFTER = 3  # steps after a file's end: when its status becomes 13
_NOT_FOUND = "ResourceNotFound.TaskNotFound"


def status(task: Task, now: float) -> str:
    """A word for the whole task, for /_sandbox/state: the service itself knows states of files only."""
    if now < task.ended_at:
        return "RECORDING"
    return (
        "FINISHED" if all(_file_status(task, file, now) >= 13 for file in task.data["files"]) else "STOPPED"
    )


def start_record(context: Context, values: dict) -> dict:
    _check_room(values["RoomId"])
    state, now = context.state, context.now
    if state.running_in_room("gme", values["BizId"], values["RoomId"], now):
        raise ApiError("ResourceInUse.TaskInUse", "This room is being recorded already.")
    task = Task(
        service="gme",
        task_id=str(_new_task_id(state)),
        app=values["BizId"],
        room=values["RoomId"],
        user="",
        created_at=now,
        ended_at=now + LONGEST_RECORDING,
        parameters=_kept(values),
        data={"files": [], "step": GME_STEP_SECONDS / context.speed},
    )
    _open_files(task, now)
    state.add_task(task)
    _plan_events(context, task)
    return {"TaskId": int(task.task_id)}


def _new_task_id(state: State) -> int:
    """An odd number between 2^60 and 2^64: unsigned, and damaged by every floating-point number."""
    while True:
        task_id = (2**60 + secrets.randbelow(2**64 - 2**60)) | 1
        if state.task("gme", str(task_id)) is None:
            return task_id


def _check_room(room: str) -> None:
    if room.startswith("missing"):
        raise ApiError("ResourceNotFound.RoomNotFound", "RoomId names a room that does not exist.")


def _kept(values: dict) -> dict:
    return {name: values[name] for name in ("RecordMode", "SubscribeRecordUserIds") if name in values}


def _recorded_users(parameters: dict) -> list[tuple[str, bool]]:
    """Who gets a file, and whether it is the mixed one."""
    lists = parameters.get("SubscribeRecordUserIds", {})
    allowed = [str(user) for user in lists.get("SubscribeUserIds", ())] or list(_EVERYBODY)
    blocked = {str(user) for user in lists.get("UnSubscribeUserIds", ())}
    mode, users = parameters["RecordMode"], []
    if mode in (_SINGLE, _BOTH):
        users = [(user, False) for user in dict.fromkeys(allowed) if user not in blocked]
    return users + ([(_MIXED_USER, True)] if mode in (_MIX, _BOTH) else [])


def _open_files(task: Task, now: float) -> None:
    """Close the files of those no longer recorded, and begin files for those who newly are."""
    wanted = _recorded_users(task.parameters)
    running = [file for file in task.data["files"] if file["end"] is None]
    for file in running:
        if (file["UserId"], file["mixed"]) not in wanted:
            file["end"] = now
    present = {(file["UserId"], file["mixed"]) for file in running}
    for user, mixed in wanted:
        if (user, mixed) not in present:
            number = len(task.data["files"])
            name = _file_name(task, user, mixed, number, now)
            file = {"UserId": user, "mixed": mixed, "FileName": name, "begin": now, "end": None}
            task.data["files"].append(file)


def _file_name(task: Task, user: str, mixed: bool, number: int, now: float) -> str:
    begun = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d-%H-%M-%S")
    if mixed:
        return f"{task.app}_{task.room}/{task.task_id}_{begun}_{number}_audio.mp3"
    return f"{task.app}_{task.room}_{user}/{begun}_{number}_audio.mp3"


def _end(task: Task, file: dict) -> float:
    return task.ended_at if file["end"] is None else file["end"]


def _file_status(task: Task, file: dict, now: float) -> int:
    after = now - _end(task, file)
    if after < 0:
        return 2
    return _AFTER_THE_END[min(int(after / task.data["step"]), len(_AFTER_THE_END) - 1)]


def _plan_events(context: Context, task: Task) -> None:
    for number, file in enumerate(task.data["files"]):
        end = _end(task, file)
        context.plan(task, _BEGUN, file["begin"], str(number))
        context.plan(task, _COMPLETED, end, str(number))
        context.plan(task, _UPLOADED, end + _UPLOADED_AFTER * task.data["step"], str(number))


def _running_task(context: Context, values: dict) -> Task:
    task = context.task("gme", values["BizId"], str(values["TaskId"]), _NOT_FOUND)
    if context.now >= task.ended_at:
        raise ApiError(_NOT_FOUND, f"The task {task.task_id} is over.")
    return task


def stop_record(context: Context, values: dict) -> dict:
    task = _running_task(context, values)
    task.stop_asked = True
    task.ended_at = context.now
    context.state.save_task(task)
    _plan_events(context, task)
    return {}


def modify_record_info(context: Context, values: dict) -> dict:
    task = _running_task(context, values)
    # Whether absent lists keep the old ones is not documented; "everybody" is the documented default.
    task.parameters = _kept(values)
    _open_files(task, context.now)
    context.state.save_task(task)
    _plan_events(context, task)
    return {}


def describe_task_info(context: Context, values: dict) -> dict:
    _check_room(values["RoomId"])
    task = context.state.running_in_room("gme", values["BizId"], values["RoomId"], context.now)
    if task is None:
        # Nulls or an error: the reference leaves it open. The international texts allow null in each field.
        return {"TaskId": None, "RecordMode": None, "SubscribeRecordUserIds": None}
    lists = task.parameters.get("SubscribeRecordUserIds")
    if lists is not None:
        lists = {name: [str(user) for user in users] for name, users in lists.items()}
    return {
        "TaskId": int(task.task_id),
        "RecordMode": task.parameters["RecordMode"],
        "SubscribeRecordUserIds": lists,
    }


def describe_record_info(context: Context, values: dict) -> dict:
    task = context.task("gme", values["BizId"], str(values["TaskId"]), _NOT_FOUND)
    files = [
        {
            "UserId": file["UserId"],
            "FileName": file["FileName"],
            "RecordBeginTime": int(file["begin"]),
            "RecordStatus": _file_status(task, file, context.now),
        }
        for file in task.data["files"]
    ]
    return {"RecordInfo": files, "RecordMode": task.parameters["RecordMode"], "RoomId": task.room}


def delivery(state: State, event: Event, now: float) -> Delivery | None:
    """The callback of an event, signed with the application's permission key; None without an address."""
    task = state.task("gme", event.task_id)
    callback, key = state.callback("gme", task.app)
    if not callback:
        return None
    file = task.data["files"][int(event.part)]
    message = {
        "BizID": task.app,
        "RoomID": task.room,
        "UserID": file["UserId"],
        "TaskID": int(task.task_id),
        "RecordMode": 1 if file["mixed"] else 0,  # counted from 0 here, from 1 in the API
        "Timestamp": int(now),
        "EventType": int(event.kind),
        "Detail": {"SeqNo": int(event.part), "FileName": file["FileName"]},
    }
    body = json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "Signature": gme_signature(key, body)}
    return Delivery(callback, body, headers)


ACTIONS = {
    "StartRecord": start_record,
    "StopRecord": stop_record,
    "ModifyRecordInfo": modify_record_info,
    "DescribeTaskInfo": describe_task_info,
    "DescribeRecordInfo": describe_record_info,
}
