"""The sandbox as a server: connections, its addresses below /_sandbox/, and what outlives a restart."""

import hashlib
import json
import socket
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from recorder_app.sandbox import SandboxServer
from recorder_app.sandbox.defaults import DEMO_APPS, DEMO_GME_APP, DEMO_SECRET_KEY, DEMO_TIW_APP
from tests.sandbox.caller import Caller, class_recording, voice_recording

SIGNATURE = "usersig_of_<tic_record_user_1203_141551>"


def test_a_connection_stays_open_over_many_calls(cloud):
    cloud.call("DescribeOnlineRecordCallback", {"SdkAppId": DEMO_TIW_APP})
    kept = cloud.connection.sock

    cloud.code("DescribeOnlineRecordCallback", {})

    assert kept is not None
    assert cloud.connection.sock is kept


def test_every_answer_is_json_with_a_date_and_a_request_id_of_its_own(cloud):
    answers = [cloud.raw("DescribeOnlineRecordCallback", b"{}") for _ in range(2)]

    for status, headers, body in answers:
        assert status == 200
        assert headers["Content-Type"] == "application/json"
        assert headers["Date"] == "Tue, 14 Nov 2023 22:13:20 GMT"
        assert set(json.loads(body)) == {"Response"}
    request_ids = {json.loads(body)["Response"]["RequestId"] for _status, _headers, body in answers}
    assert len(request_ids) == 2


def test_the_state_tells_tasks_and_calls_in_the_agreed_form(cloud, clock):
    class_id = cloud.start_class()
    voice_id = cloud.start_voice()
    clock.pass_by(10)
    cloud.call("StopRecord", {"BizId": DEMO_GME_APP, "TaskId": voice_id})

    state = cloud.state()

    assert state["tasks"] == [
        {
            "service": "tiw",
            "TaskId": class_id,
            "RoomId": 1203,
            "RecordUserId": "tic_record_user_1203_141551",
            "Status": "RECORDING",
            "created_at": 1_700_000_000.0,
            "stopped_at": None,
        },
        {
            "service": "gme",
            "TaskId": str(voice_id),
            "RoomId": "1987",
            "RecordUserId": None,
            "Status": "STOPPED",
            "created_at": 1_700_000_000.0,
            "stopped_at": 1_700_000_010.0,
        },
    ]
    first, second, third = state["calls"]
    assert first.pop("RequestId") != second.pop("RequestId")
    hashed = class_recording() | {"RecordUserSig": hashlib.sha256(SIGNATURE.encode()).hexdigest()}
    assert first == {
        "service": "tiw",
        "Action": "StartOnlineRecord",
        "parameters": hashed,
        "outcome": "ok",
        "at": 1_700_000_000.0,
        "answered": True,
    }
    assert second["parameters"] == voice_recording()
    assert (third["Action"], third["parameters"]["TaskId"]) == ("StopRecord", voice_id)


def test_the_state_gives_the_calls_from_a_number_on(cloud):
    for room in ("a", "b", "c"):
        cloud.start_voice(room=room)

    rooms = [
        [call["parameters"]["RoomId"] for call in cloud.steer("GET", f"state?since={number}")[1]["calls"]]
        for number in (0, 1, 3, 99)
    ]

    assert rooms == [["a", "b", "c"], ["b", "c"], [], []]
    assert cloud.steer("GET", "state?since=soon")[0] == 400


def test_refused_calls_are_in_the_state_too(cloud):
    cloud.call("StartOnlineRecord", class_recording(), secret_key="EXAMPLE-wrong")
    cloud.call("StartOnlineRecord", {"RecordUserSig": ["a list"]})

    outcomes = [call["outcome"] for call in cloud.state()["calls"]]

    assert outcomes == ["AuthFailure.SignatureFailure", "MissingParameter"]


def test_no_user_signature_is_in_the_state_unless_asked_for(clock):
    shown = {}
    for show in (False, True):
        with SandboxServer(clock=clock, show_signatures=show) as server, Caller(server, clock) as cloud:
            cloud.start_class()
            shown[show] = SIGNATURE in json.dumps(cloud.state())

    assert shown == {False: False, True: True}


def test_everything_survives_a_restart_with_a_state_file(clock, tmp_path):
    path = str(tmp_path / "sandbox.sqlite3")
    with SandboxServer(clock=clock, state_path=path) as server, Caller(server, clock) as cloud:
        task_id = cloud.start_class()
        callback = {"SdkAppId": DEMO_TIW_APP, "Callback": "http://127.0.0.1:9/hook"}
        cloud.call("SetOnlineRecordCallback", callback)
        before = cloud.state()

    clock.pass_by(60)
    with SandboxServer(clock=clock, state_path=path) as server, Caller(server, clock) as cloud:
        after = cloud.state()
        address = cloud.call("DescribeOnlineRecordCallback", {"SdkAppId": DEMO_TIW_APP})["Callback"]
        status = cloud.class_status(task_id)

    assert after["calls"] == before["calls"]
    assert (status, address) == ("RECORDING", "http://127.0.0.1:9/hook")


def test_without_a_file_nothing_survives(clock):
    with SandboxServer(clock=clock) as server, Caller(server, clock) as cloud:
        cloud.start_class()
    with SandboxServer(clock=clock) as server, Caller(server, clock) as cloud:
        state = cloud.state()

    assert state == {"tasks": [], "calls": []}


def test_many_callers_at_once_start_one_recording_of_a_room(cloud):
    def start(_number: int) -> str:
        with Caller(cloud.server, cloud.clock) as caller:
            return caller.call("StartRecord", voice_recording()).get("Error", {}).get("Code", "ok")

    with ThreadPoolExecutor(16) as threads:
        outcomes = sorted(threads.map(start, range(64)))

    assert outcomes == ["ResourceInUse.TaskInUse"] * 63 + ["ok"]
    assert len(cloud.state()["calls"]) == 64


def test_further_accounts_and_applications_can_be_known(clock):
    known = {
        "accounts": {"AKIDEXAMPLEother": "EXAMPLE-other"},
        "apps": [*DEMO_APPS, ("tiw", 1400000002)],
    }
    with SandboxServer(clock=clock, **known) as server, Caller(server, clock) as cloud:
        other = {"secret_id": "AKIDEXAMPLEother", "secret_key": "EXAMPLE-other"}
        let_in = cloud.call("DescribeOnlineRecordCallback", {"SdkAppId": 1400000002}, **other)
        kept_out = cloud.code("DescribeOnlineRecordCallback", {"SdkAppId": 1400000002})

    assert "Error" not in let_in
    assert kept_out == "AuthFailure.SecretIdNotFound"


def test_health_is_told(cloud):
    assert cloud.steer("GET", "health") == (200, {"status": "ok"})


def test_a_recorded_files_address_leads_somewhere(cloud, clock):
    task_id = cloud.start_class()
    clock.pass_by(10)
    cloud.change_class("Stop", task_id)
    clock.pass_by(10)
    url = cloud.describe_class(task_id)["VideoInfos"][0]["VideoUrl"]

    with urllib.request.urlopen(url, timeout=5) as answer:
        file = json.load(answer)["file"]

    assert file == f"{task_id}/0.mp4"


@pytest.mark.parametrize("path", ["/nothing", "/_sandbox/nothing", "/_sandbox/state/"])
def test_other_addresses_do_not_exist(cloud, path):
    assert cloud.request("GET", path)[0] == 404


def test_steering_under_a_foreign_name_is_refused(cloud):
    status, _headers, _body = cloud.request("GET", "/_sandbox/state", headers={"Host": "rebound.example"})

    assert status == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "198.51.100.7", "example.com", ""])
def test_the_sandbox_listens_on_this_machine_only(host):
    with pytest.raises(ValueError, match="loopback"):
        SandboxServer(host=host)


@pytest.mark.parametrize("wrong", [{"speed": 0}, {"gme_callback": "http://198.51.100.7/"}])
def test_settings_without_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"\.$"):
        SandboxServer(**wrong)


def test_a_taken_port_is_told_at_once(cloud):
    with pytest.raises(OSError, match="in use"):
        SandboxServer(port=cloud.server.port)


def test_stopping_ends_open_connections_and_can_be_repeated(clock):
    server = SandboxServer(clock=clock).start()
    with Caller(server, clock) as cloud:
        cloud.steer("GET", "health")

        server.stop()
        server.stop()

        assert cloud.connection.sock.recv(1) == b""


def test_a_sandbox_never_started_can_be_stopped():
    server = SandboxServer()

    server.stop()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)


def test_a_request_cut_short_does_no_work(cloud):
    with socket.create_connection(("127.0.0.1", cloud.server.port), timeout=5) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        client.shutdown(socket.SHUT_WR)
        answer = client.recv(100)

    assert answer == b""
    assert cloud.state()["calls"] == []


@pytest.mark.parametrize("header", ["Content-Length: many", "Transfer-Encoding: chunked"])
def test_a_request_without_a_length_is_not_read(cloud, header):
    with socket.create_connection(("127.0.0.1", cloud.server.port), timeout=5) as client:
        client.sendall(f"POST / HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode())
        answer = client.recv(100)

    assert answer.startswith(b"HTTP/1.1 411 ")


def test_no_secret_is_in_what_the_sandbox_shows(cloud):
    cloud.start_class()

    assert DEMO_SECRET_KEY not in json.dumps(cloud.state())
