"""A small caller of the sandbox with a signer of its own, so that no test leans on what it tests."""

import hashlib
import hmac
import http.client
import json
from datetime import UTC, datetime
from types import TracebackType

from recorder_app.sandbox import SandboxServer
from recorder_app.sandbox.defaults import DEMO_GME_APP, DEMO_SECRET_ID, DEMO_SECRET_KEY, DEMO_TIW_APP

VERSIONS = {"tiw": "2019-09-19", "gme": "2018-07-11"}
GME_ACTIONS = ("StartRecord", "StopRecord", "ModifyRecordInfo", "DescribeTaskInfo", "DescribeRecordInfo")


class Clock:
    """Stands at 14 November 2023, 22:13:20 UTC, until moved."""

    def __init__(self):
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


def tc3_headers(host: str, service: str, body: bytes, now: float, **more: str) -> dict[str, str]:
    """Signed headers of a POST; ``more`` may replace secret_id, secret_key, or the content type."""
    secret_id = more.get("secret_id", DEMO_SECRET_ID)
    content_type = more.get("content_type", "application/json")
    date = datetime.fromtimestamp(int(now), UTC).strftime("%Y-%m-%d")
    digest = hashlib.sha256(body).hexdigest()
    canonical = f"POST\n/\n\ncontent-type:{content_type}\nhost:{host}\n\ncontent-type;host\n{digest}"
    scope = f"{date}/{service}/tc3_request"
    text = f"TC3-HMAC-SHA256\n{int(now)}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = ("TC3" + more.get("secret_key", DEMO_SECRET_KEY)).encode()
    for part in (date, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    return {
        "Host": host,
        "Content-Type": content_type,
        "X-TC-Timestamp": str(int(now)),
        "Authorization": f"TC3-HMAC-SHA256 Credential={secret_id}/{scope}, SignedHeaders=content-type;host,"
        f" Signature={signature}",
    }


class Caller:
    """Calls one sandbox over one connection."""

    def __init__(self, server: SandboxServer, clock: Clock):
        self.server = server
        self.clock = clock
        self.host = f"127.0.0.1:{server.port}"
        self.region = "ap-singapore"
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.connection.close()

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict | None = None
    ) -> tuple:
        """Status, headers and body of one HTTP request."""
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def raw(self, action: str, body: bytes, *, headers: dict | None = None, **signing: str) -> tuple:
        """One signed POST; ``headers`` replaces headers after signing (None takes one away)."""
        service = "gme" if action in GME_ACTIONS else "tiw"
        sent = tc3_headers(self.host, service, body, self.clock.now, **signing)
        sent |= {"X-TC-Action": action, "X-TC-Version": VERSIONS[service]}
        if service == "tiw":
            sent["X-TC-Region"] = self.region
        sent |= headers or {}
        return self.request(
            "POST", "/", body, {name: text for name, text in sent.items() if text is not None}
        )

    def call(self, action: str, parameters: dict, **more: object) -> dict:
        """The Response of one call, which always has HTTP status 200 and a RequestId."""
        status, _headers, body = self.raw(action, json.dumps(parameters).encode(), **more)
        assert status == 200
        response = json.loads(body)["Response"]
        assert len(response["RequestId"]) == 36
        return response

    def refused(self, action: str, parameters: dict, **more: object) -> tuple[str, str]:
        """Code and message of a call that is refused."""
        error = self.call(action, parameters, **more)["Error"]
        return error["Code"], error["Message"]

    def code(self, action: str, parameters: dict, **more: object) -> str:
        return self.refused(action, parameters, **more)[0]

    def steer(self, method: str, path: str, values: object = None) -> tuple[int, dict | list]:
        """A request to an address below /_sandbox/."""
        body = None if values is None else json.dumps(values).encode()
        status, _headers, answer = self.request(method, f"/_sandbox/{path}", body)
        return status, json.loads(answer)

    def state(self) -> dict:
        return self.steer("GET", "state")[1]

    def start_class(self, room: int = 1203, random: str = "141551", **more: object) -> str:
        return self.call("StartOnlineRecord", class_recording(room, random, **more))["TaskId"]

    def start_voice(self, room: str = "1987", **more: object) -> int:
        return self.call("StartRecord", voice_recording(room, **more))["TaskId"]

    def class_status(self, task_id: str) -> str:
        return self.describe_class(task_id)["Status"]

    def describe_class(self, task_id: str) -> dict:
        return self.call("DescribeOnlineRecord", {"SdkAppId": DEMO_TIW_APP, "TaskId": task_id})

    def describe_voice(self, task_id: int) -> dict:
        return self.call("DescribeRecordInfo", {"BizId": DEMO_GME_APP, "TaskId": task_id})

    def change_class(self, verb: str, task_id: str) -> dict:
        """Stop, Pause or Resume."""
        return self.call(f"{verb}OnlineRecord", {"SdkAppId": DEMO_TIW_APP, "TaskId": task_id})


def class_recording(room: int = 1203, random: str = "141551", **more: object) -> dict:
    """The first example of the page StartOnlineRecord, with further parameters."""
    return {
        "SdkAppId": DEMO_TIW_APP,
        "RoomId": room,
        "RecordUserId": f"tic_record_user_{room}_{random}",
        "RecordUserSig": f"usersig_of_<tic_record_user_{room}_{random}>",
    } | more


def voice_recording(room: str = "1987", **more: object) -> dict:
    return {"BizId": DEMO_GME_APP, "RoomId": room, "RecordMode": 1} | more
