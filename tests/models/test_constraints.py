"""What the database itself refuses, whoever writes."""

import pytest
from django.db import IntegrityError, transaction

from recorder_app.choices import CallOutcome, Environment, RecordingStatus
from recorder_app.models import ApiCall, Person, Recording
from tests import factories

pytestmark = pytest.mark.django_db


def refused(constraint: str):
    """The database names the constraint; PostgreSQL and SQLite both carry it in the message."""
    return pytest.raises(IntegrityError, match=constraint)


def test_one_recording_for_one_intention():
    recording = factories.recording()

    with pytest.raises(IntegrityError, match="intention_key"), transaction.atomic():
        factories.recording(application=recording.application, intention_key=recording.intention_key)

    assert Recording.objects.count() == 1


def test_a_running_recording_has_its_task():
    with refused("recording_running_has_task"), transaction.atomic():
        factories.recording(status=RecordingStatus.RECORDING, task_id="")


def test_a_task_belongs_to_one_recording_of_an_application():
    recording = factories.recording()

    with pytest.raises(IntegrityError), transaction.atomic():
        factories.recording(application=recording.application, task_id=recording.task_id)


def test_a_status_nobody_knows_is_refused():
    with refused("recording_status_known"), transaction.atomic():
        factories.recording(status="humming", task_id="x")


def test_a_call_is_settled_or_being_sent():
    call = factories.call()

    with refused("call_settled_or_sending"), transaction.atomic():
        ApiCall.objects.filter(pk=call.pk).update(outcome=CallOutcome.SENDING)


def test_a_refused_call_has_a_code():
    with refused("call_refused_has_code"), transaction.atomic():
        factories.call(outcome=CallOutcome.REFUSED, error_code="")


def test_a_sandbox_account_says_where_it_is():
    with refused("account_sandbox_has_endpoint"), transaction.atomic():
        factories.account(environment=Environment.SANDBOX, endpoint="")


def test_a_role_nobody_knows_is_refused():
    with refused("person_role_known"), transaction.atomic():
        Person.objects.create_user(username="x", role="emperor")


def test_history_survives_the_person_who_made_it():
    call = factories.call()

    call.by.delete()

    call.refresh_from_db()
    assert (call.by, call.by_name) == (None, "operator")
