"""The list of calls."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recorder_app.choices import CallOutcome
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_the_list_is_newest_first(support_client):
    recording = factories.recording()
    older = factories.call(recording=recording)
    newer = factories.call(recording=recording, created_at=NOW + timedelta(seconds=1))

    answer = support_client.get("/calls/")

    assert [row.pk for row in answer.context["page"].rows] == [newer.pk, older.pk]


@pytest.mark.parametrize(
    ("chosen", "shown"), [("refused", ["refused"]), ("", ["ok", "refused"]), ("junk", [])]
)
def test_a_chip_narrows_the_list_to_an_outcome(support_client, chosen, shown):
    recording = factories.recording()
    factories.call(recording=recording, outcome=CallOutcome.REFUSED)
    factories.call(recording=recording, created_at=NOW + timedelta(seconds=1))

    answer = support_client.get("/calls/", {"outcome": chosen})

    assert [row.outcome for row in answer.context["page"].rows] == shown


def test_an_empty_list_says_why_it_is_empty(support_client):
    pages = [
        support_client.get(address).content.decode() for address in ("/calls/", "/calls/?outcome=refused")
    ]

    assert "No call yet" in pages[0]
    assert "No call fits" in pages[1]


def test_the_list_needs_the_same_queries_for_one_row_and_for_three(support_client):
    counts = []
    for _round in (1, 2):
        factories.call()
        with CaptureQueriesContext(connection) as queries:
            support_client.get("/calls/")
        counts.append(len(queries))
        factories.call()

    assert counts == [6, 6]
