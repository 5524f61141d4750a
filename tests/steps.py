"""What tests of a recording's life are made of: starts, faults, the sandbox's truth, and time that passes."""

import json
import urllib.request
import uuid
from typing import Any

import time_machine
from django.utils import timezone

from recorder_app import jobs
from recorder_app.models import Application, CallbackEvent, Recording
from recorder_app.services import recordings
from tests.people import person


def start_class(application: Application, *, room: int = 1203, user: str = "", **changes: Any) -> Recording:
    params = {
        "SdkAppId": int(application.app_id),
        "RoomId": room,
        "RecordUserId": user or f"tic_record_user_{room}_{uuid.uuid4().hex[:8]}",
        **changes,
    }
    return _start(application, "StartOnlineRecord", params)


def start_voice(application: Application, *, room: str = "1987", mode: int = 1) -> Recording:
    params = {"BizId": int(application.app_id), "RoomId": room, "RecordMode": mode}
    return _start(application, "StartRecord", params)


def _start(application: Application, action: str, params: dict[str, Any]) -> Recording:
    return recordings.start(
        application=application,
        action=action,
        params=params,
        by=person("operator"),
        intention_key=uuid.uuid4(),
        sleep=lambda seconds: None,
    )


def truth(sandbox: Any, since: int = 0) -> dict[str, Any]:
    """Everything the sandbox did: its tasks and its calls."""
    with urllib.request.urlopen(f"{sandbox.url}/_sandbox/state?since={since}", timeout=5) as answer:
        return json.load(answer)


def task_of(sandbox: Any, recording: Recording) -> dict[str, Any]:
    return next(task for task in truth(sandbox)["tasks"] if task["TaskId"] == recording.task_id)


def break_next(sandbox: Any, **fault: Any) -> None:
    break_all(sandbox, **{"count": 1, **fault})


def break_all(sandbox: Any, **fault: Any) -> None:
    _faults(sandbox, "POST", [{"action": "*", **fault}])


def mend(sandbox: Any) -> None:
    _faults(sandbox, "DELETE", None)


def _faults(sandbox: Any, method: str, body: Any) -> None:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{sandbox.url}/_sandbox/faults", data=data, method=method)
    with urllib.request.urlopen(request, timeout=5):
        pass


def work_off() -> int:
    """Do every unit that is due now, as a worker would; answers how many there were."""
    done = 0
    now = timezone.now()
    for kind in jobs.KINDS:
        for key in kind.rows().claim(by="test", now=now, lease=jobs.LEASE, most=1000):
            kind.do(key)
            kind.rows().release(key, by="test")
            done += 1
    return done


def let_pass(clock: time_machine.Traveller, seconds: int) -> None:
    """Let time pass second by second, while a worker does what becomes due."""
    for _second in range(seconds):
        clock.shift(1)
        work_off()


def reread(recording: Recording) -> Recording:
    return Recording.objects.select_related("application__account").get(pk=recording.pk)


def events() -> list[CallbackEvent]:
    return list(CallbackEvent.objects.order_by("pk"))
