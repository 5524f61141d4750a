"""Files made in the background, and kept for their owner for a week: ordered, made piece by piece, thrown away.

The content goes into the database in parts of a megabyte, each in a short transaction. A worker that was killed leaves
parts behind; whoever takes the work over begins anew. One that was only slow notices that the work is another's.
"""

import time
import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from recorder_app.choices import ExportKind, ExportState
from recorder_app.models import Export, ExportPart, Person
from recorder_app.models.work import WorkQuerySet
from recorder_app.permissions import Permission
from recorder_app.services import audit
from recorder_app.services.exports import Pieces

KEEP_FOR = timedelta(days=7)
PART_BYTES = 1024 * 1024
# How long the work is held with every sign of progress, and how often there is one.
HOLD_FOR = timedelta(seconds=60)
SAY_EVERY = 1.0  # seconds
MOST_TRIES = 5
# Parts deleted in one transaction.
PARTS_AT_ONCE = 20
MOST_OLD = 5
_GZIP = 31  # what zlib calls its window bits: the largest, with gzip's own frame


class NotPossible(Exception):
    """The file cannot be made, and would not be later; the text tells the person why."""


class Taken(Exception):
    """Another worker has taken the work over."""


@dataclass(frozen=True)
class Content:
    """What a file is made of: how many rows there will be, and its pieces."""

    total: int
    pieces: Pieces


def may_have(person: Person) -> bool:
    """Whether this person may see history at all, now."""
    return person.is_active and person.may(Permission.SEE_HISTORY)


def order(
    *, kind: ExportKind, page: str, query: str, file_name: str, by: Person, intention_key: uuid.UUID
) -> Export:
    """Order a file as background work; the same intention again answers the order it made."""
    now = timezone.now()
    try:
        with transaction.atomic():
            return Export.objects.create(
                kind=kind, page=page, query=query, file_name=file_name, by=by,
                intention_key=intention_key, created_at=now, due_at=now,
            )  # fmt: skip
    except IntegrityError:
        if known := Export.objects.filter(intention_key=intention_key, by=by).first():
            return known
        raise


# --- Making ----------------------------------------------------------------------------------------------
def make(export: Export, content_of: Callable[[Export], Content]) -> None:
    """Make the file of an order that is held by this worker; may be repeated.

    ``content_of`` answers what the file is made of, with the rights its owner has now; it may raise ``NotPossible``.
    """
    if export.state != ExportState.WAITING:
        return
    try:
        _say(export, tries=F("tries") + 1, done=0, size=0)
        _make(export, content_of)
    except NotPossible as reason:
        _drop_parts(export)
        _finish(export, ExportState.FAILED, reason=str(reason))
    except Taken:
        return


def _make(export: Export, content_of: Callable[[Export], Content]) -> None:
    _drop_parts(export)
    if export.tries >= MOST_TRIES:
        raise NotPossible(_("It was begun five times and never came to its end. Try fewer rows."))
    if not may_have(export.by):
        raise NotPossible(_("The person who ordered it may not see the history any more."))
    content = content_of(export)
    _say(export, total=content.total)
    parts, size = _Parts(export), 0
    done, said = 0, time.monotonic()
    for rows, piece in content.pieces:
        parts.add(piece)
        done, size = done + rows, size + len(piece)
        if time.monotonic() - said > SAY_EVERY:
            _say(export, done=done, size=size)
            said = time.monotonic()
    parts.end()
    _finish(export, ExportState.READY, done=done, size=size)


class _Parts:
    """The parts of one file, written as they fill; text is compressed to a tenth on the way."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._number = 0
        self._waiting = bytearray()
        # The quickest that does it: more would cost more time than the rows themselves.
        self._gzip = zlib.compressobj(1, wbits=_GZIP) if is_compressed(export) else None

    def add(self, piece: bytes) -> None:
        self._waiting += self._gzip.compress(piece) if self._gzip else piece
        while len(self._waiting) >= PART_BYTES:
            self._write(PART_BYTES)

    def end(self) -> None:
        if self._gzip:
            self._waiting += self._gzip.flush()
        while self._waiting:
            self._write(PART_BYTES)

    def _write(self, size: int) -> None:
        body = bytes(self._waiting[:size])
        with transaction.atomic():
            _say(self._export)
            ExportPart.objects.create(export=self._export, number=self._number, body=body)
        del self._waiting[:size]
        self._number += 1


def _mine(export: Export) -> WorkQuerySet:
    return Export.objects.filter(pk=export.pk, state=ExportState.WAITING, claimed_by=export.claimed_by)


def _say(export: Export, **progress: object) -> None:
    """Write progress down and hold on to the work, for as long as that is still ours."""
    if not _mine(export).update(claimed_until=timezone.now() + HOLD_FOR, **progress):
        raise Taken


def _finish(export: Export, state: ExportState, **facts: object) -> None:
    _mine(export).update(state=state, due_at=None, finished_at=timezone.now(), **facts)


# --- Having ----------------------------------------------------------------------------------------------
def is_compressed(export: Export) -> bool:
    """Whether the content lies there as gzip; the other kinds are compressed in themselves."""
    return export.kind == ExportKind.CSV


def parts_of(export: Export) -> Iterator[bytes]:
    """The content as it lies there, one part after another."""
    number = 0
    while body := export.parts.filter(number=number).values_list("body", flat=True).first():
        yield bytes(body)
        number += 1


def unpacked(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Compressed content as plain text, for a browser that cannot do that itself."""
    gzip = zlib.decompressobj(wbits=_GZIP)
    for part in parts:
        yield gzip.decompress(part)


def taken(export: Export, *, by: Person) -> None:
    """Write down that a finished file was taken."""
    if export.kind == ExportKind.BUNDLE:
        audit.record(audit.Event.BUNDLE_TAKEN, by=by, about=export, recordings=export.done)
    else:
        record_taken(page=export.page, query=export.query, kind=export.kind, rows=export.done, by=by)


def record_taken(*, page: str, query: str, kind: str, rows: int, by: Person) -> None:
    """Write down that somebody took the rows of a page: with which filter, and how many."""
    audit.record(audit.Event.EXPORT_TAKEN, by=by, page=page, filter=query, file=str(kind), rows=rows)


def delete(export: Export) -> None:
    """Throw a file away; while it is being made, its maker stops at the next part."""
    _drop_parts(export)
    export.delete()


def delete_old(*, now: datetime) -> int:
    """Throw away what was finished a week ago; answers how many files that were."""
    old = list(Export.objects.filter(finished_at__lte=now - KEEP_FOR).order_by("pk")[:MOST_OLD])
    for export in old:
        delete(export)
    return len(old)


def begin_anew(person: Person) -> None:
    """After a person's rights have changed: throw their files away, and make anew those that are being made."""
    theirs = Export.objects.filter(by=person)
    theirs.filter(state=ExportState.WAITING).update(claimed_by="", claimed_until=None)
    for export in theirs.exclude(state=ExportState.WAITING):
        delete(export)


def _drop_parts(export: Export) -> None:
    """Delete the parts, a few at a time: a transaction that deletes a gigabyte would keep everybody else waiting."""
    while numbers := list(export.parts.values_list("pk", flat=True).order_by("number")[:PARTS_AT_ONCE]):
        ExportPart.objects.filter(pk__in=numbers).delete()
