"""Identifiers are found in any text, in its order, and in time that grows with its length alone."""

import json
import time
from html import escape
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder_app.cloud.masked_text import masked_text
from recorder_app.services.identifiers import Identifier, Kind, find_identifiers, guess
from tests.cloud.properties import unhurried

# The documents' own example, which is no valid UUID.
REQUEST_ID = "h9167d24-a2c6-1125-a5bd-5c023ba721c2"
TIW_TASK = "bj0mt2l23osdj300hl30"
GME_TASK = "18446744073709551615"
USER_ID = "tic_record_user_1203_141551"
MILLION = 1_000_000
# Seconds for a million characters; a machine with nothing else to do needs a fraction.
LONGEST = 1.5

hexadecimal = st.text("0123456789abcdef", min_size=12, max_size=12)
request_ids = st.builds(
    lambda part: f"{part[:8]}-{part[:4]}-{part[4:8]}-{part[8:]}-{part}", hexadecimal
).filter(lambda text: any(character.isdigit() for character in text))
task_ids = st.integers(10**17, 2**64 - 1).map(str)
noise = st.text("abc XYZ.,;:!?\n\t教室“”()[]{}", max_size=30).map(lambda text: f" {text} ")


def found(text):
    return [(one.text, one.kind) for one in find_identifiers(text)[0] if one.is_sure]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (REQUEST_ID, Kind.REQUEST),
        ("ab12-cd34ef56-7890abcd-ef123456", Kind.REQUEST),
        (TIW_TASK, Kind.TASK),
        (GME_TASK, Kind.TASK),
        ("446192236330927912", Kind.TASK),
        (USER_ID, Kind.RECORD_USER),
        ("ResourceInUse.RecordUserId", Kind.CODE),
        ("InternalError", Kind.CODE),
        ("FailedOperation.SomethingNew", Kind.CODE),
    ],
)
def test_a_shape_is_known_wherever_it_stands(text, kind):
    assert found(f"It said ({text}), then nothing.") == [(text, kind)]
    assert guess(text) == kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"RequestId": "opaque, with blanks"', ("opaque, with blanks", Kind.REQUEST)),
        ("request_id=zz-1", ("zz-1", Kind.REQUEST)),
        ("Request ID: 7f3", ("7f3", Kind.REQUEST)),
        ("请求ID：zz-9", ("zz-9", Kind.REQUEST)),
        ("TaskId=12345&x=1", ("12345", Kind.TASK)),
        ('"RoomId":1203,', ("1203", Kind.ROOM)),
        ("room 1203 is stuck", ("1203", Kind.ROOM)),
        ("room: lounge", ("lounge", Kind.ROOM)),
        ("房间号：语音房", ("语音房", Kind.ROOM)),
        ("SdkAppId: 1400000001", ("1400000001", Kind.APPLICATION)),
        ("BizId=3400352518", ("3400352518", Kind.APPLICATION)),
        ('"Code": "AuthFailure.SignatureExpire"', ("AuthFailure.SignatureExpire", Kind.CODE)),
        ("UserId: lin", ("lin", Kind.USER)),
    ],
)
def test_a_name_tells_what_follows_it(text, expected):
    assert found(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "the room is closed",
        "requestId: null",
        "TaskId: ***",
        "code: 0",
        "a code review",
        "2026-11-20T09:00:00.000Z",
        "10.0.0.1",
        "/usr/share/dict/words",
        "",
    ],
)
def test_what_only_resembles_an_identifier_is_none(text):
    assert found(text) == []


def test_a_bare_number_is_only_a_guess():
    assert find_identifiers("at 1763629200 or 1763629200123")[0] == [
        Identifier("1763629200", Kind.APPLICATION, is_sure=False),
        Identifier("1763629200123", Kind.TASK, is_sure=False),
    ]


LOG = {"RequestId": REQUEST_ID, "TaskId": TIW_TASK, "RoomId": "a room", "RecordUserId": USER_ID}
LOG_FOUND = [
    (REQUEST_ID, Kind.REQUEST),
    (TIW_TASK, Kind.TASK),
    ("a room", Kind.ROOM),
    (USER_ID, Kind.RECORD_USER),
]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(LOG),
        json.dumps(LOG, indent=2),
        json.dumps({"message": json.dumps(LOG)}),
        json.dumps({"message": json.dumps({"message": json.dumps(LOG)})}),
        quote(json.dumps(LOG)),
        quote(quote(json.dumps(LOG))),
        escape(json.dumps(LOG)),
        str(LOG),
        f"curl -d '{json.dumps(LOG)}' https://tiw.tencentcloudapi.com",
    ],
    ids=["json", "indented", "in-json", "in-json-in-json", "encoded", "twice", "page", "python", "curl"],
)
def test_the_same_is_found_however_it_is_wrapped(text):
    assert found(text) == LOG_FOUND


def test_a_room_of_other_letters_is_read_out_of_escaped_json():
    assert found(json.dumps({"RoomId": "语音房 7"})) == [("语音房 7", Kind.ROOM)]


def test_an_identifier_is_told_once_where_it_stands_first():
    text = f"{GME_TASK} {REQUEST_ID} TaskId={GME_TASK} {REQUEST_ID}"

    assert found(text) == [(GME_TASK, Kind.TASK), (REQUEST_ID, Kind.REQUEST)]


def test_what_is_a_room_in_one_place_may_be_a_task_in_another():
    assert found('RoomId: "77" TaskId: "77"') == [("77", Kind.ROOM), ("77", Kind.TASK)]


def test_more_than_the_most_is_cut_and_said_so():
    text = "\n".join(f"RequestId=r-{number}" for number in range(600))

    identifiers, is_cut = find_identifiers(text)

    assert (len(identifiers), identifiers[-1].text, is_cut) == (500, "r-499", True)
    assert find_identifiers(text, most=600)[1] is False


@unhurried
@given(st.lists(st.one_of(request_ids, task_ids), unique=True, max_size=12), st.data())
def test_everything_is_found_in_the_order_of_the_text(identifiers, data):
    text = "".join(data.draw(noise) + one for one in identifiers) + data.draw(noise)

    assert [text for text, _kind in found(text)] == identifiers


@unhurried
@given(st.text(max_size=300))
def test_no_text_is_too_strange(text):
    for one in find_identifiers(text)[0]:
        assert one.text.strip()
        assert "\x00" not in one.text
    masked_text(text)


@pytest.mark.parametrize(
    "piece",
    [
        "a", " ", "\\", '"', "1", "-", "a ", "room ", "room:1 ", "RequestId:\"", "RequestId      ", "abcd1234-", "ab-",
        "AuthFailure.", "AuthFailure ", "tic_record_user_", "token=\\\"", "sign=\"", "secretkey ", "cookie:", "%25",
        "%41", "&quot;", "\\u0041", "-u a:", "://a:", "eJ", "İ", "12345678901 ", "{\"RoomId\":\"", "authorization:   ",
        "2026-11-20T09:00:00Z INFO nothing to see here, 200 OK\n",
    ],
)  # fmt: skip
def test_a_million_characters_of_anything_take_no_time_to_speak_of(piece):
    text = (piece * (MILLION // len(piece) + 1))[:MILLION]
    began = time.process_time()

    find_identifiers(text)

    assert time.process_time() - began < LONGEST
