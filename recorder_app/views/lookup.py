"""The look-up: paste an identifier, land on what it belongs to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from recorder_app.cloud.error_codes import ALL
from recorder_app.permissions import Permission, allowed
from recorder_app.services import lookup

LONGEST = 1000


@allowed(Permission.SEE_HISTORY)
def look_up(request: HttpRequest) -> HttpResponse:
    # No identifier holds a NUL, and PostgreSQL cannot even be asked for one.
    text = request.GET.get("q", "").replace("\x00", "")
    if len(text) > LONGEST:
        return render(request, "lookup/lookup.html", {"is_too_long": True, "longest": LONGEST})
    found = lookup.find(text, person=request.user)
    if found.only:
        return redirect(found.only)
    is_code = not found.recordings and not found.calls and any(found.query == entry.code for entry in ALL)
    if is_code:
        return redirect(reverse("errors", query={"q": found.query}))
    return render(request, "lookup/lookup.html", {"found": found})
