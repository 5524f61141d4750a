"""/settings/people/: who may sign in and do what; /settings/me/: what everybody sets for themselves."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from recorder_app.forms.settings import MyOwnForm, MyPasswordForm, NewPerson, PasswordForm, PersonForm
from recorder_app.models import Person
from recorder_app.permissions import ROLES, Permission, allowed
from recorder_app.services import people


@allowed(Permission.MANAGE_PEOPLE)
def person_list(request: HttpRequest) -> HttpResponse:
    found = Person.objects.order_by("-is_active", "username")
    return render(request, "settings/people.html", {"people": found, "roles": ROLES.values()})


@allowed(Permission.MANAGE_PEOPLE)
def add_person(request: HttpRequest) -> HttpResponse:
    form = NewPerson(request.POST or None)
    if form.is_valid():
        person = form.save_as(request.user)
        messages.success(request, _("%s can sign in now. Hand over the password in person.") % person.name)
        return redirect("people")
    return render(request, "settings/person_new.html", {"form": form, "roles": ROLES.values()})


@allowed(Permission.MANAGE_PEOPLE)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Person, pk=pk)
    form = PersonForm(request.POST or None, instance=found)
    if form.is_valid() and form.save_as(request.user):
        messages.success(request, _("Saved."))
        return redirect("people")
    return render(request, "settings/person.html", {"person": found, "form": form, "roles": ROLES.values()})


@allowed(Permission.MANAGE_PEOPLE)
def set_password(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Person, pk=pk)
    form = PasswordForm(request.POST or None, person=found)
    if form.is_valid():
        people.set_password(found, password=form.cleaned_data["password"], by=request.user)
        if found == request.user:
            update_session_auth_hash(request, found)
        messages.success(request, _("%s has a new password and was signed out everywhere.") % found.name)
        return redirect("person", pk=pk)
    return render(request, "settings/person_password.html", {"person": found, "form": form})


@allowed(Permission.BE_SIGNED_IN)
def my_password(request: HttpRequest) -> HttpResponse:
    form = MyPasswordForm(request.POST or None, person=request.user)
    if form.is_valid():
        people.set_password(request.user, password=form.cleaned_data["password"], by=request.user)
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your new password is in use. Elsewhere you were signed out."))
        return redirect("me")
    return render(request, "settings/my_password.html", {"form": form})


@allowed(Permission.BE_SIGNED_IN)
def me(request: HttpRequest) -> HttpResponse:
    form = MyOwnForm(request.POST or None, instance=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("me")
    return render(request, "settings/me.html", {"form": form})
