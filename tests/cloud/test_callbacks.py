"""Reading callbacks: the recorded signatures decide, every digit arrives, and no junk gets further than its name."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder_app.cloud.callbacks import (
    CallbackRefused,
    Expired,
    FileClaim,
    Forged,
    Malformed,
    NoKey,
    moment,
    parse_gme,
    read_gme,
    read_tiw,
    tiw_sign,
)
from tests.cloud.properties import unhurried

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors/callback_sign.json").read_text(encoding="utf-8")
)
NOW = 1_588_039_810
KEY = "EXAMPLE-callback-key-0001"
REFUSED_AS = {
    "started_expired": Expired,
    "wrong_key": Forged,
    "uppercase_sign": Forged,
    "no_sign_but_key_configured": Forged,
    "doc_event_example": Forged,
}


def named(cases):
    return [pytest.param(case, id=case["name"]) for case in cases]


def tiw_body(*, data=None, **changes) -> bytes:
    message = {
        "Timestamp": NOW - 1,
        "SdkAppId": 1400000001,
        "EventType": "OnlineRecordStarted",
        "EventData": {"TaskId": "bj0mt2l23osdj300hl30", "RoomId": 1203, "RecordUserId": "u1", **(data or {})},
        **changes,
    }
    return json.dumps(message).encode()


def signed(**changes) -> bytes:
    return tiw_body(ExpireTime=NOW + 60, Sign=tiw_sign(KEY, NOW + 60), **changes)


def gme_body(**changes) -> bytes:
    message = {
        "BizID": 3400352518,
        "RoomID": "1987",
        "UserID": "999",
        "TaskID": 446192236330927912,
        "RecordMode": 0,
        "Timestamp": NOW,
        "EventType": 3,
        "Detail": {"SeqNo": 2, "FileName": "3400352518_1987_999/a_audio.mp3"},
        **changes,
    }
    return json.dumps(message).encode()


@pytest.mark.parametrize("case", named(VECTORS["tiw"]))
def test_sign_is_what_the_vectors_say(case):
    assert tiw_sign(case["callback_key"], case["expire_time"]) == case["sign"]


@pytest.mark.parametrize(
    "case", named(case for case in VECTORS["tiw_messages"] if case["expect"] == "accept")
)
def test_a_message_that_should_pass_passes(case):
    claim = read_tiw(case["body"].encode(), key=case["callback_key"], now=case["now"])

    assert (claim.event_type, claim.app_id, claim.room_id) == ("OnlineRecordStarted", "1400000001", "1203")
    assert claim.record_user_id == "tic_record_user_1203_141551"
    assert claim.occurred_at == datetime(2020, 4, 28, 2, 10, 9, tzinfo=UTC)
    assert claim.signature_form == "md5"


@pytest.mark.parametrize(
    "case", named(case for case in VECTORS["tiw_messages"] if case["expect"] == "reject")
)
def test_a_message_that_should_be_refused_is_refused(case):
    with pytest.raises(REFUSED_AS[case["name"]]):
        read_tiw(case["body"].encode(), key=case["callback_key"], now=case["now"])


@pytest.mark.parametrize(
    "changes",
    [
        {"Sign": None},
        {"Sign": 5},
        {"Sign": ""},
        {"Sign": "ä" * 32},
        {"Sign": "\ud800"},
        {"ExpireTime": None},
        {"ExpireTime": str(NOW + 60)},
        {"ExpireTime": True},
        {"ExpireTime": NOW + 60.0},
        {"ExpireTime": NOW + 61},
    ],
)
def test_where_a_key_is_set_the_proof_must_be_whole(changes):
    body = tiw_body(**({"ExpireTime": NOW + 60, "Sign": tiw_sign(KEY, NOW + 60)} | changes))

    with pytest.raises(Forged):
        read_tiw(body, key=KEY, now=NOW)


def test_without_a_key_the_cloud_does_not_sign_and_the_message_counts():
    claim = read_tiw(tiw_body(), key="", now=NOW)

    assert (claim.task_id, claim.signature_form) == ("bj0mt2l23osdj300hl30", "")


def test_a_repetition_signed_anew_is_the_same_event():
    first = read_tiw(signed(), key=KEY, now=NOW)
    later = tiw_body(Timestamp=NOW + 5, ExpireTime=NOW + 99, Sign=tiw_sign(KEY, NOW + 99))

    again = read_tiw(later, key=KEY, now=NOW)

    assert again.identity == first.identity


@pytest.mark.parametrize("changes", [{"EventType": "OnlineRecordStopped"}, {"data": {"TaskId": "other"}}])
def test_another_event_is_another_one(changes):
    first = read_tiw(signed(), key=KEY, now=NOW)

    other = read_tiw(signed(**changes), key=KEY, now=NOW)

    assert other.identity != first.identity


def test_a_failure_may_name_no_task():
    body = json.dumps(
        {
            "SdkAppId": 1400000001,
            "EventType": "OnlineRecordFinished",
            "EventData": {"Error": {"Code": "FailedOperation.Transcode", "Message": "code: 40004"}},
        }
    ).encode()

    claim = read_tiw(body, key="", now=NOW)

    assert (claim.task_id, claim.room_id, claim.record_user_id) == ("", "", "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"\xff\xfe{}",
        b'{"EventType": NaN, "EventData": {}}',
        b"[" * 100_000,
        b'{"EventData":' + b"[" * 100_000,
        b'{"SdkAppId":' + b"9" * 5000 + b"}",
        b'{"EventData": {}}',
        b'{"EventType": "", "EventData": {}}',
        b'{"EventType": 5, "EventData": {}}',
        b'{"EventType": "x"}',
        b'{"EventType": "x", "EventData": []}',
        b'{"EventType": "' + b"x" * 61 + b'", "EventData": {}}',
        b'{"EventType": "x", "EventData": {"TaskId": "' + b"t" * 65 + b'"}}',
        b'{"EventType": "x", "EventData": {"TaskId": ' + b"9" * 65 + b"}}",
        b'{"EventType": "x", "EventData": {"TaskId": "a\\u0000b"}}',
        b'{"EventType": "x", "EventData": {"TaskId": "\\ud800"}}',
        b'{"EventType": "x", "EventData": {"TaskId": true}}',
        b'{"EventType": "x", "EventData": {"TaskId": 4.46e17}}',
        b'{"EventType": "x", "EventData": {"RecordUserId": ["u"]}}',
    ],
)
def test_what_cannot_be_an_event_is_malformed(body):
    with pytest.raises(Malformed):
        read_tiw(body, key="", now=NOW)


@unhurried
@given(st.binary() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["EventType", "EventData", "TaskId", "ExpireTime", "Sign", "Detail", "TaskID", "x"]), inner
    ),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_junk_is_refused_or_read_and_nothing_else_happens(body):
    readings = [
        _reading(lambda: read_tiw(body, key=KEY, now=NOW)),
        _reading(lambda: read_tiw(body, key="", now=NOW)),
        _reading(lambda: parse_gme(body)),
    ]

    assert set(readings) <= {"read", "malformed", "forged"}


def _reading(read) -> str:
    try:
        read()
    except CallbackRefused as refused:
        return refused.reason
    return "read"


@pytest.mark.parametrize("case", named(VECTORS["gme"]))
@pytest.mark.parametrize("form", ["base64", "hex"])
def test_a_gme_signature_counts_in_both_usual_spellings(case, form):
    signature = case[f"hmac_sha1_body_{form}"]

    claim = read_gme(case["body"].encode(), signature=signature, key=case["secret_key"])

    assert claim.signature_form == form
    assert claim.app_id == "1400000000"


@pytest.mark.parametrize("case", named(VECTORS["gme"]))
@pytest.mark.parametrize(
    "twist",
    [
        lambda case: case["sibling_moderation_form_base64"],
        lambda case: case["hmac_sha1_body_hex"].upper(),
        lambda case: case["hmac_sha1_body_base64"].rstrip("="),
        lambda case: case["hmac_sha1_body_base64"].swapcase(),
        lambda case: "é" * 28,
        lambda case: "é" * 40,
        lambda case: "",
    ],
)
def test_every_other_signature_is_forged(case, twist):
    with pytest.raises(Forged):
        read_gme(case["body"].encode(), signature=twist(case), key=case["secret_key"])


def test_the_signature_covers_the_bytes_and_not_what_they_mean():
    case = VECTORS["gme"][0]
    same_meaning = case["body"].encode() + b" "

    with pytest.raises(Forged):
        read_gme(same_meaning, signature=case["hmac_sha1_body_hex"], key=case["secret_key"])


def test_without_the_permission_key_a_gme_callback_cannot_be_checked():
    with pytest.raises(NoKey):
        read_gme(gme_body(), signature="x" * 28, key="")


def test_a_gme_callback_keeps_every_digit_and_names_its_file():
    claim = parse_gme(gme_body())

    assert (claim.app_id, claim.task_id, claim.room_id) == ("3400352518", "446192236330927912", "1987")
    assert (claim.event_type, claim.record_user_id) == ("3", "")
    assert claim.file == FileClaim("3400352518_1987_999/a_audio.mp3", owner="999", number=2, stage=3)


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({"Timestamp": NOW + 9, "RecordMode": 1}, True),
        ({"TaskID": 446192236330927913}, False),
        ({"EventType": 2}, False),
        ({"UserID": "1000"}, False),
        ({"Detail": {"SeqNo": 3, "FileName": "3400352518_1987_999/a_audio.mp3"}}, False),
        ({"Detail": {"SeqNo": 2, "FileName": "b"}}, False),
    ],
)
def test_a_gme_event_is_known_again_by_task_type_user_and_file(changes, is_same):
    first = parse_gme(gme_body())

    other = parse_gme(gme_body(**changes))

    assert (other.identity == first.identity) == is_same


@pytest.mark.parametrize("changes", [{"Detail": None}, {"Detail": {}}, {"EventType": 9}])
def test_a_gme_event_without_a_known_file_is_still_an_event(changes):
    claim = parse_gme(gme_body(**changes))

    assert (claim.task_id, claim.file) == ("446192236330927912", None)


@pytest.mark.parametrize(
    "changes", [{"Detail": "x"}, {"EventType": None}, {"TaskID": 4.4e17}, {"Detail": {"FileName": "x" * 501}}]
)
def test_a_gme_body_of_the_wrong_shape_is_malformed(changes):
    with pytest.raises(Malformed):
        parse_gme(gme_body(**changes))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_588_040_109, datetime(2020, 4, 28, 2, 15, 9, tzinfo=UTC)),
        (1_588_040_109_250, datetime(2020, 4, 28, 2, 15, 9, tzinfo=UTC)),
        (0, None),
        (-5, None),
        (10**30, None),
        (True, None),
        ("1588040109", None),
        (1.5, None),
        (None, None),
    ],
)
def test_a_moment_may_be_seconds_or_milliseconds(value, expected):
    assert moment(value) == expected
