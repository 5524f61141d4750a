"""The list of recordings, and one recording with everything that happened to it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import CallOutcome
from recorder_app.models import Recording
from recorder_app.models.recordings import RecordingQuerySet
from recorder_app.permissions import Permission, allowed
from recorder_app.views import live

# ?status= -> (the words of its chip, the rows it shows)
FILTERS = {
    "": (_("All"), RecordingQuerySet.all),
    "running": (_("Running"), RecordingQuerySet.active),
    "troubled": (_("In trouble"), RecordingQuerySet.troubled),
}
MOST_CALLS = 100
UNSUCCESSFUL = (CallOutcome.REFUSED, CallOutcome.NO_ANSWER, CallOutcome.NOT_SENT)


@allowed(Permission.SEE_HISTORY)
def recording_list(request: HttpRequest) -> HttpResponse:
    chosen = request.GET.get("status", "")
    chosen = chosen if chosen in FILTERS else ""
    recordings = FILTERS[chosen][1](Recording.objects.visible_to(request.user))
    page = recordings.for_list().page(
        before=request.GET.get("before", ""), after=request.GET.get("after", "")
    )
    chips = [(key, words) for key, (words, _rows) in FILTERS.items()]
    context = {"page": page, "chips": chips, "chosen": chosen}
    return live.answer(request, "recordings/list.html", context, page.rows, page.older)


@allowed(Permission.SEE_HISTORY)
def recording(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Recording.objects.visible_to(request.user).with_names(), pk=pk)
    calls = list(shown.calls.defer("params", "answer").newest_first()[:MOST_CALLS])
    context = {
        "recording": shown,
        "calls": calls,
        "failed_call": next((call for call in calls if call.outcome in UNSUCCESSFUL), None),
        "is_moving": shown.is_being_sent or any(call.outcome == CallOutcome.SENDING for call in calls),
    }
    # While something moves the page asks for this part of itself again.
    part = "#recording-now" if request.htmx.target == "recording-now" else ""
    return render(request, f"recordings/recording.html{part}", context)
