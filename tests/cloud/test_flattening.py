"""Nested parameters and the API's flattened names, there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder_app.cloud.flattening import flatten, unflatten
from tests.cloud.properties import unhurried

NESTED = {
    "SdkAppId": 1400000001,
    "Extras": ["MIX_STREAM"],
    "MixStream": {
        "Enabled": True,
        "Custom": {"InputStreamList": [{"LayoutParams": {"Width": 2}}, {"InputStreamId": "user1"}]},
    },
}
FLAT = [
    ("SdkAppId", 1400000001),
    ("Extras.0", "MIX_STREAM"),
    ("MixStream.Enabled", True),
    ("MixStream.Custom.InputStreamList.0.LayoutParams.Width", 2),
    ("MixStream.Custom.InputStreamList.1.InputStreamId", "user1"),
]

names = st.text("abcXYZ_", min_size=1, max_size=5)
leaves = st.one_of(st.booleans(), st.integers(), st.text())
nested = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=12), st.dictionaries(names, inner, min_size=1, max_size=3)
    ),
    max_leaves=20,
)


def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(depth, inner), default=0)


def test_names_are_those_of_the_documents():
    assert flatten(NESTED) == FLAT
    assert unflatten(FLAT) == NESTED


@unhurried
@given(st.dictionaries(names, nested, max_size=5).filter(lambda value: depth(value) < 12))
def test_flattening_loses_nothing(params):
    assert unflatten(flatten(params)) == params


def test_what_is_empty_is_left_out():
    assert flatten({"a": None, "b": [], "c": {}, "d": [{}], "e": ""}) == [("e", "")]


def test_rows_come_in_the_order_of_their_numbers_and_close_up():
    pairs = [("List.10.Id", "c"), ("List.2.Id", "b"), ("List.0.Id", "a"), ("List.2.Width", 7)]

    assert unflatten(pairs) == {"List": [{"Id": "a"}, {"Id": "b", "Width": 7}, {"Id": "c"}]}


def test_of_one_name_the_later_value_counts():
    assert unflatten([("a", 1), ("a", 2)]) == {"a": 2}


def test_a_number_at_the_top_is_a_name():
    assert unflatten([("0", "a")]) == {"0": "a"}


@pytest.mark.parametrize(
    "pairs",
    [
        [("a", 1), ("a.b", 2)],
        [("a.b", 2), ("a", 1)],
        [("a", {}), ("a.b", 2)],
        [("a.0", 1), ("a.b", 2)],
        [(".".join("a" * 14), 1)],
        [("." * 100_000, 1)],
    ],
)
def test_names_that_contradict_each_other_are_an_error(pairs):
    with pytest.raises(ValueError, match="name"):
        unflatten(pairs)


def test_a_thousand_rows_are_no_burden():
    pairs = [(f"List.{number}.Id", number) for number in range(1000)]

    assert [row["Id"] for row in unflatten(pairs)["List"]] == list(range(1000))
