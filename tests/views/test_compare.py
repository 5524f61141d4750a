"""Two calls or two recordings side by side: what differs, first."""

from datetime import timedelta

import pytest

from recorder_app.choices import CallOutcome, FileKind, RecordingStatus, Why
from recorder_app.models import RecordingFile, StatusChange
from recorder_app.reports.side_by_side import of_recordings, proposed
from tests import factories
from tests.factories import NOW
from tests.people import person

pytestmark = pytest.mark.django_db


def differences(sections) -> dict:
    return {str(row.name): (row.left, row.right) for section in sections for row in section.different}


def test_what_differs_between_two_calls_stands_first(support_client):
    recording = factories.recording()
    good = factories.call(
        recording=recording, params={"RoomId": 1203, "MixStream": {"ModelId": 1}, "Same": "x"}
    )
    bad = factories.call(
        recording=recording,
        outcome=CallOutcome.REFUSED,
        params={"RoomId": 1203, "MixStream": {"ModelId": 9}, "Same": "x", "ChatGroupId": "c"},
    )

    answer = support_client.get(f"/compare/?calls={good.pk},{bad.pk}")

    found = differences(answer.context["sections"])
    assert found["MixStream.ModelId"] == ("1", "9")
    assert found["ChatGroupId"] == (None, "c")
    assert found["Outcome"] == ("Accepted", "Refused")
    assert not {"Same", "RoomId", "Action", "Room"} & set(found)
    assert {str(row.name) for row in answer.context["sections"][1].same} == {"RoomId", "Same"}


def test_swapped_sides_swap_the_values_and_keep_the_rows(support_client):
    left, right = factories.call(params={"A": 1, "B": 2}), factories.call(params={"A": 3, "B": 2})

    there = support_client.get(f"/compare/?calls={left.pk},{right.pk}").context["sections"][1].different
    back = support_client.get(f"/compare/?calls={right.pk},{left.pk}").context["sections"][1].different

    assert [(row.name, row.left, row.right) for row in there] == [("A", "1", "3")]
    assert [(row.name, row.left, row.right) for row in back] == [("A", "3", "1")]


def test_digits_beyond_what_browsers_can_count_are_compared_and_shown(support_client):
    calls = [factories.call(params={"TaskId": 2**63 + number}) for number in (1, 2)]

    page = support_client.get(f"/compare/?calls={calls[0].pk},{calls[1].pk}").content.decode()

    assert "9223372036854775809" in page
    assert "9223372036854775810" in page


def test_secrets_are_not_compared(support_client):
    calls = [factories.call(params={"RecordUserSig": "***", "RoomId": 1}) for _number in range(2)]

    page = support_client.get(f"/compare/?calls={calls[0].pk},{calls[1].pk}").content.decode()

    assert "RecordUserSig" not in page


def test_two_recordings_are_compared_with_files_and_changes():
    good = factories.recording(status=RecordingStatus.FINISHED)
    bad = factories.recording(
        application=good.application, status=RecordingStatus.FAILED, result={"total_ms": 7}, task_id="other"
    )
    RecordingFile.objects.create(
        recording=good, key="a", kind=FileKind.CAMERA, owner="lin", duration_ms=61_000, seen_at=NOW
    )
    StatusChange.objects.create(
        recording=bad, status="failed", previous="recording", why=Why.REFRESH, at=NOW + timedelta(seconds=9)
    )

    found = differences(of_recordings(good, bad))

    assert found["File 1"] == ("Camera · lin · 1:01", None)
    assert found["Change 1"] == (None, "Failed · the cloud, when asked · +9 s")
    assert found["total_ms"] == (None, "7")
    assert found["Status"] == ("Finished", "Failed")


@pytest.mark.parametrize(
    "query", ["calls=1,999999", "recordings=x", "calls=1,2,3", "calls=99999999999999999999"]
)
def test_what_does_not_exist_is_told_in_a_sentence(support_client, query):
    answer = support_client.get(f"/compare/?{query}")

    assert answer.status_code == 404
    assert "there is nothing to compare" in answer.content.decode()


def test_what_is_hidden_is_told_as_what_does_not_exist(client_of):
    call = factories.call()
    hidden = factories.call(
        recording=factories.recording(application=factories.application(app_id="1400000009"))
    )
    who = person("support")
    who.sees_all = False
    who.save()
    who.applications.set([call.application])

    answers = [client_of("support").get(f"/compare/?calls={call.pk},{key}") for key in (hidden.pk, 999999)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert hidden.application_name not in answers[0].content.decode()


def test_the_last_success_in_the_same_room_is_proposed_first():
    application = factories.application()
    here, there = (factories.recording(application=application, room_id=room) for room in ("1203", "77"))
    success = factories.call(recording=here)
    factories.call(recording=here, outcome=CallOutcome.REFUSED, created_at=NOW + timedelta(minutes=1))
    elsewhere = factories.call(recording=there, created_at=NOW + timedelta(minutes=2))
    failed = factories.call(
        recording=here, outcome=CallOutcome.REFUSED, created_at=NOW + timedelta(minutes=3)
    )
    factories.call(recording=here, created_at=NOW + timedelta(minutes=4))

    assert proposed(failed, person=person("support")) == [success, elsewhere]


def test_another_call_can_be_named_by_its_request_id(support_client):
    call, other = factories.call(), factories.call()

    named = support_client.get("/compare/", {"calls": call.pk, "with": other.request_id})
    unknown = support_client.get("/compare/", {"calls": call.pk, "with": "nothing-like-it"})

    assert named.headers["Location"] == f"/compare/?calls={call.pk}%2C{other.pk}"
    assert "No other call carries <code>nothing-like-it</code>" in unknown.content.decode()
