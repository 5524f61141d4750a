"""The worker in this process: what is due is done, once, and what breaks comes again."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from recorder_app import jobs
from recorder_app.choices import AccountTrouble, RecordingStatus
from recorder_app.models import ApiCall, CallCount, CloudAccount, Recording, WorkerBeat
from tests import factories, steps

pytestmark = pytest.mark.django_db(transaction=True)


def worker(**options) -> jobs.Worker:
    return jobs.Worker(**{"threads": 4, "say": lambda line: None, **options})


def test_once_does_everything_that_is_due(sandbox):
    application = factories.application(endpoint=sandbox.url)
    made = [steps.start_class(application, room=1000 + number) for number in range(10)]

    worker().run(once=True)

    assert Recording.objects.filter(checked_at__isnull=False).count() == len(made)
    assert not Recording.objects.exclude(claimed_by="").exists()


def test_two_workers_ask_about_each_recording_once(sandbox, together):
    application = factories.application(endpoint=sandbox.url)
    for number in range(20):
        steps.start_class(application, room=1000 + number)
    workers = [worker(), worker()]

    together(2, lambda: workers.pop().run(once=True))

    asked = [call for call in steps.truth(sandbox)["calls"] if call["Action"] == "DescribeOnlineRecord"]
    assert len(asked) == 20


def test_a_unit_that_breaks_is_counted_and_comes_again_when_its_lease_ends(monkeypatch, caplog):
    recording = factories.recording(due_at=timezone.now())

    def broken(key: int) -> str:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(jobs, "KINDS", (jobs.Kind(Recording.objects.all, broken),))
    one = worker(lease=timedelta(seconds=30))

    one.run(once=True)

    assert one.counts["failed"] == 1
    assert "a fault of ours" in caplog.text
    assert Recording.objects.due(timezone.now()).count() == 0
    assert Recording.objects.due(timezone.now() + timedelta(seconds=31)).get() == recording


def test_the_kinds_take_turns_so_that_a_flood_of_one_starves_no_other(monkeypatch):
    order: list[str] = []
    flood = factories.application()
    for _number in range(6):
        factories.recording(application=flood, due_at=timezone.now())

    def kind(name: str, status: str) -> jobs.Kind:
        def do(key: int) -> str:
            order.append(name)
            Recording.objects.filter(pk=key).update(due_at=None)
            return "refreshed"

        return jobs.Kind(lambda: Recording.objects.filter(status=status), do)

    factories.recording(application=flood, status=RecordingStatus.PAUSED, due_at=timezone.now())
    monkeypatch.setattr(jobs, "KINDS", (kind("flood", "recording"), kind("rare", "paused")))

    worker(threads=1).run(once=True)

    assert "rare" in order[:2]
    assert len(order) == 7


def test_a_worker_outlives_a_database_that_is_away(monkeypatch):
    tries = []

    def once_broken(self) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("the server closed the connection")

    monkeypatch.setattr(jobs.Worker, "_sweep", once_broken)
    monkeypatch.setattr(jobs, "AFTER_DATABASE_TROUBLE", 0)
    factories.recording(status=RecordingStatus.REFUSED, due_at=timezone.now())

    one = worker()
    one.run(once=True)

    assert one.counts["refreshed"] == 1


def test_a_worker_leaves_a_sign_of_life_and_says_that_it_stopped():
    one = worker()

    one.run(once=True)

    beat = WorkerBeat.objects.get()
    assert (beat.name, beat.threads) == (one.name, 4)
    assert beat.stopped_at is not None


def test_a_unit_that_takes_longer_than_its_lease_stays_with_its_worker(monkeypatch):
    recording = factories.recording(due_at=timezone.now())
    leases: list[datetime] = []

    def slow(key: int) -> str:
        first = Recording.objects.get(pk=key).claimed_until
        while (now := Recording.objects.get(pk=key).claimed_until) == first:
            time.sleep(0.02)
        leases.extend([first, now])
        Recording.objects.filter(pk=key).update(due_at=None)
        return "refreshed"

    monkeypatch.setattr(jobs, "KINDS", (jobs.Kind(Recording.objects.all, slow),))
    monkeypatch.setattr(jobs, "RENEW_EVERY", 0.2)

    worker().run(once=True)

    assert leases[0] < leases[1]
    assert Recording.objects.get(pk=recording.pk).claimed_by == ""


def test_a_worker_asks_about_accounts_in_trouble_beside_its_work(sandbox, monkeypatch):
    monkeypatch.setattr(jobs, "TROUBLE_EVERY", 0.1)
    application = factories.application(endpoint=sandbox.url)
    CloudAccount.objects.update(trouble=AccountTrouble.SILENT, trouble_since=timezone.now())
    one = worker()

    def run() -> None:
        one.run()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while CloudAccount.objects.exclude(trouble="").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        one.stop()
        thread.join()

    [call] = ApiCall.objects.all()
    assert (call.account_id, call.origin, call.outcome) == (application.account_id, "background", "ok")
    assert not CloudAccount.objects.exclude(trouble="").exists()


def test_what_breaks_while_asking_about_an_account_is_logged_and_tried_again(monkeypatch, caplog):
    factories.application()
    CloudAccount.objects.update(trouble=AccountTrouble.SILENT, trouble_since=timezone.now())
    one, asked = worker(), []

    def broken(key: int) -> None:
        asked.append(key)
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(jobs.accounts, "ask_again", broken)

    for _time in range(2):
        with ThreadPoolExecutor(1) as beside:
            one._ask_again(beside)

    assert len(asked) == 2
    assert "a fault of ours" in caplog.text


def test_the_sums_of_the_history_are_kept_beside_the_work(monkeypatch):
    monkeypatch.setattr(jobs, "COUNT_EVERY", 0.05)
    factories.call(created_at=timezone.now() - timedelta(hours=3))
    one = worker()

    def stop_when_counted() -> None:
        deadline = time.monotonic() + 20
        while not CallCount.objects.filter(span__grain="month").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        one.stop()
        connection.close()

    watching = threading.Thread(target=stop_when_counted)
    watching.start()
    one.run()
    watching.join()

    assert CallCount.objects.filter(span__grain="month").exists()
