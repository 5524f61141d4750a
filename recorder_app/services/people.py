"""The verbs of the people who sign in."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from recorder_app.models import Application, Person
from recorder_app.services import audit, making


class LastAdministrator(Exception):
    """The change would leave nobody who can manage people."""


@transaction.atomic
def add(person: Person, *, password: str, by: Person, applications: Iterable[Application] = ()) -> Person:
    """Save a new person with a first password, and the applications they may see unless they see all."""
    person.set_password(password)
    person.save()
    person.applications.set(applications)
    audit.record(audit.Event.PERSON_ADDED, by=by, about=person, role=person.role, sees=_sees(person))
    return person


@transaction.atomic
def change(
    person: Person, *, by: Person, changed: list[str], applications: Iterable[Application] | None = None
) -> Person:
    """Save the named fields, and the applications they may see unless None is given.

    Raises ``LastAdministrator`` rather than lock everybody out.

    Taking a role or the right to sign in ends nothing by itself: rights are read anew with every request, and the
    sessions of somebody who may no longer sign in stop working at once. Only what was made for them before, with the
    rights they had, is thrown away.
    """
    others = (
        Person.objects.select_for_update().filter(role="administrator", is_active=True).exclude(pk=person.pk)
    )
    stays = person.role == "administrator" and person.is_active
    if not stays and not others.exists():
        raise LastAdministrator
    person.save(update_fields=[name for name in changed if name != "applications"])
    if applications is not None:
        person.applications.set(applications)
    if {"role", "is_active", "sees_all", "applications"} & set(changed):
        making.begin_anew(person)
    audit.record(
        audit.Event.PERSON_CHANGED,
        by=by,
        about=person,
        fields=changed,
        role=person.role,
        can_sign_in=person.is_active,
        sees=_sees(person),
    )
    return person


def _sees(person: Person) -> list[str]:
    """The applications whose history a person may see, in words; none for all of them."""
    if person.sees_all:
        return []
    return [application.name for application in person.applications.order_by("name")] or [_("none")]


@transaction.atomic
def set_password(person: Person, *, password: str, by: Person) -> Person:
    """Give a person a new password; whoever is signed in with the old one is signed out by it."""
    person.set_password(password)
    person.save(update_fields=["password"])
    audit.record(audit.Event.PERSON_PASSWORD_SET, by=by, about=person)
    return person
