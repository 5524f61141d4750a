"""Compare what the sandbox did with what the history says. The sandbox is right."""

import json
import urllib.request
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from recorder_app.choices import FINAL, CallOutcome, RecordingStatus, Why
from recorder_app.models import ApiCall, Recording, StatusChange

# Made beside the dashboard when the trial is set up.
BESIDE = ("SetOnlineRecordCallback", "SetOnlineRecordCallbackKey")


@dataclass
class Verdict:
    """What does not fit, each as a sentence; and the seconds that settling took."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    revived: int = 0

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.wrong or self.unsettled)


def truth(sandbox: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{sandbox}/_sandbox/state", timeout=60) as answer:
        return json.load(answer)


def judge(sandbox: str) -> Verdict:
    verdict, real = Verdict(), truth(sandbox)
    rows = list(Recording.objects.order_by("pk"))
    _judge_tasks(verdict, real["tasks"], rows)
    _judge_rows(verdict, real["tasks"], rows)
    _judge_calls(verdict, real["calls"])
    _time_settling(verdict)
    return verdict


def _judge_tasks(verdict: Verdict, tasks: list[dict], rows: list[Recording]) -> None:
    """Every task of the sandbox is one recording's, and no room has two."""
    known = {(row.product, row.task_id) for row in rows if row.task_id}
    rooms = Counter((task["service"], str(task["RoomId"])) for task in tasks)
    for task in tasks:
        if (task["service"], task["TaskId"]) not in known:
            verdict.lost.append(f"task {task['TaskId']} of room {task['RoomId']} is in no recording")
    for (service, room), count in rooms.items():
        if count > 1:
            verdict.doubled.append(f"{service} room {room} was recorded {count} times")


def _judge_rows(verdict: Verdict, tasks: list[dict], rows: list[Recording]) -> None:
    real = {(task["service"], task["TaskId"]): task for task in tasks}
    expected = {"FINISHED": RecordingStatus.FINISHED, "FAILED": RecordingStatus.FAILED}
    by_intention = Counter(row.intention_key for row in rows)
    for row in rows:
        name = f"recording {row.pk} ({row.product} room {row.room_id}, {row.status} {row.settle_step})"
        if row.status not in FINAL:
            verdict.unsettled.append(f"{name} has not come to its end")
            continue
        task = real.get((row.product, row.task_id)) if row.task_id else None
        if row.task_id and task is None:
            verdict.wrong.append(f"{name} names the task {row.task_id}, which does not exist")
        elif task and row.status != expected.get(task["Status"]):
            verdict.wrong.append(f"{name} is {task['Status']} in truth")
        elif task and str(task["RoomId"]) != row.room_id:
            verdict.wrong.append(f"{name} names the task of room {task['RoomId']}")
        elif task and task["service"] == "tiw" and task["RecordUserId"] != row.record_user_id:
            verdict.wrong.append(f"{name} names the task of {task['RecordUserId']}")
        if row.status == RecordingStatus.FINISHED and not row.files.exists():
            verdict.wrong.append(f"{name} is finished without a file")
        if by_intention[row.intention_key] > 1:
            verdict.doubled.append(f"{name} shares its intention")


def _judge_calls(verdict: Verdict, calls: list[dict]) -> None:
    """Recorded before sent: no call reached the sandbox that is not in the history, and none is told otherwise."""
    real = {call["RequestId"]: call for call in calls}
    arrived = Counter(
        _key(call["Action"], call["parameters"]) for call in calls if call["Action"] not in BESIDE
    )
    recorded: Counter = Counter()
    open_calls = 0
    for call in ApiCall.objects.iterator():
        if call.outcome != CallOutcome.NOT_SENT:
            recorded[_key(call.action, call.params)] += 1
        if call.outcome == CallOutcome.SENDING:
            open_calls += 1
        if call.outcome in (CallOutcome.OK, CallOutcome.REFUSED):
            happened = real.get(call.request_id)
            if happened is None:
                verdict.wrong.append(f"call {call.pk} names a RequestId that the sandbox never gave")
            elif (happened["outcome"] == "ok") != (call.outcome == CallOutcome.OK) and not call.error_code:
                verdict.wrong.append(f"call {call.pk} ended {call.outcome}, in truth {happened['outcome']}")
    for key, count in arrived.items():
        if count > recorded[key]:
            verdict.lost.append(f"{count - recorded[key]} calls {key} reached the cloud without a row")
    if open_calls:
        verdict.unsettled.append(f"{open_calls} calls are still being sent, says the history")


def _key(action: str, params: dict[str, Any]) -> tuple[str, str]:
    return action, str(params.get("TaskId") or params.get("RoomId") or "")


def _time_settling(verdict: Verdict) -> None:
    """From the moment a start was asked for until its truth was known, where its own answer did not tell."""
    ended: dict[int, datetime] = {}
    began: dict[int, datetime] = {}
    turns: dict[int, int] = defaultdict(int)
    for change in StatusChange.objects.select_related("recording").order_by("at", "pk"):
        began.setdefault(change.recording_id, change.recording.created_at)
        if change.why in (Why.SETTLED, Why.CALLBACK) and change.status != RecordingStatus.UNKNOWN:
            ended[change.recording_id] = change.at
            turns[change.recording_id] += 1
    verdict.seconds = sorted((at - began[key]).total_seconds() for key, at in ended.items())
    verdict.revived = sum(1 for count in turns.values() if count > 1)
