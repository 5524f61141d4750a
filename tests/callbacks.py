"""What the cloud would send: bodies of callbacks and their proofs; and how they are taken in."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from recorder_app.cloud.callbacks import tiw_sign
from recorder_app.models import Application, CallbackEvent, Recording
from recorder_app.services import callbacks

CALLBACK_KEY = "EXAMPLE-callback-key-0001"
TASK = "bj0mt2l23osdj300hl30"
USER = "tic_record_user_1203_141551"
GME_TASK = 446192236330927912
SENT_AT = 1_795_165_200  # 2026-11-20 09:00 UTC
NOW = datetime.fromtimestamp(SENT_AT + 1, UTC)
LATER = NOW + timedelta(minutes=5)


def tiw_body(
    *,
    event: str = "OnlineRecordStarted",
    key: str = "",
    app_id: str = "1400000001",
    sent_at: int = SENT_AT,
    valid_for: int = 300,
    **data: Any,
) -> bytes:
    message = {
        "Timestamp": sent_at,
        "SdkAppId": int(app_id),
        "EventType": event,
        "EventData": {"TaskId": TASK, "RoomId": 1203, "RecordUserId": USER, **data},
    }
    if key:
        expire_time = sent_at + valid_for
        message |= {"ExpireTime": expire_time, "Sign": tiw_sign(key, expire_time)}
    return json.dumps(message).encode()


def gme_body(*, event: int = 1, file: str = "3400352518_1987_999/a_audio.mp3", **changes: Any) -> bytes:
    message = {
        "BizID": 3400352518,
        "RoomID": "1987",
        "UserID": "999",
        "TaskID": GME_TASK,
        "RecordMode": 0,
        "Timestamp": SENT_AT,
        "EventType": event,
        "Detail": {"SeqNo": 0, "FileName": file},
        **changes,
    }
    return json.dumps(message, ensure_ascii=False).encode()


def gme_signature(body: bytes, *, key: str = CALLBACK_KEY) -> str:
    return base64.b64encode(hmac.digest(key.encode(), body, "sha1")).decode()


def address_of(application: Application) -> str:
    return f"/callbacks/{application.product}/{application.callback_token}/"


def receive_tiw(application: Application, *, now: datetime = NOW, **changes) -> CallbackEvent:
    body = tiw_body(**{"key": application.callback_key, **changes})
    return callbacks.receive(product="tiw", token=application.callback_token, body=body, now=now)


def receive_gme(application: Application, *, now: datetime = NOW, **changes) -> CallbackEvent:
    body = gme_body(**changes)
    signature = gme_signature(body)
    return callbacks.receive(
        product="gme", token=application.callback_token, body=body, signature=signature, now=now
    )


def applied(event: CallbackEvent, *, now: datetime = NOW) -> tuple[str, Recording | None]:
    callbacks.apply(event, now=now)
    event.refresh_from_db()
    return event.outcome, event.recording
