"""What a report is made of: figures, tables, and sections that hold a table and mostly a picture of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# Leads to the rows behind a number: what is to be set beside the report's own filter.
type Link = Callable[..., str]


@dataclass(frozen=True)
class Cell:
    text: str
    href: str = ""
    # A heading of its row; a number; how strongly it is coloured, from 0 to 4.
    is_head: bool = False
    is_code: bool = False
    level: int | None = None


@dataclass
class Table:
    heads: list[str]
    rows: list[list[Cell]] = field(default_factory=list)
    # How many of the first columns hold words; the others hold numbers.
    words: int = 1


@dataclass
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
    value: str
    change: str = ""
    arrow: str = ""
    # Whether that is good: "ok", "bad" or "" where it is neither.
    tone: str = ""
