"""The verbs of the people who sign in."""

from django.db import transaction

from recorder_app.models import Person
from recorder_app.services import audit


class LastAdministrator(Exception):
    """The change would leave nobody who can manage people."""


@transaction.atomic
def add(person: Person, *, password: str, by: Person) -> Person:
    """Save a new person with a first password."""
    person.set_password(password)
    person.save()
    audit.record(audit.Event.PERSON_ADDED, by=by, about=person, role=person.role)
    return person


@transaction.atomic
def change(person: Person, *, by: Person, changed: list[str]) -> Person:
    """Save the named fields. Raises ``LastAdministrator`` rather than lock everybody out.

    Taking a role or the right to sign in ends nothing by itself: rights are read anew with every request, and the
    sessions of somebody who may no longer sign in stop working at once.
    """
    others = (
        Person.objects.select_for_update().filter(role="administrator", is_active=True).exclude(pk=person.pk)
    )
    stays = person.role == "administrator" and person.is_active
    if not stays and not others.exists():
        raise LastAdministrator
    person.save(update_fields=changed)
    audit.record(
        audit.Event.PERSON_CHANGED,
        by=by,
        about=person,
        fields=changed,
        role=person.role,
        can_sign_in=person.is_active,
    )
    return person


@transaction.atomic
def set_password(person: Person, *, password: str, by: Person) -> Person:
    """Give a person a new password; whoever is signed in with the old one is signed out by it."""
    person.set_password(password)
    person.save(update_fields=["password"])
    audit.record(audit.Event.PERSON_PASSWORD_SET, by=by, about=person)
    return person
