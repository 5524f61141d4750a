"""/settings/accounts/: the keys that sign the calls."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recorder_app.forms.settings import AccountForm, NewAccount, ReplaceKey
from recorder_app.models import CloudAccount
from recorder_app.permissions import Permission, allowed
from recorder_app.services import accounts


@allowed(Permission.MANAGE_ACCOUNTS)
def account_list(request: HttpRequest) -> HttpResponse:
    found = CloudAccount.objects.prefetch_related("applications")
    return render(request, "settings/accounts.html", {"accounts": found})


@allowed(Permission.MANAGE_ACCOUNTS)
def add_account(request: HttpRequest) -> HttpResponse:
    form = NewAccount(request.POST or None)
    if form.is_valid():
        account = form.save_as(request.user)
        messages.success(
            request, _("%s is set up. Test it before anybody starts a recording with it.") % account
        )
        return redirect("account", pk=account.pk)
    return render(request, "settings/account_new.html", {"form": form})


@allowed(Permission.MANAGE_ACCOUNTS)
def account(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(CloudAccount, pk=pk)
    form = AccountForm(request.POST or None, instance=found)
    if form.is_valid():
        form.save_as(request.user)
        messages.success(request, _("Saved."))
        return redirect("account", pk=pk)
    return render(request, "settings/account.html", {"account": found, "form": form})


@allowed(Permission.MANAGE_ACCOUNTS)
def replace_key(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(CloudAccount, pk=pk)
    form = ReplaceKey(request.POST or None)
    if form.is_valid():
        form.save(found, by=request.user)
        messages.success(request, _("The new key of %s is in use; the old one is gone from here.") % found)
        return redirect("account", pk=pk)
    return render(request, "settings/account_key.html", {"account": found, "form": form})


@allowed(Permission.MANAGE_ACCOUNTS)
@require_POST
def test_account(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(CloudAccount, pk=pk)
    context = {
        "account": found,
        "form": AccountForm(instance=found),
        "test": accounts.probe_account(found, by=request.user),
    }
    page = "settings/account.html#account-test" if request.htmx else "settings/account.html"
    return render(request, page, context)
