"""``manage.py rebuild_counts``: counts the history anew and says how far it is."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from recorder_app.management.commands import rebuild_counts
from recorder_app.models import CallCount
from tests import factories, history

pytestmark = pytest.mark.django_db


def test_it_counts_everything_and_says_so(capsys, monkeypatch):
    monkeypatch.setattr(rebuild_counts, "SAY_EVERY", 0)
    end = factories.NOW - timedelta(days=1)
    history.make(start=end - timedelta(hours=20), end=end, calls=30)

    call_command("rebuild_counts")

    said = capsys.readouterr()
    assert history.counted_by_day("UTC") == history.calls_by_day("UTC")
    assert "spans of time were counted in" in said.out
    assert "100 %: " in said.err


def test_since_a_day_it_leaves_what_was_before():
    factories.call(created_at=factories.NOW - timedelta(days=9))
    call_command("rebuild_counts")
    CallCount.objects.all().delete()

    call_command("rebuild_counts", since=date(2026, 11, 15))

    assert not CallCount.objects.filter(span__grain="day").exists()


def test_a_day_that_is_none_is_told():
    with pytest.raises(CommandError, match="give a day such as"):
        call_command("rebuild_counts", "--since", "yesterday")
