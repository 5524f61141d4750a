"""Pages that keep themselves fresh: a part of a page asks for itself again, and gets nothing when nothing changed.

The part says in a header which state it shows. That state is a fingerprint of the very rows that would be drawn, so
it differs exactly when the part would. (The newest row's number would not do: a slower transaction may still commit
behind it.)
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from recorder_app.context import alarms_seen
from recorder_app.fingerprints import fingerprint
from recorder_app.permissions import Permission, allowed

SEEN = "X-Seen"


@allowed(Permission.SEE_HISTORY)
def alarms(request: HttpRequest) -> HttpResponse:
    """The alarms alone: pages that are not live themselves ask for them now and then."""
    return _unless_seen(request, alarms_seen(request), "components/alarms.html", {})


def answer(request: HttpRequest, template: str, context: dict[str, Any], *shown: Any) -> HttpResponse:
    """The whole page, or only its part named ``live``, or 204 when that part shows all of ``shown`` already."""
    seen = fingerprint(*shown, alarms_seen(request))
    context = {**context, "live_seen": seen}
    if request.htmx.target != "live":
        return render(request, template, context)
    return _unless_seen(request, seen, f"{template}#live", {**context, "is_part": True})


def _unless_seen(request: HttpRequest, seen: str, template: str, context: dict[str, Any]) -> HttpResponse:
    if request.headers.get(SEEN) == seen:
        return HttpResponse(status=204)
    return render(request, template, context)
