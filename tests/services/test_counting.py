"""Counting what matches: exact up to a bound, and never for long."""

import pytest
from django.db import connection

from recorder_app.models import ApiCall, Recording
from recorder_app.services.counting import Count, count
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("most", "counted"),
    [(3, Count(3, is_more=False)), (2, Count(2, is_more=True)), (10_000, Count(3, is_more=False))],
)
def test_rows_are_counted_up_to_a_bound(most, counted):
    recording = factories.recording()
    for _number in range(3):
        factories.call(recording=recording)

    assert count(ApiCall.objects.all(), most=most) == counted


def test_what_takes_too_long_is_not_counted_and_leaves_the_connection_as_it_was():
    recording = factories.recording()
    factories.call(recording=recording)
    endless = {
        "postgresql": "pg_sleep(5) IS NOT NULL",
        "sqlite": "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000000)"
        " SELECT count(*) FROM n)",
    }

    given_up = count(Recording.objects.extra(where=[endless[connection.vendor]]), patience=0.05)

    assert given_up is None
    assert count(Recording.objects.all()) == Count(1, is_more=False)
