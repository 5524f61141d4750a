"""Find what an identifier belongs to."""

import re
from dataclasses import dataclass, field

from django.db.models import Q

from recorder_app.models import ApiCall, Person, Recording

# A busy room has been recorded many times: the newest are what one looks for.
MOST = 50
# As it stands in a log or in JSON: "RequestId": "...", TaskId=...
LABEL = re.compile(r"""^["']?(?:RequestId|TaskId|RoomId|RecordUserId)["']?\s*[:=]\s*""", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """What one identifier belongs to: calls by RequestId, recordings by TaskId, room or RecordUserId."""

    query: str
    recordings: list[Recording] = field(default_factory=list)
    calls: list[ApiCall] = field(default_factory=list)

    @property
    def only(self) -> Recording | ApiCall | None:
        """The single hit, if there is just one."""
        hits = [*self.calls, *self.recordings]
        return hits[0] if len(hits) == 1 else None


def find(text: str, *, person: Person) -> Found:
    """Everything this person may see that carries exactly this RequestId, TaskId, RoomId or RecordUserId.

    Blanks, quotes and a label around the text, as they come with copying, do not matter, nor do capital letters. At
    most 50 of each, newest first.
    """
    # PostgreSQL takes no NUL, and no identifier holds one.
    query = text.replace("\x00", "").strip()
    bare = LABEL.sub("", query).strip(" \t\"'`,;")
    if not query:
        return Found(query)
    # A room may really be called "a;", so what was typed counts as well as what is left of it.
    texts = [text for text in dict.fromkeys((query, bare, bare.lower())) if text]
    recordings = (
        Recording.objects.visible_to(person)
        .for_list()
        .filter(Q(task_id__in=texts) | Q(room_id__in=texts) | Q(record_user_id__in=texts))
    )
    calls = ApiCall.objects.visible_to(person).for_list().filter(request_id__in=texts)
    return Found(query, list(recordings.newest_first()[:MOST]), list(calls.newest_first()[:MOST]))
