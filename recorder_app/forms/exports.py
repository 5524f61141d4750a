"""What is to be exported: a page's rows through its filter, as which file, with which columns."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recorder_app.choices import ExportKind, ListPage
from recorder_app.forms.filters import FILTERS, HistoryFilter
from recorder_app.models import Export, Person
from recorder_app.services import bundles, exports, lists, making
from recorder_app.services.exports import Selection

SHOWN, ALL = "shown", "all"
LONGEST_NAME = 100


class ExportForm(forms.Form):
    """As which file, and with which columns."""

    kind = forms.ChoiceField(
        label=gettext_lazy("File"),
        widget=forms.RadioSelect,
        initial=ExportKind.CSV,
        choices=[
            (ExportKind.CSV, gettext_lazy("CSV, for programs and spreadsheets")),
            (ExportKind.XLSX, gettext_lazy("Excel workbook")),
        ],
    )
    columns = forms.ChoiceField(
        label=gettext_lazy("Columns"),
        widget=forms.RadioSelect,
        initial=SHOWN,
        choices=[(SHOWN, gettext_lazy("those my list shows")), (ALL, gettext_lazy("everything there is"))],
    )
    intention = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class KeysField(forms.CharField):
    """The keys of some rows, with commas between them."""

    widget = forms.HiddenInput

    def clean(self, value: str) -> tuple[int, ...]:
        text = super().clean(value)
        if not re.fullmatch(r"(\d{1,18}(,\d{1,18})*)?", text, re.ASCII):
            raise forms.ValidationError(_("These are no keys."))
        return tuple(dict.fromkeys(int(key) for key in text.split(",") if key))


class SubjectForm(forms.Form):
    """What a bundle of a look-up is about, and that it is wanted."""

    recordings = KeysField(required=False, max_length=100_000)
    calls = KeysField(required=False, max_length=100_000)
    intention = forms.UUIDField(widget=forms.HiddenInput, required=False)

    @classmethod
    def about(cls, subject: bundles.Subject) -> SubjectForm:
        """The form that asks for a bundle about this."""
        return cls(initial={**_keys(subject), "intention": uuid.uuid4()})

    def subject(self) -> bundles.Subject:
        return (
            bundles.Subject(self.cleaned_data["recordings"], self.cleaned_data["calls"])
            if self.is_valid()
            else bundles.Subject()
        )


def _keys(subject: bundles.Subject) -> dict[str, str]:
    return {
        "recordings": ",".join(map(str, subject.recordings)),
        "calls": ",".join(map(str, subject.calls)),
    }


def bundle_query(subject: bundles.Subject) -> str:
    """What an order keeps of the subject of a bundle."""
    return urlencode(_keys(subject))


def filter_for(page: str, data: QueryDict, *, person: Person, now: datetime) -> HistoryFilter | None:
    """The filter of a list page as it stands in an address; None where that page has no rows to export."""
    return FILTERS[page](data, person=person, now=now) if page in exports.TABLES else None


def selection(chosen: HistoryFilter, *, person: Person, columns: str, now: datetime) -> Selection:
    """The rows that are chosen and visible to a person, with the columns they want."""
    page = str(chosen.page.value)
    seen = lists.columns(person, page)
    return Selection(
        title=str(chosen.page.label),
        rows=chosen.qs,
        columns=exports.TABLES[page] if columns == ALL else exports.shown(page, seen),
        about=chosen.words(),
        zone=zone_of(person),
        until=now,
        by=person.name,
    )


def zone_of(person: Person) -> str:
    """The name of the time zone in which a person sees moments."""
    return person.time_zone or settings.TIME_ZONE


def file_name(page: str, query: str, *, kind: str, now: datetime) -> str:
    """A name that says what is in the file: calls_outcome-refused_2026-11-20-1700.csv."""
    told = re.sub(r"[^A-Za-z0-9&=.-]+", "-", query).replace("=", "-").replace("&", "_")[:LONGEST_NAME]
    moment = timezone.localtime(now).strftime("%Y-%m-%d-%H%M")
    return f"{'_'.join(filter(None, (page, told.strip('-_'), moment)))}.{kind}"


def kept_query(chosen: HistoryFilter, *, columns: str) -> str:
    """What an order keeps of its filter and columns, as an address would."""
    return urlencode([*chosen.pairs, *([("columns", ALL)] if columns == ALL else [])])


def ordered(export: Export) -> HistoryFilter:
    """The filter of an order as it stood when it was given, with the rights its owner has now."""
    data = QueryDict(export.query)
    chosen = filter_for(export.page, data, person=export.by, now=export.created_at)
    if chosen is None:
        raise making.NotPossible(_("Nothing is exported from that page any more."))
    return chosen


def content_of(export: Export) -> making.Content:
    """What the file of an order is made of. Raises ``making.NotPossible`` where the filter makes no sense any more."""
    if export.kind == ExportKind.BUNDLE:
        subject = SubjectForm(QueryDict(export.query)).subject()
        return making.Content(subject.size, bundles.pieces(subject, person=export.by))
    with timezone.override(ZoneInfo(zone_of(export.by))):
        chosen = ordered(export)
        if not chosen.is_valid():
            raise making.NotPossible(
                _("What it was filtered by is not there any more, or not for you. Look at the list again.")
            )
        columns = QueryDict(export.query).get("columns", SHOWN)
        found = selection(chosen, person=export.by, columns=columns, now=export.created_at)
    write = exports.xlsx_pieces if export.kind == ExportKind.XLSX else exports.csv_pieces
    # Here, where nobody waits for a page, the rows may be counted.
    total = found.rows.filter(created_at__lte=found.until).order_by().count()
    return making.Content(total, write(found))


def words_of(export: Export) -> dict[str, Any]:
    """What a page says of an order: of which list, through which filter."""
    chosen = ordered(export)
    return {"label": ListPage(export.page).label, "words": chosen.words(), "query": chosen.query}
