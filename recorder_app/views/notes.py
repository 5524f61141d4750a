"""Writing a note about a recording or a call."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from recorder_app.forms.notes import NoteForm
from recorder_app.models import ApiCall, Recording
from recorder_app.permissions import Permission, allowed
from recorder_app.services import notes


@allowed(Permission.SEE_HISTORY)
def about_recording(request: HttpRequest, pk: int) -> HttpResponse:
    return _write(request, get_object_or_404(Recording.objects.visible_to(request.user), pk=pk))


@allowed(Permission.SEE_HISTORY)
def about_call(request: HttpRequest, pk: int) -> HttpResponse:
    return _write(request, get_object_or_404(ApiCall.objects.visible_to(request.user), pk=pk))


def _write(request: HttpRequest, about: Recording | ApiCall) -> HttpResponse:
    form = NoteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        note = notes.write(form.cleaned_data["text"], about=about, by=request.user)
        return redirect(f"{about.get_absolute_url()}#note-{note.pk}")
    return render(request, "notes/note.html", {"form": form, "about": about})
