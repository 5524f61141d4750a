"""What is running, what went wrong lately, and today's numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from recorder_app.choices import WITH_TASK, RecordingStatus
from recorder_app.models import ApiCall, Recording
from recorder_app.models.recordings import RecordingQuerySet
from recorder_app.permissions import Permission, allowed
from recorder_app.services import workers
from recorder_app.views import live

MOST_RUNNING = 20
MOST_TROUBLED = 10


@dataclass(frozen=True)
class Today:
    """How the recordings intended since midnight stand now."""

    accepted: int
    refused: int
    not_sent: int
    unanswered: int


@allowed(Permission.SEE_HISTORY)
def overview(request: HttpRequest) -> HttpResponse:
    recordings = Recording.objects.visible_to(request.user)
    now = timezone.localtime()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    running = list(recordings.active().for_list().newest_first()[: MOST_RUNNING + 1])
    troubled = troubled_since(recordings, now - timedelta(hours=24))
    numbers = today(recordings, midnight)
    work = workers.attendance(now)
    context = {
        "running": running[:MOST_RUNNING],
        "more_running": len(running) > MOST_RUNNING,
        "troubled": troubled,
        "today": numbers,
        "midnight": midnight,
        "work": work,
    }
    shown = (running, troubled, numbers, midnight, work.as_shown)
    return live.answer(request, "overview/overview.html", context, *shown)


def troubled_since(recordings: RecordingQuerySet, moment: datetime) -> list[Recording]:
    """The newest recordings that went wrong, each with the newest error code of its calls."""
    codes = ApiCall.objects.filter(recording=OuterRef("pk")).exclude(error_code="").newest_first()
    found = recordings.troubled().filter(created_at__gte=moment).for_list()
    return list(
        found.annotate(error_code=Subquery(codes.values("error_code")[:1])).newest_first()[:MOST_TROUBLED]
    )


def today(recordings: RecordingQuerySet, midnight: datetime) -> Today:
    """One query over the index by status; a recording that failed later was accepted first."""
    counted = (
        recordings.filter(created_at__gte=midnight).values_list("status").annotate(Count("pk")).order_by()
    )
    number = dict(counted)
    return Today(
        accepted=sum(number.get(status, 0) for status in (*WITH_TASK, RecordingStatus.FAILED)),
        refused=number.get(RecordingStatus.REFUSED, 0),
        not_sent=number.get(RecordingStatus.NOT_STARTED, 0),
        unanswered=number.get(RecordingStatus.UNKNOWN, 0),
    )
