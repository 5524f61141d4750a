from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from recorder_app.choices import RecordingStatus
from recorder_app.models import WorkerBeat
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


def test_metrics_tell_of_the_workers_and_of_what_has_waited():
    now = timezone.now()
    WorkerBeat.objects.create(name="here", started_at=now, beat_at=now - timedelta(seconds=5))
    WorkerBeat.objects.create(name="gone", started_at=now, beat_at=now - timedelta(minutes=5))
    factories.recording(due_at=now - timedelta(seconds=90))

    with time_machine.travel(now, tick=False):
        lines = Client().get("/metrics").content.decode().splitlines()

    assert "recorder_workers 1" in lines
    assert "recorder_worker_beat_age_seconds 5.0" in lines
    assert "recorder_oldest_due_seconds 90.0" in lines


def test_metrics_without_a_worker_give_no_age_of_its_sign_of_life():
    text = Client().get("/metrics").content.decode()

    assert "recorder_workers 0" in text
    assert "recorder_oldest_due_seconds 0" in text
    assert "beat_age" not in text
