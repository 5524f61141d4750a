from datetime import timedelta

import pytest
from django.db import connection

from recorder_app.choices import RecordingStatus
from recorder_app.models import AuditEntry, Recording
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def entry(name: str, *, minutes: int) -> AuditEntry:
    return AuditEntry.objects.create(
        event="signed_in", by_name=name, created_at=NOW + timedelta(minutes=minutes)
    )


@pytest.fixture
def seven() -> list[AuditEntry]:
    """Seven entries, of which two share a moment."""
    return [
        entry(name, minutes=minutes) for name, minutes in zip("abcdefg", (0, 1, 2, 2, 3, 4, 5), strict=True)
    ]


def names(page) -> str:
    return "".join(row.by_name for row in page.rows)


def test_the_first_page_shows_the_newest(seven):
    page = AuditEntry.objects.page(size=3)

    assert names(page) == "gfe"
    assert page.newer == ""


def test_older_pages_show_every_row_once(seven):
    shown, before = "", ""

    for _ in range(3):
        page = AuditEntry.objects.page(before=before, size=3)
        shown, before = shown + names(page), page.older

    assert (shown, before) == ("gfedcba", "")


def test_newer_leads_back_the_same_way(seven):
    second = AuditEntry.objects.page(before=AuditEntry.objects.page(size=3).older, size=3)
    third = AuditEntry.objects.page(before=second.older, size=3)

    assert names(AuditEntry.objects.page(after=third.newer, size=3)) == "dcb"


def test_a_page_stays_while_rows_arrive(seven):
    older = AuditEntry.objects.page(size=3).older
    entry("new", minutes=9)

    assert names(AuditEntry.objects.page(before=older, size=3)) == "dcb"


def test_newer_than_the_newest_is_the_first_page(seven):
    page = AuditEntry.objects.page(before=AuditEntry.objects.page(size=1).older, size=3)
    entry("h", minutes=9)

    assert names(AuditEntry.objects.page(after=page.newer, size=5)) == "hgfed"


@pytest.mark.parametrize(
    "key",
    [
        "junk",
        "2026-11-20~",
        "~1",
        "2026-11-20T09:00:00+00:00~x",
        "2026-11-20T09:00:00~1",
        "\x00",
        "0001-01-01T00:00:00+23:59~1",
        "9999-12-31T23:59:59-23:59~1",
        "2026-11-20T09:00:00+00:00:01.5~" + "9" * 30,
    ],
)
def test_a_mistyped_key_shows_the_first_page(seven, key):
    assert names(AuditEntry.objects.page(before=key, size=3)) == "gfe"
    assert names(AuditEntry.objects.page(after=key, size=3)) == "gfe"


def test_paging_never_counts(seven, django_assert_num_queries):
    with django_assert_num_queries(1):
        AuditEntry.objects.page(size=3)


# --- Pages that are put together from parts --------------------------------------------------------------
@pytest.fixture
def troubled() -> list[Recording]:
    """Nine that went wrong in four ways, two of them at one moment; and one that did not."""
    application = factories.application()
    ways = ("failed", "refused", "unknown", "not_started", "failed", "failed", "refused", "unknown", "failed")
    minutes = (9, 8, 7, 6, 5, 4, 4, 2, 1)
    factories.recording(application=application, created_at=NOW + timedelta(minutes=3))
    return [
        factories.recording(
            application=application, status=status, created_at=NOW + timedelta(minutes=minute)
        )
        for status, minute in zip(ways, minutes, strict=True)
    ]


def in_order(rows) -> list[int]:
    return [row.pk for row in sorted(rows, key=lambda row: (row.created_at, row.pk), reverse=True)]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 20])
def test_parts_make_the_pages_that_the_whole_would(troubled, size):
    pages, before = [], ""
    while not pages or before:
        pages.append(Recording.objects.troubled().page(before=before, size=size))
        before = pages[-1].older

    assert [row.pk for page in pages for row in page.rows] == in_order(troubled)
    assert all(len(page.rows) == size for page in pages[:-1])


def test_newer_leads_back_through_parts_the_same_way(troubled):
    rows = Recording.objects.troubled()
    second = rows.page(before=rows.page(size=3).older, size=3)
    third = rows.page(before=second.older, size=3)

    back = rows.page(after=third.newer, size=3)

    assert [row.pk for row in back.rows] == in_order(troubled)[3:6]
    assert (back.older, back.newer) == (second.older, second.newer)


def test_parts_keep_what_else_was_asked_for(troubled, django_assert_num_queries):
    others = factories.recording(status=RecordingStatus.FAILED)
    rows = Recording.objects.troubled().filter(application=others.application).for_list()

    with django_assert_num_queries(5):  # the keys of four statuses, and the rows
        page = rows.page(size=3)

    assert page.rows == [others]
    assert page.rows[0].get_deferred_fields() >= {"params", "result"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("abcdef", ["abcdef", "abcdef0", "abcdefz"]),
        ("abcdefz", ["abcdefz"]),
        ("ABCDEF", ["ABCDEF"]),
        ("abc%", []),
        ("100%", ["100%_a"]),
        ("\ud7ff", ["\ud7ff!"]),
        (chr(0x10FFFF), [chr(0x10FFFF) + "a"]),
    ],
)
def test_the_beginning_of_an_identifier_finds_what_begins_with_it_and_nothing_else(text, found):
    names = [
        "abcdee",
        "abcdef",
        "abcdef0",
        "abcdefz",
        "abcdeg",
        "ABCDEF",
        "100%_a",
        "\ud7ff!",
        chr(0x10FFFF) + "a",
    ]
    for name in names:
        entry(name, minutes=0)

    rows = AuditEntry.objects.starting_with("by_name", text)

    assert sorted(row.by_name for row in rows) == found


def steps_of(work) -> int:
    """How many thousand steps SQLite takes for some work."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    connection.connection.set_progress_handler(count, 1000)
    try:
        work()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return taken


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite alone searches by the first of two bounds")
def test_a_deep_page_of_a_filter_that_ends_long_ago_is_not_walked_to():
    AuditEntry.objects.bulk_create(
        AuditEntry(event="signed_in", by_name="a", created_at=NOW + timedelta(minutes=minute))
        for minute in range(5000)
    )
    ended = AuditEntry.objects.filter(created_at__lt=NOW + timedelta(minutes=4900))
    deep = f"{(NOW + timedelta(minutes=40)).isoformat()}~0"

    assert len(ended.page(before=deep, size=30).rows) == 30
    assert steps_of(lambda: ended.page(before=deep, size=30)) <= 4
