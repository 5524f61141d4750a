"""The tables of calls and recordings: what a cell holds, and that nothing in it is taken for markup."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from recorder_app.choices import RecordingStatus
from recorder_app.models import ApiCall, Recording
from recorder_app.templatetags.rows import call_table, fields_of, recording_table, troubled_table
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
EVIL = "<b>\"'&"
SAFE = "&lt;b&gt;&quot;&#x27;&amp;"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as standing:
        yield standing


def cell(table: str, name: str) -> str:
    return table.split(f'<td class="{name}">')[1].split("</td>")[0]


def test_nothing_in_a_call_is_taken_for_markup():
    recording = factories.recording(application=factories.application(name=EVIL), room_id=EVIL)
    factories.call(recording=recording, request_id=EVIL, error_code=EVIL, action=EVIL, by_name=EVIL)

    table = call_table(ApiCall.objects.all())

    assert EVIL not in table
    assert table.count(SAFE) == 7


def test_nothing_in_a_recording_is_taken_for_markup():
    made = {"application": factories.application(name=EVIL), "started_by_name": EVIL, "room_id": EVIL}
    factories.recording(task_id=EVIL, **made)
    failed = factories.recording(status=RecordingStatus.FAILED, failure=EVIL, **made)

    tables = (
        recording_table({"may": {"start_recording": True}}, Recording.objects.all()),
        troubled_table([failed]),
    )

    assert [EVIL in table for table in tables] == [False, False]
    assert [table.count(SAFE) for table in tables] == [9, 4]


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-30), "just now"),
        (timedelta(0), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(hours=24), "19 Nov, 17:00"),
        (timedelta(days=400), "16 Oct 2025, 17:00"),
        (timedelta(minutes=-5), "20 Nov, 17:05"),
    ],
)
def test_times_are_told_as_one_would_with_the_exact_moment_on_hover(age, words):
    factories.call(created_at=NOW - age)

    with timezone.override(ZoneInfo("Asia/Shanghai")):
        when = cell(call_table(ApiCall.objects.all()), "cell-when")

    assert when.endswith(f" data-when>{words}</time>")
    local = (NOW - age).astimezone(ZoneInfo("Asia/Shanghai"))
    assert f'title="{local:%Y-%m-%d %H:%M:%S} UTC+08:00 ({NOW - age:%H:%M:%S} UTC)"' in when


def test_how_long_is_told_of_what_ended_and_of_what_goes_on():
    lengths = {}
    for status, ended in (
        (RecordingStatus.FINISHED, NOW),
        (RecordingStatus.RECORDING, None),
        ("failed", None),
    ):
        recording = factories.recording(
            status=status, started_at=NOW - timedelta(hours=1, seconds=5), stopped_at=ended
        )
        lengths[str(status)] = cell(recording_table({}, [recording], ["room", "length"]), "cell-ms at-end")

    assert lengths == {"finished": "1:00:05", "recording": "1:00:05", "failed": ""}


def test_a_button_stops_what_can_be_stopped_for_those_who_may():
    runs = factories.recording()
    over = factories.recording(status=RecordingStatus.FINISHED)

    may, may_not = (recording_table({"may": {"start_recording": may}}, [runs, over]) for may in (True, False))

    assert may.count("data-dialog") == 1
    assert f'href="/recordings/{runs.pk}/stop/"' in may
    assert "cell-do" not in may_not


def test_a_row_is_fetched_with_what_its_cells_need():
    factories.call()
    fields = fields_of("calls", ["action", "room"])

    table = call_table(ApiCall.objects.values_list(*fields, named=True), ["action", "room"])

    assert fields == ["pk", "created_at", "action", "error_code", "room_id"]
    assert (cell(table, "cell-room"), "Outcome" in table) == ("1203", False)
