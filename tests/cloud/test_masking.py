"""What must stay secret is replaced, and nothing else."""

import pytest

from recorder_app.cloud.masking import MASK, masked


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
