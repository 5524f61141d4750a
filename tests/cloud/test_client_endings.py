"""Every way in which a call can end badly, against a real server: refused, no answer, not sent."""

import contextlib
import gzip
import socket
import traceback
from threading import Thread

import pytest

from recorder_app.choices import CallOutcome, RecordingStatus
from recorder_app.cloud.client import Credentials
from recorder_app.cloud.errors import NoAnswer, NotSent, Refused
from tests.canned_server import (
    CannedServer,
    certificate,
    closed,
    cut_answer,
    dripping_answer,
    json_answer,
    raw_answer,
    reset,
    silence,
)
from tests.cloud.calls import PARAMS, REFUSED, REQUEST_ID, STARTED, STOPPED, ending

# Refused


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"content_type": "application/json; charset=utf-8"},
        {"content_type": "text/plain; charset=utf-8"},
        {"content_type": ""},
    ],
)
def test_an_error_inside_an_answer_with_status_200_is_a_refusal(calling, details):
    with CannedServer(json_answer(REFUSED, **details)) as server:
        error = ending(calling(server))

    assert type(error) is Refused
    assert error.action == "StartOnlineRecord"
    assert error.code == "ResourceInUse.RecordUserId"
    assert error.message == "already recording"
    assert error.request_id == REQUEST_ID
    assert error.http_status == 200
    assert error.answer == REFUSED["Response"]
    assert error.outcome == CallOutcome.REFUSED
    assert error.status_after_start == RecordingStatus.REFUSED


@pytest.mark.parametrize(
    ("error", "message_"),
    [
        ({"Code": "InternalError", "Message": "oops"}, "oops"),
        ({"Code": "InternalError"}, ""),
        ({"Code": "InternalError", "Message": 7}, ""),
    ],
)
def test_a_refusal_without_a_message_or_request_id_is_one_all_the_same(calling, error, message_):
    with CannedServer(json_answer({"Response": {"Error": error}})) as server:
        refusal = ending(calling(server))

    assert type(refusal) is Refused
    assert (refusal.code, refusal.message, refusal.request_id) == ("InternalError", message_, "")
    assert refusal.status_after_start == RecordingStatus.UNKNOWN


# No answer

START_ONLY = {
    "no TaskId": json_answer(STOPPED),
    "a null TaskId": json_answer({"Response": {"TaskId": None, "RequestId": "r"}}),
    "an empty TaskId": json_answer({"Response": {"TaskId": " ", "RequestId": "r"}}),
    "a rounded TaskId": json_answer({"Response": {"TaskId": 4.5e17, "RequestId": "r"}}),
    "a TaskId that is true": json_answer({"Response": {"TaskId": True, "RequestId": "r"}}),
}
UNUSABLE = {
    "nothing": raw_answer(b""),
    "garbage": raw_answer(b"\x00\xff garbage"),
    "a web page": raw_answer(b"<html>Welcome to the hotel</html>", content_type="text/html"),
    "half a JSON": raw_answer(b'{"Response":{"TaskId":"b","Reque'),
    "a list": json_answer([STARTED]),
    "a number": json_answer(7),
    "no Response": json_answer({"TaskId": "b", "RequestId": "r"}),
    "a Response that is text": json_answer({"Response": "TaskId"}),
    "not a number": raw_answer(b'{"Response":{"TaskId":"b","RequestId":"r","x":NaN}}'),
    "a deep nest": raw_answer(b'{"Response":' * 100_000),
    "an endless integer": raw_answer(b'{"Response":{"TaskId":' + b"9" * 5000 + b',"RequestId":"r"}}'),
    "no RequestId": json_answer({"Response": {"TaskId": "b"}}),
    "a RequestId that is a number": json_answer({"Response": {"TaskId": "b", "RequestId": 7}}),
    "a RequestId too long to be one": json_answer({"Response": {"TaskId": "b", "RequestId": "r" * 81}}),
    "an error without a code": json_answer({"Response": {"Error": {"Message": "m"}, "RequestId": "r"}}),
    "an error that is text": json_answer({"Response": {"Error": "InternalError", "RequestId": "r"}}),
    "an error that is null": json_answer({"Response": {"Error": None, "TaskId": "b", "RequestId": "r"}}),
    "a code too long to be one": json_answer({"Response": {"Error": {"Code": "c" * 121}, "RequestId": "r"}}),
    "status 500": json_answer(STARTED, status=500),
    "status 502": raw_answer(b"Bad Gateway", status=502, content_type="text/plain"),
    "status 404": json_answer(REFUSED, status=404),
    "status 301": json_answer(STARTED, status=301, headers={"Location": "http://127.0.0.1:1/"}),
    "status 204": raw_answer(b"", status=204),
}
BROKEN = {
    "closed before the answer": closed,
    "reset before the answer": reset,
    "cut in the status line": cut_answer(b"{}", keep=5),
    "cut in the headers": cut_answer(b"{}", keep=30),
    "cut in the body": cut_answer(b'{"Response":{"RequestId":"r"}}', keep=100),
    "not HTTP": lambda connection, _request: connection.sock.sendall(b"SSH-2.0-hello\r\n\r\n"),
    "a header too long": lambda connection, _request: connection.sock.sendall(
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000 + b"\r\n\r\n"
    ),
    "a chunk that is none": lambda connection, _request: connection.sock.sendall(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"
    ),
    "compression that is none": raw_answer(b"not gzip", headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("action", ["StartOnlineRecord", "DescribeOnlineRecord"])
@pytest.mark.parametrize("name", [*UNUSABLE, *BROKEN])
def test_whatever_goes_wrong_after_sending_is_no_answer(calling, name, action):
    with CannedServer((UNUSABLE | BROKEN)[name]) as server:
        error = ending(calling(server), action)

    assert type(error) is NoAnswer
    assert error.outcome == CallOutcome.NO_ANSWER
    assert error.status_after_start == RecordingStatus.UNKNOWN
    assert error.code == ""
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", START_ONLY)
def test_a_start_that_names_no_task_is_no_answer(calling, name):
    with CannedServer(START_ONLY[name]) as server:
        client = calling(server)
        error = ending(client)
        reply = client.call("StopOnlineRecord", {})

    assert type(error) is NoAnswer
    assert error.request_id == reply.request_id
    assert error.message.endswith("it confirms a start but names no TaskId.")


def test_what_came_instead_of_an_answer_is_kept_for_support(calling):
    page = "<html>日" + "x" * 5000
    with CannedServer(
        raw_answer(page.encode(), status=502, headers={"Date": "Tue, 14 Nov 2023 22:13:20 GMT"})
    ) as server:
        error = ending(calling(server))

    assert error.http_status == 502
    assert error.clock_offset_ms == -250
    assert error.answer.startswith("<html>日xxx")
    assert len(error.answer.encode()) == 2048
    assert error.message == "An answer came that does not tell the outcome: the HTTP status is 502."


def test_a_usable_answer_with_another_status_is_kept_with_its_request_id(calling):
    with CannedServer(json_answer(STARTED, status=500)) as server:
        error = ending(calling(server))

    assert error.answer == STARTED["Response"]
    assert error.request_id == REQUEST_ID


def test_an_answer_larger_than_allowed_is_not_read_to_its_end(calling):
    with CannedServer(raw_answer(b"x" * 3_000_000), json_answer(STARTED)) as server:
        client = calling(server, max_answer_bytes=10_000)
        error = ending(client)
        reply = client.call("StartOnlineRecord", PARAMS)

    assert type(error) is NoAnswer
    assert error.message.endswith("it is longer than 10000 bytes.")
    assert reply.request_id == REQUEST_ID
    assert [request.connection for request in server.requests] == [1, 2]


def test_an_answer_just_as_large_as_allowed_is_read(calling):
    body = b'{"Response":{"RequestId":"r"}}'
    with CannedServer(raw_answer(body)) as server:
        reply = calling(server, max_answer_bytes=len(body)).call("StopOnlineRecord", {})

    assert reply.request_id == "r"


def test_a_small_answer_that_unpacks_to_a_large_one_is_not_unpacked(calling):
    bomb = gzip.compress(b"x" * 50_000_000)
    with CannedServer(raw_answer(bomb, headers={"Content-Encoding": "gzip"})) as server:
        error = ending(calling(server, max_answer_bytes=10_000))

    assert type(error) is NoAnswer
    assert error.message.endswith("it is longer than 10000 bytes.")


@pytest.mark.parametrize(
    "answer",
    [
        silence,
        dripping_answer(b'{"Response":{"RequestId":"r"}}', pause=0.05),
        dripping_answer(b'{"Response":{"RequestId":"r"}}', pause=0.05, whole=80),
    ],
    ids=["silence", "headers that drip", "a body that drips"],
)
def test_the_whole_answer_has_to_come_in_time(calling, answer):
    with CannedServer(answer) as server:
        error = ending(calling(server, read_timeout=0.2))

    assert type(error) is NoAnswer
    assert error.message == "The request was sent, but no complete answer came within 0.2 seconds."
    assert 180 <= error.duration_ms < 2000


def test_a_request_that_nobody_reads_is_no_answer(calling):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = calling(url, connect_timeout=0.2, read_timeout=0.2)
        error = ending(client, params={"ExtraData": "x" * 9_000_000})

    assert type(error) is NoAnswer
    assert error.message == "The request was sent, but no complete answer came within 0.2 seconds."


# Not sent


def test_a_refused_connection_means_that_nothing_was_sent(calling):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    error = ending(calling(url))

    assert type(error) is NotSent
    assert error.outcome == CallOutcome.NOT_SENT
    assert error.status_after_start == RecordingStatus.NOT_STARTED
    assert error.http_status is None
    assert error.answer is None
    assert error.message == (
        "The cloud could not be reached, so nothing was sent: [Errno 111] Connection refused"
    )


def test_a_name_that_cannot_be_found_means_that_nothing_was_sent(calling, monkeypatch):
    def fail(*_details, **_options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    error = ending(calling("tiw.example.invalid"))

    assert type(error) is NotSent
    assert error.message.endswith("nothing was sent: [Errno -2] Name or service not known")


def test_a_connection_that_takes_too_long_means_that_nothing_was_sent(calling):
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(8):  # fill the queue, so that the next one is left waiting
            sock = waiting.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        error = ending(calling(url, connect_timeout=0.2))

    assert type(error) is NotSent


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("127.0.0.1", {}),
        ("tiw.example.com", {"ca_bundle": certificate("tiw.example.com")}),
    ],
    ids=["a certificate nobody vouches for", "a certificate for another host"],
)
def test_a_certificate_that_does_not_hold_means_that_nothing_was_sent(calling, name, options):
    with CannedServer(json_answer(STARTED), tls=certificate(name)) as server:
        error = ending(calling(server, **options))

    assert type(error) is NotSent
    assert "CERTIFICATE_VERIFY_FAILED" in error.message
    assert server.requests == []


def test_a_server_without_tls_means_that_nothing_was_sent(calling):
    with CannedServer(json_answer(STARTED)) as server:
        error = ending(calling(server.host))

    assert type(error) is NotSent
    assert server.connections == 1


def test_a_handshake_that_is_cut_off_means_that_nothing_was_sent(calling):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up():
            connection, _address = listener.accept()
            connection.recv(1)
            connection.close()

        thread = Thread(target=hang_up)
        thread.start()
        error = ending(calling(f"127.0.0.1:{listener.getsockname()[1]}"))
        thread.join()

    assert type(error) is NotSent


@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_proxy_that_will_not_connect_means_that_nothing_was_sent(calling, status):
    with CannedServer(raw_answer(b"no", status=status)) as proxy:
        error = ending(calling("tiw.example.com", proxy=proxy.url))

    assert type(error) is NotSent
    assert f"Tunnel connection failed: {status}" in error.message
    assert [request.method for request in proxy.requests] == ["CONNECT"]


def test_a_proxy_that_is_not_there_means_that_nothing_was_sent(calling):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"

    assert type(ending(calling("tiw.example.com", proxy=proxy))) is NotSent


@pytest.mark.parametrize(
    "params",
    [{"a": object()}, {"a": float("nan")}, {"a": float("inf")}, {"a": b"bytes"}, {1j: 1}],
    ids=["an object", "no number", "infinity", "bytes", "a name that is none"],
)
def test_parameters_that_are_no_json_are_not_sent(calling, params):
    with CannedServer(json_answer(STARTED)) as server:
        error = ending(calling(server), params=params)

    assert type(error) is NotSent
    assert error.message.startswith("The request could not be written, so nothing was sent: ")
    assert server.connections == 0


def test_parameters_that_contain_themselves_are_not_sent(calling):
    endless = {}
    endless["self"] = endless
    with CannedServer(json_answer(STARTED)) as server:
        error = ending(calling(server), params=endless)

    assert type(error) is NotSent
    assert server.connections == 0


@pytest.mark.parametrize("token", ["EXAMPLEtoken\r\nX-Evil: 1", "教师EXAMPLEtoken"])
def test_a_header_that_cannot_be_sent_is_not_sent(calling, token):
    with CannedServer(json_answer(STARTED)) as server:
        error = ending(calling(server, credentials=Credentials("AKIDEXAMPLE", "EXAMPLEkey", token)))

    assert type(error) is NotSent
    assert error.message == (
        "The request could not be written, so nothing was sent: "
        "a key, token or region holds a character that no header may hold."
    )
    assert "EXAMPLEtoken" not in "".join(traceback.format_exception(error))
    assert server.requests == []


def test_after_a_failure_the_client_goes_on_working(calling):
    with CannedServer(reset, cut_answer(b"{}", keep=30), json_answer(STARTED)) as server:
        client = calling(server)
        kinds = [type(ending(client)) for _ in range(2)]
        reply = client.call("StartOnlineRecord", PARAMS)

    assert kinds == [NoAnswer, NoAnswer]
    assert reply.request_id == REQUEST_ID
