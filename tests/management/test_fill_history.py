import pytest
from django.core.management import CommandError, call_command

from recorder_app.choices import Environment
from recorder_app.models import ApiCall, CallCount, CountedSpan
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_says_how_much_it_made_and_how_quickly(capsys):
    call_command(
        "fill_history", "--rows", "200", "--days", "3", "--until", "2026-11-20T09:00+00:00", "--no-counts"
    )

    assert capsys.readouterr().err.startswith("200 calls, ")
    assert ApiCall.objects.count() == 200


def test_what_it_made_is_counted_for_the_reports():
    call_command("fill_history", "--rows", "100", "--days", "3", "--until", "2026-11-20T09:00+00:00")

    assert CallCount.objects.exists()
    assert not CountedSpan.objects.filter(counted_at=None).exists()


def test_it_stays_away_from_a_live_account():
    factories.account(environment=Environment.LIVE)

    with pytest.raises(CommandError, match="live cloud"):
        call_command("fill_history", "--rows", "200")


@pytest.mark.parametrize("words", [("--rows", "0"), ("--rows", "10", "--days", "0")])
def test_it_makes_no_sense_of_nothing(words):
    with pytest.raises(CommandError, match="1 or more"):
        call_command("fill_history", *words)
