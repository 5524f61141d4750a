"""The pace of calls: the gap is kept over all threads, in order, and people go before background work."""

import time

import pytest

from recorder_app.models import PaceSlot
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

GAP = 0.05


@pytest.fixture(autouse=True)
def _gap(settings):
    settings.CLOUD_CALL_GAP_MS = 50


@pytest.fixture
def account():
    return factories.account()


def wait(account, *, is_urgent: bool = True, action: str = "StartRecord") -> float:
    """How long a caller is told to wait; nobody sleeps."""
    slept: list[float] = []
    PaceSlot.objects.wait_for_slot(
        account=account, endpoint="cloud", action=action, is_urgent=is_urgent, sleep=slept.append
    )
    return sum(slept)


def test_the_first_call_goes_at_once(account):
    assert wait(account) == 0


def test_calls_that_come_together_are_spaced_by_the_gap(account):
    began = time.time()
    waits = [wait(account) for _ in range(5)]

    # The database's clock moves on while we ask, so a wait is at most its place in the line; the line itself is as
    # long as the calls in it.
    assert all(waited <= place * GAP for place, waited in enumerate(waits))
    assert PaceSlot.objects.get().next_at_us / 1_000_000 - began >= 5 * GAP - 0.002


def test_each_action_and_account_has_a_line_of_its_own(account):
    wait(account)

    assert wait(account, action="StopRecord") == 0
    assert wait(factories.account(secret_id="AKIDEXAMPLEofanother")) == 0


def test_two_accounts_with_one_key_stand_in_one_line(account):
    wait(account)

    assert wait(factories.account()) > 0


def test_a_caller_that_wakes_late_takes_a_new_slot(account, monkeypatch):
    clock = iter([0.0, 0.2, 10.0, 10.05])
    monkeypatch.setattr("recorder_app.models.pace.time.monotonic", lambda: next(clock))
    wait(account)

    waited = wait(account)

    # The first slot, 50 ms away, was slept over by 150 ms; the second was met.
    assert GAP < waited <= 3 * GAP


def test_a_clock_that_was_set_back_does_not_hold_the_line_for_a_day(account):
    wait(account)
    PaceSlot.objects.update(next_at_us=PaceSlot.objects.get().next_at_us + 86_400_000_000)

    assert wait(account) == 0
    assert wait(account) <= GAP


def test_fifty_callers_at_once_get_fifty_different_slots(account, together):
    began = time.time()
    waits = sorted(together(50, lambda: wait(account)))

    # Fifty slots were handed out, so the line ends at least fifty gaps after its beginning.
    line = PaceSlot.objects.get(action="StartRecord")
    assert line.next_at_us / 1_000_000 - began >= 50 * GAP - 0.002
    assert len({round(waited, 3) for waited in waits}) > 40


def test_a_person_does_not_wait_behind_background_work(account):
    for _ in range(10):
        reserve_background(account)

    assert wait(account) <= GAP


def reserve_background(account) -> int:
    """Ten jobs stand in the background's line without having had their turn."""
    line = (account.secret_id, "cloud", "StartRecord")
    return PaceSlot.objects._reserve("background_at_us", line, 50_000)


def test_background_work_stands_behind_people_who_wait(account):
    for _ in range(4):
        wait(account)

    assert reserve_background(account) > 2 * GAP * 1_000_000


def test_without_a_gap_nobody_waits(account, settings):
    settings.CLOUD_CALL_GAP_MS = 0

    assert [wait(account) for _ in range(3)] == [0, 0, 0]
    assert not PaceSlot.objects.exists()
