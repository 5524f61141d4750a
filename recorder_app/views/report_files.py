"""/reports/xlsx/ and /reports/csv/: the report that is on the screen, or one table of it, as a file."""

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from recorder_app.choices import ExportKind, ListPage
from recorder_app.forms.exports import file_name
from recorder_app.forms.filters import EVERYTHING
from recorder_app.forms.reports import ReportFilter
from recorder_app.permissions import Permission, allowed
from recorder_app.reports import contents, files
from recorder_app.reports.files import Taking
from recorder_app.reports.shapes import Links
from recorder_app.services import making
from recorder_app.views.exports import stream
from recorder_app.views.reports import time_of


@allowed(Permission.SEE_HISTORY)
def workbook(request: HttpRequest) -> HttpResponse:
    """The whole report as an Excel workbook."""
    filters = ReportFilter(request.GET, person=request.user)
    taking = _taking(filters)
    if taking is None:
        return _back(filters)
    rows = sum(len(section.table.columns[0].values) for section in taking.report.sections)
    return _download(filters, files.xlsx_pieces(taking), kind=ExportKind.XLSX, rows=rows)


@allowed(Permission.SEE_HISTORY)
def table(request: HttpRequest) -> HttpResponse:
    """The table of the ``section`` that is named in the address as CSV."""
    filters = ReportFilter(request.GET, person=request.user)
    taking = _taking(filters)
    if taking is None:
        return _back(filters)
    wanted = request.GET.get("section")
    section = next((one for one in taking.report.sections if one.id == wanted), None)
    if section is None:
        raise Http404(_("The report has no table by this name."))
    pieces = files.csv_pieces(taking, section)
    rows = len(section.table.columns[0].values)
    return _download(filters, pieces, kind=ExportKind.CSV, rows=rows, section=section.id)


def _taking(filters: ReportFilter) -> Taking | None:
    """The report as this person may see it now; None where the page has a sentence instead of numbers."""
    if not filters.is_valid():
        return None
    time = time_of(filters)
    if time is None or filters.is_too_much(time):
        return None
    made = contents.contents(time, filters.choice(), person=filters.person, links=Links())
    return Taking(made, filters.words(), filters.person.name)


def _back(filters: ReportFilter) -> HttpResponse:
    return redirect(f"{reverse('reports')}?{filters.query or EVERYTHING}")


def _download(
    filters: ReportFilter, pieces: Iterator[bytes], *, kind: ExportKind, rows: int, section: str = ""
) -> HttpResponse:
    page = ListPage.REPORTS.value
    making.record_taken(page=page, query=filters.query, kind=kind, rows=rows, by=filters.person)
    name = file_name(f"{page}_{section}" if section else page, filters.query, kind=kind, now=filters.now)
    return stream(pieces, kind=kind, name=name)
