"""The overview: what runs, what went wrong, and today's numbers."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recorder_app.choices import CallOutcome, RecordingStatus
from tests import factories
from tests.factories import NOW
from tests.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def test_running_recordings_are_shown_newest_first(support_client):
    older = factories.recording(created_at=NOW - timedelta(hours=2))
    newer = factories.recording(status=RecordingStatus.PAUSED)
    factories.recording(status=RecordingStatus.FINISHED)

    answer = support_client.get("/")

    assert answer.context["running"] == [newer, older]
    assert not answer.context["more_running"]


def test_twenty_running_recordings_are_shown_and_a_link_to_all(support_client):
    application = factories.application()
    for _number in range(21):
        factories.recording(application=application)

    answer = support_client.get("/")

    assert len(answer.context["running"]) == 20
    assert 'href="/recordings/?status=running"' in answer.content.decode()


def test_what_went_wrong_lately_says_why(support_client):
    refused = factories.recording(status=RecordingStatus.REFUSED)
    factories.call(recording=refused, outcome=CallOutcome.REFUSED, error_code="LimitExceeded.TaskConcurrency")
    factories.recording(status=RecordingStatus.REFUSED, created_at=NOW - timedelta(hours=25))

    answer = support_client.get("/")

    assert [(row, row.error_code) for row in answer.context["troubled"]] == [
        (refused, "LimitExceeded.TaskConcurrency")
    ]


def test_todays_numbers_count_starts_since_midnight_of_the_person(support_client):
    support = person("support")
    support.time_zone = "Asia/Shanghai"
    support.save()
    application = factories.application()
    # 17:00 in Shanghai; midnight there was 16:00 UTC of the day before.
    for hours, status in (
        (1, RecordingStatus.RECORDING),
        (16, RecordingStatus.FAILED),
        (18, RecordingStatus.FINISHED),
        (2, RecordingStatus.REFUSED),
        (3, RecordingStatus.NOT_STARTED),
        (4, RecordingStatus.UNKNOWN),
        (5, RecordingStatus.UNKNOWN),
    ):
        factories.recording(application=application, status=status, created_at=NOW - timedelta(hours=hours))

    answer = support_client.get("/")

    today = answer.context["today"]
    assert (today.accepted, today.refused, today.not_sent, today.unanswered) == (2, 1, 1, 2)
    assert "since 00:00 UTC+08:00" in answer.content.decode()


def test_an_empty_overview_says_why_it_is_empty(support_client):
    page = support_client.get("/").content.decode()

    assert "Nothing is being recorded" in page
    assert "Nothing went wrong" in page


def test_only_those_who_may_start_see_the_start_buttons(operator_client, support_client):
    pages = [client.get("/").content.decode() for client in (operator_client, support_client)]

    assert ['href="/start/tiw/"' in page for page in pages] == [True, False]


def test_the_number_of_queries_does_not_grow_with_the_rows(support_client):
    counts = []
    for _round in range(2):
        for status in (RecordingStatus.RECORDING, RecordingStatus.REFUSED):
            factories.call(recording=factories.recording(status=status))
        with CaptureQueriesContext(connection) as queries:
            support_client.get("/")
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 12
