"""Paging by key: quick at any depth, and stable while rows arrive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import connections, models
from django.db.models import Q

if TYPE_CHECKING:
    from recorder_app.models.people import Person


@dataclass(frozen=True)
class Page:
    """Some rows, newest first, and the keys of the pages beside them ("" where there is none)."""

    rows: list[Any]
    older: str
    newer: str


def _key(row: Any) -> str:
    return f"{row.created_at.isoformat()}~{row.pk}"


def _parse(key: str) -> tuple[datetime, int] | None:
    """The moment and number in a key; None for a key that somebody mistyped."""
    moment, _, number = key.partition("~")
    try:
        when = datetime.fromisoformat(moment)
        # In UTC here and now: a moment at the edge of the calendar has none.
        return (when.astimezone(UTC), int(number)) if when.tzinfo and len(number) <= 18 else None
    except (ValueError, OverflowError):
        return None


def _behind(text: str) -> str | None:
    """The first text, in the order of the characters' numbers, behind all that begin with this one."""
    kept = text.rstrip(chr(0x10FFFF))
    if not kept:
        return None
    # What lies between are halves of characters, which no database stores.
    following = 0xE000 if ord(kept[-1]) == 0xD7FF else ord(kept[-1]) + 1
    return kept[:-1] + chr(following)


class HistoryQuerySet(models.QuerySet):
    """Rows with ``created_at`` that are read newest first."""

    # A page of these rows is put together from a page of each of these parts; empty: it is read as a whole.
    _parts: tuple[Q, ...] = ()

    def in_parts(self, *parts: Q) -> Self:
        """The same rows, whose pages are read part by part, each in the order of an index that its filter leads.

        For filters with several values: no index holds their rows in one order, and a database that guesses how far
        it has to walk through all of history to find a page of them guesses wrong where they lie close together.
        """
        rows = self._chain()
        rows._parts = parts
        return rows

    def _clone(self) -> Self:
        rows = super()._clone()
        rows._parts = self._parts
        return rows

    def visible_to(self, person: Person) -> Self:
        """Of rows that belong to an application, those that a person with the right to see the history may see."""
        return self if person.limited_to is None else self.filter(application__in=person.limited_to)

    def starting_with(self, field: str, text: str) -> Self:
        """Rows whose identifier in ``field`` begins with ``text``, capital letters counting, through its index.

        PostgreSQL reads a LIKE from an index of pattern operators whatever the order of the database's language;
        SQLite, whose LIKE knows no capitals and no such index, compares, and orders by the characters' numbers.
        """
        if connections[self.db].vendor == "postgresql":
            return self.filter(**{f"{field}__startswith": text})
        rows = self.filter(**{f"{field}__gte": text})
        return rows.filter(**{f"{field}__lt": end}) if (end := _behind(text)) else rows

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def page(self, *, before: str = "", after: str = "", size: int = 50) -> Page:
        """The rows older than the key ``before``, or the nearest rows newer than ``after``, or the newest."""
        if after and (key := _parse(after)):
            return self._newer_page(key, after, size)
        rows = self.newest_first()
        key = _parse(before) if before else None
        if key:
            rows = rows._within(
                Q(created_at__lte=key[0]), Q(created_at__lt=key[0]) | Q(created_at=key[0], pk__lt=key[1])
            )
        found = rows._first(size + 1)
        shown = found[:size]
        return Page(
            rows=shown,
            older=_key(shown[-1]) if len(found) > size else "",
            newer=_key(shown[0]) if key and shown else "",
        )

    def _within(self, *bounds: Q) -> Self:
        """The rows within the bounds of a page, which stand before what was asked already.

        SQLite searches an index by the first of two bounds on a column and walks over what the other leaves out: a
        filter that ends two years ago would otherwise be read from there to any page.
        """
        rows = self.filter(*bounds)
        asked = len(self.query.where.children)
        conditions = rows.query.where.children
        rows.query.where.children = conditions[asked:] + conditions[:asked]
        return rows

    def _newer_page(self, key: tuple[datetime, int], text: str, size: int) -> Page:
        rows = self._within(
            Q(created_at__gte=key[0]), Q(created_at__gt=key[0]) | Q(created_at=key[0], pk__gt=key[1])
        )
        found = rows.order_by("created_at", "pk")._first(size + 1)
        if len(found) <= size:
            # Nothing newer than this page: show the first page whole instead of a torn one.
            return self.page(size=size)
        shown = found[:size][::-1]
        return Page(rows=shown, older=_key(shown[-1]), newer=_key(shown[0]))

    def _first(self, most: int) -> list[Any]:
        """The first rows in the order of the query, whichever its direction."""
        if not self._parts:
            return list(self[:most])
        # A set: what changes meanwhile may be met in two parts.
        keys = {
            key for part in self._parts for key in self.filter(part).values_list("created_at", "pk")[:most]
        }
        is_newest_first = self.query.order_by[0].startswith("-")
        chosen = [pk for _at, pk in sorted(keys, reverse=is_newest_first)[:most]]
        rows = {row.pk: row for row in self.filter(pk__in=chosen).order_by()}
        return [rows[pk] for pk in chosen if pk in rows]
