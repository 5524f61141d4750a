"""One signed call: what was sent, what came back, what it means."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from recorder_app.models import ApiCall
from recorder_app.permissions import Permission, allowed


@allowed(Permission.SEE_HISTORY)
def call(request: HttpRequest, pk: int) -> HttpResponse:
    calls = ApiCall.objects.visible_to(request.user).select_related("recording")
    return render(request, "calls/call.html", {"call": get_object_or_404(calls, pk=pk)})
