"""`manage.py worker` as a process of its own: it works, ends cleanly, and what it held when killed is taken over."""

import signal
import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone

from recorder_app.models import Recording, WorkerBeat
from tests import factories, steps
from tests.processes import database_of_test, environment, start, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run_worker():
    """``run_worker("--once")`` starts one on the test's own database; none outlives the test."""
    started: list[subprocess.Popen] = []

    def run(*words: str) -> subprocess.Popen:
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        process = start(("manage.py", "worker", *words), environment(database_of_test()), **streams)
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_it_follows_a_recording_and_ends_cleanly_when_asked(sandbox, run_worker):
    recording = steps.start_class(factories.application(endpoint=sandbox.url))
    process = run_worker()

    assert wait_until(lambda: steps.reread(recording).status == "recording")
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=20)

    assert process.returncode == 0, said
    assert "is at work" in said
    assert "has finished what it held" in said
    assert WorkerBeat.objects.get().stopped_at is not None
    assert not Recording.objects.exclude(claimed_by="").exists()


def test_what_a_killed_worker_held_is_done_by_the_next(sandbox, run_worker):
    recording = steps.start_class(factories.application(endpoint=sandbox.url))
    steps.break_next(sandbox, kind="delay", seconds=30)
    killed = run_worker()
    assert wait_until(lambda: steps.reread(recording).claimed_by != "")
    killed.kill()
    killed.wait()
    steps.mend(sandbox)
    held = steps.reread(recording)
    assert held.claimed_by
    Recording.objects.filter(pk=recording.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))

    said, _ = run_worker("--once").communicate(timeout=30)

    assert steps.reread(recording).checked_at is not None, said


def test_it_ends_at_once_when_nothing_is_due(run_worker):
    process = run_worker("--once")

    said, _ = process.communicate(timeout=30)

    assert (process.returncode, said) == (0, "")


def test_a_senseless_number_of_threads_is_told(run_worker):
    process = run_worker("--threads", "0")

    said, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "between 1 and 200" in said
