"""The background work: units that are rows, taken with a lease, done one by one, given back.

Any number of workers on any number of machines share the work. What a killed worker held is taken over when its
lease ends; every unit can be done twice without harm, so a worker that was only slow does none.
"""

import logging
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from recorder_app import letters
from recorder_app.choices import FOLLOWED, UNSETTLED, RecordingStatus
from recorder_app.forms.exports import content_of
from recorder_app.models import CallbackEvent, Export, Recording, ScheduledReport, StopUnit, WorkerBeat
from recorder_app.models.work import WorkQuerySet
from recorder_app.services import (
    accounts,
    callbacks,
    calls,
    counts,
    mails,
    making,
    reconcile,
    refresh,
    stops,
    upkeep,
)

log = logging.getLogger("recorder.worker")

# Renewed while a unit is being done, so it may be short: what a killed worker held is taken over that soon.
LEASE = timedelta(seconds=20)
RENEW_EVERY = 4.0  # seconds
# What takes longer hangs, and is left to others.
HOLD_AT_MOST = 300.0  # seconds
LOOK_EVERY = 0.5  # seconds between two looks when nothing was due
AFTER_DATABASE_TROUBLE = 2.0  # seconds
BEAT_EVERY = 10.0  # seconds between two signs of life
SAY_EVERY = 60.0  # seconds between two lines in the log
SWEEP_EVERY = 15.0  # seconds between two looks for calls of processes that are gone
# Seconds between two looks for accounts in trouble. Whether one is to be asked again is decided by its own history, so
# many workers ask no more often than one, and looking more often than asking keeps the pauses even.
TROUBLE_EVERY = 10.0
MOST_ASKED = 8  # accounts at a time
MOST_MAILS = 2  # at a time
COUNT_EVERY = 20.0  # seconds between two looks for sums to be counted
KEEP_BEATS = timedelta(days=1)
LEARN_EVERY = 3600.0  # seconds between two looks at how the rows of the tables are spread
THROW_AWAY_EVERY = 600.0  # seconds between two looks for exports whose time is over
# Exports that a worker makes at the same time: they need its processor, which the rest of the work hardly does.
MOST_EXPORTS = 2
# What a sign of life tells of the work done.
TOLD = ("refreshed", "settled", "applied", "stops", "failed")


def do_event(key: int) -> str:
    """Apply one stored callback."""
    event = CallbackEvent.objects.select_related("application__account").get(pk=key)
    callbacks.apply(event)
    return "applied"


def do_recording(key: int) -> str:
    """Ask how one recording is doing, or look into its start."""
    recording = Recording.objects.select_related("application__account").get(pk=key)
    if recording.status in FOLLOWED:
        refresh.refresh(recording)
        return "refreshed"
    if recording.status in (*UNSETTLED, RecordingStatus.NOT_STARTED):
        reconcile.settle(recording)
        return "settled"
    refresh.set_next(recording, None, recording.due_at)
    return "refreshed"


def do_stop(key: int) -> str:
    """Stop one of many recordings."""
    stops.carry_out(
        StopUnit.objects.select_related("order__by", "recording__application__account").get(pk=key)
    )
    return "stops"


def do_export(key: int) -> str:
    """Make one file that somebody ordered."""
    making.make(Export.objects.select_related("by").get(pk=key), content_of)
    return "exports"


def do_mail(key: int) -> str:
    """Send one report by mail."""
    mails.send(ScheduledReport.objects.select_related("by", "view").get(pk=key), letters.write)
    return "mails"


@dataclass(frozen=True)
class Held:
    """A unit that this worker holds, under the name of the claim by which it got it."""

    kind: "Kind"
    key: int
    claim: str
    since: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Kind:
    """One kind of unit: its rows, what does one of them and answers under which word it is counted, and how many of
    them a worker does at a time (None: as many as it has threads)."""

    rows: Callable[[], WorkQuerySet]
    do: Callable[[int], str]
    most: int | None = None


KINDS = (
    Kind(CallbackEvent.objects.all, do_event),
    Kind(Recording.objects.all, do_recording),
    Kind(StopUnit.objects.all, do_stop),
    Kind(Export.objects.all, do_export, most=MOST_EXPORTS),
    Kind(ScheduledReport.objects.all, do_mail, most=MOST_MAILS),
)


class Chores:
    """What is done every so many seconds, beside the work."""

    def __init__(self, *chores: tuple[float, Callable[[], None]]) -> None:
        self._next = [[time.monotonic() + seconds, seconds, chore] for seconds, chore in chores]

    def due(self) -> Iterator[Callable[[], None]]:
        now = time.monotonic()
        for entry in self._next:
            if entry[0] <= now:
                entry[0] = now + entry[1]
                yield entry[2]


class Worker:
    """One process's share of the work: ``threads`` units at a time, until ``stop`` is called."""

    def __init__(
        self, *, threads: int = 16, lease: timedelta = LEASE, say: Callable[[str], None] = log.info
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"[:100]
        self.counts = {
            "refreshed": 0,
            "settled": 0,
            "applied": 0,
            "stops": 0,
            "exports": 0,
            "mails": 0,
            "failed": 0,
        }
        self._threads = threads
        self._lease = lease
        self._say = say
        # A plain flag: it is set from a signal handler, where a lock might be held by the very thread it interrupts.
        self._is_stopping = False
        self._turn = 0
        self._held: dict[Future, Held] = {}
        self._asked: dict[int, Future] = {}
        self._counting: Future | None = None
        self._told = dict(self.counts)

    def stop(self) -> None:
        """Take nothing new; what is held is finished."""
        self._is_stopping = True

    def run(self, *, once: bool = False) -> None:
        """Work until stopped; with ``once`` only until nothing is due."""
        self._guarded(self._begin)
        self._guarded(self._sweep)
        # Accounts in trouble have threads of their own: a cloud that gives no answer keeps them for longer than a lease
        # lasts, and neither the work nor the chores may wait for that.
        with (
            ThreadPoolExecutor(self._threads, thread_name_prefix="unit") as pool,
            ThreadPoolExecutor(MOST_ASKED, thread_name_prefix="trouble") as beside,
            ThreadPoolExecutor(1, thread_name_prefix="counts") as counting,
        ):
            chores = Chores(
                (RENEW_EVERY, self._renew),
                (BEAT_EVERY, self._beat),
                (SWEEP_EVERY, self._sweep),
                (TROUBLE_EVERY, partial(self._ask_again, beside)),
                (COUNT_EVERY, partial(self._count_history, counting)),
                (THROW_AWAY_EVERY, self._throw_away),
                (LEARN_EVERY, upkeep.learn_the_tables),
                (SAY_EVERY, self._tell),
            )
            while self._held or not self._is_stopping:
                for chore in chores.due():
                    self._guarded(chore)
                taken = 0 if self._is_stopping else self._guarded(partial(self._take, pool)) or 0
                if once and not self._held:
                    break
                self._rest(is_busy=bool(taken))
        self._guarded(self._end)

    def _take(self, pool: ThreadPoolExecutor) -> int:
        """Claim due units for the free threads, the kinds taking turns at being first; answers how many there were."""
        self._turn += 1
        taken = 0
        for number in range(len(KINDS)):
            kind = KINDS[(self._turn + number) % len(KINDS)]
            most = self._threads - len(self._held)
            if most <= 0:
                break
            if kind.most is not None:
                most = min(most, kind.most - sum(one.kind is kind for one in self._held.values()))
                if most <= 0:
                    continue
            # A name for this very claim: what was taken from us meanwhile is not ours to give back.
            claim = f"{self.name}:{self._turn}"
            for key in kind.rows().claim(by=claim, now=timezone.now(), lease=self._lease, most=most):
                self._held[pool.submit(self._do, kind, key, claim)] = Held(kind, key, claim)
                taken += 1
        return taken

    def _renew(self) -> None:
        """Hold on to what is still being done."""
        until, oldest = timezone.now() + self._lease, time.monotonic() - HOLD_AT_MOST
        for kind in KINDS:
            mine = [one for one in self._held.values() if one.kind is kind and one.since > oldest]
            if mine:
                rows = kind.rows().filter(pk__in=[one.key for one in mine])
                rows.filter(claimed_by__in={one.claim for one in mine}).update(claimed_until=until)

    def _do(self, kind: Kind, key: int, claim: str) -> str:
        try:
            word = kind.do(key)
            kind.rows().release(key, by=claim)
            return word
        finally:
            connection.close()

    def _rest(self, *, is_busy: bool) -> None:
        """Wait for a thread to be free, or for a moment; count what was done."""
        is_full = len(self._held) >= self._threads
        if self._held and (is_full or is_busy or self._is_stopping):
            wait(self._held, timeout=LOOK_EVERY, return_when=FIRST_COMPLETED)
        else:
            time.sleep(LOOK_EVERY)
        for future in [future for future in self._held if future.done()]:
            del self._held[future]
            self._count(future)

    def _count(self, future: Future) -> None:
        error = future.exception()
        if error is None:
            self.counts[future.result()] += 1
            return
        # The lease is left to run out: the unit comes again in a while, here or elsewhere.
        self.counts["failed"] += 1
        log.error("A unit of work broke and will be tried again.", exc_info=error)

    def _guarded[Result](self, work: Callable[[], Result]) -> Result | None:
        """Do something with the database, and outlive its absence."""
        try:
            return work()
        except (DatabaseError, InterfaceError) as error:
            log.warning("The database cannot be used at the moment: %s", error)
            connection.close()
            time.sleep(AFTER_DATABASE_TROUBLE)
            return None

    def _begin(self) -> None:
        now = timezone.now()
        WorkerBeat.objects.create(name=self.name, threads=self._threads, started_at=now, beat_at=now)
        WorkerBeat.objects.filter(beat_at__lt=now - KEEP_BEATS).delete()

    def _beat(self) -> None:
        now = timezone.now()
        fields = {"beat_at": now, "stopped_at": None, **self._told_of()}
        WorkerBeat.objects.update_or_create(
            name=self.name,
            defaults=fields,
            create_defaults={**fields, "threads": self._threads, "started_at": now},
        )

    def _end(self) -> None:
        now = timezone.now()
        WorkerBeat.objects.filter(name=self.name).update(beat_at=now, stopped_at=now, **self._told_of())

    def _told_of(self) -> dict[str, int]:
        return {word: self.counts[word] for word in TOLD}

    def _sweep(self) -> None:
        calls.give_up_old(now=timezone.now())

    def _throw_away(self) -> None:
        making.delete_old(now=timezone.now())

    def _ask_again(self, beside: ThreadPoolExecutor) -> None:
        """Let each account in trouble be asked whether that is over, unless it is being asked just now."""
        for key in accounts.in_trouble():
            if key not in self._asked or self._asked[key].done():
                self._asked[key] = beside.submit(self._ask_about, key)
                self._asked[key].add_done_callback(_tell_if_broken)

    def _ask_about(self, key: int) -> None:
        try:
            if not self._is_stopping:
                accounts.ask_again(key)
        finally:
            connection.close()

    def _count_history(self, counting: ThreadPoolExecutor) -> None:
        """Bring the sums of the history up to date, unless that is still being done."""
        if self._counting is None or self._counting.done():
            self._counting = counting.submit(self._count_open)
            self._counting.add_done_callback(_tell_if_not_counted)

    def _count_open(self) -> None:
        try:
            if not self._is_stopping:
                counts.keep(seconds=COUNT_EVERY)
        finally:
            connection.close()

    def _tell(self) -> None:
        done = {word: count - self._told[word] for word, count in self.counts.items()}
        self._told = dict(self.counts)
        self._say(
            "In the last minute: {refreshed} states asked for, {settled} unknown starts looked into, "
            "{applied} callbacks applied, {stops} of many stopped, {exports} exports made, {mails} mails sent, "
            "{failed} units broken.".format(**done)
        )


def _tell_if_broken(asked: Future) -> None:
    if error := asked.exception():
        log.error("An account in trouble could not be asked about; that is tried again.", exc_info=error)


def _tell_if_not_counted(counted: Future) -> None:
    if error := counted.exception():
        log.error(
            "The sums of the history could not be brought up to date; that is tried again.", exc_info=error
        )
