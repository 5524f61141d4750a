"""Who did what: an entry is written in the same breath as the change it tells of."""

from datetime import timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone

from recorder_app.models import AuditEntry, Person

Event = AuditEntry.Event
MOST_FAILURES = 10
FAILURES_WITHIN = timedelta(minutes=15)


def record(event: Event, *, by: Person, about: Model | None = None, **details: Any) -> AuditEntry:
    """Write an entry. ``about`` is the row it concerns, kept as words and a number; ``details`` hold no secrets."""
    return AuditEntry.objects.create(
        event=event,
        by_id=by.pk,
        by_name=by.name,
        about=str(about) if about is not None else "",
        about_id=about.pk if about is not None else None,
        details=details,
        created_at=timezone.now(),
    )


def too_many_failures(username: str) -> bool:
    """Whether signing in under this name failed so often lately that the door stays shut for a while."""
    username = username.replace("\x00", "")  # which PostgreSQL cannot even be asked for
    since = timezone.now() - FAILURES_WITHIN
    lately = AuditEntry.objects.filter(
        created_at__gte=since, event=Event.SIGN_IN_FAILED, by_name=username[:150]
    )
    return lately.count() >= MOST_FAILURES


def signed_in(person: Person) -> None:
    """Somebody came in."""
    record(Event.SIGNED_IN, by=person)


def sign_in_failed(username: str) -> None:
    """Somebody tried; the name typed is kept, cut to its length, the password never."""
    AuditEntry.objects.create(event=Event.SIGN_IN_FAILED, by_name=username[:150], created_at=timezone.now())
