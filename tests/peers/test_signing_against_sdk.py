"""Whatever is signed, the official SDK's own code gives the same signature."""

import json
from datetime import UTC, datetime

import requests
from hypothesis import given
from hypothesis import strategies as st
from tencentcloud.common import credential
from tencentcloud.common.http.request import RequestInternal
from tencentcloud.gme.v20180711.gme_client import GmeClient
from tencentcloud.tiw.v20190919.tiw_client import TiwClient

from recorder_app.cloud.signing import TC3Auth
from tests.cloud.properties import unhurried

SECRET_ID = "AKIDEXAMPLE"
CLIENTS = {"tiw": (TiwClient, "tiw.tencentcloudapi.com"), "gme": (GmeClient, "gme.tencentcloudapi.com")}

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=2**53, max_value=2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.sampled_from(["教师_1203", "é/\\\"'\n\t\0", "🎓", "", " ", "{}"]),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
)
payloads = st.dictionaries(st.text(), values, max_size=6)
moments = st.integers(min_value=0, max_value=4_102_444_800)
keys = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64)
services = st.sampled_from(["tiw", "gme"])


def sdk_signature(*, service, secret_key, method, content_type, host, data, timestamp):
    client_class, _host = CLIENTS[service]
    client = client_class(credential.Credential(SECRET_ID, secret_key), "")
    request = RequestInternal(host, method, "/", data=data)
    request.header = {"Content-Type": content_type, "Host": host, "X-TC-Timestamp": str(timestamp)}
    date = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
    return client._get_tc3_signature({}, request, date, service, secret_key)


def our_signature(request, *, service, secret_key, timestamp):
    auth = TC3Auth(SECRET_ID, secret_key, service=service, clock=lambda: timestamp)
    return auth(request).headers["Authorization"].rpartition("Signature=")[2]


@unhurried
@given(payload=payloads, service=services, secret_key=keys, timestamp=moments, is_escaped=st.booleans())
def test_any_json_body_gets_the_signature_of_the_sdk(payload, service, secret_key, timestamp, is_escaped):
    host = CLIENTS[service][1]
    text = json.dumps(payload, ensure_ascii=is_escaped).encode("utf-8", "replace").decode()

    ours = our_signature(
        requests.Request("POST", f"https://{host}/", data=text.encode()).prepare(),
        service=service,
        secret_key=secret_key,
        timestamp=timestamp,
    )

    assert ours == sdk_signature(
        service=service,
        secret_key=secret_key,
        method="POST",
        content_type="application/json",
        host=host,
        data=text,
        timestamp=timestamp,
    )


@unhurried
@given(
    pairs=st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8")), max_size=6
    ),
    service=services,
    timestamp=moments,
)
def test_any_query_gets_the_signature_of_the_sdk(pairs, service, timestamp):
    host = CLIENTS[service][1]
    request = requests.Request("GET", f"https://{host}/", params=pairs).prepare()
    query = request.url.partition("?")[2]

    ours = our_signature(request, service=service, secret_key="EXAMPLEkey", timestamp=timestamp)

    assert ours == sdk_signature(
        service=service,
        secret_key="EXAMPLEkey",
        method="GET",
        content_type="application/x-www-form-urlencoded",
        host=host,
        data=query,
        timestamp=timestamp,
    )
