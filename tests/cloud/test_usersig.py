"""User signatures, against those that the official package made."""

import base64
import hmac
import json
import zlib

import pytest

from recorder_app.cloud.usersig import check_user_sig, make_user_sig, read_user_sig
from tests.cloud.vectors import USERSIG, USERSIG_NEGATIVE

KEY = "EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE001"
OTHER_KEY = "EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE002"
APP = 1400000001
USER = "tic_record_user_1203_141551"
NOW = 1700000000
HOUR = 3600

by_name = pytest.mark.parametrize("case", USERSIG, ids=[case["name"] for case in USERSIG])
without_userbuf = pytest.mark.parametrize(
    "case",
    [case for case in USERSIG if case["userbuf"] is None],
    ids=[case["name"] for case in USERSIG if case["userbuf"] is None],
)


def signed(**changes):
    details = {"sdk_app_id": APP, "key": KEY, "user_id": USER, "lifetime": 48 * HOUR, "now": NOW}
    return make_user_sig(**(details | changes))


def packed(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.b64encode(zlib.compress(raw)).decode().translate(str.maketrans("+/=", "*-_"))


def sentences(problems):
    return [(problem.is_warning, str(problem)) for problem in problems]


def checked(text, **changes):
    details = {"sdk_app_id": APP, "user_id": USER, "now": NOW, "key": KEY}
    return sentences(check_user_sig(text, **(details | changes)))


@without_userbuf
def test_a_made_signature_holds_what_the_official_package_puts_in(case):
    text = make_user_sig(
        sdk_app_id=case["sdkappid"],
        key=case["secret_key"],
        user_id=case["userid"],
        lifetime=case["expire"],
        now=case["time"],
    )

    assert read_user_sig(text) == case["json"]
    assert list(read_user_sig(text)) == list(case["json"])


@by_name
def test_a_recorded_signature_is_read_and_verified(case):
    problems = check_user_sig(
        case["usersig"],
        sdk_app_id=case["sdkappid"],
        user_id=case["userid"],
        now=case["expires_at"] - 25 * HOUR if case["expire"] > 25 * HOUR else case["expires_at"] - 24 * HOUR,
        key=case["secret_key"],
    )

    assert read_user_sig(case["usersig"]) == case["json"]
    assert problems == []


def test_the_signed_text_is_the_labelled_one():
    case = USERSIG[1]
    digest = hmac.digest(case["secret_key"].encode(), case["string_to_sign"].encode(), "sha256")

    text = signed(lifetime=case["expire"], now=case["time"])

    assert read_user_sig(text)["TLS.sig"] == base64.b64encode(digest).decode()


@pytest.mark.parametrize("name", ["wrong_key", "hex_decoded_key"])
def test_signatures_that_must_differ_do(name):
    case = USERSIG_NEGATIVE[name]
    first = USERSIG[0]

    text = make_user_sig(
        sdk_app_id=first["sdkappid"],
        key=case["secret_key"],
        user_id=first["userid"],
        lifetime=first["expire"],
        now=first["time"],
    )

    made = read_user_sig(text)["TLS.sig"]
    if name == "wrong_key":
        assert made == case["signature"]
    else:
        assert made == case["must_differ_from"]
        assert made != case["signature_if_hex_decoded"]


def test_only_letters_digits_and_three_signs_are_used():
    signs = set("".join(signed(now=NOW + number) for number in range(50)))

    assert {sign for sign in signs if not sign.isalnum()} <= set("*-_")
    assert all(sign.isascii() for sign in signs)


def test_the_url_safe_alphabet_of_the_rfc_is_not_taken_for_a_signature():
    text = next(text for number in range(50) if {"*", "-"} <= set(text := signed(now=NOW + number)))
    wrong = text.translate(str.maketrans("*-_", "-_="))

    with pytest.raises(ValueError, match="cannot be unpacked"):
        read_user_sig(wrong)


def test_a_good_signature_has_no_problems():
    assert checked(signed()) == []
    assert checked(f"  {signed()}\n") == []


def test_the_key_is_not_needed_for_everything_but_the_hmac():
    assert checked(signed(key=OTHER_KEY), key="") == []
    assert checked(signed(key=OTHER_KEY)) == [
        (
            False,
            "The UserSig was not signed with this application's SDK key. Make it with the present key.",
        )
    ]


def test_another_user_and_another_application_are_told():
    problems = checked(signed(), user_id="tic_record_user_1204_x", sdk_app_id=1400000002)

    assert problems == [
        (
            False,
            "The UserSig was made for the user tic_record_user_1203_141551, not for tic_record_user_1204_x. "
            "Make one for this user.",
        ),
        (
            False,
            "The UserSig was made for the application 1400000001, not for 1400000002. Choose that one.",
        ),
    ]


def test_an_expired_signature_is_an_error_and_a_short_one_a_warning():
    expired = checked(signed(lifetime=HOUR), now=NOW + HOUR)
    short = checked(signed(lifetime=24 * HOUR), now=NOW + 60)
    long_enough = checked(signed(lifetime=24 * HOUR), now=NOW)

    assert expired == [(False, "The UserSig has expired. Make a new one.")]
    assert short == [
        (True, "The UserSig runs out in 23 h 59 min; a recording that lasts longer will fail then.")
    ]
    assert long_enough == []


def test_a_date_in_the_future_points_at_the_clock():
    assert checked(signed(now=NOW + 301)) == [
        (False, "The UserSig is dated in the future. Check the clock that made it.")
    ]
    assert checked(signed(now=NOW + 300)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "eJ",
        "usersig_of_<tic_record_user_1203_141551>",
        "é" * 10,
        signed()[:-20],
        packed(b"no json"),
        packed([1, 2]),
        packed(b"\xff\xfe"),
        packed(b"[" * 15000),
    ],
)
def test_what_is_no_signature_is_said_to_be_none(text):
    with pytest.raises(ValueError, match="cannot be unpacked"):
        read_user_sig(text)


@pytest.mark.parametrize("name", ["TLS.identifier", "TLS.sdkappid", "TLS.time", "TLS.expire", "TLS.sig"])
@pytest.mark.parametrize("value", [None, True, [], 1.5])
def test_a_missing_or_wrong_field_is_named(name, value):
    fields = read_user_sig(signed()) | {name: value}

    with pytest.raises(ValueError, match=name):
        read_user_sig(packed(fields))


def test_a_small_text_that_unpacks_to_very_much_is_not_unpacked():
    bomb = base64.b64encode(zlib.compress(b'{"a":"' + b"0" * 4_000_000 + b'"}')).decode()

    assert len(bomb) < 8192
    assert checked(bomb.translate(str.maketrans("+/=", "*-_"))) == [
        (False, "This is not a UserSig: it cannot be unpacked. It may have been cut.")
    ]


def test_a_text_longer_than_any_signature_is_not_even_decoded():
    assert checked("A" * 8193) == [(False, "This is too long for a UserSig.")]


def test_fields_that_no_encoding_can_hold_do_no_harm():
    fields = read_user_sig(signed()) | {"TLS.identifier": "\ud800", "TLS.sig": "\udfff"}

    problems = check_user_sig(packed(fields), sdk_app_id=APP, user_id=USER, now=NOW, key=KEY)

    assert [problem.is_warning for problem in problems] == [False, False]
