"""/exports/: the rows of a list as a file, at once or made in the background; and a person's own files."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recorder_app.choices import ExportKind, ExportState
from recorder_app.forms import exports as wanted
from recorder_app.forms.exports import ExportForm
from recorder_app.forms.filters import HistoryFilter
from recorder_app.models import Export
from recorder_app.permissions import Permission, allowed
from recorder_app.services import exports, making
from recorder_app.services.workers import attendance

MOST_LISTED = 100
POLL = 2
TYPES = {
    ExportKind.CSV: "text/csv; charset=utf-8",
    ExportKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportKind.BUNDLE: "application/zip",
}


@allowed(Permission.SEE_HISTORY)
def export_list(request: HttpRequest) -> HttpResponse:
    """What this person has ordered lately."""
    mine = Export.objects.filter(by=request.user)[:MOST_LISTED]
    rows = [(export, _about(export)) for export in mine]
    return render(request, "exports/list.html", {"rows": rows, "days": making.KEEP_FOR.days})


@allowed(Permission.SEE_HISTORY)
def new(request: HttpRequest) -> HttpResponse:
    """Ask as which file, saying how many rows; then stream it, or order it where there are many."""
    page, now = request.GET.get("page", ""), timezone.now()
    chosen = wanted.filter_for(page, request.GET, person=request.user, now=now)
    if chosen is None:
        raise Http404(_("There is no list by this name."))
    form = ExportForm(request.POST if request.method == "POST" else None)
    count = exports.capped_count(chosen.qs) if chosen.is_valid() else 0
    if count and form.is_valid():
        return _take(request, chosen, form, count, now)
    if form.is_bound and not form.is_valid():
        messages.error(request, _("The page was damaged or too old, so nothing was exported. Try again."))
    context = {
        "page": page,
        "label": chosen.page.label,
        "chosen": chosen,
        "count": count,
        "is_large": count > exports.MOST_AT_ONCE,
        "most": exports.MOST_AT_ONCE,
        "days": making.KEEP_FOR.days,
        "form": form,
    }
    return render(request, "exports/new.html", context)


def _take(
    request: HttpRequest, chosen: HistoryFilter, form: ExportForm, count: int, now: datetime
) -> HttpResponse:
    page, kind, columns = str(chosen.page.value), form.cleaned_data["kind"], form.cleaned_data["columns"]
    name = wanted.file_name(page, chosen.query, kind=kind, now=now)
    query = wanted.kept_query(chosen, columns=columns)
    if count > exports.MOST_AT_ONCE:
        key = form.cleaned_data["intention"]
        return redirect(
            making.order(
                kind=kind, page=page, query=query, file_name=name, by=request.user, intention_key=key
            )
        )
    found = wanted.selection(chosen, person=request.user, columns=columns, now=now)
    write = exports.xlsx_pieces if kind == ExportKind.XLSX else exports.csv_pieces
    making.record_taken(page=page, query=query, kind=kind, rows=count, by=request.user)
    return stream((piece for _rows, piece in write(found) if piece), kind=kind, name=name)


@allowed(Permission.SEE_HISTORY)
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a file has come, and where it is when it is there."""
    shown = get_object_or_404(Export, pk=pk, by=request.user)
    now = timezone.now()
    is_waiting = shown.state == ExportState.WAITING
    context = {
        "export": shown,
        **_about(shown),
        "left": time_left(shown, now=now),
        "every": POLL if is_waiting else 0,
        "no_worker": is_waiting and attendance(now).is_absent,
        "gone_at": shown.finished_at + making.KEEP_FOR if shown.finished_at else None,
    }
    part = "#progress" if request.htmx.target == "progress" else ""
    return render(request, f"exports/export.html{part}", context)


def time_left(export: Export, *, now: datetime) -> timedelta | None:
    """How long the rest will take if it goes on as it went since the order; None where that cannot be told yet."""
    if not export.total or not export.done or export.state != ExportState.WAITING:
        return None
    share = max(export.total - export.done, 0) / export.done
    return timedelta(seconds=round((now - export.created_at).total_seconds() * share))


@allowed(Permission.SEE_HISTORY)
def export_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file itself, for its owner."""
    made = get_object_or_404(Export, pk=pk, by=request.user, state=ExportState.READY)
    making.taken(made, by=request.user)
    parts = making.parts_of(made)
    packed = making.is_compressed(made)
    if packed and "gzip" not in request.headers.get("Accept-Encoding", ""):
        parts, packed = making.unpacked(parts), False
    response = stream(parts, kind=made.kind, name=made.file_name)
    if packed:
        response["Content-Encoding"] = "gzip"
        response["Vary"] = "Accept-Encoding"
    else:
        response["Content-Length"] = made.size
    return response


@allowed(Permission.SEE_HISTORY)
@require_POST
def export_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a file away before its time, or stop making it."""
    making.delete(get_object_or_404(Export, pk=pk, by=request.user))
    messages.success(request, _("The file is gone."))
    return redirect(reverse("exports"))


def stream(pieces: Iterable[bytes], *, kind: str, name: str) -> StreamingHttpResponse:
    """A file as a download, piece by piece."""
    response = StreamingHttpResponse(pieces, content_type=TYPES[ExportKind(kind)])
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    # Said so that the middleware does not compress it: that would take longer than the rows do.
    response["Content-Encoding"] = "identity"
    # The file is this person's alone, and no copy of it stays in the browser's cache.
    response["Cache-Control"] = "private, no-store"
    return response


def _about(export: Export) -> dict[str, Any]:
    """The list and the filter an order came from; a bundle came from a look-up."""
    if export.kind == ExportKind.BUNDLE:
        return {"label": _("Look-up"), "words": "", "query": ""}
    return wanted.words_of(export)
