"""Filling a database with history: which day gets how much, in the order of time, table by table."""

import gc
import random
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from django.db.models import Max, Min, Model, Q

from recorder_app.choices import Environment
from recorder_app.filling import lives as columns
from recorder_app.filling import seasons, tables
from recorder_app.filling.lives import Lives
from recorder_app.filling.world import ensure_world
from recorder_app.models import ApiCall, CallbackEvent, CloudAccount, Recording, RecordingFile, StatusChange

COLUMNS: dict[type[Model], tuple[str, ...]] = {
    Recording: columns.RECORDING,
    ApiCall: columns.CALL,
    CallbackEvent: columns.EVENT,
    StatusChange: columns.CHANGE,
    RecordingFile: columns.FILE,
}
# How many calls a life has on average, and never more than.
AVERAGE, MOST = 7.7, 45
# Calls in one block.
BLOCK = 10_000
# From so many on it is quicker to make the indexes afterwards.
MANY = 50_000
MOMENT = itemgetter(0)


class LiveAccount(Exception):
    """The database holds an account of the real cloud: nothing made up belongs beside that."""


@dataclass(frozen=True)
class Made:
    """How many rows were written, by table."""

    calls: int
    recordings: int
    callbacks: int
    changes: int
    files: int

    @property
    def total(self) -> int:
        return self.calls + self.recordings + self.callbacks + self.changes + self.files


def fill(
    rows: int,
    *,
    until: datetime,
    days: int = 730,
    seed: int = 1,
    told: Callable[[int], None] = lambda made: None,
) -> Made:
    """Make up exactly ``rows`` calls over ``days`` days before ``until``, with all that belongs to them.

    The same seed makes the same rows in the same database. Where there is a history already, the new one lies before
    it. ``told`` is called now and then with the number of calls so far. Raises ``LiveAccount``.
    """
    real = Q(environment=Environment.LIVE) | Q(endpoint__contains="tencentcloudapi.com")
    if CloudAccount.objects.filter(real).exists():
        raise LiveAccount
    first = {model: (model.objects.aggregate(last=Max("pk"))["last"] or 0) + 1 for model in COLUMNS}
    oldest = Recording.objects.aggregate(oldest=Min("created_at"))["oldest"]
    # Another history in the same database gets other identifiers from the same seed.
    dice = random.Random(f"{seed}/{first[Recording]}")  # noqa: S311 - the same rows every time
    world = ensure_world(dice)
    filler = _Filler(dice, world, first, told)
    rebuild = rows >= max(MANY, first[ApiCall])
    with _without_collection(), tables.bulk(list(COLUMNS), rebuild=rebuild):
        filler.run(rows, seasons.plan(min(until, oldest) if oldest else until, days))
    tables.analyze()
    return filler.made(first)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Rows are many and hold no cycles: looking for some among them again and again takes a tenth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Filler:
    def __init__(self, dice: random.Random, world, first: dict, told: Callable[[int], None]) -> None:
        self._dice, self._world, self._told = dice, world, told
        self._hours = seasons.Hours(dice)
        self._null = tables.null()
        self._lives = Lives(dice, world, first[Recording], first[RecordingFile], self._null)
        self._next = dict(first)
        self._calls: list[tuple] = []
        self._events: list[tuple] = []
        self._changes: list[tuple] = []

    def run(self, rows: int, days: list[seasons.Day]) -> None:
        writer = tables.Writer(COLUMNS)
        made, share = 0, 0.0
        try:
            for day in days:
                share += day.share
                # Never so many that the last life could go beyond what was asked for.
                count = min(round((rows * share - made) / AVERAGE), (rows - made) // MOST)
                made += self._tell(day, count)
                self._keep(writer, day.ends)
            while made < rows:
                # The last few, one call each, so that it is exactly as many as were asked for.
                missing = rows - made
                made += self._tell(days[-1], max(1, missing // MOST), is_short=missing <= MOST)
            self._keep(writer, None)
            self._put(writer)
        finally:
            writer.close()

    def _tell(self, day: seasons.Day, count: int, *, is_short: bool = False) -> int:
        """That many lives in a day; answers how many calls were made in them."""
        places, chance = self._world.places, self._dice.random
        begun = []
        for _ in range(count):
            place = places[int(chance() * len(places))]
            begun.append((self._hours.moment(day, place.product), place.number, place))
        begun.sort(key=lambda one: one[:2])
        before = self._lives.calls
        for at, _number, place in begun:
            self._lives.tell(at, place, is_short=is_short)
        return self._lives.calls - before

    def _keep(self, writer: tables.Writer, until: int | None) -> None:
        """Number what happened before a moment, in the order of time, and hand over what makes a block."""
        happenings = self._lives.happenings
        # What happened at one moment stays in the order in which it was told.
        happenings.sort(key=MOMENT)
        ripe = len(happenings) if until is None else bisect_left(happenings, until, key=MOMENT)
        self._lives.happenings = happenings[ripe:]
        call, event, change = self._next[ApiCall], self._next[CallbackEvent], self._next[StatusChange]
        for _at, is_call, row, caused in happenings[:ripe]:
            if is_call:
                key = str(call)
                self._calls.append((key, *row))
                if caused:
                    self._changes.append((str(change), *caused, key, self._null))
                    change += 1
                call += 1
            else:
                self._events.append((str(event), *row))
                event += 1
        self._next |= {ApiCall: call, CallbackEvent: event, StatusChange: change}
        if len(self._calls) >= BLOCK:
            self._put(writer)

    def _put(self, writer: tables.Writer) -> None:
        lives = self._lives
        writer.put(
            [
                (Recording, lives.recordings),
                (ApiCall, self._calls),
                (CallbackEvent, self._events),
                (StatusChange, self._changes),
                (RecordingFile, lives.files),
            ]
        )
        self._next[Recording] += len(lives.recordings)
        self._next[RecordingFile] += len(lives.files)
        lives.recordings, lives.files = [], []
        self._calls, self._events, self._changes = [], [], []
        self._told(self._next[ApiCall] - 1)

    def made(self, first: dict) -> Made:
        number = {model: self._next[model] - first[model] for model in COLUMNS}
        return Made(
            calls=number[ApiCall],
            recordings=number[Recording],
            callbacks=number[CallbackEvent],
            changes=number[StatusChange],
            files=number[RecordingFile],
        )
