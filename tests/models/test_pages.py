from datetime import timedelta

import pytest

from recorder_app.models import AuditEntry
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
