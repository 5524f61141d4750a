"""Whether the background work is being done: who gives signs of life, and what has waited longest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.apps import apps
from django.db.models import Count, Max, Q

from recorder_app.models import WorkerBeat
from recorder_app.models.work import Work

# A worker gives a sign of life every 10 s; after three that did not come it is taken for gone.
SILENT_AFTER = timedelta(seconds=30)
# Units wait a moment for a free thread; from here on it is worth a word.
LATE_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Attendance:
    """How the background work stands at a moment.

    ``alive`` workers gave a sign of life lately; ``last_beat`` is the newest sign of any; ``oldest_due`` is when the
    unit that has waited longest fell due. None where there never was one, or nothing waits.
    """

    alive: int
    last_beat: datetime | None
    oldest_due: datetime | None
    now: datetime

    @property
    def is_absent(self) -> bool:
        return not self.alive

    @property
    def is_late(self) -> bool:
        return self.oldest_due is not None and self.now - self.oldest_due > LATE_AFTER

    @property
    def as_shown(self) -> tuple[object, ...]:
        """What a page says of it: it stays the same while the page would."""
        # The last sign of life is told only when it was the last; the wait only when it is long.
        since = (self.last_beat if self.is_absent else None, self.oldest_due if self.is_late else None)
        return (self.alive, *since)


def attendance(now: datetime) -> Attendance:
    """A small question for the workers, who are few, and one for each kind of work, whose due rows are indexed."""
    lives = Q(stopped_at=None, beat_at__gt=now - SILENT_AFTER)
    beats = WorkerBeat.objects.aggregate(alive=Count("pk", filter=lives), last=Max("beat_at"))
    kinds = [model for model in apps.get_models() if issubclass(model, Work)]
    firsts = [
        kind.objects.due(now).order_by("due_at", "pk").values_list("due_at", flat=True).first()
        for kind in kinds
    ]
    return Attendance(
        alive=beats["alive"],
        last_beat=beats["last"],
        oldest_due=min((due for due in firsts if due), default=None),
        now=now,
    )
