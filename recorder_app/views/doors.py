"""Coming in, going out, and the pages that say why something was not possible."""

import sys

from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from recorder_app.absence import absence_of, unavailable
from recorder_app.models import Person
from recorder_app.permissions import public
from recorder_app.services import audit

MOST_ADMINISTRATORS = 5


@public("the door itself: it shows a form and nothing else")
@sensitive_post_parameters("password")
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("next", request.GET.get("next", ""))
    if request.user.is_authenticated:
        return HttpResponseRedirect(safe_address(request, wanted))
    if request.method == "POST" and audit.too_many_failures(request.POST.get("username", "")):
        # Before any password is looked at, so that guessing on is of no use.
        context = {"form": AuthenticationForm(request), "next": wanted, "is_shut": True}
        return render(request, "doors/sign_in.html", context, status=429)
    form = AuthenticationForm(request, data=request.POST if request.method == "POST" else None)
    if form.is_valid():
        login(request, form.get_user())
        audit.signed_in(form.get_user())
        return HttpResponseRedirect(safe_address(request, wanted))
    if form.is_bound:
        # What the form has cleaned: a name the database could not even hold is not worth an entry.
        audit.sign_in_failed(form.cleaned_data.get("username", ""))
    return render(request, "doors/sign_in.html", {"form": form, "next": wanted})


def safe_address(request: HttpRequest, wanted: str) -> str:
    """Where to go after signing in; never to another host, whatever the link said."""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours and wanted.startswith("/") else reverse("overview")


@public("going out needs no right; only a POST with the form's token does it")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


@public("says that a request made no sense, and nothing else")
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    # Without the request: it may have failed before anybody knew who sends it.
    return HttpResponse(render_to_string("400.html"), status=400)


@public("says that something is not allowed, and whom to ask")
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    administrators = Person.objects.none()
    if request.user.is_authenticated:
        administrators = Person.objects.filter(role="administrator", is_active=True).order_by("username")
    context = {"administrators": [person.name for person in administrators[:MOST_ADMINISTRATORS]]}
    return render(request, "403.html", context, status=403)


@public("says that an address leads nowhere")
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


@public("says that the program failed; needs neither database nor sign-in, for these may be what failed")
def broken(request: HttpRequest) -> HttpResponse:
    # Django calls this while it handles the error, wherever that was raised.
    if absence := absence_of(sys.exception()):
        return unavailable(request, absence)
    return HttpResponse(render_to_string("500.html"), status=500)


@public("says that a form had grown too old to be accepted")
def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "doors/stale_form.html", status=403)
