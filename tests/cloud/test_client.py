"""The client against a real server: what is sent, what comes back, and that nothing leaks."""

import gc
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from recorder_app.cloud import transport
from recorder_app.cloud.client import CloudClient, Credentials, Reply
from recorder_app.cloud.errors import NoAnswer
from recorder_app.cloud.signing import TC3Auth
from tests.canned_server import (
    CannedServer,
    certificate,
    json_answer,
    message,
    raw_answer,
    reset,
    silence,
)
from tests.cloud.calls import KEYS, NOW, PARAMS, REQUEST_ID, STARTED, STOPPED, ending

# What is sent


def test_a_call_carries_the_documented_headers(calling):
    with CannedServer(json_answer(STARTED)) as server:
        calling(server, region="ap-singapore", language="zh-CN").call("StartOnlineRecord", PARAMS)

    request = server.requests[0]
    own = {
        name: value for name, value in request.headers.items() if name not in ("authorization", "user-agent")
    }
    assert (request.method, request.target) == ("POST", "/")
    assert own == {
        "host": server.host,
        "content-type": "application/json",
        "content-length": str(len(request.body)),
        "accept-encoding": "identity",
        "x-tc-action": "StartOnlineRecord",
        "x-tc-version": "2019-09-19",
        "x-tc-region": "ap-singapore",
        "x-tc-timestamp": "1700000000",
        "x-tc-language": "zh-CN",
        "x-tc-token": "EXAMPLEtoken",
    }


def test_region_and_token_are_left_out_when_there_are_none(calling):
    with CannedServer(json_answer(STOPPED)) as server:
        calling(server, "gme", Credentials("AKIDEXAMPLE", "EXAMPLEkey")).call("StopRecord", {"BizId": 1})

    headers = server.requests[0].headers
    assert headers["x-tc-version"] == "2018-07-11"
    assert "x-tc-region" not in headers
    assert "x-tc-token" not in headers


def test_the_bytes_that_arrive_are_the_ones_that_were_signed(calling):
    params = {"RoomId": "教师 é/\\\"'\n\0🎓", "Nested": {"List": [1, {"a": None}]}}
    with CannedServer(json_answer(STOPPED)) as server:
        calling(server, "gme").call("StopRecord", params)

    request = server.requests[0]
    auth = TC3Auth("AKIDEXAMPLE", "EXAMPLEsecretKEY", service="gme", clock=lambda: NOW)
    again = auth(_prepared(server.url, request.body))
    assert request.json() == params
    assert request.headers["authorization"] == again.headers["Authorization"]


def _prepared(url, body):
    return requests.Request("POST", url, data=body, headers={"Content-Type": "application/json"}).prepare()


@pytest.mark.parametrize("task_id", [446192236330927912, 9007199254740993, 18446744073709551615])
def test_long_integers_arrive_exactly_in_both_directions(calling, task_id):
    answer = raw_answer(b'{"Response":{"TaskId":%d,"RequestId":"r"}}' % task_id)
    with CannedServer(answer) as server:
        reply = calling(server, "gme").call("DescribeTaskInfo", {"BizId": 3400352518, "TaskId": task_id})

    assert reply.fields["TaskId"] == task_id
    assert b'"TaskId":%d' % task_id in server.requests[0].body


def test_connections_are_kept_and_reused(calling):
    with CannedServer(json_answer(STOPPED)) as server:
        client = calling(server)
        for _ in range(5):
            client.call("StopOnlineRecord", {})

    assert [request.connection for request in server.requests] == [1, 1, 1, 1, 1]


def test_a_connection_that_the_server_closed_meanwhile_is_replaced(calling):
    with CannedServer(json_answer(STARTED, closes=True), json_answer(STARTED)) as server:
        client = calling(server)
        client.call("StartOnlineRecord", PARAMS)
        assert server.hung_up.wait(5)
        client.call("StartOnlineRecord", PARAMS)

    assert [request.connection for request in server.requests] == [1, 2]


def test_a_connection_that_idled_too_long_is_not_trusted(calling, monkeypatch):
    with CannedServer(json_answer(STARTED)) as server:
        client = calling(server)
        client.call("StartOnlineRecord", PARAMS)
        monkeypatch.setattr(transport, "IDLE_SECONDS", 0.0)
        client.call("StartOnlineRecord", PARAMS)

    assert [request.connection for request in server.requests] == [1, 2]


def test_threads_share_a_client_and_get_their_own_answers(calling):
    def echo(connection, request):
        room = request.json()["RoomId"]
        return json_answer({"Response": {"TaskId": f"task-{room}", "RequestId": f"r-{room}"}})(
            connection, request
        )

    with CannedServer(echo) as server, ThreadPoolExecutor(8) as pool:
        client = calling(server)
        replies = list(pool.map(lambda room: client.call("StartOnlineRecord", {"RoomId": room}), range(200)))

    assert [reply.request_id for reply in replies] == [f"r-{room}" for room in range(200)]
    assert [reply.fields["TaskId"] for reply in replies] == [f"task-{room}" for room in range(200)]
    assert server.connections <= 8


def test_a_client_that_nobody_holds_any_more_closes_its_connections():
    with CannedServer(json_answer(STARTED)) as server:
        client = CloudClient("tiw", KEYS, endpoint=server.url)
        client.call("StartOnlineRecord", PARAMS)
        del client
        gc.collect()

        assert server.hung_up.wait(5)


def test_a_call_is_made_once_whatever_happens(calling):
    with CannedServer(reset) as server:
        ending(calling(server), "DescribeOnlineRecord")

    assert len(server.requests) == 1


def test_the_environment_is_not_consulted(calling, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    with CannedServer(json_answer(STARTED), tls=certificate()) as server:
        reply = calling(server, ca_bundle=certificate()).call("StartOnlineRecord", PARAMS)

    assert reply.request_id == REQUEST_ID


def test_an_explicit_proxy_is_used(calling):
    with CannedServer(json_answer(STARTED)) as proxy, CannedServer(json_answer(STARTED)) as server:
        calling(server, proxy=proxy.url).call("StartOnlineRecord", PARAMS)

    assert server.requests == []
    assert proxy.requests[0].target == f"{server.url}/"
    assert proxy.requests[0].headers["host"] == server.host


# What comes back


def test_a_reply_holds_the_answer_and_its_circumstances(calling):
    date = {"Date": "Tue, 14 Nov 2023 22:13:21 GMT"}
    with CannedServer(json_answer(STARTED, headers=date)) as server:
        reply = calling(server).call("StartOnlineRecord", PARAMS)

    assert reply == Reply(
        action="StartOnlineRecord",
        fields={"TaskId": "bj0mt2l23osdj300hl30"},
        request_id=REQUEST_ID,
        http_status=200,
        duration_ms=reply.duration_ms,
        clock_offset_ms=750,
        answer=STARTED["Response"],
    )
    assert 0 <= reply.duration_ms < 5000


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 99 Nov 2023 22:13:21 GMT"])
def test_without_a_date_the_clocks_are_not_compared(calling, date):
    with CannedServer(json_answer(STARTED, headers={"Date": date})) as server:
        reply = calling(server).call("StartOnlineRecord", PARAMS)

    assert reply.clock_offset_ms is None


@pytest.mark.parametrize(
    "details",
    [
        {"content_type": "application/json; charset=utf-8"},
        {"content_type": "text/html"},
        {"content_type": ""},
        {"headers": {"Set-Cookie": "a=b"}},
        {"headers": {"Connection": "close"}},
    ],
)
def test_success_is_told_by_the_body_alone(calling, details):
    with CannedServer(json_answer(STARTED, **details)) as server:
        client = calling(server)
        client.call("StartOnlineRecord", PARAMS)
        reply = client.call("StartOnlineRecord", PARAMS)

    assert reply.fields == {"TaskId": "bj0mt2l23osdj300hl30"}
    assert "cookie" not in server.requests[1].headers


def test_an_answer_in_chunks_and_one_that_ends_with_the_connection_are_read(calling):
    body = b'{"Response":{"RequestId":"r"}}'
    chunked = message(
        b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body),
        headers={"Content-Length": "", "Transfer-Encoding": "chunked"},
    )
    until_closed = message(body, headers={"Content-Length": ""})

    def say(text, goes_on):
        return lambda connection, _request: connection.sock.sendall(text) or goes_on

    with CannedServer(say(chunked, True), say(until_closed, False)) as server:
        client = calling(server)
        replies = [client.call("StopOnlineRecord", {}) for _ in range(2)]

    assert [reply.request_id for reply in replies] == ["r", "r"]


def test_characters_that_no_database_takes_are_replaced(calling):
    body = rb'{"Response":{"RequestId":"r","Text":"a\u0000b\ud800c\ud83c\udf93","\u0000":[1]}}'
    with CannedServer(raw_answer(body)) as server:
        reply = calling(server).call("StopOnlineRecord", {})

    assert reply.fields == {"Text": "a\ufffdb\ufffdc🎓", "\ufffd": [1]}


# Secrets


def quoting(params):
    """What a careless cloud might say about a refused request."""
    text = f"bad signature {params['RecordUserSig']} of EXAMPLEsecretKEY with EXAMPLEtoken"
    return {"Response": {"Error": {"Code": "InvalidParameter", "Message": text}, "RequestId": "r"}}


@pytest.mark.parametrize(
    "answer",
    [json_answer(quoting(PARAMS)), raw_answer(str(quoting(PARAMS)).encode(), status=502), reset, silence],
    ids=["refused", "no answer", "cut off", "too late"],
)
def test_no_secret_is_in_an_error_or_its_traceback(calling, answer):
    with CannedServer(answer) as server:
        error = ending(calling(server, read_timeout=0.2))

    said = "".join(traceback.format_exception(error)) + repr(error) + str(error.answer) + repr(vars(error))
    for secret in ("EXAMPLEsecretKEY", "EXAMPLEtoken", PARAMS["RecordUserSig"]):
        assert secret not in said


def test_an_escaped_echo_of_the_signature_is_masked_too(calling):
    params = {**PARAMS, "RecordUserSig": 'a"signature\u00e9'}
    refusal = {
        "Response": {
            "Error": {"Code": "InvalidParameter", "Message": params["RecordUserSig"]},
            "RequestId": "r",
        }
    }
    success = {"Response": {"TaskId": "t", "Note": params["RecordUserSig"], "RequestId": "r"}}
    with CannedServer(json_answer(refusal), json_answer(success)) as server:
        client = calling(server)
        error = ending(client, params=params)
        reply = client.call("StartOnlineRecord", params)

    assert error.answer["Error"]["Message"] == "***"
    assert reply.answer == {"TaskId": "t", "Note": "***", "RequestId": "r"}


def test_a_signature_that_is_a_word_of_the_answer_destroys_nothing(calling):
    params = {**PARAMS, "RecordUserSig": "RequestId"}
    refusal = {"Response": {"Error": {"Code": "InvalidParameter", "Message": "no"}, "RequestId": "r-1"}}
    with CannedServer(json_answer(refusal)) as server:
        error = ending(calling(server), params=params)

    assert (error.request_id, error.code) == ("r-1", "InvalidParameter")


@pytest.mark.parametrize(
    "body",
    [
        b'{"Response":{"TaskId":"t","RequestId":"r","Far":1e999}}',
        b'{"Response":{"TaskId":"%s","RequestId":"r"}}' % (b"t" * 65),
        b'{"Response":{"TaskId":"t","RequestId":"r","Deep":%s}}' % (b"[" * 900 + b"]" * 900),
    ],
    ids=["infinite", "long TaskId", "deep"],
)
def test_an_answer_that_cannot_be_kept_is_no_answer(calling, body):
    with CannedServer(raw_answer(body)) as server:
        error = ending(calling(server))

    assert isinstance(error, NoAnswer)


def test_no_secret_is_in_what_represents_an_object(calling):
    answer = {"Response": {"Callback": "", "CallbackKey": "EXAMPLEcallback", "RequestId": "r"}}
    with CannedServer(json_answer(answer)) as server:
        client = calling(server)
        reply = client.call("DescribeOnlineRecordCallback", {"SdkAppId": 1})

    assert repr(client) == f"CloudClient('tiw', endpoint='{server.url}')"
    assert repr(KEYS) == "Credentials(secret_id='AKIDEXAMPLE')"
    assert "EXAMPLEcallback" not in repr(reply)
    assert reply.fields["CallbackKey"] == "EXAMPLEcallback"


# Making a client


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ("", "tiw.tencentcloudapi.com"),
        ("tiw.intl.tencentcloudapi.com", "tiw.intl.tencentcloudapi.com"),
        ("TIW.ap-singapore.tencentcloudapi.com", "tiw.ap-singapore.tencentcloudapi.com"),
        ("https://tiw.tencentcloudapi.com/", "tiw.tencentcloudapi.com"),
        ("https://tiw.tencentcloudapi.com:443", "tiw.tencentcloudapi.com"),
        ("tiw.example.com:8443", "tiw.example.com:8443"),
        ("http://127.0.0.1:8001", "127.0.0.1:8001"),
        ("http://localhost:80", "localhost"),
        ("http://[::1]:8001", "[::1]:8001"),
    ],
)
def test_an_endpoint_is_a_host_a_host_with_port_or_an_address(calling, endpoint, host):
    assert calling(endpoint).endpoint_host == host


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://tiw.tencentcloudapi.com",
        "http://127.0.0.1.example.com",
        "ftp://tiw.tencentcloudapi.com",
        "https://user:password@tiw.tencentcloudapi.com",
        "https://tiw.tencentcloudapi.com/path",
        "https://tiw.tencentcloudapi.com/?a=b",
        "tiw.tencentcloudapi.com:port",
        "two words",
        "line\nbreak.example.com",
        "https://",
        "教师.example.com",
    ],
)
def test_what_is_no_safe_endpoint_is_not_accepted(calling, endpoint):
    with pytest.raises(ValueError, match=r"."):
        calling(endpoint)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "127.0.0.1:3128", "http://", "nonsense"])
def test_a_proxy_has_to_be_an_http_address(calling, proxy):
    with pytest.raises(ValueError, match="http://host:port"):
        calling("", proxy=proxy)


def test_certificates_that_are_not_there_are_missed_at_once(calling):
    with pytest.raises(FileNotFoundError):
        calling("", ca_bundle="/nowhere/certificates.pem")


def test_unknown_products_and_actions_are_programming_errors(calling):
    with pytest.raises(KeyError):
        calling("", "rtc")
    with pytest.raises(KeyError):
        calling("").call("StartRecord", {})
