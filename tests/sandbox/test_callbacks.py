"""What the sandbox posts, how it is signed, and how often it tries."""

import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest

from recorder_app.sandbox import SandboxServer
from recorder_app.sandbox.callbacks import Delivery, gme_signature, is_loopback, post, tiw_sign
from recorder_app.sandbox.defaults import DEMO_CALLBACK_KEY, DEMO_GME_APP, DEMO_TIW_APP
from tests.sandbox.caller import Caller

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "callback_sign.json").read_text())
APP = {"SdkAppId": DEMO_TIW_APP}


@pytest.mark.parametrize("vector", VECTORS["tiw"], ids=lambda vector: vector["name"])
def test_every_class_vector_is_signed_as_published(vector):
    assert tiw_sign(vector["callback_key"], vector["expire_time"]) == vector["sign"]


@pytest.mark.parametrize("vector", VECTORS["gme"], ids=lambda vector: vector["name"])
def test_every_voice_vector_is_signed_as_published(vector):
    body = vector["body"].encode()

    assert gme_signature(vector["secret_key"], body) == vector["hmac_sha1_body_base64"]


def listen(cloud: Caller, receiver, key: str = "") -> None:
    cloud.call("SetOnlineRecordCallback", APP | {"Callback": receiver.url("/tiw?room=1")})
    if key:
        cloud.call("SetOnlineRecordCallbackKey", APP | {"CallbackKey": key})


def test_a_class_recording_reports_start_stop_and_files(cloud, clock, receiver):
    listen(cloud, receiver, key="EXAMPLE-callback-key-0001")
    task_id = cloud.start_class()

    clock.pass_by(2)
    path, headers, started = receiver.next()
    clock.pass_by(60)
    cloud.change_class("Stop", task_id)
    clock.pass_by(2)
    stopped = json.loads(receiver.next()[2])
    clock.pass_by(8)
    finished = json.loads(receiver.next()[2])

    assert (path, headers["Content-Type"]) == ("/tiw?room=1", "application/json")
    assert json.loads(started) == {
        "Timestamp": 1_700_000_002,
        "SdkAppId": DEMO_TIW_APP,
        "EventType": "OnlineRecordStarted",
        "ExpireTime": 1_700_000_302,
        "Sign": hashlib.md5(b"EXAMPLE-callback-key-00011700000302").hexdigest(),
        "EventData": {
            "TaskId": task_id,
            "RoomId": 1203,
            "RecordUserId": "tic_record_user_1203_141551",
        },
    }
    assert stopped["EventType"] == "OnlineRecordStopped"
    assert finished["EventType"] == "OnlineRecordFinished"
    data = finished["EventData"]
    assert (data["TaskId"], data["FinishReason"], data["TotalTime"]) == (task_id, "USER_CALL", 62_000)
    assert [info["VideoType"] for info in data["VideoInfos"]] == [2, 0, 1]
    assert "Width" not in data["VideoInfos"][0]


def test_without_a_key_nothing_is_signed(cloud, clock, receiver):
    listen(cloud, receiver)
    cloud.start_class()

    clock.pass_by(2)
    message = json.loads(receiver.next()[2])

    assert set(message) == {"Timestamp", "SdkAppId", "EventType", "EventData"}


def test_a_failed_class_recording_reports_one_event_with_the_error(cloud, clock, receiver):
    listen(cloud, receiver)
    task_id = cloud.start_class(random="课")

    clock.pass_by(100)
    message = json.loads(receiver.next()[2])

    assert message["EventType"] == "OnlineRecordFinished"
    data = message["EventData"]
    assert (data["TaskId"], data["FinishReason"], data["RecordStartTime"]) == (task_id, "EXCEPTION", 0)
    assert data["Error"]["Code"] == "FailedOperation.Record"
    assert [event["EventType"] for event in cloud.steer("GET", "callbacks")[1]["callbacks"]] == [
        "OnlineRecordFinished"
    ]


def test_a_voice_recording_reports_each_file_three_times(cloud, clock, receiver):
    status, _answer = cloud.steer("POST", "gme_callback", {"url": receiver.url("/gme")})
    task_id = cloud.start_voice(RecordMode=3, SubscribeRecordUserIds={"SubscribeUserIds": ["7"]})

    arrived = [receiver.next(), receiver.next()]
    clock.pass_by(30)
    cloud.call("StopRecord", {"BizId": DEMO_GME_APP, "TaskId": task_id})
    arrived += [receiver.next(), receiver.next()]
    clock.pass_by(4.5)
    arrived += [receiver.next(), receiver.next()]

    assert status == 200
    for _path, headers, body in arrived:
        digest = hmac.digest(DEMO_CALLBACK_KEY.encode(), body, hashlib.sha1)
        assert headers["Signature"] == base64.b64encode(digest).decode()
    messages = [json.loads(body) for _path, _headers, body in arrived]
    assert {message["TaskID"] for message in messages} == {task_id}
    told = sorted((m["EventType"], m["UserID"], m["RecordMode"], m["Detail"]["SeqNo"]) for m in messages)
    assert told == [(kind, *file) for kind in (1, 2, 3) for file in (("0", 1, 1), ("7", 0, 0))]


def outcomes(cloud: Caller) -> list[tuple[int, str]]:
    events = cloud.steer("GET", "callbacks")[1]["callbacks"]
    return [(event["attempts"], event["outcome"]) for event in events if event["attempts"]]


def first(cloud: Caller) -> tuple[int, str]:
    """The first event's attempts and outcome; nothing yet while its first attempt is under way."""
    return (outcomes(cloud) or [(0, "")])[0]


def test_an_event_is_tried_again_after_five_seconds_until_it_is_taken(cloud, clock, receiver):
    receiver.statuses = [500, 302]
    listen(cloud, receiver)
    cloud.start_class()

    clock.pass_by(2)
    bodies = [receiver.next()[2]]
    for _ in range(2):
        _until(cloud, lambda: first(cloud)[1] == "pending")
        clock.pass_by(5)
        bodies.append(receiver.next()[2])
    _until(cloud, lambda: first(cloud)[1] == "delivered")

    assert [json.loads(body)["Timestamp"] for body in bodies] == [1_700_000_002, 1_700_000_007, 1_700_000_012]
    assert outcomes(cloud) == [(3, "delivered")]


def test_an_event_is_given_up_after_six_attempts(cloud, clock, receiver):
    receiver.statuses = [503] * 6
    listen(cloud, receiver)
    cloud.start_class()
    clock.pass_by(2)

    for attempt in range(1, 7):
        receiver.next()
        _until(cloud, lambda count=attempt: first(cloud)[0] == count)
        clock.pass_by(5)

    assert outcomes(cloud) == [(6, "given up: 503")]
    assert receiver.arrived.empty()


def _until(cloud: Caller, holds) -> None:
    """Ask until it holds: each question is a round trip, so that the postman's thread comes to its turn."""
    assert any(_ask(cloud, holds) for _ in range(5000))


def _ask(cloud: Caller, holds) -> bool:
    cloud.steer("GET", "health")
    return holds()


def test_the_delay_of_callbacks_can_be_chosen(clock, receiver):
    with SandboxServer(clock=clock, callback_delay=30) as server, Caller(server, clock) as cloud:
        listen(cloud, receiver)
        cloud.start_class()

        clock.pass_by(32)
        message = json.loads(receiver.next()[2])

    assert message["Timestamp"] == 1_700_000_032


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8000/callbacks", True),
        ("http://127.9.9.9/", True),
        ("http://localhost/", True),
        ("http://[::1]:8000/", True),
        ("http://198.51.100.7/", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://127.0.0.1@198.51.100.7/", False),
        ("http://0.0.0.0/", False),
        ("http://[::1/", False),
        ("http://127.0.0.1:port/", False),
        ("", False),
    ],
)
def test_only_this_machine_counts_as_loopback(url, expected):
    assert is_loopback(url) is expected


def test_nothing_is_posted_to_another_machine():
    assert post(Delivery("http://198.51.100.7/", b"{}", {})) == "not a loopback address"


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"url": "http://127.0.0.1:9/x", "key": "EXAMPLE", "BizId": DEMO_GME_APP}, 200),
        ({"url": ""}, 200),
        ({"url": "http://198.51.100.7/"}, 400),
        ({"url": "127.0.0.1"}, 400),
        ({"url": "http://127.0.0.1/", "key": 3}, 400),
        ({"url": "http://127.0.0.1/", "BizId": []}, 400),
        ([], 400),
    ],
    ids=str,
)
def test_the_voice_callback_address_is_checked(cloud, values, status):
    assert cloud.steer("POST", "gme_callback", values)[0] == status
