"""Paging by key: quick at any depth, and stable while rows arrive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
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


class HistoryQuerySet(models.QuerySet):
    """Rows with ``created_at`` that are read newest first."""

    def visible_to(self, person: Person) -> Self:
        """Of rows that belong to an application, those that a person with the right to see the history may see."""
        return self if person.limited_to is None else self.filter(application__in=person.limited_to)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def page(self, *, before: str = "", after: str = "", size: int = 50) -> Page:
        """The rows older than the key ``before``, or the nearest rows newer than ``after``, or the newest."""
        if after and (key := _parse(after)):
            return self._newer_page(key, after, size)
        rows = self.newest_first()
        key = _parse(before) if before else None
        if key:
            rows = rows.filter(
                Q(created_at__lt=key[0]) | Q(created_at=key[0], pk__lt=key[1]), created_at__lte=key[0]
            )
        found = list(rows[: size + 1])
        shown = found[:size]
        return Page(
            rows=shown,
            older=_key(shown[-1]) if len(found) > size else "",
            newer=_key(shown[0]) if key and shown else "",
        )

    def _newer_page(self, key: tuple[datetime, int], text: str, size: int) -> Page:
        rows = self.filter(
            Q(created_at__gt=key[0]) | Q(created_at=key[0], pk__gt=key[1]), created_at__gte=key[0]
        )
        found = list(rows.order_by("created_at", "pk")[: size + 1])
        if len(found) <= size:
            # Nothing newer than this page: show the first page whole instead of a torn one.
            return self.page(size=size)
        shown = found[:size][::-1]
        return Page(rows=shown, older=_key(shown[-1]), newer=_key(shown[0]))
