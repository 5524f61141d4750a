"""Which columns of a list a person sees."""

import pytest

from recorder_app.services import lists
from tests.people import person

pytestmark = pytest.mark.django_db


def test_a_person_who_chose_nothing_sees_what_a_wide_screen_holds():
    support = person("support")

    assert lists.columns(support, "recordings") == [
        "status",
        "room",
        "product",
        "application",
        "task",
        "by",
        "when",
    ]
    assert not lists.is_compact(support, "recordings")


def test_a_choice_is_kept_for_its_page_alone_and_in_the_order_of_the_table():
    support = person("support")

    lists.choose(support, "calls", shown=["when", "origin", "room"], compact=True)

    support.refresh_from_db()
    assert lists.columns(support, "calls") == ["outcome", "action", "room", "origin", "when"]
    assert [lists.is_compact(support, page) for page in ("calls", "recordings")] == [True, False]
    assert "task" in lists.columns(support, "recordings")


def test_what_says_what_became_of_a_row_and_links_to_it_cannot_be_hidden():
    support = person("support")

    lists.choose(support, "calls", shown=[], compact=False)

    assert lists.columns(support, "calls") == ["outcome", "action"]
