"""Support bundles of one recording, one call, or all that a look-up found: shown first, then taken."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from recorder_app.choices import ExportKind, ListPage
from recorder_app.forms.exports import SubjectForm, bundle_query
from recorder_app.forms.filters import EVERYTHING, FILTERS
from recorder_app.models import ApiCall, Recording
from recorder_app.permissions import Permission, allowed
from recorder_app.services import audit, bundles, lookup, making
from recorder_app.services.bundles import Subject
from recorder_app.views.exports import stream

# As the look-up itself.
LONGEST = 1_000_000
# Of a list: what a vendor's support can be asked to read.
MOST_OF_LIST = 500


@allowed(Permission.SEE_HISTORY)
def of_recording(request: HttpRequest, pk: int) -> HttpResponse:
    recording = get_object_or_404(Recording.objects.visible_to(request.user), pk=pk)
    context = {
        "back": recording.get_absolute_url(),
        "words": _("Room %(room)s") % {"room": recording.room_id},
        "address": reverse("recording-bundle-file", args=[pk]),
    }
    return _show(request, Subject(recordings=(pk,)), context)


@allowed(Permission.SEE_HISTORY)
def file_of_recording(request: HttpRequest, pk: int) -> HttpResponseBase:
    recording = get_object_or_404(Recording.objects.visible_to(request.user), pk=pk)
    subject = Subject(recordings=(pk,))
    return _take(request, subject, f"support-bundle-recording-{pk}.zip", about=recording)


@allowed(Permission.SEE_HISTORY)
def of_call(request: HttpRequest, pk: int) -> HttpResponse:
    call = get_object_or_404(ApiCall.objects.visible_to(request.user), pk=pk)
    context = {
        "back": call.get_absolute_url(),
        "words": call.action,
        "address": reverse("call-bundle-file", args=[pk]),
    }
    return _show(request, Subject(calls=(pk,)), context)


@allowed(Permission.SEE_HISTORY)
def file_of_call(request: HttpRequest, pk: int) -> HttpResponseBase:
    call = get_object_or_404(ApiCall.objects.visible_to(request.user), pk=pk)
    return _take(request, Subject(calls=(pk,)), f"support-bundle-call-{pk}.zip", about=call)


@allowed(Permission.SEE_HISTORY)
@require_POST
@sensitive_post_parameters("q")
def of_lookup(request: HttpRequest) -> HttpResponse:
    """Everything that a text leads to, or a look-up has led to: what goes on from here are keys, never the text."""
    subject = _found(request) if request.POST.get("q") else SubjectForm(request.POST).subject()
    return _offer(request, subject, back=reverse("lookup"), words=_("Look-up"))


@allowed(Permission.SEE_HISTORY)
def of_list(request: HttpRequest, page: str) -> HttpResponse:
    """All that match a list's filter, as far as one bundle can hold them."""
    filters = FILTERS[page](request.GET, person=request.user)
    keys = tuple(filters.qs.newest_first().values_list("pk", flat=True)[: MOST_OF_LIST + 1])
    back = f"{reverse(page)}?{filters.query or EVERYTHING}"
    if len(keys) > MOST_OF_LIST:
        told = _("A bundle holds at most %(most)d, and more than that match. Narrow the filter first.")
        messages.warning(request, told % {"most": MOST_OF_LIST})
        return redirect(back)
    subject = Subject(calls=keys) if page == ListPage.CALLS else Subject(recordings=keys)
    return _offer(request, subject, back=back, words=filters.words())


def _offer(request: HttpRequest, subject: Subject, *, back: str, words: str) -> HttpResponse:
    """Show a bundle of many, or ask whether to pack it in the background; the form names its keys."""
    form, address = SubjectForm.about(subject), reverse("lookup-bundle-file")
    context = {"back": back, "words": words, "address": address, "form": form}
    if subject.size > bundles.MOST_AT_ONCE:
        context = {**context, "size": subject.size, "is_large": True, "days": making.KEEP_FOR.days}
        return render(request, "bundles/bundle.html", context)
    return _show(request, subject, context)


def _found(request: HttpRequest) -> Subject:
    text = request.POST["q"].replace("\x00", "")[:LONGEST]
    found = lookup.find(text, person=request.user)
    return Subject(tuple(one.pk for one in found.recordings), tuple(one.pk for one in found.calls))


@allowed(Permission.SEE_HISTORY)
@require_POST
def file_of_lookup(request: HttpRequest) -> HttpResponseBase:
    """The bundle of what was found; where that is much, it is ordered."""
    form = SubjectForm(request.POST)
    subject = form.subject()
    is_large = subject.size > bundles.MOST_AT_ONCE
    # What nobody waits for is ordered once: without an intention it could not be told from a second click.
    if not subject.size or (is_large and not form.cleaned_data["intention"]):
        messages.error(
            request, _("The page was damaged or too old, so no bundle was made. Look it up once more.")
        )
        return redirect("lookup")
    if not is_large:
        return _take(request, subject, "support-bundle.zip")
    return redirect(
        making.order(
            kind=ExportKind.BUNDLE,
            page="lookup",
            query=bundle_query(subject),
            file_name="support-bundle.zip",
            by=request.user,
            intention_key=form.cleaned_data["intention"],
        )
    )


def _show(request: HttpRequest, subject: Subject, context: dict) -> HttpResponse:
    bundle, names = bundles.preview(subject, person=request.user)
    is_empty = not any("/" in name for name in names)
    about = {
        "counts": dict(bundle.counts),
        "names": names,
        "masked": bundle.masks.counts,
        "english": bundle.ticket("en"),
        "chinese": bundle.ticket("zh"),
    }
    return render(request, "bundles/bundle.html", {**context, **about, "is_empty": is_empty})


def _take(
    request: HttpRequest, subject: Subject, name: str, *, about: Recording | ApiCall | None = None
) -> HttpResponseBase:
    audit.record(
        audit.Event.BUNDLE_TAKEN,
        by=request.user,
        about=about,
        recordings=len(subject.recordings),
        calls=len(subject.calls),
    )
    made = bundles.pieces(subject, person=request.user)
    return stream((piece for _done, piece in made if piece), kind=ExportKind.BUNDLE, name=name)
