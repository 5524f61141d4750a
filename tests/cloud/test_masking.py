"""What must stay secret is replaced, and nothing else."""

import pytest

from recorder_app.cloud.masking import MASK, masked, without_tokens


@pytest.mark.parametrize(
    "name",
    [
        "RecordUserSig", "recordusersig", "CallbackKey", "SecretKey", "SECRETKEY", "Signature", "Sign", "SignKey",
        "Authorization", "X-TC-Token", "Token", "TLS.sig",
    ],
)  # fmt: skip
def test_a_secret_is_masked_under_any_spelling_and_depth(name):
    value = {"a": [{"b": {name: "EXAMPLEsecret", "RoomId": "1203"}}]}

    assert masked(value) == {"a": [{"b": {name: MASK, "RoomId": "1203"}}]}


@pytest.mark.parametrize(
    "name", ["RoomId", "RecordUserId", "SdkAppId", "UserId", "TaskId", "Callback", "Design"]
)
def test_what_is_no_secret_stays(name):
    assert masked({name: "1203"}) == {name: "1203"}


def test_flattened_names_are_masked_too():
    assert masked({"a.0.RecordUserSig": "EXAMPLEsecret"}) == {"a.0.RecordUserSig": MASK}


def test_a_secret_that_is_a_structure_is_masked_as_a_whole():
    assert masked({"Signature": {"part": "EXAMPLEsecret"}}) == {"Signature": MASK}


def test_that_no_secret_is_set_can_be_seen():
    assert masked({"CallbackKey": "", "RecordUserSig": None}) == {"CallbackKey": "", "RecordUserSig": None}


def test_the_original_is_left_alone():
    value = {"RecordUserSig": "EXAMPLEsecret", "Extras": ["MIX_STREAM"]}

    copy = masked(value)
    copy["Extras"].append("another")

    assert value == {"RecordUserSig": "EXAMPLEsecret", "Extras": ["MIX_STREAM"]}


@pytest.mark.parametrize("value", [None, "text", 446192236330927912, True, [1, "a"]])
def test_anything_else_passes_unchanged(value):
    assert masked(value) == value


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://rec.example.com/callbacks/tiw/EXAMPLE_token-1/", "https://rec.example.com/callbacks/tiw/***"),
        ("http://[::1]:8000/callbacks/gme/EXAMPLEtoken", "http://[::1]:8000/callbacks/gme/***"),
        ("https://rec.example.com/below/callbacks/tiw/EXAMPLEtoken/?a=EXAMPLEtoken", "https://rec.example.com/below/callbacks/tiw/***"),
        ("HTTPS://user:EXAMPLEtoken@other.example.com:8443/hook?key=EXAMPLEtoken", "HTTPS://other.example.com:8443/***"),
        ("https://other.example.com?EXAMPLEtoken", "https://other.example.com/***"),
        ("https://other.example.com/", "https://other.example.com"),
        ("/callbacks/tiw/EXAMPLEtoken/", "/callbacks/tiw/***/"),
        ("", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["Callback", "callback", "a.0.Callback"])
def test_of_an_address_for_callbacks_the_host_can_be_read_and_no_secret(name, address, kept):
    once = masked({name: address})

    assert once == masked(once) == {name: kept}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Address https://a/callbacks/tiw/EXAMPLE-1/ is bad.", "Address https://a/callbacks/tiw/***/ is bad."),
        ("https:\\/\\/a\\/callbacks\\/gme\\/EXAMPLE_1\\/", "https:\\/\\/a\\/callbacks\\/gme\\/***\\/"),
        ("https%3A%2F%2Fa%2Fcallbacks%2Ftiw%2FEXAMPLE1%2F", "https%3A%2F%2Fa%2Fcallbacks%2Ftiw%2F***%2F"),
        ("/callbacks/tiw/ and nothing", "/callbacks/tiw/ and nothing"),
        ("/callbacks/other/EXAMPLE", "/callbacks/other/EXAMPLE"),
    ],
)  # fmt: skip
def test_a_secret_address_is_masked_in_any_text(text, kept):
    assert without_tokens(text) == kept
    assert masked({"Error": {"Message": [text]}}) == {"Error": {"Message": [kept]}}
