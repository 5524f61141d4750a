"""One signed call: what was sent, what came back, what it means, and what lies beside it."""

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from recorder_app.models import ApiCall
from recorder_app.permissions import Permission, allowed
from recorder_app.reports.one_call import beside


@allowed(Permission.SEE_HISTORY)
def call(request: HttpRequest, pk: int) -> HttpResponse:
    calls = ApiCall.objects.visible_to(request.user).annotate(by_username=F("by__username"))
    shown = get_object_or_404(calls, pk=pk)
    context = {
        "call": shown,
        "beside": beside(shown, person=request.user),
        "links": _links(shown),
        "notes": list(shown.notes.all()),
        "note_address": reverse("call-note", args=[shown.pk]),
    }
    return render(request, "calls/call.html", context)


def _links(call: ApiCall) -> dict[str, str]:
    """The lists that go on from here: what else ended so, happened in this room, was done by this person."""
    links = {}
    if call.error_code:
        links["error"] = reverse("calls", query={"code": call.error_code, "period": "7d"})
    if call.room_id:
        room = {"room": call.room_id}
        if call.application_id:
            room["application"] = call.application_id
        links["room"] = reverse("calls", query=room)
    if by := call.by_username or call.by_name:
        links["person"] = reverse("calls", query={"by": by})
    return links
