"""/settings/applications/<pk>/callbacks/: where an application's events come in, and with which key."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recorder_app.choices import Product
from recorder_app.forms.callbacks import CallbackKeyForm, ClearCallbackForm, SetCallbackForm
from recorder_app.models import Application
from recorder_app.permissions import Permission, allowed
from recorder_app.services import callback_settings, callbacks, refusals
from recorder_app.services.callback_settings import NotDone, SetByOthers

# Two forms of one page share a field's name.
CLEAR_IDS = "clear_%s"


@allowed(Permission.MANAGE_APPLICATIONS)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _application(pk))


@allowed(Permission.MANAGE_APPLICATIONS)
@require_POST
def ask_cloud(request: HttpRequest, pk: int) -> HttpResponse:
    application = _application(pk, product=Product.TIW)
    try:
        setting = callback_settings.read(application, by=request.user)
    except NotDone as broken:
        return _page(request, application, broken=broken.call)
    return _page(request, application, setting=setting)


@allowed(Permission.MANAGE_APPLICATIONS)
@require_POST
def set_at_cloud(request: HttpRequest, pk: int) -> HttpResponse:
    application = _application(pk, product=Product.TIW)
    form = SetCallbackForm(request.POST, application=application, path=_path(application))
    if form.is_valid():
        try:
            form.save(by=request.user)
        except SetByOthers as others:
            form.ask_whether_to_replace(others.setting)
        except NotDone as broken:
            return _page(request, application, set_form=form, broken=broken.call)
        else:
            messages.success(request, _("The cloud reports the events of %s here now.") % application)
            return redirect("application-callbacks", pk=pk)
    return _page(request, application, set_form=form)


@allowed(Permission.MANAGE_APPLICATIONS)
@require_POST
def clear_at_cloud(request: HttpRequest, pk: int) -> HttpResponse:
    application = _application(pk, product=Product.TIW)
    form = ClearCallbackForm(request.POST, auto_id=CLEAR_IDS)
    if form.is_valid():
        try:
            form.save(application, by=request.user)
        except SetByOthers as others:
            form.ask_whether_to_replace(others.setting)
        except NotDone as broken:
            return _page(request, application, clear_form=form, broken=broken.call)
        else:
            messages.success(request, _("The cloud reports no events of %s any more.") % application)
            return redirect("application-callbacks", pk=pk)
    return _page(request, application, clear_form=form)


@allowed(Permission.MANAGE_APPLICATIONS)
@require_POST
def store_key(request: HttpRequest, pk: int) -> HttpResponse:
    application = _application(pk)
    form = CallbackKeyForm(request.POST)
    if form.is_valid():
        form.save(application, by=request.user)
        said = _("Callbacks of %s are checked with the new key.")
        messages.success(
            request, (said if application.callback_key else _("The key of %s is removed.")) % application
        )
        return redirect("application-callbacks", pk=pk)
    return _page(request, application, key_form=form)


@allowed(Permission.MANAGE_APPLICATIONS)
@require_POST
def renew_address(request: HttpRequest, pk: int) -> HttpResponse:
    application = _application(pk)
    callback_settings.renew_address(application, by=request.user)
    messages.success(
        request, _("%s has a new address. Events sent to the old one are refused.") % application
    )
    return redirect("application-callbacks", pk=pk)


def _application(pk: int, **where: Any) -> Application:
    return get_object_or_404(Application.objects.select_related("account"), pk=pk, **where)


def _path(application: Application) -> str:
    return reverse(f"callback-{application.product}", args=[application.callback_token])


def _page(request: HttpRequest, application: Application, **extra: Any) -> HttpResponse:
    path = _path(application)
    address = request.build_absolute_uri(path)
    now = timezone.now()
    context = {
        "application": application,
        "is_tiw": application.product == Product.TIW,
        "address": address,
        "set_form": SetCallbackForm(initial={"address": address}, application=application, path=path),
        "clear_form": ClearCallbackForm(auto_id=CLEAR_IDS),
        "key_form": CallbackKeyForm(),
        "last_event": callbacks.last_event(application, now=now),
        "refused": refusals.lately(application=application, now=now),
        **extra,
    }
    return render(request, "settings/callbacks.html", context)
