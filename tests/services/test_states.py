"""What a recording becomes does not depend on the order in which the news arrives, nor on how often."""

import itertools
from datetime import timedelta

import pytest

from recorder_app.choices import FileKind, RecordingStatus, Why
from recorder_app.cloud.states import FileFacts, TaskFacts
from recorder_app.models import Recording
from recorder_app.services import states
from recorder_app.services.states import Source
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

S = RecordingStatus


def facts(status: RecordingStatus | None, **fields) -> TaskFacts:
    return TaskFacts(status, word=status.value.upper() if status else "?", **fields)


def tell(recording: Recording, status: RecordingStatus | None, *, at: int, **fields) -> None:
    asked_at = NOW + timedelta(seconds=at)
    states.apply_state(recording, facts(status, **fields), Source(Why.REFRESH), asked_at=asked_at)


@pytest.mark.parametrize("order", list(itertools.permutations(range(5))), ids=str)
def test_every_order_of_answers_ends_the_same(order):
    news = [(S.STARTING, 1), (S.RECORDING, 2), (S.PAUSED, 3), (S.PROCESSING, 4), (S.FINISHED, 5)]
    recording = factories.recording(status=S.STARTING)

    for number in order:
        status, at = news[number]
        tell(recording, status, at=at)
        tell(recording, status, at=at)

    recording.refresh_from_db()
    assert recording.status == S.FINISHED
    assert recording.checked_at == NOW + timedelta(seconds=5)
    assert recording.cloud_status == "FINISHED"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_of_pauses_the_latest_question_counts(order):
    news = [(S.PAUSED, 1), (S.RECORDING, 2), (S.PAUSED, 3)]
    recording = factories.recording(status=S.RECORDING)

    for number in order:
        tell(recording, news[number][0], at=news[number][1])

    assert recording.status == S.PAUSED


@pytest.mark.parametrize("final", [S.FINISHED, S.FAILED])
@pytest.mark.parametrize("later", [S.STARTING, S.RECORDING, S.PROCESSING, S.FINISHED, S.FAILED])
def test_what_is_final_stays(final, later):
    recording = factories.recording(status=final)

    tell(recording, later, at=9)

    assert recording.status == final


@pytest.mark.parametrize("status", [S.INTENDED, S.UNKNOWN, S.REFUSED, S.NOT_STARTED])
def test_what_has_no_task_is_moved_by_no_answer_about_one(status):
    recording = factories.recording(status=status)

    tell(recording, S.RECORDING, at=1)

    assert recording.status == status


def test_a_word_nobody_knows_is_shown_and_changes_nothing():
    recording = factories.recording(status=S.RECORDING)

    tell(recording, None, at=1)

    assert (recording.status, recording.cloud_status) == (S.RECORDING, "?")


def test_a_stop_is_believed_for_a_minute_against_what_the_cloud_says():
    recording = factories.recording(status=S.RECORDING)
    states.change(recording, S.STOPPING, Source(Why.CALL), now=NOW, only_from=(S.RECORDING,))

    tell(recording, S.RECORDING, at=59)
    assert recording.status == S.STOPPING
    tell(recording, S.RECORDING, at=61)

    assert recording.status == S.RECORDING


def test_a_file_told_twice_is_one_file_with_the_newest_facts():
    recording = factories.recording(status=S.PROCESSING)
    early = FileFacts("a", FileKind.VOICE, status="10")
    late = FileFacts("a", FileKind.VOICE, status="13", size_bytes=7)

    tell(recording, S.PROCESSING, at=2, files=(late,))
    tell(recording, S.PROCESSING, at=1, files=(early, FileFacts("b", FileKind.VOICE)))

    assert list(recording.files.values_list("key", "status", "size_bytes").order_by("key")) == [
        ("a", "13", 7),
        ("b", "", None),
    ]


def test_a_task_is_named_once():
    recording = factories.recording(status=S.UNKNOWN)

    first = states.name_task(recording, "task-1", Source(Why.SETTLED), now=NOW)
    second = states.name_task(recording, "task-2", Source(Why.SETTLED), now=NOW)

    assert (first, second, recording.task_id) == (True, False, "task-1")
    assert recording.changes.count() == 1


def test_a_task_of_another_recording_is_not_taken():
    owner = factories.recording(task_id="task-1")
    recording = factories.recording(application=owner.application, status=S.UNKNOWN)

    with pytest.raises(states.TaskTaken) as taken:
        states.name_task(recording, "task-1", Source(Why.SETTLED), now=NOW)

    assert taken.value.recording == owner
    recording.refresh_from_db()
    assert (recording.status, recording.task_id) == (S.UNKNOWN, "")


def test_the_answer_to_ones_own_start_outweighs_a_conclusion():
    owner = factories.recording(task_id="task-1")
    recording = factories.recording(application=owner.application, status=S.INTENDED)

    states.hand_over(owner, recording, Source(Why.CALL), now=NOW)

    owner.refresh_from_db()
    assert (owner.status, owner.task_id) == (S.NOT_STARTED, "")
    assert (recording.status, recording.task_id) == (S.STARTING, "task-1")


def test_proof_outweighs_the_conclusion_that_it_did_not_start():
    recording = factories.recording(status=S.NOT_STARTED)

    states.name_task(recording, "task-1", Source(Why.CALLBACK), now=NOW)

    assert (recording.status, recording.due_at) == (S.STARTING, NOW)
