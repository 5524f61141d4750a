"""Notes that people write about a recording or a call."""

from django.utils import timezone

from recorder_app.models import ApiCall, Note, Person, Recording


def write(text: str, *, about: Recording | ApiCall, by: Person) -> Note:
    """Keep what somebody wrote, for ever: a note is neither changed nor taken back."""
    key = "recording" if isinstance(about, Recording) else "call"
    return Note.objects.create(
        **{key: about}, text=text, by_id=by.pk, by_name=by.name, created_at=timezone.now()
    )
