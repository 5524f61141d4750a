"""The form of StartOnlineRecord: what is sent, what is refused, what is asked about."""

import pytest
import time_machine

from recorder_app.choices import Edition
from recorder_app.cloud.usersig import make_user_sig
from recorder_app.crypto import cipher
from recorder_app.forms.tiw import StartOnlineRecord
from tests.forms.filled import (
    INTENTION,
    SDK_KEY,
    SECOND_TIW_EXAMPLE,
    SENT_BY_SECOND_TIW_EXAMPLE,
    application,
    codes_of,
    errors_of,
    layout,
    tiw,
    wrong_fields,
)


def test_second_example_of_start_online_record_sends_exactly_its_parameters():
    asked = tiw(SECOND_TIW_EXAMPLE)
    confirmed = tiw({**SECOND_TIW_EXAMPLE, "confirm": "user-sig"})

    assert asked.is_valid() is False
    assert codes_of(asked) == ["user-sig"]
    assert confirmed.is_valid() is True
    assert confirmed.params() == SENT_BY_SECOND_TIW_EXAMPLE


def test_second_example_posted_by_the_page_with_its_switches_sends_the_same():
    page = {name: value for name, value in SECOND_TIW_EXAMPLE.items() if name not in ("SdkAppId", "Extras.0")}
    page |= {
        "application": "7",
        "Whiteboard": ["off", "on"],
        "Concat.Enabled": "on",
        "MixStream.Enabled": "on",
        "MixStream.Custom": "off",
        "MixStream.Custom.InputStreamList.0.LayoutParams.Width": "9999",
        "AudioFileNeeded": "",
        "AutoStopTimeout": "",
        "GroupId": "",
        "Extras.0": "",
        "confirm": "user-sig",
    }
    del page["MixStream.DisableAudio"]

    form = tiw(page)

    assert form.is_valid() is True
    assert form.params() == SENT_BY_SECOND_TIW_EXAMPLE


def test_first_example_with_nothing_but_a_room_sends_a_generated_account():
    form = tiw()

    assert form.is_valid() is True
    assert form.params() == {
        "SdkAppId": 1400000001,
        "RoomId": 1203,
        "RecordUserId": form.generated_user_id,
    }


@pytest.mark.parametrize("room", ["2", "1203", "4294967294"])
def test_generated_account_has_the_documented_form_and_at_most_32_bytes(room):
    user_id = tiw({"RoomId": room}).generated_user_id

    start = f"tic_record_user_{room}_"
    assert user_id.startswith(start)
    assert len(user_id) <= 32
    assert len(user_id) - len(start) >= 5
    assert user_id.removeprefix(start).isalnum()
    assert user_id == user_id.lower()


def test_generated_account_is_the_same_for_one_intention_and_another_for_the_next():
    form = tiw()
    first, again = form.generated_user_id, tiw().generated_user_id

    form.renew()

    assert first == again
    assert form.generated_user_id != first


# --- What is off, empty or default -----------------------------------------------------------------------
def test_structure_that_is_off_is_neither_checked_nor_sent_and_keeps_what_was_typed():
    form = tiw({"Whiteboard": "off", "Whiteboard.Width": "nonsense", "Concat.Image": "nonsense"})

    assert form.is_valid() is True
    assert set(form.params()) == {"SdkAppId", "RoomId", "RecordUserId"}
    assert form["Whiteboard"]["Width"].value() == "nonsense"
    assert form["Concat"]["Image"].value() == "nonsense"


def test_structure_without_enabled_is_switched_on_by_posting_any_of_its_fields():
    form = tiw({"Whiteboard.Width": "640", "Whiteboard.Height": ""})

    assert form.params()["Whiteboard"] == {"Width": 640}


def test_structure_without_enabled_stays_off_when_only_empty_fields_are_posted():
    form = tiw({"Whiteboard.Width": "", "Whiteboard.Height": ""})

    assert "Whiteboard" not in form.params()


@pytest.mark.parametrize(("posted", "on"), [(["off"], False), (["off", "on"], True), (["on", "off"], False)])
def test_last_posted_value_of_a_switch_wins(posted, on):
    form = tiw({"Whiteboard": posted, "Whiteboard.Width": "640"})

    assert ("Whiteboard" in form.params()) is on


def test_booleans_of_a_structure_that_is_on_are_sent_also_when_false():
    form = tiw(
        {
            "RecordControl.Enabled": "on",
            "RecordControl.PullSmallVideo": "on",
            "RecordControl.StreamControls.0.StreamId": "tic_substream",
            "RecordControl.StreamControls.0.DisableAudio": "on",
        }
    )

    assert form.is_valid() is True
    assert form.params()["RecordControl"] == {
        "Enabled": True,
        "DisableRecord": False,
        "DisableAudio": False,
        "PullSmallVideo": True,
        "StreamControls": [
            {
                "StreamId": "tic_substream",
                "DisableRecord": False,
                "DisableAudio": True,
                "PullSmallVideo": False,
            }
        ],
    }


@pytest.mark.parametrize(("posted", "sent"), [("", None), ("true", True), ("false", False)])
def test_sound_files_are_asked_for_only_when_somebody_chose(posted, sent):
    assert tiw({"AudioFileNeeded": posted}).params().get("AudioFileNeeded") is sent


def test_every_plain_field_is_sent_as_the_api_wants_it():
    posted = {
        "GroupId": "class-1203",
        "RecordMode": "VIDEO_GENERATION_MODE",
        "ChatGroupId": "chat-1203",
        "AutoStopTimeout": "86400",
        "ExtraData": "internal",
    }

    form = tiw(posted)

    assert form.is_valid() is True
    assert {name: form.params()[name] for name in posted} == {**posted, "AutoStopTimeout": 86400}


# --- Ranges ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("room", ["2", "4294967294", " 1203 "])
def test_rooms_inside_the_open_interval_are_accepted(room):
    assert tiw({"RoomId": room}).is_valid() is True


@pytest.mark.parametrize(
    "room", ["", "0", "1", "4294967295", "-5", "12.0", "1_203", "0x4b3", "a" * 5000, "9" * 30]
)
def test_rooms_outside_the_open_interval_are_refused_at_the_room(room):
    form = tiw({"RoomId": room})

    assert form.is_valid() is False
    assert wrong_fields(form) == ["RoomId"]


@pytest.mark.parametrize(
    ("name", "value", "switch"),
    [
        ("AutoStopTimeout", "299", {}),
        ("AutoStopTimeout", "86401", {}),
        ("RecordMode", "OTHER", {}),
        ("AudioFileNeeded", "perhaps", {}),
        ("GroupId", "x" * 257, {}),
        ("GroupId", "bell\x07", {}),
        ("ExtraData", "x" * 8001, {}),
        ("Whiteboard.Width", "1", {}),
        ("Whiteboard.Height", "1", {}),
        ("Whiteboard.InitParam", '{"ratio": }', {}),
        ("Whiteboard.InitParam", "[" * 5000, {}),
        ("Whiteboard.InitParam", '{"ratio": NaN}', {}),
        ("Concat.Image", "ftp://background/image.jpg", {"Concat.Enabled": "on"}),
        ("Concat.Image", "http://", {"Concat.Enabled": "on"}),
        ("Concat.Image", "http://[", {"Concat.Enabled": "on"}),
        ("Concat.Image", "http://a b/c.jpg", {"Concat.Enabled": "on"}),
        ("MixStream.ModelId", "3", {"MixStream.Enabled": "on"}),
        ("RecordControl.StreamControls.4.StreamId", "", {"RecordControl.Enabled": "on"}),
    ],
)
def test_value_the_reference_forbids_is_refused_at_its_field(name, value, switch):
    form = tiw({**switch, name: value})

    assert form.is_valid() is False
    assert wrong_fields(form) == [name]


@pytest.mark.parametrize("text", ["", "plain words", '{"ratio":"16:9"}', "[1, 2]", '{"room": "教室 🎓"}'])
def test_start_text_of_the_whiteboard_is_json_only_when_it_looks_like_it(text):
    assert tiw({"Whiteboard": "on", "Whiteboard.InitParam": text}).is_valid() is True


# --- The recorder's account and signature ----------------------------------------------------------------
def test_account_is_counted_in_bytes():
    fits = "tic_record_user_1203_" + "é" * 19 + "x"  # 60 bytes, 41 characters
    form = tiw({"RecordUserId": fits})
    longer = tiw({"RecordUserId": fits + "x"})

    assert (wrong_fields(form), codes_of(form)) == ([], ["user-id-length", "user-id-characters"])
    assert wrong_fields(longer) == ["RecordUserId"]
    assert "61 bytes" in errors_of(longer)["RecordUserId"][0]


@pytest.mark.parametrize(
    "user_id", ["teacher", "tic_record_user_1204_x", "tic_record_user_1203_", "tic_record_user_1203"]
)
def test_account_of_another_form_or_room_is_refused(user_id):
    assert wrong_fields(tiw({"RecordUserId": user_id})) == ["RecordUserId"]


def test_account_longer_than_32_bytes_has_to_be_confirmed():
    long = "tic_record_user_1203_" + "x" * 12

    assert codes_of(tiw({"RecordUserId": long})) == ["user-id-length"]
    assert tiw({"RecordUserId": long}).is_valid() is False
    assert tiw({"RecordUserId": long, "confirm": "user-id-length"}).is_valid() is True
    assert codes_of(tiw({"RecordUserId": long[:32]})) == []


def test_without_sdk_key_a_signature_has_to_be_typed():
    assert wrong_fields(tiw(sdk_key="")) == ["RecordUserSig"]


def test_good_signature_is_taken_without_a_question():
    user_id = "tic_record_user_1203_141551"
    with time_machine.travel(1_700_000_000, tick=False):
        signature = make_user_sig(
            sdk_app_id=1400000001, key=SDK_KEY, user_id=user_id, lifetime=172_800, now=1_700_000_000
        )
        form = tiw({"RecordUserId": user_id, "RecordUserSig": signature})

        assert form.is_valid() is True
        assert form.params()["RecordUserSig"] == signature


@pytest.mark.parametrize(
    "change", [{"user_id": "somebody"}, {"sdk_app_id": 1400000009}, {"key": "other"}, {"lifetime": 60}]
)
def test_signature_that_does_not_fit_has_to_be_confirmed(change):
    user_id = "tic_record_user_1203_141551"
    made_for = {"sdk_app_id": 1400000001, "key": SDK_KEY, "user_id": user_id, "lifetime": 172_800, **change}
    with time_machine.travel(1_700_000_100, tick=False):
        signature = make_user_sig(now=1_700_000_000, **made_for)
        posted = {"RecordUserId": user_id, "RecordUserSig": signature}

        assert codes_of(tiw(posted)) == ["user-sig"]
        assert tiw({**posted, "confirm": "user-sig"}).is_valid() is True


def test_typed_signature_comes_back_sealed_and_is_still_sent():
    first = tiw({**SECOND_TIW_EXAMPLE, "RoomId": "nonsense"})
    drawn = str(first["RecordUserSig"])
    seal = drawn.rpartition('value="')[2].partition('"')[0]
    again = tiw(
        {**SECOND_TIW_EXAMPLE, "RecordUserSig": "", "RecordUserSig.kept": seal, "confirm": "user-sig"}
    )

    assert "usersig_of_" not in drawn
    assert again.is_valid() is True
    assert again.params() == SENT_BY_SECOND_TIW_EXAMPLE


def test_seal_that_cannot_be_opened_is_told_and_not_replaced_by_a_signature_of_ours():
    form = tiw({"RecordUserSig.kept": "gAAAAA-made-up"})

    assert form.is_valid() is False
    assert wrong_fields(form) == ["RecordUserSig"]


def test_a_stored_secret_is_not_opened_as_a_sealed_signature():
    form = tiw({"RecordUserSig.kept": cipher().encrypt(b"EXAMPLE-of-a-stored-key").decode()})

    assert form.is_valid() is False
    assert wrong_fields(form) == ["RecordUserSig"]


def test_preview_shows_a_mask_where_the_signature_stands_or_will_stand():
    typed, made = tiw(SECOND_TIW_EXAMPLE).shown_params(), tiw().shown_params()

    assert typed["RecordUserSig"] == "***"
    assert made["RecordUserSig"] == "***"


# --- Rules across fields ---------------------------------------------------------------------------------
def test_mixed_picture_adds_its_feature_by_itself_once():
    mixing = {"MixStream.Enabled": "on", "MixStream.ModelId": "1"}

    assert tiw(mixing).params()["Extras"] == ["MIX_STREAM"]
    assert tiw({**mixing, "Extras.3": "MIX_STREAM"}).params()["Extras"] == ["MIX_STREAM"]


def test_feature_without_mixed_picture_is_refused_with_what_to_do():
    form = tiw({"Extras.0": "MIX_STREAM"})

    assert form.is_valid() is False
    assert errors_of(form) == {
        "Extras": [
            "MIX_STREAM needs a mixed picture. Switch the mixed picture on, or remove MIX_STREAM here."
        ]
    }


def test_unknown_feature_is_refused():
    assert wrong_fields(tiw({"Extras.0": "TELEPORT"})) == ["Extras"]


def test_mixed_picture_needs_a_layout():
    assert wrong_fields(tiw({"MixStream.Enabled": "on"})) == ["MixStream.ModelId"]


def test_chat_is_kept_only_with_video_generation():
    assert wrong_fields(tiw({"ChatGroupId": "chat"})) == ["ChatGroupId"]
    assert wrong_fields(tiw({"ChatGroupId": "chat", "RecordMode": "REALTIME_MODE"})) == ["ChatGroupId"]


def test_settings_that_record_nothing_have_to_be_confirmed():
    nothing = {"RecordControl.Enabled": "on", "RecordControl.DisableRecord": "on"}
    exception = {"RecordControl.StreamControls.0.StreamId": "teacher"}

    assert codes_of(tiw(nothing)) == ["records-nothing"]
    assert codes_of(tiw({**nothing, **exception, "RecordControl.StreamControls.0.DisableRecord": "on"})) == [
        "records-nothing"
    ]
    assert codes_of(tiw({**nothing, **exception})) == []


def test_stream_that_begins_another_in_the_choice_has_to_be_confirmed():
    form = tiw(
        {
            "RecordControl.Enabled": "on",
            "RecordControl.StreamControls.0.StreamId": "user10",
            "RecordControl.StreamControls.1.StreamId": "user1",
        }
    )

    assert codes_of(form) == ["control-name-begins-another"]
    assert "user1 + user10" in str(form.warnings[0].message)


def test_chinese_edition_sends_the_trtc_room():
    form = tiw({"TRTCRoomId": "77", "TRTCRoomIdStr": "class-a"}, edition=Edition.CHINESE)

    assert form.is_valid() is True
    assert (form.params()["TRTCRoomId"], form.params()["TRTCRoomIdStr"]) == (77, "class-a")


def test_international_edition_refuses_the_trtc_room_and_still_shows_it():
    form = tiw({"TRTCRoomId": "77"})

    assert wrong_fields(form) == ["TRTCRoomId"]
    assert form.shows_trtc is True
    assert tiw().shows_trtc is False


# --- Filling from earlier parameters ---------------------------------------------------------------------
def test_form_filled_from_earlier_parameters_sends_them_again_with_a_new_account():
    earlier = {**SENT_BY_SECOND_TIW_EXAMPLE, "RecordUserSig": "***", "AudioFileNeeded": False}
    form = StartOnlineRecord.from_params(earlier, application=application(), intention=INTENTION)

    assert form.unknown_params == []
    assert form.params() == {
        **{name: value for name, value in earlier.items() if name != "RecordUserSig"},
        "RecordUserId": form.generated_user_id,
    }


def test_form_filled_from_earlier_parameters_names_what_it_does_not_know():
    earlier = {
        "RoomId": 1203,
        "Colour": "red",
        "Whiteboard": {"Width": 640, "Depth": 3},
        "Concat": "yes",
        "MixStream": {"Enabled": True, "Custom": {"InputStreamList": [{"Opacity": 1, "InputStreamId": "a"}]}},
        "GroupId": {"odd": 1},
        "TRTCRoomIdStr": "***",
    }

    form = StartOnlineRecord.from_params(earlier, application=application(), intention=INTENTION)

    assert form.unknown_params == [
        "Colour",
        "Whiteboard.Depth",
        "Concat",
        "MixStream.Custom.InputStreamList.0.Opacity",
        "GroupId",
    ]
    assert form.params()["Whiteboard"] == {"Width": 640}


def test_fresh_form_offers_the_documented_layout_but_switches_nothing_on():
    form = StartOnlineRecord(application=application(), intention=INTENTION)

    rows = form["MixStream"]["Custom"]["InputStreamList"]
    assert form.params() == {"SdkAppId": 1400000001}
    assert [row["LayoutParams"].rect() for row in rows][:2] == [(8, 8, 1280, 960), (1296, 8, 320, 240)]
    assert len(rows) == 5


# --- As people paste it ------------------------------------------------------------------------------------
@pytest.mark.parametrize("typed", ["１２０３", "\u200b1203\ufeff", "\u200e 1203 \u200f", "\u30001203"])
def test_room_is_read_through_wide_digits_and_invisible_characters(typed):
    assert tiw({"RoomId": typed}).params()["RoomId"] == 1203


def test_name_is_sent_without_the_invisible_characters_around_it():
    assert tiw({"GroupId": "\u200bclass-a\ufeff"}).params()["GroupId"] == "class-a"


@pytest.mark.parametrize("number", ["1", "9" * 40])
def test_size_without_a_meaningful_upper_bound_names_the_lower_one(number):
    form = tiw({"Whiteboard": "on", "Whiteboard.Width": number})

    assert errors_of(form) == {"Whiteboard.Width": ["Write a whole number, 2 or more."]}


def test_problem_of_a_row_is_named_by_its_row_and_field():
    form = tiw(layout({"w": 1}))

    assert [str(problem.label) for problem in form.all_problems] == ["Stream 1 › Width"]
