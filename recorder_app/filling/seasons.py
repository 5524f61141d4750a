"""When things happen: school days and weekends, mornings and evening peaks, holidays, and a house that grows.

All of it in the time of the academy, UTC+8, which knows no daylight saving.
"""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

ZONE = timezone(timedelta(hours=8))
SECOND = 1_000_000  # everything is counted in microseconds since 1970
DAY = 86_400 * SECOND
# More than the longest life takes from the first click to the last file.
LONGEST = 3 * 3600 * SECOND
# How many of a hundred begin in each hour of the day, from midnight: classes on school days, classes on the
# weekend, voice rooms of players.
SCHOOL_DAY = (0.2, 0.1, 0.1, 0.1, 0.1, 0.3, 1, 3, 8, 9, 8, 4, 2, 4, 7, 8, 7, 5, 6, 12, 10, 4, 1, 0.4)
WEEKEND = (0.2, 0.1, 0.1, 0.1, 0.1, 0.2, 0.5, 2, 9, 12, 11, 6, 3, 6, 9, 9, 8, 5, 5, 7, 5, 2, 0.5, 0.3)
PLAYERS = (5, 3, 1.5, 0.7, 0.4, 0.3, 0.4, 0.7, 1, 1.5, 2, 3, 4, 4, 4, 4, 4, 5, 6, 9, 12, 12, 10, 7)


@dataclass(frozen=True)
class Day:
    """One day: where it begins, up to when something may begin in it, and how much of the history falls on it."""

    begins: int
    ends: int
    share: float
    is_weekend: bool


def plan(until: datetime, days: int) -> list[Day]:
    """The days before ``until``, whose shares make 1; on the last one nothing begins that could not end in time."""
    last = microseconds(until) - LONGEST
    today = datetime.fromtimestamp(last // SECOND, ZONE).date()
    found = []
    for back in range(days, -1, -1):
        day = today - timedelta(days=back)
        begins = microseconds(datetime(day.year, day.month, day.day, tzinfo=ZONE))
        ends = min(begins + DAY, last)
        if ends > begins:
            weight = _weight(day) * (0.6 + 0.8 * (days - back) / days) * (ends - begins) / DAY
            found.append(Day(begins, ends, weight, day.weekday() >= 5))
    whole = sum(day.share for day in found)
    return [Day(day.begins, day.ends, day.share / whole, day.is_weekend) for day in found]


def microseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * SECOND + moment.microsecond


def _weight(day: date) -> float:
    """How busy a day is, 1 on an ordinary school day."""
    busy = (1.0, 1.05, 1.05, 1.0, 0.9, 1.5, 1.3)[day.weekday()]
    if (day.month, day.day) in ((10, 1), (10, 2), (10, 3), (5, 1), (1, 1)):
        return busy * 0.15
    if (day.month == 1 and day.day >= 22) or (day.month == 2 and day.day <= 14):
        return busy * 0.35
    if day.month in (7, 8):
        return busy * 0.65
    # Before the examinations everybody repeats.
    return busy * (1.3 if day.month in (6, 12) else 1.0)


class Hours:
    """Draws moments of a day, the busy hours more often."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        school, weekend, players = (_pool(shares) for shares in (SCHOOL_DAY, WEEKEND, PLAYERS))
        self._pools = {
            ("tiw", False): school,
            ("tiw", True): weekend,
            ("gme", False): players,
            ("gme", True): players,
        }

    def moment(self, day: Day, product: str) -> int:
        pool, chance = self._pools[product, day.is_weekend], self._dice.random
        while True:
            hour = pool[int(chance() * len(pool))]
            # Classes begin when the clock strikes; people press the button a little before or after.
            quarter = int(chance() * 4) * 900 if chance() < 0.7 else chance() * 3600
            at = day.begins + int((hour * 3600 + quarter + chance() * 240) * SECOND)
            if at < day.ends:
                return at


def _pool(shares: tuple[float, ...]) -> list[int]:
    return [hour for hour, share in enumerate(shares) for _ in range(round(share * 10))]


class _Dates(dict[int, str]):
    """The date of a day counted from 1970, written once."""

    def __missing__(self, day: int) -> str:
        self[day] = name = datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m-%d ")
        return name


_dates = _Dates()
_clock = [f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}" for second in range(86_400)]
_thousand = [f"{number:03d}" for number in range(1000)]


def stamp(at: int) -> str:
    """A moment as both databases read it, in UTC."""
    # Written several times for each call: looked up, not formatted.
    second = at // SECOND
    # Django writes no fraction where there is none, and SQLite compares texts: so there always is one.
    rest = at % SECOND or 1
    return f"{_dates[second // 86_400]}{_clock[second % 86_400]}.{_thousand[rest // 1000]}{_thousand[rest % 1000]}"
