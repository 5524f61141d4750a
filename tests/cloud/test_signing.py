"""Signatures, against what the official SDK and the published pages give."""

import hashlib
from threading import Thread

import pytest
import requests

from recorder_app.cloud.signing import (
    TC3Auth,
    canonical_request,
    signature,
    signing_key,
    string_to_sign,
    utc_date,
)
from tests.cloud.vectors import TC3

by_name = pytest.mark.parametrize("case", TC3, ids=[case["name"] for case in TC3])
ONLY_CONTENT_TYPE_AND_HOST = [
    case
    for case in TC3
    if case["signed_headers"] == "content-type;host" and "X-TC-Content-SHA256" not in case["wire_headers"]
]


def signed_headers_of(case):
    values = {name.lower(): value for name, value in case["wire_headers"].items()}
    return {name: values[name] for name in case["signed_headers"].split(";")}


def payload_of(case):
    """What is hashed: the body, or the words that switch its signing off."""
    return case["wire_headers"].get("X-TC-Content-SHA256", case["payload"]).encode()


def prepared(case):
    url = f"https://{case['host']}/" + (f"?{case['query_string']}" if case["query_string"] else "")
    body = case["payload"].encode() if case["method"] == "POST" else None
    request = requests.Request(case["method"], url, data=body).prepare()
    request.headers["Content-Type"] = case["content_type"]
    return request


@by_name
def test_every_step_of_a_recorded_signature_is_reproduced(case):
    date = utc_date(case["timestamp"])

    canonical = canonical_request(
        case["method"], case["query_string"], signed_headers_of(case), payload_of(case)
    )
    text = string_to_sign(case["timestamp"], date, case["service"], canonical)
    key = signing_key(case["secret_key"], date, case["service"])

    assert canonical == case["canonical_request"]
    assert hashlib.sha256(canonical.encode()).hexdigest() == case["canonical_request_sha256"]
    assert text == case["string_to_sign"]
    assert signature(key, text) == case["signature"]


@pytest.mark.parametrize(
    "case", ONLY_CONTENT_TYPE_AND_HOST, ids=[case["name"] for case in ONLY_CONTENT_TYPE_AND_HOST]
)
def test_a_signed_request_carries_the_recorded_authorization(case):
    auth = TC3Auth(
        case["secret_id"],
        case["secret_key"],
        service=case["service"],
        token=case["token"] or "",
        clock=lambda: case["timestamp"] + 0.9,
    )

    request = auth(prepared(case))

    assert request.headers["Authorization"] == case["authorization"]
    assert request.headers["Host"] == case["host"]
    assert request.headers["X-TC-Timestamp"] == str(case["timestamp"])
    assert request.headers.get("X-TC-Token") == case["token"]


def test_the_vectors_leave_no_kind_of_request_untried():
    assert len(TC3) == 34
    assert len(ONLY_CONTENT_TYPE_AND_HOST) == 32


def test_the_key_chain_of_the_current_revision_of_the_page_is_reproduced():
    stars = "*" * 32

    key = signing_key(stars, "2019-02-25", "cvm")

    assert key.hex() == "b596b923aad85185e2d1f6659d2a062e0a86731226e021e61bfe06f7ed05f5af"


def test_the_key_changes_at_midnight_utc():
    now = iter([1703980799, 1703980800, 1703980799])
    auth = TC3Auth("AKIDEXAMPLE", "EXAMPLEkey", service="tiw", clock=lambda: next(now))

    scopes = [
        auth(requests.Request("POST", "https://tiw.tencentcloudapi.com/", data=b"{}").prepare())
        .headers["Authorization"]
        .split("Credential=")[1]
        .split(",")[0]
        for _ in range(3)
    ]

    assert scopes == [
        "AKIDEXAMPLE/2023-12-30/tiw/tc3_request",
        "AKIDEXAMPLE/2023-12-31/tiw/tc3_request",
        "AKIDEXAMPLE/2023-12-30/tiw/tc3_request",
    ]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://tiw.tencentcloudapi.com/", "tiw.tencentcloudapi.com"),
        ("https://tiw.tencentcloudapi.com:443/", "tiw.tencentcloudapi.com"),
        ("http://127.0.0.1:8001/", "127.0.0.1:8001"),
        ("https://[::1]:8443/", "[::1]:8443"),
    ],
)
def test_the_signed_host_is_the_one_that_is_sent(url, host):
    auth = TC3Auth("AKIDEXAMPLE", "EXAMPLEkey", service="tiw")

    request = auth(requests.Request("POST", url, data=b"{}").prepare())

    assert request.headers["Host"] == host


def test_a_text_body_is_sent_as_the_bytes_that_were_signed():
    case = next(case for case in TC3 if case["name"] == "gme_unicode_raw_utf8_compact")
    auth = TC3Auth(case["secret_id"], case["secret_key"], service="gme", clock=lambda: case["timestamp"])
    request = prepared(case)
    request.body = case["payload"]

    auth(request)

    assert request.headers["Authorization"] == case["authorization"]
    assert request.body == case["payload"].encode()


def test_missing_content_types_are_the_documented_ones():
    auth = TC3Auth("AKIDEXAMPLE", "EXAMPLEkey", service="tiw")

    post = auth(requests.Request("POST", "https://tiw.tencentcloudapi.com/", data=b"{}").prepare())
    get = auth(requests.Request("GET", "https://tiw.tencentcloudapi.com/?SdkAppId=1").prepare())

    assert post.headers["Content-Type"] == "application/json"
    assert get.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_body_that_cannot_be_hashed_is_not_signed():
    request = requests.Request("POST", "https://tiw.tencentcloudapi.com/").prepare()
    request.body = iter([b"a", b"b"])

    with pytest.raises(TypeError, match="text or bytes"):
        TC3Auth("AKIDEXAMPLE", "EXAMPLEkey", service="tiw")(request)


def test_threads_never_sign_with_the_key_of_another_day():
    wrong = []

    def sign(day):
        clock = 86400 * day
        for _ in range(300):
            moments[0] = clock
            request = auth(requests.Request("POST", "https://gme.tencentcloudapi.com/", data=b"{}").prepare())
            timestamp = int(request.headers["X-TC-Timestamp"])
            date = utc_date(timestamp)
            text = string_to_sign(
                timestamp,
                date,
                "gme",
                canonical_request(
                    "POST", "", {"content-type": "application/json", "host": "gme.tencentcloudapi.com"}, b"{}"
                ),
            )
            expected = signature(signing_key("EXAMPLEkey", date, "gme"), text)
            if not request.headers["Authorization"].endswith(f"Signature={expected}"):
                wrong.append(date)

    moments = [0]
    auth = TC3Auth("AKIDEXAMPLE", "EXAMPLEkey", service="gme", clock=lambda: moments[0])
    threads = [Thread(target=sign, args=(day,)) for day in (19000, 19001)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_secrets_are_not_in_the_representation():
    auth = TC3Auth("AKIDEXAMPLE", "EXAMPLEsecret", service="tiw", token="EXAMPLEtoken")

    assert repr(auth) == "TC3Auth(secret_id='AKIDEXAMPLE', service='tiw')"
