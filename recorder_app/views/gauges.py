"""/healthz, /readyz, /metrics: what load balancers and monitoring ask."""

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from recorder_app.absence import Absence, answers, sentence
from recorder_app.choices import ACTIVE
from recorder_app.models import Recording
from recorder_app.permissions import public
from recorder_app.services import workers


@public("says only that the process answers")
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@public("says only whether the database answers")
def readyz(request: HttpRequest) -> HttpResponse:
    if answers():
        return JsonResponse({"database": "ok"})
    return JsonResponse({"database": sentence(Absence.AWAY)}, status=503)


@public("numbers of running recordings by state and of the workers, without rooms, people or keys")
def metrics(request: HttpRequest) -> HttpResponse:
    lines = [*_recordings(), *_work()]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")


def _recordings() -> list[str]:
    counts = dict(
        Recording.objects.filter(status__in=ACTIVE).order_by().values_list("status").annotate(Count("pk"))
    )
    return [
        "# HELP recorder_recordings Recordings the cloud may be busy with, by status.",
        "# TYPE recorder_recordings gauge",
        *(f'recorder_recordings{{status="{status}"}} {counts.get(status, 0)}' for status in ACTIVE),
    ]


def _work() -> list[str]:
    """A sign of life that never was has no age: the line is then left out, as monitoring expects of a missing value."""
    work = workers.attendance(timezone.now())
    waited = (work.now - work.oldest_due).total_seconds() if work.oldest_due else 0
    lines = [
        *_gauge("recorder_workers", "Workers that gave a sign of life lately.", work.alive),
        *_gauge(
            "recorder_oldest_due_seconds", "How long the oldest due unit of work has waited.", f"{waited:.1f}"
        ),
    ]
    if work.last_beat:
        age = (work.now - work.last_beat).total_seconds()
        lines += _gauge("recorder_worker_beat_age_seconds", "Since the newest sign of life.", f"{age:.1f}")
    return lines


def _gauge(name: str, words: str, value: object) -> list[str]:
    return [f"# HELP {name} {words}", f"# TYPE {name} gauge", f"{name} {value}"]
