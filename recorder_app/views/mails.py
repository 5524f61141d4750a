"""/reports/mails/: reports that are sent by mail every week or month; who has which, and how to stop them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recorder_app.forms.mails import ScheduledReportForm
from recorder_app.forms.reports import ReportFilter
from recorder_app.models import ScheduledReport
from recorder_app.models.work import WorkQuerySet
from recorder_app.permissions import Permission, allowed
from recorder_app.services import mails


def _own(request: HttpRequest) -> WorkQuerySet:
    """One's own; those who manage people see everybody's."""
    found = ScheduledReport.objects.select_related("by", "view")
    return found if request.user.may(Permission.MANAGE_PEOPLE) else found.filter(by=request.user)


@allowed(Permission.SEE_HISTORY)
def mail_list(request: HttpRequest) -> HttpResponse:
    context = {"reports": _own(request), "are_possible": mails.are_possible()}
    return render(request, "reports/mails.html", context)


@allowed(Permission.SEE_HISTORY)
def schedule(request: HttpRequest) -> HttpResponse:
    filters = ReportFilter(request.GET, person=request.user)
    form = ScheduledReportForm(request.POST or None, by=request.user)
    if filters.is_valid() and form.is_valid():
        report = form.save_for(filters)
        messages.success(request, _("“%s” is sent from now on.") % report.name)
        return redirect("mails")
    context = {"form": form, "filters": filters, "query": filters.query, "are_possible": mails.are_possible()}
    return render(request, "reports/mail_new.html", context)


@allowed(Permission.SEE_HISTORY)
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    report = get_object_or_404(_own(request), pk=pk)
    mails.unschedule(report, by=request.user)
    messages.success(request, _("“%s” is sent no more.") % report.name)
    return redirect("mails")
