"""/recordings/stop/: stop all that match a filter, after a question; /recordings/stops/<pk>/: how far that has come."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from recorder_app.choices import StopOutcome
from recorder_app.forms.filters import EVERYTHING, RecordingFilter
from recorder_app.forms.recordings import StopManyForm
from recorder_app.models import Recording, StopOrder
from recorder_app.models.recordings import RecordingQuerySet
from recorder_app.permissions import Permission, allowed
from recorder_app.services.workers import attendance

MOST_FAILED = 200
POLL = 2


@allowed(Permission.START_RECORDING)
def stop_many(request: HttpRequest) -> HttpResponse:
    """Ask, saying how many there are and where; then order it."""
    filters = RecordingFilter(request.GET, person=request.user)
    found = filters.qs.stoppable()
    if request.method == "POST":
        form = StopManyForm(request.POST)
        if form.is_valid():
            return redirect(form.save(found, by=request.user))
        messages.error(request, _("The page was damaged or too old, so nothing was ordered. Look once more."))
    return render(request, "recordings/stop_many.html", _question(filters, found))


def _question(filters: RecordingFilter, found: RecordingQuerySet) -> dict[str, Any]:
    groups = list(
        found.order_by("environment", "application_name")
        .values("application_name", "environment")
        .annotate(count=Count("pk"), newest=Max("pk"))
    )
    newest = max((group["newest"] for group in groups), default=0)
    return {
        "filters": filters,
        "query": filters.query or EVERYTHING,
        "groups": groups,
        "count": sum(group["count"] for group in groups),
        "form": StopManyForm(initial={"newest": newest}),
    }


@allowed(Permission.SEE_HISTORY)
def stop_order(request: HttpRequest, pk: int) -> HttpResponse:
    order = get_object_or_404(StopOrder, pk=pk)
    counts = order.counts()
    total, waiting = sum(counts.values()), counts[StopOutcome.WAITING]
    visible = Recording.objects.visible_to(request.user)
    failed = order.units.filter(outcome=StopOutcome.FAILED, recording__in=visible)
    failed = failed.select_related("recording", "call")
    context = {
        "order": order,
        "counts": counts,
        "total": total,
        "settled": total - waiting,
        "done": counts[StopOutcome.STOPPED] + counts[StopOutcome.OVER],
        "failed": failed.order_by("pk")[:MOST_FAILED],
        "every": POLL if waiting else 0,
        "no_worker": bool(waiting) and attendance(timezone.now()).is_absent,
    }
    part = "#progress" if request.htmx.target == "progress" else ""
    return render(request, f"recordings/stop_order.html{part}", context)
