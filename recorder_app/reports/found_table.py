"""What a look-up of a text found, as rows of a table: one for each identifier and what it belongs to."""

from collections.abc import Iterator
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recorder_app.cloud.masked_text import masked_text
from recorder_app.models import ApiCall, Recording
from recorder_app.services.lookup import Found, Hits
from recorder_app.services.tables import Column, Kind

COLUMNS = (
    Column(_("Identifier")),
    Column(_("What it is")),
    Column(_("Known here")),
    Column(_("Belongs to")),
    Column(_("Result")),
    Column(_("Error code")),
    Column(_("Application")),
    Column(_("Room")),
    Column(_("TaskId")),
    Column(_("RequestId")),
    Column(_("When"), Kind.LOCAL),
    Column(_("When"), Kind.UTC),
)


def rows(found: Found) -> Iterator[tuple[Any, ...]]:
    """The rows for ``COLUMNS``, in the order of the text; an identifier that is not known has one, too."""
    for hit in found.hits:
        told = [_row(hit, *_facts(row)) for row in hit.rows]
        yield from told or [_row(hit, "", "", "", "", "", "", "", None)]


def _row(hit: Hits, *facts: Any) -> tuple[Any, ...]:
    known = _("yes") if hit.is_known else _("no")
    *told, moment = facts
    # A lone text that leads nowhere stands as it was pasted.
    text = masked_text(hit.identifier.text)
    return (text, str(hit.identifier.kind.label), str(known), *told, moment, moment)


def _facts(row: ApiCall | Recording) -> tuple[Any, ...]:
    if isinstance(row, ApiCall):
        task = row.recording.task_id if row.recording else ""
        outcome = capfirst(row.get_outcome_display())
        names = (row.application_name, row.room_id, task, row.request_id)
        return (row.action, outcome, row.error_code, *names, row.created_at)
    what = str(row.get_product_display())
    return (
        what,
        row.get_status_display(),
        "",
        row.application_name,
        row.room_id,
        row.task_id,
        "",
        row.created_at,
    )
