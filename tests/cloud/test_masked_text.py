"""No secret in a pasted text comes back."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder_app.cloud.masked_text import masked_text, small_letters
from tests.cloud.properties import unhurried

SECRET = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
SIGNATURE = "eJyrVgrxCdZLrSjILEpVsjK1NDAwMDQ3N9JRSi1TslIyMjZW0lFKzslMzSsBKjA2EXAMPLEEXAMPLE*-"


@pytest.mark.parametrize(
    "text",
    [
        f"SecretKey: {SECRET}",
        f"secret_key={SECRET}&x=1",
        f"SecretKey {SECRET}",
        f'{{"SecretKey":"{SECRET}"}}',
        json.dumps({"body": json.dumps({"RecordUserSig": SECRET})}),
        quote(json.dumps({"UserSig": SECRET})),
        f"TENCENTCLOUD_SECRET_KEY='{SECRET}'",
        f"Authorization: TC3-HMAC-SHA256 Credential=AKID/tc3_request, SignedHeaders=host, Signature={SECRET}",
        f'-H "Authorization: TC3-HMAC-SHA256 Credential=AKID/tc3, Signature={SECRET}"',
        f"Cookie: csrftoken=1; sessionid={SECRET}",
        f"https://tiw.tencentcloudapi.com/?Action=A&Signature={SECRET}&Token={SECRET}",
        f"curl -u somebody:{SECRET} https://host",
        f"https://somebody:{SECRET}@host/path",
        f"X-TC-Token: {SECRET}",
        f"the callback key is CallbackKey = '{SECRET}'",
        f'"password": "{SECRET} with blanks, and {SECRET}"',
        f"密钥：{SECRET}",
        f"posted to https://recorder.example.com/callbacks/tiw/{SECRET}/",
        f"&quot;SecretKey&quot;:&quot;{SECRET}&quot;",
    ],
)
def test_a_secret_is_known_by_its_name(text):
    masked = masked_text(text)

    assert SECRET not in masked
    assert "***" in masked


def test_a_user_signature_is_known_by_its_look():
    assert masked_text(f"sig {SIGNATURE} end") == "sig *** end"


def test_what_is_no_secret_stays():
    text = 'RequestId=eac6b301-a322-493a-8e36-83b295459397 design: blue {"RoomId": 1203} tokens 5'

    assert masked_text(text) == text


@unhurried
@given(st.text(max_size=200))
def test_small_letters_stay_at_their_place(text):
    small = small_letters(text)

    assert len(small) == len(text)
    assert small_letters(small) == small
