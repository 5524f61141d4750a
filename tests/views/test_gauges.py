import pytest
from django.test import Client

from recorder_app.choices import RecordingStatus
from tests import factories

pytestmark = pytest.mark.django_db


def test_health_needs_no_sign_in():
    answer = Client().get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_ready_says_that_the_database_answers():
    assert Client().get("/readyz").json() == {"database": "ok"}


def test_metrics_count_what_the_cloud_is_busy_with():
    factories.recording(status=RecordingStatus.RECORDING)
    factories.recording(status=RecordingStatus.FINISHED)

    text = Client().get("/metrics").content.decode()

    assert 'recorder_recordings{status="recording"} 1' in text
    assert "finished" not in text
