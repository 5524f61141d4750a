"""Who signed a request, and whether what it names exists."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from recorder_app.sandbox import SandboxServer
from recorder_app.sandbox.defaults import DEMO_SECRET_ID, DEMO_SECRET_KEY, DEMO_TIW_APP
from recorder_app.sandbox.protocol import ApiError, HttpRequest, canonical_request, read_call, verify
from tests.sandbox.caller import Caller, class_recording, tc3_headers, voice_recording

CASES = json.loads((Path(__file__).parent.parent / "vectors" / "tc3.json").read_text())["cases"]
READ_APP = {"SdkAppId": DEMO_TIW_APP}


def request_of(case: dict) -> HttpRequest:
    headers = {name.lower(): value for name, value in case["wire_headers"].items()}
    body = case["payload"].encode() if case["method"] == "POST" else b""
    return HttpRequest(case["method"], case["query_string"], headers, body)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_canonical_request_of_every_vector_is_the_published_one(case):
    canonical = canonical_request(request_of(case), case["signed_headers"])

    assert canonical.decode() == case["canonical_request"]


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case["service"] in ("tiw", "gme") and not case["token"]],
    ids=lambda case: case["name"],
)
def test_every_vector_of_the_two_services_is_let_in(case):
    request = request_of(case)
    accounts = {case["secret_id"]: case["secret_key"]}

    account = verify(read_call(request), request, accounts, case["timestamp"])

    assert account == case["secret_id"]


def test_a_token_is_refused_because_the_sandbox_gave_none():
    case = next(case for case in CASES if case["token"])
    request = request_of(case)

    with pytest.raises(ApiError) as refusal:
        verify(read_call(request), request, {case["secret_id"]: case["secret_key"]}, case["timestamp"])

    assert refusal.value.code == "AuthFailure.TokenFailure"


def test_the_published_query_signature_is_reproduced():
    case = CASES[0]  # the key pair of the older page is that of the first TC3 vector
    pairs = {
        "Action": "DescribeInstances",
        "InstanceIds.0": "ins-09dx96dg",
        "Limit": "20",
        "Nonce": "11886",
        "Offset": "0",
        "Region": "ap-guangzhou",
        "SecretId": case["secret_id"],
        "Signature": "EliP9YW3pW28FpsEdkXt/+WcGeI=",
        "Timestamp": "1465185768",
        "Version": "2017-03-12",
    }
    request = HttpRequest("GET", urlencode(pairs), {"host": "cvm.tencentcloudapi.com"}, b"")

    account = verify(read_call(request), request, {case["secret_id"]: case["secret_key"]}, 1465185768)

    assert account == case["secret_id"]


@pytest.mark.parametrize(
    ("signing", "code"),
    [
        ({"secret_id": "AKIDEXAMPLEunknown"}, "AuthFailure.SecretIdNotFound"),
        ({"secret_key": "EXAMPLE-another-key"}, "AuthFailure.SignatureFailure"),
        ({"headers": {"Authorization": None}}, "MissingParameter"),
        (
            {"headers": {"Authorization": "TC3-HMAC-SHA256 Credential=nobody"}},
            "AuthFailure.InvalidAuthorization",
        ),
        ({"headers": {"X-TC-Action": None}}, "MissingParameter"),
        ({"headers": {"X-TC-Version": None}}, "MissingParameter"),
        ({"headers": {"X-TC-Timestamp": None}}, "MissingParameter"),
        ({"headers": {"X-TC-Region": None}}, "MissingParameter"),
        ({"headers": {"X-TC-Timestamp": "soon"}}, "InvalidParameter"),
        ({"headers": {"X-TC-Timestamp": "1700000001"}}, "AuthFailure.SignatureFailure"),
        ({"headers": {"X-TC-Version": "2018-07-11"}}, "NoSuchVersion"),
        ({"headers": {"X-TC-Action": "StartRecord"}}, "InvalidAction"),
        ({"headers": {"X-TC-Region": "ap-shanghai"}}, "UnsupportedRegion"),
        ({"headers": {"X-TC-Token": "EXAMPLE-token"}}, "AuthFailure.TokenFailure"),
        ({"headers": {"Content-Type": "application/json; charset=utf-8"}}, "AuthFailure.SignatureFailure"),
        ({"content_type": "text/plain"}, "InvalidParameter"),
    ],
    ids=str,
)
def test_a_call_that_is_not_in_order_is_refused(cloud, signing, code):
    assert cloud.code("DescribeOnlineRecordCallback", READ_APP, **signing) == code


def test_a_signed_charset_in_the_content_type_is_fine(cloud):
    response = cloud.call(
        "DescribeOnlineRecordCallback", READ_APP, content_type="application/json; charset=utf-8"
    )

    assert "Error" not in response


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(-301, "AuthFailure.SignatureExpire"), (-300, None), (300, None), (301, "AuthFailure.SignatureExpire")],
)
def test_a_signature_counts_for_five_minutes_in_both_directions(cloud, clock, seconds, code):
    body = json.dumps(READ_APP).encode()
    signed = tc3_headers(cloud.host, "tiw", body, clock.now + seconds)

    response = cloud.call("DescribeOnlineRecordCallback", READ_APP, headers=signed)

    assert response.get("Error", {}).get("Code") == code


def test_a_signature_of_another_day_does_not_count(cloud):
    signed = tc3_headers(cloud.host, "tiw", json.dumps(READ_APP).encode(), cloud.clock.now)
    signed["Authorization"] = signed["Authorization"].replace("-14/", "-15/")

    code = cloud.code("DescribeOnlineRecordCallback", READ_APP, headers=signed)

    assert code == "AuthFailure.SignatureFailure"


def test_a_changed_body_no_longer_fits_its_signature(cloud):
    signed = tc3_headers(cloud.host, "tiw", json.dumps(READ_APP).encode(), cloud.clock.now)

    code = cloud.code("DescribeOnlineRecordCallback", {"SdkAppId": 1}, headers=signed)

    assert code == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b'{"SdkAppId": NaN}', b"[" * 100_000]
)
def test_a_body_that_is_no_json_object_is_refused_by_each_service_in_its_way(cloud, body):
    codes = []
    for action in ("DescribeOnlineRecordCallback", "DescribeTaskInfo"):
        answer = json.loads(cloud.raw(action, body)[2])
        codes.append(answer["Response"]["Error"]["Code"])

    assert codes == ["InvalidParameter.UnmarshalJSONBodyFail", "InvalidParameter"]


def signed_query(cloud: Caller, action: str, pairs: dict, *, method: str = "GET", **changed: str) -> str:
    common = {
        "Action": action,
        "Version": "2018-07-11",
        "Timestamp": str(int(cloud.clock.now)),
        "Nonce": "11886",
        "SecretId": DEMO_SECRET_ID,
        "SignatureMethod": "HmacSHA256",
    }
    values = common | pairs | changed
    text = f"{method}{cloud.host}/?" + "&".join(f"{name}={values[name]}" for name in sorted(values))
    digest = hmac.digest(DEMO_SECRET_KEY.encode(), text.encode(), hashlib.sha256)
    return urlencode(values | {"Signature": base64.b64encode(digest).decode()})


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Timestamp": "1"}, "AuthFailure.SignatureExpire"),
        ({"Nonce": "-3"}, "InvalidParameter"),
        ({"Nonce": ""}, "MissingParameter"),
        ({"SecretId": "AKIDEXAMPLEunknown"}, "AuthFailure.SecretIdNotFound"),
        ({"SignatureMethod": "HmacSHA1"}, "AuthFailure.SignatureFailure"),
        ({"SignatureMethod": "HmacMD5"}, "InvalidParameter"),
        ({"Version": "2017-01-01"}, "NoSuchVersion"),
        ({"RoomId.0": "a"}, "InvalidParameter"),
    ],
    ids=str,
)
def test_a_query_signed_in_the_older_way_is_checked_as_strictly(cloud, changed, code):
    pairs = {"BizId": "3400352518", "RoomId": "1987"}

    query = signed_query(cloud, "DescribeTaskInfo", pairs, **changed)
    _status, _headers, answer = cloud.request("GET", f"/?{query}")

    assert json.loads(answer)["Response"]["Error"]["Code"] == code


def test_a_form_posted_with_the_older_signature_is_understood(cloud):
    pairs = {"BizId": "3400352518", "RoomId": "a b+c&d=é", "RecordMode": "1"}
    pairs |= {"SubscribeRecordUserIds.SubscribeUserIds.0": "1145"}
    form = signed_query(cloud, "StartRecord", pairs, method="POST").encode()

    cloud.request(
        "POST", "/", form, {"Content-Type": "application/x-www-form-urlencoded", "Host": cloud.host}
    )

    assert cloud.state()["calls"][0]["parameters"] == {
        "BizId": 3400352518,
        "RoomId": "a b+c&d=é",
        "RecordMode": 1,
        "SubscribeRecordUserIds": {"SubscribeUserIds": ["1145"]},
    }


def test_the_host_tells_the_service_before_scope_and_version(cloud):
    cloud.host = "gme.tencentcloudapi.com"

    response = cloud.call("StartRecord", voice_recording(), headers={"X-TC-Version": "2019-09-19"})

    assert response["Error"]["Code"] == "NoSuchVersion"
    assert cloud.state()["calls"][0]["service"] == "gme"


@pytest.mark.parametrize("host", ["tiw.tencentcloudapi.com", "tiw.intl.tencentcloudapi.com", "TIW.example"])
def test_the_services_answer_under_their_own_names(cloud, host):
    cloud.host = host.lower()

    response = cloud.call("StartOnlineRecord", class_recording(), headers={"Host": host})

    assert len(response["TaskId"]) == 20


def test_a_service_the_sandbox_does_not_have_is_told(cloud):
    authorization = (
        f"TC3-HMAC-SHA256 Credential={DEMO_SECRET_ID}/2023-11-14/cvm/tc3_request,"
        f" SignedHeaders=content-type;host, Signature={'0' * 64}"
    )

    code = cloud.code("StartOnlineRecord", {}, headers={"Authorization": authorization})

    assert code == "NoSuchProduct"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_than_get_and_post_are_refused(cloud, method):
    _status, _headers, answer = cloud.request(method, "/")

    assert json.loads(answer)["Response"]["Error"]["Code"] == "UnsupportedProtocol"


def test_a_get_address_above_32_kb_is_refused(cloud):
    query = signed_query(cloud, "DescribeTaskInfo", {"BizId": "3400352518", "RoomId": "x" * 33_000})

    _status, _headers, answer = cloud.request("GET", f"/?{query}")

    assert json.loads(answer)["Response"]["Error"]["Code"] == "RequestSizeLimitExceeded"


def test_a_body_above_10_mb_is_refused_and_heard(cloud):
    body = b" " * (11 * 1024 * 1024)

    _status, headers, answer = cloud.raw("StartOnlineRecord", body)

    assert json.loads(answer)["Response"]["Error"]["Code"] == "RequestSizeLimitExceeded"
    assert headers["Connection"] == "close"


def test_each_account_and_action_has_so_many_calls_in_any_second(clock):
    with SandboxServer(clock=clock, rate=3) as server, Caller(server, clock) as cloud:
        first = [cloud.call("DescribeOnlineRecordCallback", READ_APP) for _ in range(4)]
        other = cloud.call("DescribeTaskInfo", {"BizId": 3400352518, "RoomId": "1"})
        clock.pass_by(0.999)
        early = cloud.call("DescribeOnlineRecordCallback", READ_APP)
        clock.pass_by(0.002)
        later = cloud.call("DescribeOnlineRecordCallback", READ_APP)

    assert [response.get("Error", {}).get("Code") for response in first] == [None] * 3 + [
        "RequestLimitExceeded"
    ]
    assert "Error" not in other
    assert early["Error"]["Code"] == "RequestLimitExceeded"
    assert "Error" not in later
