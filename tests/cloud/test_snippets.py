"""The request in five forms: each says exactly what would be sent, runs, and gives no secret away."""

import ast
import base64
import hashlib
import hmac
import json
import os
import shutil
import subprocess
import sys
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder_app.cloud.flattening import flatten
from recorder_app.cloud.snippets import (
    all_forms,
    as_curl,
    as_get_address,
    as_json,
    as_python_sdk,
    as_tccli,
)
from tests.canned_server import CannedServer, json_answer
from tests.cloud.properties import unhurried

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "openssl", "curl"))), reason="needs bash, openssl and curl"
)

SIGNATURE = "eJxEXAMPLEusersig*of-somebody_"
EXAMPLE = {
    "SdkAppId": 1400000001,
    "RoomId": 1203,
    "RecordUserId": "tic_record_user_1203_141551",
    "RecordUserSig": SIGNATURE,
    "Whiteboard": {"Width": 1280, "Height": 960, "InitParam": '{"ratio":"16:9"}'},
    "Concat": {"Enabled": True, "Image": "http://background/image.jpg"},
    "MixStream": {"Enabled": True, "DisableAudio": False, "ModelId": 2, "TeacherId": "teacher"},
    "Extras": ["MIX_STREAM"],
}
GME = {"BizId": 3400352518, "TaskId": 18446744073709551615}
NASTY = {
    "SdkAppId": 1400000001,
    "RecordUserSig": SIGNATURE,
    "ExtraData": 'it\'s "quoted" $HOME `id` $(id) \\ !! %41 & ; # * ? [a] ~ \t\r\n\x1b[31m\x7f 教师 🎓',
    "ChatGroupId": "'",
    "GroupId": "__RECORD_USER_SIG ${RECORD_USER_SIG}",
}
STARTED = {"Response": {"TaskId": "bj0mt2l23osdj300hl30", "RequestId": "r"}}
KEYS = {
    "PATH": os.environ["PATH"],
    "TENCENTCLOUD_SECRET_ID": "AKIDEXAMPLE",
    "TENCENTCLOUD_SECRET_KEY": "EXAMPLE'secret KEY$",
    "RECORD_USER_SIG": SIGNATURE,
}

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
leaves = st.one_of(st.booleans(), st.integers(), texts)
names = st.text("abcdefgXYZ", min_size=1, max_size=8)
nested = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3), st.dictionaries(names, inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)
requests_ = st.dictionaries(names, nested, max_size=5)


def bash(script, **environment):
    done = subprocess.run(
        ["bash", "-c", script], env=KEYS | environment, capture_output=True, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def sent_by(make, action, params, product_key="tiw", environment=None, **place):
    """The request that arrives at a server when a form is run as it is shown."""
    with CannedServer(json_answer(STARTED)) as server:
        text = make(action, params, product_key=product_key, endpoint=server.url, **place)
        assert json.loads(bash(text, **(environment or {}))) == STARTED
    assert len(server.requests) == 1
    return server.requests[0]


def tc3_signature(request, service):
    """The documented four steps once more, with nothing of the program's own code."""
    timestamp = request.headers["x-tc-timestamp"]
    day = request.headers["authorization"].split("/")[1]
    canonical = (
        f"POST\n/\n\ncontent-type:{request.headers['content-type']}\nhost:{request.headers['host']}\n\n"
        f"content-type;host\n{hashlib.sha256(request.body).hexdigest()}"
    )
    scope = f"{day}/{service}/tc3_request"
    text = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = ("TC3" + KEYS["TENCENTCLOUD_SECRET_KEY"]).encode()
    for part in (day, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def query_signature(host, pairs):
    """The older signature of a GET request, likewise."""
    text = "&".join(f"{name}={value}" for name, value in sorted(pairs) if name != "Signature")
    digest = hmac.digest(KEYS["TENCENTCLOUD_SECRET_KEY"].encode(), f"GET{host}/?{text}".encode(), "sha256")
    return base64.b64encode(digest).decode()


def query_pairs(target):
    return parse_qsl(urlsplit(target).query, keep_blank_values=True, strict_parsing=True, errors="strict")


def wire_text(value):
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


# Each form runs


@pytest.mark.parametrize(
    ("action", "params", "product", "region"),
    [
        ("StartOnlineRecord", EXAMPLE, "tiw", "ap-singapore"),
        ("StartOnlineRecord", NASTY, "tiw", "ap-guangzhou"),
        ("StopRecord", GME, "gme", ""),
        ("DescribeRunningTasks", {}, "tiw", "ap-guangzhou"),
    ],
)
def test_the_curl_form_sends_the_signed_request(action, params, product, region):
    request = sent_by(as_curl, action, params, product, region=region)

    assert request.json() == params
    assert request.headers["x-tc-action"] == action
    assert request.headers.get("x-tc-region", "") == region
    assert request.headers["authorization"].endswith(f"Signature={tc3_signature(request, product)}")
    assert "x-tc-token" not in request.headers


def test_the_curl_form_takes_a_token_from_the_environment():
    request = sent_by(as_curl, "StopRecord", GME, "gme", environment={"TENCENTCLOUD_TOKEN": "EXAMPLE token"})

    assert request.headers["x-tc-token"] == "EXAMPLE token"


@pytest.mark.parametrize("environment", [{}, {"TENCENTCLOUD_TOKEN": "EXAMPLE token&+="}])
@pytest.mark.parametrize(
    ("action", "params", "product", "region"),
    [
        ("StartOnlineRecord", EXAMPLE, "tiw", "ap-singapore"),
        ("StartOnlineRecord", NASTY, "tiw", "ap-guangzhou"),
        ("StopRecord", GME, "gme", ""),
        ("DescribeTaskInfo", {"BizId": 1, "List": [str(number) for number in range(12)]}, "gme", ""),
    ],
)
def test_the_get_form_fetches_the_signed_address(action, params, product, region, environment):
    request = sent_by(as_get_address, action, params, product, environment, region=region)

    pairs = query_pairs(request.target)
    values = dict(pairs)
    own = {"SecretId", "Timestamp", "Nonce", "SignatureMethod", "Signature", "Token"}
    assert request.method == "GET"
    assert values["Signature"] == query_signature(request.headers["host"], pairs)
    assert values["SignatureMethod"] == "HmacSHA256"
    assert int(values["Nonce"]) > 0
    assert values.get("Token") == environment.get("TENCENTCLOUD_TOKEN")
    assert [(name, value) for name, value in pairs if name not in own] == [
        ("Action", action),
        ("Version", {"tiw": "2019-09-19", "gme": "2018-07-11"}[product]),
        *([("Region", region)] if region else []),
        *((name, wire_text(value)) for name, value in flatten(params)),
    ]


@pytest.mark.parametrize(
    ("action", "params", "product", "region"),
    [
        ("StartOnlineRecord", EXAMPLE, "tiw", "ap-singapore"),
        ("StartOnlineRecord", NASTY, "tiw", "ap-guangzhou"),
        ("StopRecord", GME, "gme", ""),
    ],
)
def test_the_python_form_sends_the_signed_request(action, params, product, region):
    with CannedServer(json_answer(STARTED)) as server:
        text = as_python_sdk(action, params, product_key=product, region=region, endpoint=server.url)
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", text],
            env=KEYS,
            capture_output=True,
            timeout=60,
            check=False,
        )

    request = server.requests[0]
    assert json.loads(done.stdout)["RequestId"] == "r"
    assert {name: value for name, value in request.json().items() if value is not None} == params
    assert request.headers["x-tc-action"] == action
    assert request.headers.get("x-tc-region", "") == region
    assert request.headers["authorization"].endswith(f"Signature={tc3_signature(request, product)}")


@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:8001"])
def test_the_tccli_form_hands_the_parameters_to_the_tool(endpoint):
    text = as_tccli("StartOnlineRecord", EXAMPLE, product_key="tiw", region="ap-singapore", endpoint=endpoint)

    arguments = bash("tccli() { printf '%s\\n' \"$@\"; }\n" + text).decode().split()
    body = bash("tccli() { cat; }\n" + text)

    assert arguments == [
        "tiw", "StartOnlineRecord", "--version", "2019-09-19", "--region", "ap-singapore", "--output", "json",
        "--endpoint", endpoint or "tiw.tencentcloudapi.com", "--cli-input-json", "file:///dev/stdin",
    ]  # fmt: skip
    assert json.loads(body) == EXAMPLE


def test_the_json_form_is_the_body():
    shown = as_json({"RoomId": "教师", "TaskId": 18446744073709551615, "Extras": [], "Half": "\ud800"})

    assert json.loads(shown) == {
        "RoomId": "教师", "TaskId": 18446744073709551615, "Extras": [], "Half": "\ud800",
    }  # fmt: skip
    assert "教师" in shown
    assert shown.encode()


def test_the_address_is_the_one_of_the_documents():
    text = as_get_address("StartOnlineRecord", EXAMPLE, product_key="tiw", region="ap-singapore")

    assert text.splitlines()[0] == (
        "address='https://tiw.tencentcloudapi.com/?Action=StartOnlineRecord&Version=2019-09-19"
        "&Region=ap-singapore&SdkAppId=1400000001&RoomId=1203&RecordUserId=tic_record_user_1203_141551"
        "&RecordUserSig='\"${RECORD_USER_SIG}\"'&Whiteboard.Width=1280&Whiteboard.Height=960"
        "&Whiteboard.InitParam=%7B%22ratio%22%3A%2216%3A9%22%7D&Concat.Enabled=true"
        "&Concat.Image=http%3A%2F%2Fbackground%2Fimage.jpg&MixStream.Enabled=true"
        "&MixStream.DisableAudio=false&MixStream.ModelId=2&MixStream.TeacherId=teacher&Extras.0=MIX_STREAM'"
    )


# Whatever is typed in


@unhurried
@given(params=requests_)
def test_the_shell_forms_hold_any_parameters_exactly(params):
    tccli = as_tccli("StartOnlineRecord", params, product_key="tiw")
    curl = as_curl("StartOnlineRecord", params, product_key="tiw")

    assert json.loads(bash("tccli() { cat; }\n" + tccli)) == params
    assert json.loads(bash("openssl() { cat >/dev/null; echo 00; }; curl() { cat; }\n" + curl)) == params


@unhurried
@given(params=requests_)
def test_the_get_form_signs_and_sends_any_parameters_exactly(params):
    text = as_get_address("StartRecord", params, product_key="gme")

    # Instead of the tools: what would be signed, then what would be fetched.
    stand_ins = "openssl() { cat >&3; }; curl() { printf '%s\\0' \"$@\"; }; exec 3>&1\n"
    signed, _separator, arguments = bash(stand_ins + text).decode().partition("--silent\0")
    _show_error, _get, address, *rest = arguments.split("\0")
    added = [tuple(item.split("=", 1)) for item in rest if "=" in item and not item.startswith("Signature=")]

    pairs = [("Action", "StartRecord"), ("Version", "2018-07-11")]
    pairs += [(name, wire_text(value)) for name, value in flatten(params)]
    assert query_pairs(address) == pairs
    assert [name for name, _value in added] == ["SecretId", "Timestamp", "Nonce", "SignatureMethod"]
    joined = "&".join(f"{name}={value}" for name, value in sorted(pairs + added))
    assert signed == f"GETgme.tencentcloudapi.com/?{joined}"


@unhurried
@given(params=requests_)
def test_the_python_form_holds_any_parameters_exactly(params):
    text = as_python_sdk("StartOnlineRecord", params | {"RecordUserSig": SIGNATURE}, product_key="tiw")

    literal = next(node.value for node in ast.parse(text).body if getattr(node, "targets", [None])[0] is not None
                   and node.targets[0].id == "params")  # fmt: skip
    value = eval(
        ast.unparse(literal), {"os": type("os", (), {"environ": {"RECORD_USER_SIG": "from outside"}})}
    )

    assert value == params | {"RecordUserSig": "from outside"}


@unhurried
@given(params=requests_, half=st.sampled_from(["\ud800", "\udfff", "\0", "a\0b", "\ud800\0"]))
def test_what_no_shell_can_hold_is_still_shown(params, half):
    forms = all_forms("StartRecord", params | {"RoomId": half, "RecordUserSig": SIGNATURE}, product_key="gme")

    for _key, _title, text in forms:
        assert text.encode()
        assert SIGNATURE not in text


def test_an_address_with_a_nul_says_why_it_cannot_be_fetched():
    text = as_get_address("StartRecord", {"RoomId": "a\0b", "RecordUserSig": SIGNATURE}, product_key="gme")

    address, _empty, remark = text.splitlines()
    assert address == (
        "https://gme.tencentcloudapi.com/?Action=StartRecord&Version=2018-07-11&RoomId=a%00b"
        "&RecordUserSig=<RecordUserSig>"
    )
    assert (
        remark == "# No shell can hold the NUL character in this request, so it cannot be fetched from here."
    )


# Nothing leaks


@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:8001", "tiw.intl.tencentcloudapi.com"])
def test_no_form_shows_a_credential(endpoint):
    params = NASTY | {"CallbackKey": "EXAMPLEcallback", "Nested": {"RecordUserSig": "EXAMPLEnested"}}

    forms = all_forms(
        "StartOnlineRecord", params, product_key="tiw", region="ap-singapore", endpoint=endpoint
    )

    assert [key for key, _title, _text in forms] == ["json", "curl", "tccli", "python", "get"]
    assert [str(title) for _key, title, _text in forms] == [
        "JSON",
        "curl",
        "tccli",
        "Python SDK",
        "GET address",
    ]
    for _key, _title, text in forms:
        for secret in (SIGNATURE, "EXAMPLEcallback", "EXAMPLEnested"):
            assert secret not in text


def test_without_a_credential_none_is_asked_for():
    for _key, _title, text in all_forms("StopRecord", GME, product_key="gme"):
        assert "RECORD_USER_SIG" not in text
        assert "18446744073709551615" in text


def test_the_parameters_are_left_as_they_were():
    before = json.dumps(EXAMPLE)

    all_forms("StartOnlineRecord", EXAMPLE, product_key="tiw")

    assert json.dumps(EXAMPLE) == before


def test_a_missing_key_is_named_instead_of_sending_an_unsigned_request():
    text = as_curl("StopRecord", GME, product_key="gme", endpoint="http://127.0.0.1:1")
    environment = {"PATH": os.environ["PATH"]}

    done = subprocess.run(["bash", "-c", text], env=environment, capture_output=True, timeout=30, check=False)

    assert done.returncode != 0
    assert b"TENCENTCLOUD_SECRET_KEY: unbound variable" in done.stderr
