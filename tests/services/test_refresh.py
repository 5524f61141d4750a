"""Following a recording against a real sandbox cloud, from its start until its files are there."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recorder_app.choices import FileKind, RecordingStatus, Why
from recorder_app.models import Recording
from recorder_app.services import actions, refresh
from tests import factories, steps
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tiw(sandbox):
    return factories.application(product="tiw", endpoint=sandbox.url)


@pytest.fixture
def gme(sandbox):
    return factories.application(product="gme", endpoint=sandbox.url)


def statuses(recording: Recording) -> list[str]:
    return list(recording.changes.values_list("status", flat=True))


def test_a_class_is_followed_until_its_files_are_there(tiw, sandbox, clock):
    recording = steps.start_class(tiw)

    steps.let_pass(clock, 40)
    actions.stop(steps.reread(recording), by=person("operator"))
    steps.let_pass(clock, 40)

    recording = steps.reread(recording)
    assert statuses(recording) == ["starting", "recording", "stopping", "processing", "finished"]
    assert (recording.finish_reason, recording.cloud_status) == ("USER_CALL", "FINISHED")
    assert recording.due_at is None
    assert steps.task_of(sandbox, recording)["Status"] == "FINISHED"


def test_the_files_of_a_class_carry_what_the_cloud_says(tiw, clock):
    mixed = {"MixStream": {"Enabled": True, "ModelId": 1}, "Extras": ["MIX_STREAM"], "AudioFileNeeded": True}
    recording = steps.start_class(tiw, **mixed)

    steps.let_pass(clock, 40)
    actions.stop(steps.reread(recording), by=person("operator"))
    steps.let_pass(clock, 40)

    files = list(steps.reread(recording).files.all())
    kinds = {file.kind for file in files}
    assert {FileKind.CAMERA, FileKind.WHITEBOARD, FileKind.MIXED, FileKind.AUDIO} <= kinds
    mix = next(file for file in files if file.kind == FileKind.MIXED)
    assert (mix.width, mix.height, mix.format) == (1320, 1224, "mp4")
    assert mix.url.startswith("http://127.0.0.1:")
    assert mix.duration_ms > 30_000
    assert mix.size_bytes > 0


def test_a_voice_recording_is_followed_until_its_files_are_uploaded(gme, sandbox, clock):
    recording = steps.start_voice(gme, mode=3)

    steps.let_pass(clock, 35)
    actions.stop(steps.reread(recording), by=person("operator"))
    steps.let_pass(clock, 20)

    recording = steps.reread(recording)
    assert statuses(recording) == ["starting", "recording", "stopping", "processing", "finished"]
    assert steps.task_of(sandbox, recording)["Status"] == "FINISHED"
    assert sorted(recording.files.values_list("kind", "owner")) == [
        ("mixed_voice", ""),
        ("voice", "10001"),
        ("voice", "10002"),
    ]


def test_a_failed_recording_is_final_and_keeps_the_inner_reason(tiw, clock):
    tiw.sdk_key = "0" * 64
    tiw.save()
    recording = steps.start_class(tiw)

    steps.let_pass(clock, 10)

    recording = steps.reread(recording)
    assert recording.status == RecordingStatus.FAILED
    assert recording.failure.startswith("code: 40004, msg: ")
    assert recording.due_at is None


def test_every_change_says_what_it_is_owed_to(tiw, clock):
    recording = steps.start_class(tiw)

    steps.let_pass(clock, 10)

    first, second = steps.reread(recording).changes.all()
    assert (first.previous, first.status, first.why) == ("intended", "starting", Why.CALL)
    assert first.call.action == "StartOnlineRecord"
    assert (second.previous, second.status, second.why) == ("starting", "recording", Why.REFRESH)
    assert second.call.action == "DescribeOnlineRecord"


def test_a_recording_is_asked_for_seldom_while_nothing_changes(tiw, clock):
    recording = steps.start_class(tiw)
    steps.let_pass(clock, 10)
    before = recording.calls.count()

    steps.let_pass(clock, 120)

    assert 3 <= recording.calls.count() - before <= 5


def test_an_unreachable_cloud_changes_nothing_and_is_asked_ever_more_seldom(tiw, sandbox, clock):
    recording = steps.start_class(tiw)
    steps.let_pass(clock, 10)
    steps.break_all(sandbox, kind="drop_before")

    steps.let_pass(clock, 300)

    recording = steps.reread(recording)
    assert recording.status == RecordingStatus.RECORDING
    assert 6 <= recording.watch_failures <= 12
    steps.mend(sandbox)
    steps.let_pass(clock, 66)
    assert steps.reread(recording).watch_failures == 0


def test_a_task_the_cloud_does_not_know_is_believed_gone_only_after_ten_minutes(tiw, clock):
    recording = factories.recording(
        application=tiw, status="recording", created_at=timezone.now(), started_at=timezone.now()
    )
    recording.due_at = timezone.now()
    recording.save()

    steps.let_pass(clock, 590)
    assert steps.reread(recording).status == RecordingStatus.RECORDING
    steps.let_pass(clock, 120)

    recording = steps.reread(recording)
    assert recording.status == RecordingStatus.FAILED
    assert recording.failure == "The cloud no longer knows this task."


def test_what_made_it_due_meanwhile_is_not_overwritten(tiw, clock):
    recording = steps.start_class(tiw)
    recording = steps.reread(recording)
    now = timezone.now()
    Recording.objects.filter(pk=recording.pk).update(due_at=now - timedelta(seconds=1))

    refresh.refresh(recording)

    assert steps.reread(recording).due_at == now - timedelta(seconds=1)
