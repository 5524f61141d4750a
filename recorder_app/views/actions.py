"""/recordings/<pk>/...: what people do to a recording that runs, and their answer where only they can know."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recorder_app.choices import CallOutcome
from recorder_app.forms.recordings import AnswerForm, ChangeForm
from recorder_app.models import ApiCall, Recording
from recorder_app.permissions import Permission, allowed
from recorder_app.services import actions, reconcile


@allowed(Permission.START_RECORDING)
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, actions.stop)


@allowed(Permission.START_RECORDING)
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, actions.pause)


@allowed(Permission.START_RECORDING)
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, actions.resume)


@allowed(Permission.START_RECORDING)
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    form = ChangeForm(request.POST)
    if form.is_valid():
        return _act(request, pk, partial(actions.change, wanted=form.params()))
    messages.error(request, " ".join(form.sentences()))
    return redirect(_recording(request, pk))


@allowed(Permission.START_RECORDING)
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's word about a start of which the cloud tells nothing."""
    recording = _recording(request, pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.sentences()))
        return redirect(recording)
    try:
        if form.cleaned_data["answer"] == AnswerForm.RUNS:
            reconcile.answer_runs(recording, form.cleaned_data["task_id"], by=request.user)
            messages.success(request, _("The recording is followed from now on."))
        else:
            reconcile.answer_absent(recording, by=request.user)
            messages.success(request, _("The recording is closed as not started."))
    except reconcile.NotSo as reason:
        messages.error(request, str(reason))
    return redirect(recording)


def _act(request: HttpRequest, pk: int, do: Callable[..., ApiCall]) -> HttpResponse:
    recording = _recording(request, pk)
    try:
        call = do(recording, by=request.user)
    except actions.NotNow as reason:
        messages.warning(request, str(reason))
    else:
        _say(request, call)
    return redirect(recording)


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
        said = _("The cloud refused: %(meaning)s (%(code)s, RequestId %(request)s)")
        facts = {"meaning": call.meaning.meaning, "code": call.error_code, "request": call.request_id}
        messages.error(request, said % facts)
