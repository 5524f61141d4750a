"""/healthz, /readyz, /metrics: what load balancers and monitoring ask."""

from django.db import DatabaseError, connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse

from recorder_app.choices import ACTIVE
from recorder_app.models import Recording
from recorder_app.permissions import public


@public("says only that the process answers")
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@public("says only whether the database answers")
def readyz(request: HttpRequest) -> HttpResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"database": "does not answer"}, status=503)
    return JsonResponse({"database": "ok"})


@public("numbers of running recordings by state, without rooms, people or keys")
def metrics(request: HttpRequest) -> HttpResponse:
    counts = dict(
        Recording.objects.filter(status__in=ACTIVE).order_by().values_list("status").annotate(Count("pk"))
    )
    lines = [
        "# HELP recorder_recordings Recordings the cloud may be busy with, by status.",
        "# TYPE recorder_recordings gauge",
        *(f'recorder_recordings{{status="{status}"}} {counts.get(status, 0)}' for status in ACTIVE),
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")
