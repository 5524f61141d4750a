"""/recordings/<pk>/...: what people do to a recording that runs, and their answer where only they can know.

What needs a question or a form has a page of its own, of which a dialog shows the middle where there is JavaScript.
"""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recorder_app.choices import CallOutcome, Verb
from recorder_app.forms.recordings import AnswerForm, ChangeForm
from recorder_app.models import ApiCall, Recording
from recorder_app.permissions import Permission, allowed
from recorder_app.services import actions, reconcile


@allowed(Permission.START_RECORDING)
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask first, naming room and task; then stop."""
    recording = _recording(request, pk)
    if request.method == "POST":
        return _act(request, recording, actions.stop)
    return _ask(request, "recordings/stop.html", recording, reason=_reason(recording, Verb.STOP))


@allowed(Permission.START_RECORDING)
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, _recording(request, pk), actions.pause)


@allowed(Permission.START_RECORDING)
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, _recording(request, pk), actions.resume)


@allowed(Permission.START_RECORDING)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """What a voice recording records from now on."""
    recording = _recording(request, pk)
    posted = request.POST if request.method == "POST" else None
    form = ChangeForm(posted, initial=ChangeForm.initial_for(recording))
    if form.is_valid():
        return _act(request, recording, partial(actions.change, wanted=form.params()))
    return _ask(
        request, "recordings/change.html", recording, form=form, reason=_reason(recording, Verb.CHANGE)
    )


@allowed(Permission.START_RECORDING)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's word about a start of which the cloud tells nothing."""
    recording = _recording(request, pk)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _take_answer(request, recording, form):
        return redirect(recording)
    return _ask(request, "recordings/answer.html", recording, form=form)


def _take_answer(request: HttpRequest, recording: Recording, form: AnswerForm) -> bool:
    try:
        if form.cleaned_data["answer"] == AnswerForm.RUNS:
            reconcile.answer_runs(recording, form.cleaned_data["task_id"], by=request.user)
            messages.success(request, _("The recording is followed from now on."))
        else:
            reconcile.answer_absent(recording, by=request.user)
            messages.success(request, _("The recording is closed as not started."))
    except reconcile.NotSo as problem:
        form.add_error(None, str(problem))
        return False
    return True


def _act(request: HttpRequest, recording: Recording, do: Callable[..., ApiCall]) -> HttpResponse:
    try:
        call = do(recording, by=request.user)
    except actions.NotNow as reason:
        messages.warning(request, str(reason))
    else:
        _say(request, call)
    return redirect(recording)


def _ask(
    request: HttpRequest, template: str, recording: Recording, *, reason: str = "", form: Form | None = None
) -> HttpResponse:
    """The page that asks, or its middle for the dialog."""
    part = "#dialog" if request.htmx.target == "dialog" else ""
    context = {"recording": recording, "reason": reason, "form": form, "is_dialog": bool(part)}
    return render(request, f"{template}{part}", context)


def _reason(recording: Recording, verb: Verb) -> str:
    """Why a verb is not possible now, "" when it is."""
    known = {one.verb: one.reason for one in actions.allowed_actions(recording)}
    return known.get(verb, _("Only a voice recording can be changed while it runs."))


def _recording(request: HttpRequest, pk: int) -> Recording:
    visible = Recording.objects.visible_to(request.user).select_related("application__account")
    return get_object_or_404(visible, pk=pk)


def _say(request: HttpRequest, call: ApiCall) -> None:
    if call.outcome == CallOutcome.OK:
        messages.success(request, _("The cloud accepted it; what becomes of it shows here in a moment."))
    elif call.outcome == CallOutcome.NO_ANSWER:
        messages.warning(
            request,
            _("No answer came. The cloud is being asked what became of it; nothing needs to be repeated."),
        )
    elif call.outcome == CallOutcome.NOT_SENT:
        messages.error(request, _("The cloud could not be reached, so nothing was sent. Try again."))
    else:
        said = format_html(
            '<p><strong>{}</strong> {} {}</p><p><a href="{}">{}</a></p>',
            _("The cloud refused it."),
            call.meaning.meaning,
            call.meaning.what_to_do,
            call.get_absolute_url(),
            _("%(action)s: %(code)s, RequestId %(request)s")
            % {"action": call.action, "code": call.error_code, "request": call.request_id},
        )
        messages.error(request, said)
