"""Support bundles: complete, the same for the same state, and without a secret."""

import io
import json
import zipfile
from datetime import timedelta

import pytest

from recorder_app.choices import RecordingStatus
from recorder_app.models import CallbackEvent, Note, Recording, RecordingFile, StatusChange
from recorder_app.services import bundles
from recorder_app.services.bundles import Subject
from tests import factories
from tests.people import person

pytestmark = pytest.mark.django_db


def package(subject: Subject, who: str = "support") -> dict[str, str]:
    raw = b"".join(piece for _done, piece in bundles.pieces(subject, person=person(who)))
    with zipfile.ZipFile(io.BytesIO(raw)) as files:
        return {name: files.read(name).decode() for name in files.namelist()}


def told(subject: Subject) -> dict:
    return {name: json.loads(text) for name, text in package(subject).items() if name.endswith(".json")}


@pytest.fixture
def recording() -> Recording:
    """A class that was refused once, then ran, and failed."""
    made = factories.recording(status=RecordingStatus.FAILED, failure="No stream for 5 minutes.")
    factories.call(recording=made, outcome="refused", clock_offset_ms=-40)
    factories.call(recording=made, created_at=factories.NOW + timedelta(seconds=2), clock_offset_ms=90)
    StatusChange.objects.create(
        recording=made, previous="intended", status="failed", why="callback", at=factories.NOW
    )
    CallbackEvent.objects.create(
        application=made.application, application_name=made.application_name, product="tiw", recording=made,
        event_type="TaskFailed", body=json.dumps({"EventType": "TaskFailed", "Sign": "abc"}), digest="1",
        received_at=factories.NOW, last_received_at=factories.NOW, created_at=factories.NOW,
    )  # fmt: skip
    RecordingFile.objects.create(
        recording=made, key="1", name="a.mp4", url="https://files.example.com/a.mp4?sign=abc&t=1",
        seen_at=factories.NOW,
    )  # fmt: skip
    by = person("support")
    Note.objects.create(
        recording=made, text="The class was silent.", by=by, by_name=by.name, created_at=factories.NOW
    )
    return made


def test_a_recordings_bundle_holds_everything_about_it(recording):
    found = told(Subject(recordings=(recording.pk,)))

    whole = found[f"recordings/{recording.pk}.json"]
    assert whole["recording"]["task_id"] == recording.task_id
    assert whole["recording"]["created_at"] == "2026-11-20T09:00:00.000Z"
    assert [call["outcome"] for call in whole["calls"]] == ["refused", "ok"]
    assert whole["callbacks"][0]["body"] == {"EventType": "TaskFailed", "Sign": "***"}
    assert [change["status"] for change in whole["status_history"]] == ["failed"]
    assert whole["files"][0]["url"] == "https://files.example.com/a.mp4?***"
    assert whole["notes"][0]["text"] == "The class was silent."


def test_the_summary_tells_contents_masks_versions_and_clocks(recording):
    about = told(Subject(recordings=(recording.pk,)))["about.json"]

    assert about["contents"] == {
        "callbacks": 1, "calls": 2, "files": 1, "notes": 1, "recordings": 1, "status_changes": 1,
    }  # fmt: skip
    assert about["masked"] == {"Sign": 1, "url": 1}
    assert about["clock"] == {
        "cloud_minus_ours_ms": {"newest": 90, "least": -40, "most": 90}, "measured": 2,
    }  # fmt: skip
    assert set(about["versions"]) == {"recorder", "python", "django", "database", "platform"}


def test_the_tickets_say_what_was_expected_and_seen_with_both_times(recording):
    files = package(Subject(recordings=(recording.pk,)))

    for language, words in (
        ("en", ["The start is accepted", "was refused with", "The task failed: No stream for 5 minutes."]),
        ("zh", ["录制请求被接受", "返回错误", "录制任务失败：No stream for 5 minutes."]),
    ):
        ticket = files[f"ticket-{language}.txt"]
        assert [word in ticket for word in words] == [True] * 3
        assert "2026-11-20 09:00:00.000 UTC = 2026-11-20 17:00:00.000 UTC+8" in ticket
        assert [name in ticket for name in ("1400000001", "1203", recording.task_id, "ap-singapore")] == [
            True, True, True, True,
        ]  # fmt: skip
        assert recording.calls.get(outcome="refused").request_id in ticket


def test_the_same_state_makes_the_same_bytes(recording):
    first, second = (
        b"".join(
            piece
            for _d, piece in bundles.pieces(Subject(recordings=(recording.pk,)), person=person("support"))
        )
        for _time in range(2)
    )

    assert first == second


def test_a_calls_bundle_is_about_that_call_and_brings_its_recording(recording):
    accepted = recording.calls.get(outcome="ok")

    files = package(Subject(calls=(accepted.pk,)))

    assert f"recordings/{recording.pk}.json" in files
    assert "StartOnlineRecord was accepted after 87 ms." in files["ticket-en.txt"]


def test_a_call_of_no_recording_has_a_file_of_its_own():
    call = factories.call(outcome="refused")
    type(call).objects.filter(pk=call.pk).update(recording=None, action="SetOnlineRecordCallback")

    files = package(Subject(calls=(call.pk,)))

    assert list(files) == [f"calls/{call.pk}.json", "ticket-en.txt", "ticket-zh.txt", "about.json"]
    assert "The callback setting is accepted." in files["ticket-en.txt"]
    assert "SdkAppId: 1400000001" in files["ticket-en.txt"]


def test_answered_questions_are_cut_and_counted_and_the_one_that_is_meant_is_kept(recording, monkeypatch):
    monkeypatch.setattr(bundles, "MOST_READS", 2)
    asked = {"action": "DescribeOnlineRecord", "origin": "background"}
    questions = [
        factories.call(recording=recording, created_at=factories.NOW + timedelta(minutes=number), **asked)
        for number in range(5)
    ]

    whole = told(Subject(calls=(questions[0].pk,)))[f"recordings/{recording.pk}.json"]

    kept = [call["id"] for call in whole["calls"] if call["action"] == "DescribeOnlineRecord"]
    assert kept == [questions[0].pk, questions[3].pk, questions[4].pk]
    assert whole["answered_questions_left_out"] == 3


def test_of_many_cases_the_ticket_tells_fifty_and_the_files_all():
    application = factories.application()
    keys = [factories.recording(application=application, room_id=str(room)).pk for room in range(53)]

    files = package(Subject(recordings=tuple(keys)))

    assert "53 cases of cloud recording" in files["ticket-en.txt"]
    assert "3 more cases are in the attached files." in files["ticket-en.txt"]
    assert "其余 3 例见附件" in files["ticket-zh.txt"]
    assert sum(name.startswith("recordings/") for name in files) == 53


def test_a_sandbox_is_called_one(recording):
    assert "went to a test environment" in package(Subject(recordings=(recording.pk,)))["ticket-en.txt"]


def test_what_a_person_may_not_see_is_not_packed(recording):
    hidden = factories.recording(application=factories.application(name="Theirs"), room_id="999")
    call = factories.call(recording=hidden)
    support = person("support")
    support.sees_all = False
    support.save()
    support.applications.set([recording.application])
    subject = Subject(recordings=(recording.pk, hidden.pk), calls=(call.pk,))

    files = package(subject)

    assert [name for name in files if "/" in name] == [f"recordings/{recording.pk}.json"]
    assert "Theirs" not in "".join(files.values())
    assert "999" not in files["ticket-en.txt"]
