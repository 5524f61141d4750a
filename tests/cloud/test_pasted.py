"""A request that was shown in any form is read back from it exactly."""

import json
import time
from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder_app.cloud import snippets
from recorder_app.cloud.pasted import NotARequest, read_request
from recorder_app.cloud.shell_words import shell_words
from tests.cloud.properties import unhurried

TIW = {
    "SdkAppId": 1400000001,
    "RoomId": 1203,
    "RecordUserId": "tic_record_user_1203_141551",
    "Whiteboard": {"Width": 1280, "Height": 960, "InitParam": '{"ratio":"16:9"}'},
    "Concat": {"Enabled": True, "Image": "http://background/image.jpg"},
    "MixStream": {"Enabled": True, "DisableAudio": False, "ModelId": 2, "TeacherId": "teacher"},
    "Extras": ["MIX_STREAM"],
}
CUSTOM = {
    "SdkAppId": 1400000001,
    "RoomId": 7,
    "MixStream": {
        "Enabled": True,
        "Custom": {
            "Canvas": {"LayoutParams": {"Width": 1280, "Height": 720}, "BackgroundColor": "#34363B"},
            "InputStreamList": [
                {
                    "LayoutParams": {"Width": 960, "Height": 720, "X": -5, "Y": 0, "ZOrder": 1},
                    "InputStreamId": "a",
                },
                {
                    "LayoutParams": {"Width": 320, "Height": 240, "X": 960, "Y": 0, "ZOrder": 2},
                    "InputStreamId": "b",
                },
            ],
        },
    },
    "RecordControl": {"Enabled": True, "StreamControls": [{"StreamId": "1203", "DisableRecord": True}]},
    "ExtraData": 'it\'s "quoted" $HOME `id` $(id) \\ !! %41 & ; # * ? \t\r\n\x1b[31m\x7f 教师 🎓 true',
}
GME = {
    "BizId": 3400352518,
    "RoomId": "1987",
    "RecordMode": 1,
    "SubscribeRecordUserIds": {"SubscribeUserIds": ["1145"], "UnSubscribeUserIds": ["1987"]},
}
CASES = [("tiw", "StartOnlineRecord", TIW), ("tiw", "StartOnlineRecord", CUSTOM), ("gme", "StartRecord", GME)]
FORMS = [key for key, _title, _text in snippets.all_forms("StartRecord", GME, product_key="gme")]
SECRET = {"RecordUserSig": "eJxEXAMPLEusersig*of-somebody_"}

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)
rooms = st.integers(2, 2**32)
controls = st.lists(
    st.fixed_dictionaries({"StreamId": texts, "DisableRecord": st.booleans()}), min_size=1, max_size=3
)
classes = st.fixed_dictionaries(
    {"SdkAppId": rooms, "RoomId": rooms},
    optional={
        "ExtraData": texts,
        "GroupId": texts,
        "Extras": st.lists(texts, min_size=1, max_size=3),
        "AudioFileNeeded": st.booleans(),
        "Whiteboard": st.fixed_dictionaries({"Width": rooms}, optional={"InitParam": texts}),
        "RecordControl": st.fixed_dictionaries({"Enabled": st.booleans(), "StreamControls": controls}),
    },
)
voices = st.fixed_dictionaries(
    {"BizId": rooms, "RoomId": texts, "RecordMode": st.integers(1, 3)},
    optional={
        "SubscribeRecordUserIds": st.fixed_dictionaries({"SubscribeUserIds": st.lists(texts, min_size=1)})
    },
)


def form(key, action, params, product):
    shown = snippets.all_forms(action, params, product_key=product, region="ap-singapore")
    return {name: text for name, _title, text in shown}[key]


@pytest.mark.parametrize(("product", "action", "params"), CASES, ids=["class", "custom", "voice"])
@pytest.mark.parametrize("key", FORMS)
def test_what_the_dashboard_shows_is_read_back_exactly(key, product, action, params):
    pasted = read_request(form(key, action, params, product))

    assert (pasted.params, pasted.product) == (params, product)
    assert pasted.action == ("" if key == "json" else action)


@pytest.mark.parametrize("key", FORMS)
@unhurried
@given(params=classes)
def test_any_class_is_read_back_exactly(key, params):
    assert read_request(form(key, "StartOnlineRecord", params, "tiw")).params == params


@pytest.mark.parametrize("key", FORMS)
@unhurried
@given(params=voices)
def test_any_voice_room_is_read_back_exactly(key, params):
    assert read_request(form(key, "StartRecord", params, "gme")).params == params


@pytest.mark.parametrize("key", FORMS)
def test_a_signature_is_dropped_and_named(key):
    pasted = read_request(form(key, "StartOnlineRecord", TIW | SECRET, "tiw"))

    assert pasted.params == TIW
    assert pasted.dropped == ["RecordUserSig"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"Action": "StartRecord", "Version": "2018-07-11", "Region": "", **GME}),
        json.dumps({"action": "StartRecord", "params": GME}),
        json.dumps({"Action": "StartRecord", "body": json.dumps(GME)}),
        f"curl https://gme.tencentcloudapi.com -H 'X-TC-Action: StartRecord' -d '{json.dumps(GME)}'",
        f'curl -X POST -H "X-TC-Action: StartRecord" --data-raw {json.dumps(json.dumps(GME))} https://h/',
        "tccli gme StartRecord --BizId 3400352518 --RoomId 1987 --RecordMode 1 --SubscribeRecordUserIds "
        + f"'{json.dumps(GME['SubscribeRecordUserIds'])}' --region ap-singapore",
        "tccli gme StartRecord --cli-unfold-argument --BizId 3400352518 --RoomId 1987 --RecordMode 1 "
        "--SubscribeRecordUserIds.SubscribeUserIds.0 1145 --SubscribeRecordUserIds.UnSubscribeUserIds 1987 x",
        f"tccli gme StartRecord --cli-input-json '{json.dumps(GME)}'",
        f"POST / HTTP/1.1\nHost: gme.tencentcloudapi.com\nX-TC-Action: StartRecord\n\n{json.dumps(GME)}",
        f"Ticket 7: this was sent {{not json}}: {json.dumps(GME)} and refused.\nX-TC-Action: StartRecord\n",
        "req = models.StartRecordRequest()\nreq.BizId = 3400352518\nreq.RoomId = '1987'\nreq.RecordMode = 1\n"
        "req.SubscribeRecordUserIds = {'SubscribeUserIds': ['1145'], 'UnSubscribeUserIds': ['1987']}\n",
    ],
    ids=[
        "envelope",
        "params",
        "body",
        "curl",
        "curl-double",
        "tccli",
        "unfolded",
        "input",
        "http",
        "ticket",
        "sdk",
    ],
)
def test_a_request_is_read_from_where_people_keep_it(text):
    pasted = read_request(text)

    expected = (
        GME
        if "--cli-unfold" not in text
        else GME
        | {"SubscribeRecordUserIds": {"SubscribeUserIds": ["1145"], "UnSubscribeUserIds": ["1987", "x"]}}
    )
    assert (pasted.action, pasted.params) == ("StartRecord", expected)


def test_the_documents_own_example_is_read_as_it_is_printed():
    pasted = read_request(
        """https://tiw.tencentcloudapi.com/?Action=StartOnlineRecord
    &SdkAppId=1400000001
    &RoomId=1203
    &RecordUserId=tic_record_user_1203_141551
    &RecordUserSig=usersig_of_<tic_record_user_1203_141551>
    &Whiteboard.Width=1280
    &Whiteboard.Height=960
    &Whiteboard.InitParam={"ratio":"16:9"}
    &Concat.Enabled=true
    &Concat.Image=http://background/image.jpg
    &MixStream.Enabled=true
    &MixStream.DisableAudio=false
    &MixStream.ModelId=2
    &MixStream.TeacherId=teacher
    &Extras.0=MIX_STREAM
    &<Common request parameters>"""
    )

    assert (pasted.params, pasted.dropped) == (TIW, ["RecordUserSig"])


def test_a_signed_address_loses_what_goes_with_every_request():
    query = "Action=StartRecord&BizId=1&RoomId=7&SecretId=AKID&Signature=a%2Bb&Timestamp=1&Nonce=2&Token=t&Version=x"

    pasted = read_request(f"https://gme.tencentcloudapi.com/?{query}&Region=ap-x")

    assert (pasted.params, pasted.region, pasted.dropped) == ({"BizId": 1, "RoomId": "7"}, "ap-x", [])


def test_a_name_that_nobody_knows_is_kept_to_be_named():
    assert read_request('{"BizId": 1, "Colour": "red"}').params["Colour"] == "red"


def test_the_page_decides_where_the_request_does_not():
    assert read_request('{"RoomId": "7"}', product="gme").product == "gme"
    assert read_request('{"SdkAppId": 1}', product="gme").product == "tiw"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Paste a request first"),
        ("good morning", "No request was found"),
        ("[1, 2]", "No request was found"),
        ('{"RoomId": "7"}', "class or a voice room"),
        ('{"Action": "RunInstances", "BizId": 1}', "no action called RunInstances"),
        ("https://h/?Action=StartRecord&BizId=1&BizId.0=2", "contradict each other"),
        ("{" * 50_000, "No request was found"),
        ('{"a":' * 30_000, "No request was found"),
        ("curl '" + "\\'" * 20_000, "No request was found"),
        ("params = " + "(" * 5000, "No request was found"),
        ("x" * 200_001, "too long"),
    ],
)
def test_what_is_no_request_is_told_so(text, told):
    with pytest.raises(NotARequest, match=told):
        read_request(text)


@unhurried
@given(
    st.text(max_size=200),
    st.sampled_from(["", "curl ", "tccli gme StartRecord ", "params = ", "{", "https://h/?"]),
)
def test_no_text_is_too_strange(text, start):
    product = ""
    with suppress(NotARequest):
        product = read_request(start + text).product

    assert product in ("", "tiw", "gme")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a 'b c' \"d $e\"", ["a", "b c", "d $e"]),
        (r"'it'\''s' \"x\"", ["it's", '"x"']),
        ("$'a\\x09\\u6559\\n\\'' b", ["a\t教\n'", "b"]),
        ("a \\\n  b # not this\nc#d", ["a", "b", "c#d"]),
        ("x=$(y) | z 'open", ["x=$", "y", "z", "'open"]),
        ('"a \\" \\\\ \\n"', ['a " \\ \\n']),
    ],
)
def test_words_are_split_as_bash_splits_them(text, words):
    assert [word.text for word in shell_words(text)] == words


def test_an_encoded_value_is_read_once():
    assert read_request(f"https://h/?BizId=1&RoomId={quote('100%25')}").params["RoomId"] == "100%25"


@pytest.mark.parametrize(
    "text",
    [
        "params = {1: 2, 'BizId': 5}",
        f"params = {{'BizId': 5, 'RoomId': 0x{'f' * 6000}}}",
        "params = {'BizId': 5, 'RoomId': b'x'}",
        "params = {'BizId': 5, 'RoomId': 1j}",
    ],
)
def test_what_no_request_can_hold_is_left_out_of_a_program(text):
    params = read_request(text).params

    assert {name: value for name, value in params.items() if value is not None} == {"BizId": 5}


def test_halves_of_characters_and_nuls_become_what_a_page_can_show():
    text = r'{"BizId": 5, "RoomId": "a\ud800\u0000b", "Odd\udfff": ["\ud800"]}'

    assert read_request(text).params == {"BizId": 5, "RoomId": "a?b", "Odd?": ["?"]}


@pytest.mark.parametrize("depth", [40, 900, 90_000])
def test_what_is_nested_without_end_is_told_so(depth):
    with pytest.raises(NotARequest):
        read_request('{"BizId": 5, "RoomId": ' + "[" * depth + "]" * depth + "}")


def test_empty_lines_do_not_make_it_slow():
    began = time.process_time()

    with pytest.raises(NotARequest):
        read_request("x" + "\n" * 199_990 + "x")

    assert time.process_time() - began < 2
