"""What a trial begins with: four people, a sandbox account with two applications, and a small history.

Everything here is made up and says so: the history's origin is "demonstration data", and every row in it has
ended, so that nothing waits for a cloud that never heard of it.
"""

import random
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from recorder_app.choices import CallOutcome, Environment, Origin, Product, RecordingStatus
from recorder_app.models import ApiCall, Application, CloudAccount, Person, Recording

PASSWORD = "recorder-demo"  # noqa: S105 - printed at start, and refused outside a trial
PEOPLE = (
    ("operator", "Lin", "Wei", "operator"),
    ("support", "Maya", "Okafor", "support"),
    ("manager", "Jonas", "Berg", "manager"),
    ("admin", "Ana", "Duarte", "administrator"),
)
ACCOUNT = "Sandbox"
TIW, GME = "Evening classes", "Guild voice"
SIGNS_FOR_TIW = "EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE001"
# How often each ending occurs in the history.
ENDINGS = {
    RecordingStatus.FINISHED: 84,
    RecordingStatus.REFUSED: 10,
    RecordingStatus.FAILED: 3,
    RecordingStatus.NOT_STARTED: 3,
}
# What the cloud says when it refuses: code and message.
REFUSALS = {
    Product.TIW: (
        ("ResourceInUse.RecordUserId", "the recording user is already in use"),
        ("InvalidParameter.RecordParameter", "RoomId is out of range"),
        ("LimitExceeded.TaskConcurrency", "too many tasks are running"),
    ),
    Product.GME: (
        ("ResourceInUse.TaskInUse", "the task already exists"),
        ("ResourceNotFound.RoomNotFound", "the room does not exist"),
        ("UnsupportedOperation.ServiceNotOpened", "the recording service is not activated"),
    ),
}
# Only TIW tells why a recording ended.
FINISH_REASONS = {RecordingStatus.FINISHED: "USER_CALL", RecordingStatus.FAILED: "EXCEPTION"}


@transaction.atomic
def ensure_people() -> list[Person]:
    """The demo people; those who are there already are left as they are."""
    for username, first, last, role in PEOPLE:
        if not Person.objects.filter(username=username).exists():
            Person.objects.create_user(
                username=username, password=PASSWORD, first_name=first, last_name=last, role=role
            )
    return list(Person.objects.filter(username__in=[row[0] for row in PEOPLE]))


@transaction.atomic
def ensure_applications(*, endpoint: str, secret_id: str, secret_key: str) -> list[Application]:
    """One sandbox account at ``endpoint`` (a base address) and its TIW and GME application."""
    account, _made = CloudAccount.objects.update_or_create(
        name=ACCOUNT,
        defaults={
            "environment": Environment.SANDBOX,
            "endpoint": endpoint,
            "secret_id": secret_id,
            "secret_key": secret_key,
        },
    )
    wanted = ((TIW, Product.TIW, "1400000001", SIGNS_FOR_TIW), (GME, Product.GME, "3400352518", ""))
    for name, product, app_id, sdk_key in wanted:
        Application.objects.get_or_create(
            account=account, product=product, app_id=app_id, defaults={"name": name, "sdk_key": sdk_key}
        )
    return list(account.applications.select_related("account"))


@transaction.atomic
def ensure_history(applications: list[Application], *, rows: int, now: datetime, seed: int = 1) -> int:
    """``rows`` recordings over the two weeks before ``now``, unless there is a history; answers how many were made."""
    if Recording.objects.exists():
        return 0
    dice = random.Random(seed)  # noqa: S311 - the same demonstration every time
    operators = list(Person.objects.filter(role__in=("operator", "administrator")))
    moments = sorted(now - timedelta(days=dice.random() * 14, hours=3) for _ in range(rows))
    for moment in moments:
        _invent(dice, dice.choice(applications), dice.choice(operators), _in_school_hours(dice, moment))
    return rows


def _in_school_hours(dice: random.Random, moment: datetime) -> datetime:
    """Most classes are in the afternoon and evening."""
    hour = dice.choices(range(24), weights=[1] * 6 + [3] * 6 + [8] * 10 + [2] * 2)[0]
    return min(moment.replace(hour=hour, minute=dice.randrange(60)), moment)


def _invent(dice: random.Random, application: Application, by: Person, at: datetime) -> None:
    status = dice.choices(list(ENDINGS), weights=list(ENDINGS.values()))[0]
    params = _params(dice, application)
    ran = status in (RecordingStatus.FINISHED, RecordingStatus.FAILED)
    recording = Recording.objects.create(
        application=application,
        application_name=application.name,
        account_name=application.account.name,
        environment=application.account.environment,
        product=application.product,
        room_id=str(params["RoomId"]),
        record_user_id=params.get("RecordUserId", ""),
        task_id=_task_id(dice, application.product) if ran else "",
        status=status,
        params=params,
        intention_key=uuid.UUID(int=dice.getrandbits(128), version=4),
        started_by=by,
        started_by_name=by.name,
        origin=Origin.DEMO,
        created_at=at,
        started_at=at + timedelta(milliseconds=140) if ran else None,
        stopped_at=at + timedelta(minutes=dice.randint(25, 110)) if ran else None,
        finish_reason=FINISH_REASONS.get(status, "") if application.product == Product.TIW else "",
        failure="no media was received for 60 seconds" if status == RecordingStatus.FAILED else "",
    )
    refused = status == RecordingStatus.REFUSED
    code, message = dice.choice(REFUSALS[application.product]) if refused else ("", "")
    _invent_call(dice, recording, by, code, message)


def _invent_call(dice: random.Random, recording: Recording, by: Person, code: str, message: str) -> None:
    outcome = CallOutcome.OK if recording.task_id else CallOutcome.REFUSED if code else CallOutcome.NOT_SENT
    request_id = (
        "" if outcome == CallOutcome.NOT_SENT else str(uuid.UUID(int=dice.getrandbits(128), version=4))
    )
    took = dice.randint(60, 320)
    ApiCall.objects.create(
        account=recording.application.account,
        account_name=recording.application.account.name,
        application=recording.application,
        application_name=recording.application_name,
        recording=recording,
        room_id=recording.room_id,
        product=recording.product,
        action="StartOnlineRecord" if recording.product == Product.TIW else "StartRecord",
        environment=Environment.SANDBOX,
        endpoint=recording.application.account.endpoint.removeprefix("http://"),
        region=recording.application.effective_region,
        params=recording.params,
        outcome=outcome,
        request_id=request_id,
        error_code=code,
        error_message=message or ("connection refused" if outcome == CallOutcome.NOT_SENT else ""),
        answer=_answer(recording, request_id, code, message),
        http_status=200 if request_id else None,
        duration_ms=took,
        clock_offset_ms=dice.randint(-400, 400) if request_id else None,
        by=by,
        by_name=by.name,
        origin=Origin.DEMO,
        created_at=recording.created_at,
        sent_at=None if outcome == CallOutcome.NOT_SENT else recording.created_at,
        answered_at=recording.created_at + timedelta(milliseconds=took),
    )


def _answer(recording: Recording, request_id: str, code: str, message: str) -> dict[str, Any] | None:
    if not request_id:
        return None
    if code:
        return {"Error": {"Code": code, "Message": message}, "RequestId": request_id}
    task_id = int(recording.task_id) if recording.product == Product.GME else recording.task_id
    return {"TaskId": task_id, "RequestId": request_id}


def _params(dice: random.Random, application: Application) -> dict[str, Any]:
    if application.product == Product.GME:
        room = f"guild-{dice.randint(1, 24)}"
        return {"BizId": int(application.app_id), "RoomId": room, "RecordMode": dice.choice((1, 2, 2, 3))}
    room = dice.choice((1203, 1204, 1205, 1301, 1302, 2107, 2108))
    params: dict[str, Any] = {
        "SdkAppId": int(application.app_id),
        "RoomId": room,
        "RecordUserId": f"tic_record_user_{room}_{dice.getrandbits(40):08x}",
        "RecordUserSig": "***",
    }
    if dice.random() < 0.5:
        params["MixStream"] = {"Enabled": True, "DisableAudio": False, "ModelId": dice.choice((1, 2))}
        params["Extras"] = ["MIX_STREAM"]
    return params


def _task_id(dice: random.Random, product: str) -> str:
    if product == Product.GME:
        return str(dice.randrange(4 * 10**17, 5 * 10**17))
    return "".join(dice.choices("0123456789abcdefghijklmnopqrstuv", k=20))
