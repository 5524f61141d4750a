"""The list of recordings, and one recording with everything that happened to it."""

from django.db.models import Case, OuterRef, Subquery, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recorder_app import back
from recorder_app.choices import (
    FINAL,
    FOLLOWED,
    STOPPABLE,
    TROUBLED,
    CallOutcome,
    ListPage,
    Product,
    RecordingStatus,
    SettleStep,
)
from recorder_app.fingerprints import fingerprint
from recorder_app.forms.filters import GROUPS, STATUSES, RecordingFilter
from recorder_app.models import ApiCall, Recording
from recorder_app.models.recordings import RecordingQuerySet
from recorder_app.permissions import Permission, allowed
from recorder_app.reports.story import Kind, tell
from recorder_app.services import actions, lists
from recorder_app.services.workers import LATE_AFTER
from recorder_app.templatetags.rows import fields_of
from recorder_app.views import live
from recorder_app.views.lists import context, plain_visit, quick

WHY = "why"
QUICK_STATUSES = [("", _("All")), *STATUSES[: len(GROUPS)]]
# Seconds between two looks of the page: while it changes, and while it goes on as it is.
QUICK, SLOW = 2, 10
CHANGING = (
    RecordingStatus.INTENDED,
    RecordingStatus.STARTING,
    RecordingStatus.STOPPING,
    RecordingStatus.UNKNOWN,
)
UNSUCCESSFUL = (CallOutcome.REFUSED, CallOutcome.NO_ANSWER, CallOutcome.NOT_SENT)


@allowed(Permission.SEE_HISTORY)
def recording_list(request: HttpRequest) -> HttpResponse:
    if first := plain_visit(request, ListPage.RECORDINGS):
        return first
    filters = RecordingFilter(request.GET, person=request.user)
    columns = columns_of(request, filters)
    page = rows_of(filters, columns).page(
        before=request.GET.get("before", ""), after=request.GET.get("after", "")
    )
    stoppable = count_stoppable(request, filters)
    shown = {
        **context(request, filters),
        "page": page,
        "columns": columns,
        "statuses": quick(filters, "status", QUICK_STATUSES),
        "stoppable": stoppable,
    }
    seen = (page.rows, page.older, stoppable, columns, shown["compact"])
    answer = live.answer(request, "recordings/list.html", shown, *seen)
    return back.remember(request, answer, ListPage.RECORDINGS)


def columns_of(request: HttpRequest, filters: RecordingFilter) -> list[str]:
    """The columns the person chose; where everything shown went wrong, the reason stands beside them."""
    columns = lists.columns(request.user, ListPage.RECORDINGS)
    is_trouble = filters.is_valid() and filters.statuses and set(filters.statuses) <= set(TROUBLED)
    if is_trouble and WHY not in columns:
        columns.insert(columns.index("when") if "by" not in columns else columns.index("by"), WHY)
    return columns


def rows_of(filters: RecordingFilter, columns: list[str]) -> RecordingQuerySet:
    """What the columns need of each recording; of one that went wrong also the newest error code of its calls."""
    fields, rows = fields_of(ListPage.RECORDINGS, columns), filters.qs
    if WHY in columns:
        codes = ApiCall.objects.filter(recording=OuterRef("pk")).exclude(error_code="").newest_first()
        newest = Subquery(codes.values("error_code")[:1])
        rows = rows.annotate(error_code=Case(When(status__in=TROUBLED, then=newest), default=Value("")))
        fields.append("error_code")
    return rows.values_list(*fields, named=True)


def count_stoppable(request: HttpRequest, filters: RecordingFilter) -> int:
    """How many the button that stops all that match would stop; counted only where it stands."""
    if not request.user.may(Permission.START_RECORDING) or not filters.is_valid():
        return 0
    return filters.qs.stoppable().count() if set(filters.statuses) & set(STOPPABLE) else 0


@allowed(Permission.SEE_HISTORY)
def recording(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Recording.objects.visible_to(request.user).with_names(), pk=pk)
    story, files = tell(shown), list(shown.files.all())
    calls = [entry.row for entry in story if entry.kind == Kind.CALL]
    may_act = request.user.may(Permission.START_RECORDING)
    is_late = bool(shown.due_at and timezone.now() > shown.due_at + LATE_AFTER)
    records = actions.recorded_now(shown) if shown.product == Product.GME and shown.task_id else None
    seen = fingerprint(
        shown.as_shown(),
        [(entry.key, entry.count) for entry in story],
        calls,
        files,
        may_act,
        is_late,
        records,
    )
    if request.htmx.target == "recording-now" and request.headers.get(live.SEEN) == seen:
        return HttpResponse(status=204)
    context = {
        "recording": shown,
        "story": story,
        "files": files,
        "records": records,
        "failed_call": next((call for call in calls if call.outcome in UNSUCCESSFUL), None),
        "possible": actions.allowed_actions(shown) if may_act and shown.status not in FINAL else [],
        "is_late": is_late,
        "every": pause(shown, calls),
        "seen": seen,
    }
    # While something moves the page asks for this part of itself again.
    part = "#recording-now" if request.htmx.target == "recording-now" else ""
    return render(request, f"recordings/recording.html{part}", context)


def pause(recording: Recording, calls: list[ApiCall]) -> int:
    """Seconds after which the page asks again; 0 when nothing more will happen by itself."""
    if recording.verb or any(call.outcome == CallOutcome.SENDING for call in calls):
        return QUICK
    if recording.settle_step == SettleStep.PERSON:
        return SLOW
    if recording.status in CHANGING:
        return QUICK
    return SLOW if recording.status in FOLLOWED or recording.settle_step else 0
