"""The mixed picture as SVG: layouts, what is marked, and that nothing half typed breaks it."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder_app.reports.mixture import draw

SVG = "{http://www.w3.org/2000/svg}"


def custom(*streams: dict[str, Any], canvas: Any = (1280, 720), **extra: Any) -> dict[str, Any]:
    size = {"Width": canvas[0], "Height": canvas[1]} if canvas else {}
    rows = []
    for stream in streams:
        place = {
            api: stream[own]
            for own, api in zip("xywhz", ("X", "Y", "Width", "Height", "ZOrder"), strict=True)
            if own in stream
        }
        rows.append({"LayoutParams": place} | ({"InputStreamId": stream["name"]} if "name" in stream else {}))
    return {"Enabled": True, "Custom": {"Canvas": {"LayoutParams": size, **extra}, "InputStreamList": rows}}


def picture(mix: dict[str, Any], **options: Any) -> ET.Element:
    return ET.fromstring(draw(mix, **options))


def bodies(root: ET.Element) -> list[tuple[int, ...]]:
    return [
        tuple(int(rect.get(name)) for name in ("x", "y", "width", "height"))
        for rect in root.iter("rect")
        if rect.get("class") == "mix-body"
    ]


def words(root: ET.Element) -> str:
    return " ".join(root.itertext())


def test_second_layout_has_its_documented_geometry():
    root = picture({"Enabled": True, "ModelId": 2, "TeacherId": "teacher"})

    assert root.find("svg").get("viewBox") == "0 0 1624 1000"
    assert bodies(root) == [
        (8, 8, 1280, 960),
        (1296, 8, 320, 240),
        (1296, 256, 320, 240),
        (1296, 504, 320, 240),
        (1296, 752, 320, 240),
    ]
    assert "Teacher: teacher" in words(root)
    assert "Schematic" not in words(root)


def test_first_layout_says_that_it_is_a_scheme():
    root = picture({"Enabled": True, "ModelId": 1})

    assert root.find("svg").get("viewBox") == "0 0 1320 1224"
    assert sorted((width, height) for _x, _y, width, height in bodies(root)) == [(320, 240)] * 4 + [
        (1280, 960)
    ]
    assert "Schematic" in words(root)


def test_own_layout_draws_the_larger_layer_last_and_names_the_rows_it_edits():
    mix = custom(
        {"name": "over", "x": 600, "y": 0, "w": 100, "h": 100, "z": 2},
        {"name": "under", "x": 0, "y": 0, "w": 300, "h": 300},
    )

    root = picture(mix, names=["List.4", "List.9"])

    boxes = [group for group in root.iter("g") if group.get("data-row")]
    assert [group.get("data-row") for group in boxes] == ["List.9", "List.4"]
    assert boxes[1].get("aria-label") == "1 · over, 100 × 100 px at 600, 0, layer 2"


def test_own_layout_wins_over_a_built_in_one():
    root = picture({**custom({"x": 0, "y": 0, "w": 100, "h": 100}), "ModelId": 2})

    assert bodies(root) == [(0, 0, 100, 100)]


def test_overlap_is_striped_and_told():
    root = picture(custom({"x": 0, "y": 0, "w": 300, "h": 300}, {"x": 299, "y": 299, "w": 300, "h": 300}))

    fills = [rect.get("fill") for rect in root.iter("rect") if rect.get("class") == "mix-mark"]
    assert fills == ["url(#mix-overlap)"] * 2
    assert "Striped: overlapping (stream 1, 2)." in words(root)
    assert "overlaps 2" in words(root)


def test_streams_that_touch_are_not_marked():
    root = picture(custom({"x": 0, "y": 0, "w": 300, "h": 300}, {"x": 300, "y": 0, "w": 300, "h": 300}))

    assert "mix-mark" not in [rect.get("class") for rect in root.iter("rect")]


def test_what_leaves_the_canvas_is_dotted_and_told():
    root = picture(custom({"x": 1200, "y": 0, "w": 300, "h": 300}))

    fills = [rect.get("fill") for rect in root.iter("rect") if rect.get("class") == "mix-mark"]
    assert fills == ["url(#mix-outside)"]
    assert "Dotted: outside the canvas (stream 1)." in words(root)


def test_names_are_escaped():
    drawn = draw(custom({"name": "<script>alert('1')</script>", "x": 0, "y": 0, "w": 900, "h": 300}))

    assert "<script" not in drawn
    assert "&lt;script&gt;" in drawn


def test_nothing_is_styled_inline():
    assert "style=" not in draw(custom({"x": 0, "y": 0, "w": 100, "h": 100}, BackgroundColor="#34363B"))


@pytest.mark.parametrize("colour", ["red", "#12", '#12345"', "javascript:alert(1)", 7, None])
def test_colour_that_is_none_is_drawn_black(colour):
    root = picture(custom({"x": 0, "y": 0, "w": 100, "h": 100}, BackgroundColor=colour))

    (canvas,) = [rect for rect in root.iter("rect") if rect.get("class") == "mix-canvas"]
    assert canvas.get("fill") == "#000000"


def test_stream_without_a_readable_size_is_counted_and_not_drawn():
    root = picture(custom({"x": 0, "y": 0, "w": 100, "h": 100}, {"x": 5, "w": 100}))

    assert len(bodies(root)) == 1
    assert "1 not drawn: its width or height is missing." in words(root)


def test_absurd_numbers_do_not_blow_the_picture_up():
    root = picture(custom({"x": 10**30, "y": -5, "w": 10**30, "h": 4}, canvas=(10**30, 1)))

    _x, _y, width, height = (int(number) for number in root.find("svg").get("viewBox").split())
    assert width <= 3300
    assert height <= 3300
    assert max(max(body) for body in bodies(root)) <= 6000


@pytest.mark.parametrize(
    "mix", [None, {}, {"Enabled": True}, {"ModelId": 3}, {"ModelId": "2"}, {"Custom": "yes"}]
)
def test_nothing_to_draw_is_an_empty_text(mix):
    assert draw(mix) == ""


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Canvas",
                    "LayoutParams",
                    "InputStreamList",
                    "Width",
                    "Height",
                    "X",
                    "Y",
                    "ZOrder",
                    "InputStreamId",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(st.fixed_dictionaries({}, optional={"Custom": plain, "ModelId": plain, "TeacherId": plain}))
def test_whatever_is_half_typed_never_raises(mix):
    drawn = draw(mix, names=["List.0"])

    assert drawn == "" or drawn.endswith("</figure>")
