"""The list of recordings, and one recording with everything that happened to it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import FINAL, FOLLOWED, CallOutcome, RecordingStatus, SettleStep
from recorder_app.fingerprints import fingerprint
from recorder_app.models import ApiCall, Recording
from recorder_app.models.recordings import RecordingQuerySet
from recorder_app.permissions import Permission, allowed
from recorder_app.reports.story import Kind, tell
from recorder_app.services import actions
from recorder_app.services.workers import LATE_AFTER
from recorder_app.views import live

# ?status= -> (the words of its chip, the rows it shows)
FILTERS = {
    "": (_("All"), RecordingQuerySet.all),
    "running": (_("Running"), RecordingQuerySet.active),
    "troubled": (_("In trouble"), RecordingQuerySet.troubled),
}
# Seconds between two looks of the page: while it changes, and while it goes on as it is.
QUICK, SLOW = 2, 10
CHANGING = (
    RecordingStatus.INTENDED,
    RecordingStatus.STARTING,
    RecordingStatus.STOPPING,
    RecordingStatus.UNKNOWN,
)
UNSUCCESSFUL = (CallOutcome.REFUSED, CallOutcome.NO_ANSWER, CallOutcome.NOT_SENT)


def matching(request: HttpRequest) -> tuple[str, RecordingQuerySet]:
    """The filter in the address, and the recordings it shows to this person."""
    chosen = request.GET.get("status", "")
    chosen = chosen if chosen in FILTERS else ""
    return chosen, FILTERS[chosen][1](Recording.objects.visible_to(request.user))


@allowed(Permission.SEE_HISTORY)
def recording_list(request: HttpRequest) -> HttpResponse:
    chosen, recordings = matching(request)
    page = recordings.for_list().page(
        before=request.GET.get("before", ""), after=request.GET.get("after", "")
    )
    chips = [(key, words) for key, (words, _rows) in FILTERS.items()]
    # Counted only where there is a button that says it.
    can_stop_many = chosen == "running" and request.user.may(Permission.START_RECORDING)
    stoppable = recordings.stoppable().count() if can_stop_many else 0
    context = {"page": page, "chips": chips, "chosen": chosen, "stoppable": stoppable}
    return live.answer(request, "recordings/list.html", context, page.rows, page.older, stoppable)


@allowed(Permission.SEE_HISTORY)
def recording(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Recording.objects.visible_to(request.user).with_names(), pk=pk)
    story, files = tell(shown), list(shown.files.all())
    calls = [entry.row for entry in story if entry.kind == Kind.CALL]
    may_act = request.user.may(Permission.START_RECORDING)
    is_late = bool(shown.due_at and timezone.now() > shown.due_at + LATE_AFTER)
    seen = fingerprint(
        shown.as_shown(), [(entry.key, entry.count) for entry in story], calls, files, may_act, is_late
    )
    if request.htmx.target == "recording-now" and request.headers.get(live.SEEN) == seen:
        return HttpResponse(status=204)
    context = {
        "recording": shown,
        "story": story,
        "files": files,
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
