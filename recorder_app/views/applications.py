"""/settings/applications/: what is recorded, and under which account."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from recorder_app.choices import Product
from recorder_app.forms.settings import ApplicationForm, NewApplication, ReplaceSdkKey
from recorder_app.models import Application
from recorder_app.permissions import Permission, allowed
from recorder_app.services import refusals


@allowed(Permission.MANAGE_APPLICATIONS)
def application_list(request: HttpRequest) -> HttpResponse:
    found = Application.objects.select_related("account")
    context = {"applications": found, "refused": refusals.lately(now=timezone.now())}
    return render(request, "settings/applications.html", context)


@allowed(Permission.MANAGE_APPLICATIONS)
def add_application(request: HttpRequest) -> HttpResponse:
    form = NewApplication(request.POST or None, initial={"account": request.GET.get("account")})
    if form.is_valid():
        application = form.save_as(request.user)
        said = (
            _("%s can be recorded now.")
            if application.can_sign
            else _("%s is added; it needs its SDK key, too.")
        )
        messages.success(request, said % application)
        return redirect("application", pk=application.pk)
    return render(request, "settings/application_new.html", {"form": form})


@allowed(Permission.MANAGE_APPLICATIONS)
def application(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Application.objects.select_related("account"), pk=pk)
    form = ApplicationForm(request.POST or None, instance=found)
    if form.is_valid():
        form.save_as(request.user)
        messages.success(request, _("Saved."))
        return redirect("application", pk=pk)
    context = {"application": found, "form": form, "is_tiw": found.product == Product.TIW}
    return render(request, "settings/application.html", context)


@allowed(Permission.MANAGE_APPLICATIONS)
def replace_key(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Application, pk=pk, product=Product.TIW)
    form = ReplaceSdkKey(request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.save(found, by=request.user)
        said = _("The new SDK key of %s is in use.") if found.sdk_key else _("The SDK key of %s is removed.")
        messages.success(request, said % found)
        return redirect("application", pk=pk)
    return render(request, "settings/application_key.html", {"application": found, "form": form})
