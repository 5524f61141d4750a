"""/audit/: who did what in the administration."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from recorder_app.models import AuditEntry
from recorder_app.permissions import Permission, allowed


@allowed(Permission.SEE_AUDIT)
def entries(request: HttpRequest) -> HttpResponse:
    page = AuditEntry.objects.page(before=request.GET.get("before", ""), after=request.GET.get("after", ""))
    return render(request, "settings/audit.html", {"page": page})
