"""A bare view for each question: Django's ORM, the index that serves it best, a minimal template, behind sign-in."""

from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template import Context, Template
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from recorder_app.choices import ACTIVE, TROUBLED
from recorder_app.models import ApiCall, Recording

SHOWN = (
    "id",
    "created_at",
    "action",
    "application_name",
    "room_id",
    "outcome",
    "error_code",
    "request_id",
    "by_name",
)
LIST = Template(
    "<!doctype html><title>Calls</title><table>"
    "{% for call in calls %}<tr><td><a href='/calls/{{ call.pk }}/'>{{ call.created_at }}</a><td>{{ call.action }}"
    "<td>{{ call.application_name }}<td>{{ call.room_id }}<td>{{ call.outcome }}<td>{{ call.error_code }}"
    "<td>{{ call.request_id }}<td>{{ call.by_name }}{% endfor %}</table>"
)
CALL = Template(
    "<!doctype html><title>{{ call.request_id }}</title><dl>"
    "{% for name, value in rows %}<dt>{{ name }}<dd>{{ value }}{% endfor %}</dl>"
)
NUMBERS = Template(
    "<!doctype html><title>Numbers</title><table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}"
    "{% endfor %}{% endfor %}</table>"
)


def _list(request: HttpRequest, calls) -> HttpResponse:
    rows = calls.only(*SHOWN).order_by("-created_at", "-id")[:50]
    return HttpResponse(LIST.render(Context({"calls": rows})))


@login_required
def calls(request: HttpRequest) -> HttpResponse:
    """The list, with the same words in the address as the product's."""
    asked, found = request.GET, ApiCall.objects.all()
    if "before" in asked:
        moment, _, key = asked["before"].partition("~")
        at = datetime.fromisoformat(moment)
        found = found.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=key), created_at__lte=at)
    for name, field in (("outcome", "outcome"), ("application", "application"), ("room", "room_id")):
        if name in asked:
            found = found.filter(**{field: asked[name]})
    if "by" in asked:
        found = found.filter(by__username=asked["by"])
    if "code" in asked:
        found = found.with_error(asked["code"])
    if "since" in asked:
        found = found.filter(created_at__gte=asked["since"])
    return _list(request, found)


@login_required
def look_up(request: HttpRequest) -> HttpResponse:
    return _list(request, ApiCall.objects.filter(request_id=request.GET["q"]))


@csrf_exempt
@login_required
def look_up_many(request: HttpRequest) -> HttpResponse:
    """The identifiers come one a line, as nobody pastes them."""
    texts = request.POST["ids"].split()
    calls = ApiCall.objects.filter(request_id__in=texts).only(*SHOWN)
    recordings = Recording.objects.filter(task_id__in=texts).only("task_id", "room_id", "status")
    rows = [(one.request_id, one.action, one.outcome) for one in calls]
    rows += [(one.task_id, one.room_id, one.status) for one in recordings]
    return HttpResponse(NUMBERS.render(Context({"rows": rows})))


@login_required
def call(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(ApiCall, pk=pk)
    rows = [(field.verbose_name, getattr(shown, field.attname)) for field in ApiCall._meta.concrete_fields]
    return HttpResponse(CALL.render(Context({"call": shown, "rows": rows})))


@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """What runs, what went wrong in the last day, today's numbers."""
    now = timezone.now()
    words = ("pk", "room_id", "status", "created_at")
    running = Recording.objects.filter(status__in=ACTIVE).order_by("-created_at")
    troubled = Recording.objects.filter(status__in=TROUBLED, created_at__gte=now - timedelta(days=1))
    today = Recording.objects.filter(created_at__gte=now - timedelta(hours=now.hour)).values_list("status")
    rows = [
        *running.values_list(*words)[:20],
        *troubled.values_list(*words)[:10],
        *today.annotate(n=Count("pk")),
    ]
    return HttpResponse(NUMBERS.render(Context({"rows": rows})))


@login_required
def report(request: HttpRequest) -> HttpResponse:
    """Calls by day and outcome, from the rows, as one would write it."""
    asked = request.GET
    found = ApiCall.objects.filter(created_at__gte=asked["since"], created_at__lt=asked["until"])
    rows = found.values_list(F("created_at__date"), "outcome").annotate(n=Count("pk")).order_by()
    return HttpResponse(NUMBERS.render(Context({"rows": rows})))
