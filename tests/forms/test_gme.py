"""The form of StartRecord: what is sent, what is refused, what is asked about."""

import pytest

from recorder_app.choices import Product
from recorder_app.forms.gme import StartRecord
from tests.forms.filled import (
    GME_EXAMPLE,
    INTENTION,
    SENT_BY_GME_EXAMPLE,
    application,
    codes_of,
    errors_of,
    gme,
    wrong_fields,
)

ONLY = "SubscribeRecordUserIds.SubscribeUserIds"
EXCEPT = "SubscribeRecordUserIds.UnSubscribeUserIds"


def test_example_of_start_record_sends_exactly_its_parameters():
    asked = gme(GME_EXAMPLE)
    confirmed = gme({**GME_EXAMPLE, "confirm": "both-lists"})

    assert asked.is_valid() is False
    assert codes_of(asked) == ["both-lists"]
    assert confirmed.is_valid() is True
    assert confirmed.params() == SENT_BY_GME_EXAMPLE


def test_room_alone_records_everybody():
    form = gme()

    assert form.is_valid() is True
    assert form.params() == {"BizId": 3400352518, "RoomId": "1987", "RecordMode": 2}


def test_room_is_text_even_when_it_looks_like_a_number():
    assert gme({"RoomId": "007"}).params()["RoomId"] == "007"


@pytest.mark.parametrize("mode", ["1", "2", "3"])
def test_record_modes_one_to_three_are_sent_as_numbers(mode):
    assert gme({"RecordMode": mode}).params()["RecordMode"] == int(mode)


@pytest.mark.parametrize("mode", ["", "0", "4", "mixed", "1.0", "²"])
def test_other_record_modes_are_refused(mode):
    assert wrong_fields(gme({"RecordMode": mode})) == ["RecordMode"]


@pytest.mark.parametrize("room", ["", "   ", "x" * 201, "room\x00", "room\twith\ttabs"])
def test_room_that_is_empty_too_long_or_holds_control_characters_is_refused(room):
    assert wrong_fields(gme({"RoomId": room})) == ["RoomId"]


@pytest.mark.parametrize("room", ["../secret", "a/b", "class room", "a\\b"])
def test_room_that_would_change_the_path_of_its_files_has_to_be_confirmed(room):
    assert codes_of(gme({"RoomId": room})) == ["room-in-path"]
    assert gme({"RoomId": room, "confirm": "room-in-path"}).is_valid() is True


def test_users_keep_the_order_of_their_rows_without_the_empty_ones():
    form = gme({f"{ONLY}.10": "c", f"{ONLY}.2": " b ", f"{ONLY}.0": "a", f"{ONLY}.1": "  "})

    assert form.is_valid() is True
    assert form.params()["SubscribeRecordUserIds"] == {"SubscribeUserIds": ["a", "b", "c"]}


def test_several_lines_in_one_value_are_several_users():
    assert gme({ONLY: "a\r\nb\n\nc"}).params()["SubscribeRecordUserIds"] == {
        "SubscribeUserIds": ["a", "b", "c"]
    }


@pytest.mark.parametrize("name", [ONLY, EXCEPT])
def test_twenty_users_fit_and_twenty_one_do_not(name):
    users = {f"{name}.{number}": f"user{number}" for number in range(20)}
    empty = {f"{name}.90": "", f"{name}.91": " "}

    assert gme({**users, **empty}).is_valid() is True
    assert errors_of(gme({**users, f"{name}.20": "one more"})) == {
        name: ["These are 21; at most 20 are accepted."]
    }


def test_user_that_stands_twice_is_refused():
    form = gme({f"{ONLY}.0": "1145", f"{ONLY}.1": " 1145"})

    assert errors_of(form) == {ONLY: ["“1145” stands here more than once. Remove the repetition."]}


def test_entry_that_is_no_name_is_refused_with_its_number():
    form = gme({f"{ONLY}.0": "a", f"{ONLY}.1": "b\x07"})

    assert wrong_fields(form) == [ONLY]
    assert errors_of(form)[ONLY][0].startswith("Entry 2: ")


def test_choice_of_users_without_users_is_refused():
    assert wrong_fields(gme({"SubscribeRecordUserIds": ["off", "on"]})) == [ONLY]


def test_choice_of_users_that_is_off_is_not_sent_and_keeps_its_users():
    form = gme({"SubscribeRecordUserIds": ["off"], f"{ONLY}.0": "1145"})

    assert form.is_valid() is True
    assert "SubscribeRecordUserIds" not in form.params()
    assert form["SubscribeRecordUserIds"]["SubscribeUserIds"].rows[0]["text"] == "1145"


def test_list_of_users_offers_an_empty_row_below_what_is_typed():
    form = gme({f"{ONLY}.5": "1145"}).with_rows(f"add:{ONLY}")

    assert [
        (row["name"], row["text"]) for row in form["SubscribeRecordUserIds"]["SubscribeUserIds"].rows
    ] == [
        (f"{ONLY}.0", "1145"),
        (f"{ONLY}.1", ""),
    ]


def test_removed_user_is_gone_and_the_others_stay():
    form = gme({f"{ONLY}.0": "a", f"{ONLY}.1": "b"}).with_rows(f"remove:{ONLY}.0")

    assert form.params()["SubscribeRecordUserIds"] == {"SubscribeUserIds": ["b"]}


def test_form_filled_from_the_documents_example_turns_numbers_into_text():
    example = {"BizId": 3400352518, "RoomId": "1987", "RecordMode": 1}
    lists = {"SubscribeUserIds": [1145], "UnSubscribeUserIds": [1987]}

    form = StartRecord.from_params(
        {**example, "SubscribeRecordUserIds": lists},
        application=application(product=Product.GME),
        intention=INTENTION,
    )

    assert form.params() == SENT_BY_GME_EXAMPLE
    assert form.unknown_params == []
