"""When a recording is asked for again: soon while it changes, seldom while it does not, never all at once."""

from datetime import datetime, timedelta

from recorder_app.choices import FOLLOWED, RecordingStatus
from recorder_app.models import Recording

SPREAD = 0.2  # of the pause, so that recordings started together do not stay together
LONGEST_AFTER_FAILURE = 60.0  # seconds
# (age in seconds up to which a row holds, seconds until the next question)
PAUSES: dict[str, tuple[tuple[float, float], ...]] = {
    RecordingStatus.STARTING: ((120, 2), (600, 10), (float("inf"), 30)),
    RecordingStatus.RECORDING: ((2 * 3600, 30), (float("inf"), 60)),
    RecordingStatus.PAUSED: ((2 * 3600, 30), (float("inf"), 60)),
    RecordingStatus.STOPPING: ((60, 2), (600, 10), (float("inf"), 30)),
    RecordingStatus.PROCESSING: ((60, 5), (900, 15), (4 * 3600, 60), (86400, 600), (float("inf"), 3600)),
}


def next_due(recording: Recording, *, now: datetime, changed_at: datetime) -> datetime | None:
    """When to ask again; None when nothing more can change.

    ``changed_at`` is when the recording came into its present status: the pause grows with the time since.
    """
    if recording.status not in FOLLOWED:
        return None
    if recording.watch_failures:
        pause = min(2.0 ** min(recording.watch_failures, 10), LONGEST_AFTER_FAILURE)
    elif recording.verb:
        pause = 2.0
    else:
        age = (now - changed_at).total_seconds()
        pause = next(pause for until, pause in PAUSES[recording.status] if age < until)
    return now + timedelta(seconds=pause * (1 - SPREAD / 2 + SPREAD * _place(recording.pk)))


def _place(pk: int) -> float:
    """A number from 0 to 1 that belongs to the row: neighbours lie far apart."""
    return (pk * 2654435761 % 2**32) / 2**32
