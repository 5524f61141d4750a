import pytest
from django.db import connection

from recorder_app.models import Recording
from recorder_app.services import upkeep
from tests import factories


@pytest.mark.django_db
def test_a_task_is_looked_for_among_tasks_once_the_tables_are_known():
    application = factories.application()
    for _ in range(60):
        factories.recording(application=application)

    upkeep.learn_the_tables()

    plan = Recording.objects.filter(application=application, task_id="bj0mt2l23osdj3000001").explain()
    assert connection.vendor == "postgresql" or "recording_by_task" in plan
