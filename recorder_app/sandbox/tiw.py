"""The class recording service: its actions, the life of a task, and what its callbacks say.

Source: tiw.md sections 2 to 9 and callbacks.md part A.
"""

import base64
import json
import os
from datetime import UTC, datetime, timedelta, timezone

from recorder_app.sandbox.callbacks import Delivery, is_loopback, tiw_sign
from recorder_app.sandbox.context import Context
from recorder_app.sandbox.defaults import (
    EFFECT_SECONDS,
    LONGEST_PAUSE,
    LONGEST_RECORDING,
    RUNNING_TASKS_VISIBLE,
    RUNNING_TIW_RECORDINGS,
    TIW_FILES_SECONDS,
)
from recorder_app.sandbox.protocol import ApiError
from recorder_app.sandbox.rules import check_start_online_record
from recorder_app.sandbox.state import Event, State, Task
from recorder_app.sandbox.tiw_files import omitted_durations, segments, video_infos
from recorder_app.sandbox.usersig import login_problem

_BEIJING = timezone(timedelta(hours=8))
_NOT_FOUND = "InvalidParameter.TaskNotFound"
_SIGN_VALID = 300  # seconds a callback's Sign counts; the reference leaves the length open


def status(task: Task, now: float) -> str:
    """The documented state at a moment, or FAILED, which the service itself tells as an error."""
    if task.data["failure"] and now >= task.ended_at:
        return "FAILED"
    if now >= task.ended_at + task.data["files_after"]:
        return "FINISHED"
    if now >= task.ended_at:
        return "STOPPED"
    if now < task.data["started_at"]:
        return "PREPARED"
    return next((word for at, word in reversed(task.data["changes"]) if at <= now), "RECORDING")


def start_online_record(context: Context, values: dict) -> dict:
    check_start_online_record(values)
    app, now, state = values["SdkAppId"], context.now, context.state
    # "One recording per room at a time" is documented without a code for its breach, and the texts on
    # RecordUserId speak of several recordings in a room: so a second account in a room is let in.
    if state.running_as_user("tiw", app, values["RecordUserId"], now):
        raise ApiError("ResourceInUse.RecordUserId", "This RecordUserId is recording in another task.")
    if state.running_count("tiw", app, now) >= RUNNING_TIW_RECORDINGS:
        raise ApiError(
            "LimitExceeded.TaskConcurrency",
            f"{RUNNING_TIW_RECORDINGS} recordings of this application are running already.",
        )
    failure = _failure(context, values)
    started_at = now + EFFECT_SECONDS / context.speed
    task = Task(
        service="tiw",
        task_id=_new_task_id(now),
        app=app,
        room=str(values["RoomId"]),
        user=values["RecordUserId"],
        created_at=now,
        ended_at=started_at + (0 if failure else LONGEST_RECORDING),
        parameters={name: value for name, value in values.items() if name != "RecordUserSig"},
        data={
            "started_at": started_at,
            "changes": [],
            "failure": failure,
            "files_after": 0 if failure else TIW_FILES_SECONDS / context.speed,
        },
    )
    state.add_task(task)
    _plan_events(context, task)
    return {"TaskId": task.task_id}


def _new_task_id(now: float) -> str:
    """Twenty characters 0-9a-v: the time and a random part, like the example bj0mt2l23osdj300hl30."""
    return base64.b32hexencode(int(now).to_bytes(4, "big") + os.urandom(8)).decode().rstrip("=").lower()


def _failure(context: Context, values: dict) -> str:
    """What FailedOperation.Record will say once the recorder has tried to enter, or ""."""
    user, key = values["RecordUserId"], context.sdk_keys.get(values["SdkAppId"])
    moment = datetime.fromtimestamp(context.now, _BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    if not all("!" <= character <= "~" for character in user):
        return f"code: 40001, msg: {moment}, invalid userid\n"
    if key is None:
        return ""
    problem = login_problem(
        values["RecordUserSig"], app=values["SdkAppId"], user=user, key=key, now=context.now
    )
    return f"code: 40004, msg: {moment}, {problem}\n" if problem else ""


def _plan_events(context: Context, task: Task) -> None:
    if not task.data["failure"]:
        context.plan(task, "OnlineRecordStarted", task.data["started_at"])
        context.plan(task, "OnlineRecordStopped", task.ended_at)
    context.plan(task, "OnlineRecordFinished", task.ended_at + task.data["files_after"])


def _open_task(context: Context, values: dict) -> Task:
    task = context.task("tiw", values["SdkAppId"], values["TaskId"], _NOT_FOUND)
    if task.stop_asked or context.now >= task.ended_at:
        raise ApiError("UnsupportedOperation.TaskHasAlreadyStopped", "The task has been stopped already.")
    return task


def stop_online_record(context: Context, values: dict) -> dict:
    task = _open_task(context, values)
    task.stop_asked = True
    # Whether a task may be stopped before it records is not documented: it may here, once it has begun.
    task.ended_at = min(
        task.ended_at, max(context.now + EFFECT_SECONDS / context.speed, task.data["started_at"])
    )
    context.state.save_task(task)
    _plan_events(context, task)
    return {}


def pause_online_record(context: Context, values: dict) -> dict:
    return _change(context, values, "RECORDING", "PAUSED")


def resume_online_record(context: Context, values: dict) -> dict:
    return _change(context, values, "PAUSED", "RECORDING")


def _change(context: Context, values: dict, needed: str, wanted: str) -> dict:
    task = _open_task(context, values)
    present = status(task, context.now)
    under_way = any(at > context.now for at, _ in task.data["changes"])
    if present != needed or under_way:
        raise ApiError("UnsupportedOperation.InvalidTaskStatus", f"Not possible while the task is {present}.")
    at = context.now + EFFECT_SECONDS / context.speed
    task.data["changes"].append([at, wanted])
    task.ended_at = task.data["started_at"] + LONGEST_RECORDING
    if wanted == "PAUSED":
        task.ended_at = min(task.ended_at, at + LONGEST_PAUSE)
    context.state.save_task(task)
    _plan_events(context, task)
    return {}


def describe_online_record(context: Context, values: dict) -> dict:
    task = context.task("tiw", values["SdkAppId"], values["TaskId"], _NOT_FOUND)
    present = status(task, context.now)
    if present == "FAILED":
        raise ApiError("FailedOperation.Record", task.data["failure"])
    finished = present == "FINISHED"
    infos = video_infos(task, context.files_url) if finished else []
    generated = task.parameters.get("RecordMode") == "VIDEO_GENERATION_MODE"
    users = [info["UserId"] for info in infos if info["VideoType"] == 0]
    return {
        **_result(task, present, context.now),
        "TaskId": task.task_id,
        "Status": present,
        "VideoInfos": infos,
        "OmittedDurations": omitted_durations(task) if finished else [],
        "ReplayUrl": f"{context.files_url}/{task.task_id}/replay" if finished and generated else None,
        "Interrupts": [{"UserId": user, "Count": 0} for user in sorted(set(users))] if finished else None,
    }


def _result(task: Task, present: str, now: float) -> dict:
    """The fields that DescribeOnlineRecord, the finished event and the search share."""
    begun, over = present != "PREPARED", present in ("STOPPED", "FINISHED")
    length = sum(end - begin for begin, end in segments(task, now)) if over else 0
    reason = "USER_CALL" if task.stop_asked else "FORCE_STOP"
    return {
        "FinishReason": reason if over else "",
        "RoomId": int(task.room),
        "GroupId": task.parameters.get("GroupId", task.room),
        "RecordUserId": task.user,
        "RecordStartTime": int(task.data["started_at"]) if begun else 0,
        "RecordStopTime": int(task.ended_at) if over else 0,
        "TotalTime": int(length * 1000),
        "ExceptionCnt": 0,
    }


def set_online_record_callback(context: Context, values: dict) -> dict:
    if values["Callback"] and not is_loopback(values["Callback"]):
        # The cloud would take it. Told here rather than swallowed later: the sandbox posts to this machine only.
        raise ApiError(
            "InvalidParameter.CallbackAddressFormatError",
            "Callback must lead to this machine: the sandbox posts to no other.",
        )
    context.state.set_callback("tiw", values["SdkAppId"], callback=values["Callback"])
    return {}


def set_online_record_callback_key(context: Context, values: dict) -> dict:
    context.state.set_callback("tiw", values["SdkAppId"], key=values["CallbackKey"])
    return {}


def describe_online_record_callback(context: Context, values: dict) -> dict:
    callback, key = context.state.callback("tiw", values["SdkAppId"])
    unset = "" if context.is_chinese else None  # the editions differ here
    return {"Callback": callback or unset, "CallbackKey": key or unset}


def describe_running_tasks(context: Context, values: dict) -> dict:
    tasks: list[Task] = []
    if values["TaskType"] == "OnlineRecord":
        oldest = context.now - RUNNING_TASKS_VISIBLE
        running = context.state.running("tiw", values["SdkAppID"], context.now)
        tasks = [task for task in running if task.created_at >= oldest]
    offset = values.get("Offset", 0)
    page = tasks[offset : offset + values.get("Limit", 100)]
    return {"Total": len(tasks), "Tasks": [_running_item(task, context.now) for task in page]}


def _running_item(task: Task, now: float) -> dict:
    return {
        "SdkAppID": task.app,
        "TaskID": task.task_id,
        "TaskType": "OnlineRecord",
        "CreateTime": datetime.fromtimestamp(task.created_at, _BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
        "CancelTime": None,
        "Status": "QUEUED" if status(task, now) == "PREPARED" else "PROCESSING",
        "Progress": 0,
        "FileURL": None,
        "RoomID": int(task.room),
    }


def describe_record_search(context: Context, values: dict) -> dict:
    room = str(values["RoomId"]) if "RoomId" in values else None
    tasks = context.state.tiw_tasks(room)
    offset = values.get("Offset", 0)
    page = tasks[offset : offset + values.get("Limit", 100)]
    return {"TotalCount": len(tasks), "RecordTaskSet": [_search_item(context, task) for task in page]}


def _search_item(context: Context, task: Task) -> dict:
    present = status(task, context.now)
    failed = present == "FAILED"
    result = _result(task, present, context.now)
    del result["RecordUserId"]
    done = present == "FINISHED"
    result |= {
        "VideoInfos": video_infos(task, context.files_url) if done else [],
        "OmittedDurations": omitted_durations(task) if done else [],
        "Details": [],
        "ErrorCode": int(task.data["failure"].split()[1].rstrip(",")) if failed else 0,
        "ErrorMsg": task.data["failure"] if failed else "",
    }
    return {
        "TaskId": task.task_id,
        "Status": "FINISHED" if failed else present,
        "RoomId": int(task.room),
        "CreateTime": datetime.fromtimestamp(task.created_at, UTC).isoformat(timespec="seconds"),
        "SdkAppId": task.app,
        "Result": result,
    }


def delivery(state: State, event: Event, now: float, files_url: str) -> Delivery | None:
    """The callback of an event, signed with the key that is set now; None where no address is set."""
    task = state.task("tiw", event.task_id)
    callback, key = state.callback("tiw", task.app)
    if not callback:
        return None
    message = {"Timestamp": int(now), "SdkAppId": task.app, "EventType": event.kind}
    if key:
        expire_time = int(now) + _SIGN_VALID
        message |= {"ExpireTime": expire_time, "Sign": tiw_sign(key, expire_time)}
    message["EventData"] = _event_data(task, event.kind, now, files_url)
    body = json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()
    return Delivery(callback, body, {"Content-Type": "application/json"})


def _event_data(task: Task, kind: str, now: float, files_url: str) -> dict:
    data = {"TaskId": task.task_id, "RoomId": int(task.room), "RecordUserId": task.user}
    if kind != "OnlineRecordFinished":
        return data
    if task.data["failure"]:
        data |= {"GroupId": task.parameters.get("GroupId", task.room), "FinishReason": "EXCEPTION"}
        data |= {"RecordStartTime": 0, "RecordStopTime": 0, "TotalTime": 0, "ExceptionCnt": 0}
        error = {"Code": "FailedOperation.Record", "Message": task.data["failure"]}
        return data | {"OmittedDurations": [], "VideoInfos": [], "Error": error}
    # The event page shows no Width and Height, which DescribeOnlineRecord has.
    infos = video_infos(task, files_url)
    small = [
        {name: value for name, value in info.items() if name not in ("Width", "Height")} for info in infos
    ]
    data |= _result(task, "FINISHED", now)
    return data | {"OmittedDurations": omitted_durations(task), "VideoInfos": small}


ACTIONS = {
    "StartOnlineRecord": start_online_record,
    "StopOnlineRecord": stop_online_record,
    "PauseOnlineRecord": pause_online_record,
    "ResumeOnlineRecord": resume_online_record,
    "DescribeOnlineRecord": describe_online_record,
    "SetOnlineRecordCallback": set_online_record_callback,
    "SetOnlineRecordCallbackKey": set_online_record_callback_key,
    "DescribeOnlineRecordCallback": describe_online_record_callback,
    "DescribeRunningTasks": describe_running_tasks,
    "DescribeRecordSearch": describe_record_search,
}
