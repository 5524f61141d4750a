from recorder_app import jobs
from recorder_app.services import workers


def test_a_worker_may_miss_two_signs_of_life():
    assert workers.SILENT_AFTER.total_seconds() >= 3 * jobs.BEAT_EVERY
