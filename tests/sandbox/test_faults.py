"""Misbehaviour on demand, and that the state still tells the truth."""

import http.client
import json

import pytest

from recorder_app.sandbox.defaults import DEMO_TIW_APP
from tests.sandbox.caller import Caller, class_recording

READ = ("DescribeOnlineRecordCallback", {"SdkAppId": DEMO_TIW_APP})


def told(cloud: Caller) -> list[tuple]:
    return [(call["Action"], call["outcome"], call["answered"]) for call in cloud.state()["calls"]]


def start_raw(cloud: Caller) -> tuple:
    return cloud.raw("StartOnlineRecord", json.dumps(class_recording()).encode())


def test_a_connection_cut_before_the_work_leaves_nothing_done(cloud):
    cloud.steer("POST", "faults", [{"action": "StartOnlineRecord", "kind": "drop_before", "count": 1}])

    with pytest.raises(http.client.RemoteDisconnected):
        start_raw(cloud)

    assert cloud.state()["tasks"] == []
    assert told(cloud) == [("StartOnlineRecord", "drop_before", False)]


def test_a_connection_cut_after_the_work_leaves_it_done(cloud):
    cloud.steer("POST", "faults", [{"action": "StartOnlineRecord", "kind": "drop_after", "count": 1}])

    with pytest.raises(http.client.RemoteDisconnected):
        start_raw(cloud)
    again = cloud.code("StartOnlineRecord", class_recording())

    assert again == "ResourceInUse.RecordUserId"
    assert len(cloud.state()["tasks"]) == 1
    assert told(cloud) == [
        ("StartOnlineRecord", "ok", False),
        ("StartOnlineRecord", "ResourceInUse.RecordUserId", True),
    ]


def test_an_error_is_answered_instead_of_the_work(cloud):
    fault = {"action": "*", "kind": "error", "code": "ServiceUnavailable", "message": "Later.", "count": 1}
    cloud.steer("POST", "faults", [fault])

    first = cloud.call("StartOnlineRecord", class_recording())
    second = cloud.call("StartOnlineRecord", class_recording())

    assert first["Error"] == {"Code": "ServiceUnavailable", "Message": "Later."}
    assert "TaskId" in second
    assert told(cloud)[0] == ("StartOnlineRecord", "ServiceUnavailable", True)


def test_an_error_can_also_hide_that_the_work_was_done(cloud):
    cloud.steer("POST", "faults", [{"kind": "error", "code": "InternalError", "after": True, "count": 1}])

    response = cloud.call("StartOnlineRecord", class_recording())

    assert response["Error"]["Code"] == "InternalError"
    assert len(cloud.state()["tasks"]) == 1
    assert told(cloud) == [("StartOnlineRecord", "ok", True)]


@pytest.mark.parametrize(("after", "outcome", "tasks"), [(False, "http_status", 0), (True, "ok", 1)])
def test_a_gateway_status_comes_without_an_answer(cloud, after, outcome, tasks):
    cloud.steer("POST", "faults", [{"kind": "http_status", "status": 503, "after": after, "count": 1}])

    status, _headers, body = start_raw(cloud)

    assert (status, body[:6]) == (503, b"<html>")
    assert told(cloud) == [("StartOnlineRecord", outcome, False)]
    assert len(cloud.state()["tasks"]) == tasks


def test_garbage_comes_with_status_200(cloud):
    cloud.steer("POST", "faults", [{"kind": "garbage", "count": 1}])

    status, _headers, body = start_raw(cloud)

    assert status == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)
    assert told(cloud) == [("StartOnlineRecord", "garbage", False)]


def test_a_skewed_clock_breaks_signatures_and_shows_in_the_date(cloud):
    cloud.steer("POST", "faults", [{"kind": "skew", "seconds": 400, "count": 1}])

    _status, skewed, body = cloud.raw(READ[0], json.dumps(READ[1]).encode())
    _status, right, _body = cloud.raw(READ[0], json.dumps(READ[1]).encode())

    assert json.loads(body)["Response"]["Error"]["Code"] == "AuthFailure.SignatureExpire"
    assert skewed["Date"] == "Tue, 14 Nov 2023 22:20:00 GMT"
    assert right["Date"] == "Tue, 14 Nov 2023 22:13:20 GMT"


def test_a_delay_holds_the_answer_back(cloud):
    fault = {"kind": "delay", "seconds": 30, "after": True, "count": 1}
    cloud.steer("POST", "faults", [fault])
    impatient = http.client.HTTPConnection("127.0.0.1", cloud.server.port, timeout=0.3)
    patient, cloud.connection = cloud.connection, impatient

    with pytest.raises(TimeoutError):
        start_raw(cloud)

    impatient.close()
    cloud.connection = patient
    assert len(cloud.state()["tasks"]) == 1


def test_a_client_that_left_during_a_delay_is_told_as_unanswered(cloud):
    cloud.steer("POST", "faults", [{"kind": "delay", "seconds": 0.4, "after": True, "count": 1}])
    impatient = http.client.HTTPConnection("127.0.0.1", cloud.server.port, timeout=0.1)
    patient, cloud.connection = cloud.connection, impatient
    with pytest.raises(TimeoutError):
        start_raw(cloud)
    impatient.close()
    cloud.connection = patient

    left = any(not call["answered"] for _ in range(5000) for call in cloud.state()["calls"])

    assert left
    assert told(cloud) == [("StartOnlineRecord", "ok", False)]


def test_a_fault_strikes_only_its_action(cloud):
    cloud.steer("POST", "faults", [{"action": "StartRecord", "kind": "error", "code": "InternalError"}])

    first = cloud.call(*READ)
    second = cloud.code("StartRecord", {})

    assert "Error" not in first
    assert second == "InternalError"


def test_a_fault_without_count_stays_until_it_is_cleared(cloud):
    cloud.steer("POST", "faults", [{"kind": "error", "code": "InternalError"}])

    struck = [cloud.code(*READ) for _ in range(3)]
    status, waiting = cloud.steer("DELETE", "faults")

    assert struck == ["InternalError"] * 3
    assert (status, waiting) == (200, [])
    assert "Error" not in cloud.call(*READ)


@pytest.mark.parametrize(("probability", "struck"), [(0, 0), (1, 20)])
def test_a_probability_decides_how_often_a_fault_strikes(cloud, probability, struck):
    cloud.steer("POST", "faults", [{"kind": "error", "code": "X", "probability": probability}])

    codes = ["Error" in cloud.call(*READ) for _ in range(20)]

    assert sum(codes) == struck


def test_waiting_faults_are_shown_with_what_is_left_of_them(cloud):
    cloud.steer("POST", "faults", [{"kind": "error", "code": "X", "count": 2}, {"kind": "garbage"}])
    cloud.call(*READ)

    waiting = cloud.steer("GET", "faults")[1]

    assert [(fault["kind"], fault["count"]) for fault in waiting] == [("error", 1), ("garbage", None)]


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        ["drop_before"],
        [{"action": "*"}],
        [{"kind": "explode"}],
        [{"kind": "delay", "seconds": -1}],
        [{"kind": "delay", "seconds": "1"}],
        [{"kind": "skew", "seconds": 1e12}],
        [{"kind": "error", "code": 5}],
        [{"kind": "error", "probability": 2}],
        [{"kind": "error", "count": True}],
        [{"kind": "http_status", "status": 200}],
        [{"kind": "error", "colour": "red"}],
    ],
    ids=str,
)
def test_a_fault_that_makes_no_sense_is_refused_and_changes_nothing(cloud, wanted):
    status, answer = cloud.steer("POST", "faults", wanted)

    assert status == 400
    assert answer["error"].endswith(".")
    assert cloud.steer("GET", "faults")[1] == []
