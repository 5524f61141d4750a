"""Rows of history as files: the same bytes whichever way they are read, whole and in order."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from recorder_app.choices import CallOutcome, Environment, Origin, Product, RecordingStatus
from recorder_app.models import ApiCall, Recording
from recorder_app.services import exports, lists, tables
from recorder_app.services.exports import Selection
from tests import factories
from tests.people import person

pytestmark = pytest.mark.django_db
NASTY = [
    "=1+1",
    "-5",
    "\t=x",
    "\r=x",
    'a"b',
    "a,b",
    "two\r\nlines",
    "＝1",
    "课堂 5",
    " leading",
    "\\.",
    "NULL",
    "'",
]


def selection(rows=None, **changes) -> Selection:
    fields = {
        "title": "Calls",
        "rows": ApiCall.objects.all() if rows is None else rows,
        "columns": exports.CALLS,
        "about": "All calls",
        "zone": "Asia/Shanghai",
        "until": factories.NOW + timedelta(days=1),
        "by": "Lin",
    }
    return Selection(**{**fields, **changes})


def nasty_history() -> None:
    application = factories.application(product="gme")
    for number, text in enumerate(NASTY):
        moment = factories.NOW - timedelta(hours=17 * number, microseconds=number * 1001)
        recording = factories.recording(
            application=application,
            room_id=text,
            task_id=f"1844674407370955{number:04}",
            failure=text,
            status=RecordingStatus.FAILED if number % 2 else RecordingStatus.FINISHED,
            created_at=moment,
            started_at=moment,
            stopped_at=moment + timedelta(seconds=61.7),
        )
        outcome = list(CallOutcome)[number % len(CallOutcome)]
        call = {"error_message": text, "by_name": text, "created_at": moment, "clock_offset_ms": -number}
        factories.call(recording=recording, outcome=outcome, room_id=text, **call)
    factories.call(recording=recording, created_at=factories.NOW - timedelta(days=200, milliseconds=7))


def by_python(chosen: Selection, size: int = 4) -> bytes:
    blocks = exports.read_blocks(chosen, size=size)
    clock = tables.Clock(chosen.zone)
    return b"".join(tables.csv_rows(chosen.headings, values, clock=clock) for values in blocks)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL writes CSV itself")
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Asia/Kolkata", "UTC"])
@pytest.mark.parametrize("page", ["calls", "recordings"])
def test_postgresql_writes_the_same_bytes_as_python(zone, page):
    nasty_history()
    rows = {"calls": ApiCall.objects.all(), "recordings": Recording.objects.all()}[page]
    chosen = selection(rows, columns=exports.TABLES[page], zone=zone)

    copied = list(exports.copy_blocks(chosen, size=4))

    assert b"".join(text for _rows, text in copied) == by_python(chosen)
    assert sum(count for count, _text in copied) == rows.count()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL writes CSV itself")
def test_a_zone_that_postgresql_does_not_know_is_told_by_python(monkeypatch):
    nasty_history()
    expected = by_python(selection())
    monkeypatch.setattr(exports, "knows_zone", lambda zone: False)

    pieces = [text for _rows, text in exports.csv_pieces(selection())]

    assert b"".join(pieces[1:]) == expected


@pytest.mark.parametrize("size", [1, 3, 4, 100])
def test_blocks_hold_every_row_once_newest_first_also_at_one_moment(size):
    recording = factories.recording()
    made = [
        factories.call(recording=recording, created_at=factories.NOW - timedelta(seconds=number // 3))
        for number in range(12)
    ]
    expected = sorted(made, key=lambda call: (call.created_at, call.pk), reverse=True)

    blocks = exports.read_blocks(selection(columns=exports.shown("calls", ["request", "when"])), size=size)
    place = [source.field for source in exports.shown("calls", ["request", "when"])].index("request_id")

    assert [name for block in blocks for name in block[place]] == [call.request_id for call in expected]


def test_a_csv_counts_its_rows_and_begins_with_the_headings():
    recording = factories.recording()
    for _number in range(3):
        factories.call(recording=recording)

    pieces = list(exports.csv_pieces(selection()))

    assert sum(rows for rows, _text in pieces) == 3
    assert (
        pieces[0][1]
        .decode("utf-8-sig")
        .startswith("Intended at (your zone: Asia/Shanghai),Intended at (UTC),Outcome")
    )


def test_what_came_after_the_order_stays_out():
    recording = factories.recording()
    factories.call(recording=recording, request_id="before")
    factories.call(recording=recording, request_id="later", created_at=factories.NOW + timedelta(seconds=1))

    text = b"".join(text for _rows, text in exports.csv_pieces(selection(until=factories.NOW)))

    assert b"before" in text
    assert b"later" not in text


def test_no_rows_make_a_file_with_headings():
    assert sum(rows for rows, _text in exports.csv_pieces(selection())) == 0
    assert b"".join(text for _rows, text in exports.xlsx_pieces(selection())).startswith(b"PK")


def test_a_shown_column_brings_all_that_belongs_to_it():
    words = [str(source.column.words) for source in exports.shown("calls", ["action", "when", "application"])]

    assert words == ["Intended at", "Intended at", "Action", "Error code", "Application", "Environment"]


@pytest.mark.parametrize("page", exports.TABLES)
def test_every_column_of_a_list_has_its_like_in_the_file(page):
    assert {source.name for source in exports.TABLES[page]} - {""} == set(lists.COLUMNS[page])


def test_a_recording_in_trouble_is_exported_with_its_newest_error_code():
    troubled = factories.recording(status=RecordingStatus.REFUSED, room_id="5")
    fine = factories.recording(room_id="6")
    for recording in (troubled, fine):
        for number, code in enumerate(("Old", "Newest")):
            moment = factories.NOW + timedelta(seconds=number)
            factories.call(recording=recording, outcome="refused", error_code=code, created_at=moment)
    chosen = selection(Recording.objects.all(), columns=exports.shown("recordings", ["room", "why"]))

    lines = b"".join(text for _rows, text in exports.csv_pieces(chosen)).decode().splitlines()

    assert lines[1:] == ["6,,", "5,Newest,"]


def test_counting_stops_one_above_the_limit():
    recording = factories.recording()
    for _number in range(5):
        factories.call(recording=recording)

    assert exports.capped_count(ApiCall.objects.all(), most=3) == 4
    assert exports.capped_count(ApiCall.objects.all(), most=9) == 5


@pytest.mark.parametrize("words", [CallOutcome, Environment, Origin, Product, RecordingStatus])
def test_no_word_of_ours_would_be_changed_on_its_way_into_a_cell(words):
    # PostgreSQL writes these without looking at them again.
    assert not [label for label in words.labels if str(label)[0] in tables.RISKY]


def test_a_block_is_read_through_the_index_however_deep_it_lies():
    user = person("operator")
    rows = ApiCall.objects.visible_to(user).filter(created_at__lt=factories.NOW)

    plan = exports._bounded(rows, exports._older((factories.NOW, 5)))[:5].explain()

    assert "call_newest" in plan or connection.vendor == "postgresql"


# --- Written ahead by PostgreSQL ---------------------------------------------------------------------------
BUSY = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE %s"


def written_ahead(test):
    """A test of what other connections write: they see only rows that are committed."""
    for mark in (
        pytest.mark.django_db(transaction=True),
        pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL writes CSV itself"),
    ):
        test = mark(test)
    return test


@written_ahead
@pytest.mark.parametrize("size", [1, 4, 100])
def test_blocks_written_ahead_are_the_same_bytes_in_the_same_order(size):
    nasty_history()

    pieces = list(exports.copy_blocks(selection(), size=size))

    assert b"".join(text for _rows, text in pieces) == by_python(selection())
    assert sum(rows for rows, _text in pieces) == ApiCall.objects.count()


@written_ahead
def test_without_another_connection_the_blocks_are_written_over_their_own(monkeypatch):
    nasty_history()
    ensure = BaseDatabaseWrapper.ensure_connection

    def refuse(wrapper):
        if threading.current_thread() is not threading.main_thread():
            raise OperationalError("the pool has none to give")
        ensure(wrapper)

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", refuse)

    text = b"".join(text for _rows, text in exports.copy_blocks(selection(), size=4))

    assert text == by_python(selection())


@written_ahead
def test_nothing_is_held_open_while_somebody_reads_slowly_or_goes_away():
    nasty_history()
    pieces = exports.copy_blocks(selection(), size=2)
    next(pieces)

    for _try in range(100):
        with connection.cursor() as cursor:
            cursor.execute(BUSY, ["idle in transaction%"])
            (held,) = cursor.fetchone()
        if not held:
            break
        time.sleep(0.02)
    pieces.close()

    assert not held
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("copy")]
