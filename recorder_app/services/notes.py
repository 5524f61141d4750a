"""Notes that people write about a recording or a call."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from recorder_app.cloud.masked_text import masked_text
from recorder_app.models import ApiCall, Note, Person, Recording

# The same words from the same person within so long are a second click.
SAME_WITHIN = timedelta(minutes=1)


@transaction.atomic
def write(text: str, *, about: Recording | ApiCall, by: Person) -> Note:
    """Keep what somebody wrote, for ever: a note is neither changed nor taken back.

    What looks like a key or a signature in ``text`` is replaced by ``***``. The same words once more within a minute
    answer the note that is there.
    """
    key = "recording" if isinstance(about, Recording) else "call"
    kept, now = masked_text(text), timezone.now()
    # Two clicks at once wait for each other here.
    Person.objects.select_for_update().get(pk=by.pk)
    written = Note.objects.filter(**{key: about}, by=by, text=kept, created_at__gte=now - SAME_WITHIN).first()
    return written or Note.objects.create(
        **{key: about}, text=kept, by_id=by.pk, by_name=by.name, created_at=now
    )
