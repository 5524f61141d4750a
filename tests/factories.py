"""Rows for tests: keyword-only functions whose defaults make sense, so that a test says only what it is about."""

import itertools
import uuid
from datetime import UTC, datetime
from typing import Any

from recorder_app.choices import (
    CallOutcome,
    Environment,
    ExportKind,
    ExportState,
    Origin,
    Product,
    RecordingStatus,
)
from recorder_app.models import (
    ApiCall,
    Application,
    CloudAccount,
    Export,
    Person,
    Recording,
    ScheduledReport,
)
from tests.people import person

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SECRET_ID = "AKIDEXAMPLESANDBOX00000000000000EXAMPLE"
SECRET_KEY = "EXAMPLEsandboxSecretKeyEXAMPLE00"
SDK_KEY = "EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE001"
# Nobody listens there: a call that a test did not mean to make is refused at once.
NOWHERE = "http://127.0.0.1:9"
_numbers = itertools.count(1)


def account(*, name: str = "", endpoint: str = NOWHERE, **fields: Any) -> CloudAccount:
    return CloudAccount.objects.create(
        **{
            "name": name or f"Account {next(_numbers)}",
            "environment": Environment.SANDBOX,
            "secret_id": SECRET_ID,
            "secret_key": SECRET_KEY,
            "endpoint": endpoint,
            **fields,
        }
    )


def application(*, product: str = Product.TIW, endpoint: str = NOWHERE, **fields: Any) -> Application:
    fields.setdefault("account", None)
    made_for = fields.pop("account") or account(endpoint=endpoint)
    return Application.objects.create(
        **{
            "account": made_for,
            "product": product,
            "name": f"{product.upper()} {next(_numbers)}",
            "app_id": "1400000001" if product == Product.TIW else "3400352518",
            "sdk_key": SDK_KEY if product == Product.TIW else "",
            **fields,
        }
    )


def recording(
    *,
    application: Application | None = None,
    status: str = RecordingStatus.RECORDING,
    by: Person | None = None,
    **fields: Any,
) -> Recording:
    made_for = application or globals()["application"]()
    started_by = by or person("operator")
    started = status not in (
        RecordingStatus.INTENDED,
        RecordingStatus.REFUSED,
        RecordingStatus.NOT_STARTED,
        RecordingStatus.UNKNOWN,
    )
    return Recording.objects.create(
        **{
            "application": made_for,
            "application_name": made_for.name,
            "account_name": made_for.account.name,
            "environment": made_for.account.environment,
            "product": made_for.product,
            "room_id": "1203",
            "record_user_id": "tic_record_user_1203_141551" if made_for.product == Product.TIW else "",
            "task_id": f"bj0mt2l23osdj3{next(_numbers):06d}" if started else "",
            "status": status,
            "params": {"SdkAppId": int(made_for.app_id), "RoomId": 1203},
            "intention_key": uuid.uuid4(),
            "started_by": started_by,
            "started_by_name": started_by.name,
            "origin": Origin.PERSON,
            "created_at": NOW,
            "started_at": NOW if started else None,
            **fields,
        }
    )


def call(
    *,
    recording: Recording | None = None,
    outcome: str = CallOutcome.OK,
    by: Person | None = None,
    **fields: Any,
) -> ApiCall:
    about = recording or globals()["recording"]()
    called_by = by or person("operator")
    answered = outcome != CallOutcome.SENDING
    refused = outcome == CallOutcome.REFUSED
    request_id = (
        f"eac6b301-a322-493a-8e36-{next(_numbers):012d}"
        if outcome in (CallOutcome.OK, CallOutcome.REFUSED)
        else ""
    )
    return ApiCall.objects.create(
        **{
            "account": about.application.account,
            "account_name": about.application.account.name,
            "application": about.application,
            "application_name": about.application_name,
            "recording": about,
            "room_id": about.room_id,
            "product": about.product,
            "action": "StartOnlineRecord" if about.product == Product.TIW else "StartRecord",
            "environment": about.application.account.environment,
            "endpoint": "127.0.0.1:9",
            "region": about.application.effective_region,
            "params": about.params,
            "outcome": outcome,
            "request_id": request_id,
            "error_code": "InvalidParameter.RecordParameter" if refused else "",
            "error_message": "RoomId is out of range." if refused else "",
            "answer": {"RequestId": request_id, "TaskId": about.task_id} if answered else None,
            "http_status": 200 if answered else None,
            "duration_ms": 87 if answered else None,
            "clock_offset_ms": 12 if answered else None,
            "by": called_by,
            "by_name": called_by.name,
            "origin": Origin.PERSON,
            "created_at": NOW,
            "answered_at": NOW if answered else None,
            **fields,
        }
    )


def export(*, by: Person, state: str = ExportState.READY, **fields: Any) -> Export:
    is_waiting = state == ExportState.WAITING
    return Export.objects.create(
        **{
            "by": by,
            "state": state,
            "kind": ExportKind.CSV,
            "page": "calls",
            "file_name": "calls.csv",
            "intention_key": uuid.uuid4(),
            "created_at": NOW,
            "due_at": NOW if is_waiting else None,
            "finished_at": None if is_waiting else NOW,
            **fields,
        }
    )


def scheduled_report(*, by: Person, **fields: Any) -> ScheduledReport:
    """Every Monday at 08:00, due next on the 23rd of November 2026."""
    return ScheduledReport.objects.create(
        **{
            "by": by,
            "name": "Weekly",
            "rhythm": "weekly",
            "day": 0,
            "hour": 8,
            "recipients": ["manager@example.com"],
            "created_at": NOW,
            "for_at": datetime(2026, 11, 23, 8, tzinfo=UTC),
            "due_at": datetime(2026, 11, 23, 8, tzinfo=UTC),
            **fields,
        }
    )
