"""A layout of one's own: streams inside the canvas, overlaps, names that begin others."""

import pytest

from tests.forms.filled import codes_of, errors_of, layout, tiw, wrong_fields

ROW = "MixStream.Custom.InputStreamList"


def test_layout_of_three_streams_sends_exactly_what_was_typed():
    posted = layout(
        {"name": "tic_record_user", "x": 0, "y": 0, "w": 960, "h": 720},
        {"name": "teacher", "x": 960, "y": 0, "w": 320, "h": 240},
        {"x": 960, "y": 240, "w": 320, "h": 240},
    )
    posted |= {
        "MixStream.Custom.Canvas.BackgroundColor": "#34363b",
        f"{ROW}.1.FillMode": "0",
        f"{ROW}.1.BackgroundColor": "#FFFFFF",
        f"{ROW}.1.LayoutParams.ZOrder": "3",
        "MixStream.ModelId": "2",
        "MixStream.TeacherId": "ignored beside a layout of one's own",
    }

    form = tiw(posted)

    assert form.is_valid() is True
    assert form.params()["MixStream"] == {
        "Enabled": True,
        "DisableAudio": False,
        "Custom": {
            "Canvas": {"BackgroundColor": "#34363b", "LayoutParams": {"Width": 1280, "Height": 720}},
            "InputStreamList": [
                {
                    "InputStreamId": "tic_record_user",
                    "LayoutParams": {"Width": 960, "Height": 720, "X": 0, "Y": 0},
                },
                {
                    "InputStreamId": "teacher",
                    "FillMode": 0,
                    "BackgroundColor": "#FFFFFF",
                    "LayoutParams": {"Width": 320, "Height": 240, "X": 960, "Y": 0, "ZOrder": 3},
                },
                {"LayoutParams": {"Width": 320, "Height": 240, "X": 960, "Y": 240}},
            ],
        },
    }


def test_rows_keep_the_order_of_their_numbers_with_gaps():
    posted = layout({"name": "b", "x": 0}, {"name": "c", "x": 200}, first=2, gap=8)
    posted |= {
        f"{ROW}.1.{name}": value for name, value in {"InputStreamId": "a", "LayoutParams.X": "400"}.items()
    }
    posted |= {f"{ROW}.1.LayoutParams.Width": "100", f"{ROW}.1.LayoutParams.Height": "100"}

    form = tiw(posted)

    streams = form.params()["MixStream"]["Custom"]["InputStreamList"]
    assert form.is_valid() is True
    assert [stream["InputStreamId"] for stream in streams] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("stream", "field", "most"),
    [
        ({"x": 1181, "w": 100}, "X", 1180),
        ({"y": 621, "h": 100}, "Y", 620),
        ({"w": 1281}, "Width", 1280),
        ({"h": 721}, "Height", 720),
    ],
)
def test_stream_that_leaves_the_canvas_is_refused_where_it_can_be_mended(stream, field, most):
    form = tiw(layout(stream))

    messages = errors_of(form)
    assert form.is_valid() is False
    assert list(messages) == [f"{ROW}.0.LayoutParams.{field}"]
    assert f"at most {most} fits" in messages[f"{ROW}.0.LayoutParams.{field}"][0]


def test_stream_that_fills_the_canvas_to_the_edge_is_accepted():
    assert tiw(layout({"x": 0, "y": 0, "w": 1280, "h": 720})).is_valid() is True


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Canvas.LayoutParams.Width", "1"),
        ("Canvas.LayoutParams.Width", "3001"),
        ("Canvas.LayoutParams.Height", ""),
        ("Canvas.BackgroundColor", "red"),
        ("Canvas.BackgroundColor", "#12345"),
        ("InputStreamList.0.LayoutParams.Width", "3001"),
        ("InputStreamList.0.LayoutParams.Height", "1"),
        ("InputStreamList.0.LayoutParams.X", "-1"),
        ("InputStreamList.0.LayoutParams.Y", "3001"),
        ("InputStreamList.0.LayoutParams.ZOrder", "top"),
        ("InputStreamList.0.FillMode", "2"),
        ("InputStreamList.0.InputStreamId", "x" * 257),
    ],
)
def test_value_outside_its_range_is_refused_at_its_field(name, value):
    form = tiw({**layout({}), f"MixStream.Custom.{name}": value})

    assert form.is_valid() is False
    assert wrong_fields(form) == [f"MixStream.Custom.{name}"]


def test_layout_without_streams_is_refused():
    assert wrong_fields(tiw(layout())) == [ROW]


def test_more_than_a_hundred_rows_are_told_and_the_first_hundred_kept():
    form = tiw(layout(*({"x": 0} for _ in range(5000))))

    assert form.is_valid() is False
    assert len(form["MixStream"]["Custom"]["InputStreamList"]) == 100
    assert errors_of(form)[ROW] == ["At most 100 rows fit here; the rest, 4900, was left out."]


def test_overlapping_streams_have_to_be_confirmed():
    posted = layout({"name": "a", "x": 0}, {"name": "b", "x": 99}, {"name": "c", "x": 199})

    form = tiw(posted)

    assert codes_of(form) == ["overlapping-streams"]
    assert "Stream 1 (a) + Stream 2 (b)" in str(form.warnings[0].message)
    assert "(c)" not in str(form.warnings[0].message)
    assert form.is_valid() is False
    assert tiw({**posted, "confirm": "overlapping-streams"}).is_valid() is True


def test_streams_that_only_touch_do_not_overlap():
    assert codes_of(tiw(layout({"x": 0}, {"x": 100}, {"x": 0, "y": 100}))) == []


@pytest.mark.parametrize("names", [("user1", "user10"), ("user10", "user1"), ("teacher", "teacher")])
def test_name_that_begins_another_has_to_be_confirmed(names):
    form = tiw(layout({"name": names[0], "x": 0}, {"name": names[1], "x": 200}))

    assert codes_of(form) == ["stream-name-begins-another"]


def test_free_places_do_not_compete_by_name():
    assert codes_of(tiw(layout({"x": 0}, {"x": 200}, {"name": "user1", "x": 400}))) == []


# --- Rows in place ---------------------------------------------------------------------------------------
def test_added_stream_takes_a_free_spot_and_nothing_typed_is_lost():
    posted = layout({"name": "board", "x": 0, "y": 0, "w": 900, "h": 720}, first=4)
    form = tiw({**posted, "RoomId": "half typed"}).with_rows(f"add:{ROW}")

    rows = list(form["MixStream"]["Custom"]["InputStreamList"])
    assert [row.prefix for row in rows] == [f"{ROW}.4", f"{ROW}.5"]
    assert rows[1]["LayoutParams"].rect() == (908, 0, 320, 240)
    assert rows[0]["InputStreamId"].value() == "board"
    assert form["RoomId"].value() == "half typed"
    assert form.all_problems == []
    assert form.warnings == []


def test_removed_stream_takes_only_itself_away():
    form = tiw(layout({"name": "a"}, {"name": "b", "x": 200}, {"name": "c", "x": 400})).with_rows(
        f"remove:{ROW}.1"
    )

    assert [row["InputStreamId"].value() for row in form["MixStream"]["Custom"]["InputStreamList"]] == [
        "a",
        "c",
    ]


def test_full_list_gets_no_further_row():
    form = tiw(layout(*({"x": 0} for _ in range(100)))).with_rows(f"add:{ROW}")

    assert len(form["MixStream"]["Custom"]["InputStreamList"]) == 100


@pytest.mark.parametrize(
    "command", ["", "add:", "add:Nonsense", "remove:RoomId", "remove:.", "dance", "add:MixStream"]
)
def test_senseless_row_command_only_shows_the_form_again(command):
    form = tiw(layout({"name": "a"})).with_rows(command)

    assert form["RoomId"].value() == "1203"
    assert len(form["MixStream"]["Custom"]["InputStreamList"]) == 1
