"""What a report is made of: figures, tables, and sections that hold a table and mostly a picture of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import quote_plus, urlencode

from recorder_app.reports import words


class Kind(Enum):
    """What the values of a column are."""

    WORDS = "words"
    CODE = "code"
    NUMBER = "number"
    SHARE = "share"
    MILLISECONDS = "milliseconds"
    HOURS = "hours"


# How a value is written for people.
SAID: dict[Kind, Callable[[Any], str]] = {
    Kind.WORDS: str,
    Kind.CODE: str,
    Kind.NUMBER: words.number,
    Kind.SHARE: words.share,
    Kind.MILLISECONDS: words.duration,
    Kind.HOURS: lambda hours: words.number(hours, 1),
}


@dataclass(frozen=True)
class Column:
    """A column of a table, with a value for each row: a text, a number, or None for what there is none of."""

    head: str
    values: Sequence[Any]
    kind: Kind = Kind.NUMBER
    # Where each value leads, "" for nowhere; how strongly each is coloured, from 0 to 4.
    links: Sequence[str] = ()
    levels: Sequence[int] = ()

    @property
    def is_number(self) -> bool:
        return self.kind not in (Kind.WORDS, Kind.CODE)

    def texts(self) -> list[str]:
        """The values as people read them; where colour tells how many, nothing stands for none."""
        texts = list(map(SAID[self.kind], self.values))
        return (
            [text if value else "" for text, value in zip(texts, self.values, strict=True)]
            if self.levels
            else texts
        )


@dataclass(frozen=True)
class Table:
    """Columns of the same length; the first has the headings of the rows."""

    columns: list[Column] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Its rows as people read them."""
        return zip(*(column.texts() for column in self.columns), strict=True)


@dataclass(frozen=True)
class Section:
    """A part of the report: a picture, or none, and a table. ``id`` is a word that no other has."""

    id: str
    title: str
    says: str
    table: Table
    chart: dict[str, Any] | None = None
    empty: str = ""


@dataclass(frozen=True)
class Figure:
    """A headline number: what it is, and how it stands against the time before, in words and as an arrow."""

    title: str
    amount: float | None
    kind: Kind = Kind.NUMBER
    change: str = ""
    arrow: str = ""
    # Whether that is good: "ok", "bad" or "" where it is neither.
    tone: str = ""

    @property
    def value(self) -> str:
        """The number as people read it."""
        return SAID[self.kind](self.amount)


class Links:
    """Addresses of the rows behind numbers: those of a filter, with something set beside it.

    A report has hundreds of them that differ in one thing, so what they have in common is written once.
    """

    def __init__(
        self, address: str = "", pairs: Sequence[tuple[str, str]] = (), times: Sequence[str] = ()
    ) -> None:
        """``times`` are the names in ``pairs`` that say when; without an address there are no links."""
        self._address, self._pairs, self._times = address, pairs, times
        self._stems: dict[tuple[str, ...], str] = {}

    def to(self, **changes: str) -> str:
        """The rows of the whole time for which this holds."""
        return self._stem(tuple(changes)) + _query(changes) if self._address else ""

    def within(self, **changes: str) -> str:
        """What is common to addresses of the rows for which this holds: the time follows."""
        if not self._address:
            return ""
        stem = self._stem((*changes, *self._times))
        return f"{stem}{_query(changes)}&" if changes else stem

    def _stem(self, without: tuple[str, ...]) -> str:
        if without not in self._stems:
            kept = urlencode([pair for pair in self._pairs if pair[0] not in without])
            self._stems[without] = f"{self._address}?{kept}&" if kept else f"{self._address}?"
        return self._stems[without]


def _query(changes: dict[str, str]) -> str:
    return "&".join([f"{name}={quote_plus(str(value))}" for name, value in changes.items()])
