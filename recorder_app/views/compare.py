"""Comparing two calls, or two recordings: ``/compare/?calls=1,2`` or ``/compare/?recordings=1,2``."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from recorder_app.models import ApiCall, Recording
from recorder_app.permissions import Permission, allowed
from recorder_app.reports.side_by_side import of_calls, of_recordings, proposed
from recorder_app.services import lookup

MODELS = {"calls": ApiCall, "recordings": Recording}


@allowed(Permission.SEE_HISTORY)
def compare(request: HttpRequest) -> HttpResponse:
    kind = next((kind for kind in MODELS if request.GET.get(kind)), "")
    if not kind:
        return render(request, "compare/compare.html", {"kind": ""})
    texts = [text.strip() for text in request.GET[kind].split(",")]
    things = _things(request, kind, texts)
    if len(things) != len(texts) or len(texts) > 2:
        return render(request, "compare/compare.html", {"kind": kind, "is_missing": True}, status=404)
    if len(things) == 1:
        return _choose(request, kind, things[0])
    sections = of_calls(*things) if kind == "calls" else of_recordings(*things)
    different = sum(len(section.different) for section in sections)
    context = {
        "kind": kind,
        "first": things[0],
        "things": things,
        "sections": sections,
        "different": different,
    }
    return render(request, "compare/compare.html", context)


def _things(request: HttpRequest, kind: str, texts: list[str]) -> list[Any]:
    """The rows by their numbers, in the order given; fewer where one does not exist or may not be seen."""
    keys = [int(text) for text in texts[:3] if text.isascii() and text.isdecimal() and len(text) <= 18]
    found = MODELS[kind].objects.visible_to(request.user).in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _choose(request: HttpRequest, kind: str, thing: ApiCall | Recording) -> HttpResponse:
    """What to compare one thing with: what is proposed, or what somebody names."""
    text = request.GET.get("with", "").strip()[: lookup.LONGEST]
    context = {"kind": kind, "first": thing, "thing": thing, "text": text}
    if text:
        found = lookup.find(text, person=request.user)
        others = [row for row in getattr(found, kind) if row.pk != thing.pk]
        if others:
            return redirect(reverse("compare", query={kind: f"{thing.pk},{others[0].pk}"}))
        context["is_unknown"] = True
    context["proposed"] = proposed(thing, person=request.user)
    return render(request, "compare/compare.html", context)
