"""The look-up: paste an identifier, land on what it belongs to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

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
    return render(request, "lookup/lookup.html", {"found": found})
