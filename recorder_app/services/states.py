"""What a recording becomes: the one room in which its status changes.

Whatever is learned about a task (the answer to a call, a refresh, a callback's confirmation, the settling of an
unknown start, a person) arrives here. Applying something twice, late, or in another order ends in the same state.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from recorder_app.choices import FOLLOWED, RUNNING, EventOutcome, RecordingStatus, Verb, Why
from recorder_app.cloud.states import FileFacts, TaskFacts
from recorder_app.models import (
    ApiCall,
    Application,
    CallbackEvent,
    CountMark,
    Person,
    Recording,
    RecordingFile,
    StatusChange,
)

# A task only moves up; RECORDING and PAUSED change places, and there the later question counts.
RANK = {
    RecordingStatus.STARTING: 1,
    RecordingStatus.RECORDING: 2,
    RecordingStatus.PAUSED: 2,
    RecordingStatus.STOPPING: 3,
    RecordingStatus.PROCESSING: 4,
    RecordingStatus.FINISHED: 5,
    RecordingStatus.FAILED: 5,
}
ENDED = RANK[RecordingStatus.PROCESSING]
# A stop takes about 2 s (tiw.md section 3). What still records a minute later was not stopped.
STOP_WORKS_WITHIN = timedelta(seconds=60)
# How far the clocks of our own machines may be apart.
MACHINES_DIFFER = timedelta(minutes=1)
REACHED_BY = {Verb.PAUSE: RecordingStatus.PAUSED, Verb.RESUME: RecordingStatus.RECORDING}


@dataclass(frozen=True)
class Source:
    """What a change is owed to; at most one of call and event, ``by`` where a person decided it."""

    why: Why
    call: ApiCall | None = None
    event: CallbackEvent | None = None
    by: Person | None = None
    note: str = ""


class TaskTaken(Exception):
    """The TaskId belongs to another recording of the application, ``recording``."""

    def __init__(self, recording: Recording) -> None:
        super().__init__(f"task {recording.task_id} belongs to recording {recording.pk}")
        self.recording = recording


def apply_state(recording: Recording, facts: TaskFacts, source: Source, *, asked_at: datetime) -> None:
    """Take over what the cloud said of the recording's task when it was asked at ``asked_at``.

    The status moves forward only, finished and failed are final, and of two answers about pausing the later
    question counts. ``recording`` holds the outcome afterwards.
    """
    with transaction.atomic():
        row = _locked(recording)
        is_newest = row.checked_at is None or asked_at >= row.checked_at
        becomes = _next_status(row, facts, asked_at, is_newest=is_newest)
        changes: dict[str, Any] = _facts_worth_keeping(row, facts, becomes)
        if is_newest:
            changes |= {"checked_at": asked_at, "watch_failures": 0, "missing_since": None}
            changes |= {"cloud_status": facts.word} if facts.word else {}
        if _verb_is_over(row, becomes, asked_at):
            changes |= {"verb": "", "verb_at": None}
        _save(row, becomes, source, asked_at, changes)
        _keep_files(row, facts.files, asked_at, is_newest=is_newest)
    _copy(row, recording)


def name_task(
    recording: Recording, task_id: str, source: Source, *, now: datetime, started_at: datetime | None = None
) -> bool:
    """The cloud runs this task for the recording: from now on it is followed. Answers whether that was news.

    ``started_at`` is when it began, where that is known better than by ``now``. Even a recording that was taken as
    not started comes alive: proof outweighs every conclusion. A recording that has a task keeps it. Raises
    ``TaskTaken`` when the task is another recording's.
    """
    try:
        with transaction.atomic():
            row = _locked(recording)
            is_news = not row.task_id
            if is_news:
                changes = {
                    "task_id": task_id,
                    "started_at": row.started_at or started_at or now,
                    "settle_step": "",
                }
                changes |= {"settle_tries": 0, "due_at": now}
                _save(row, RecordingStatus.STARTING, source, now, changes)
                _take_strays(row, recording.application, now)
    except IntegrityError:
        owner = Recording.objects.filter(application_id=recording.application_id, task_id=task_id).first()
        if owner is None or owner.pk == recording.pk:
            raise
        raise TaskTaken(owner) from None
    _copy(row, recording)
    return is_news


def _take_strays(row: Recording, application: Application, now: datetime) -> None:
    """Callbacks that came before anybody knew whose task they tell of are this recording's, and are applied now.

    Those that were another's until the task was handed over come along. What they tell leads to a question as always,
    and a file that one of them names is kept.
    """
    # The cloud has one address for each application, whoever's key it is used with.
    namesakes = Application.objects.filter(
        product=application.product,
        app_id=application.app_id,
        account__environment=application.account.environment,
    )
    # No event is older than the start that made its task, so few have to be looked at.
    since = row.created_at - MACHINES_DIFFER
    told = CallbackEvent.objects.filter(application__in=namesakes, created_at__gte=since)
    told.filter(task_id=row.task_id).exclude(recording=row).update(
        recording=row, outcome=EventOutcome.WAITING, applied_at=None, due_at=now
    )


def hand_over(owner: Recording, recording: Recording, source: Source, *, now: datetime) -> None:
    """Give a task to the recording whose own call was answered with it: its owner had only been concluded."""
    with transaction.atomic():
        row = _locked(owner)
        changes = {
            "task_id": "",
            "started_at": None,
            "stopped_at": None,
            "due_at": None,
            "verb": "",
            "verb_at": None,
        }
        _save(row, RecordingStatus.NOT_STARTED, source, now, changes)
        name_task(recording, owner.task_id, source, now=now)


def change(
    recording: Recording,
    status: RecordingStatus,
    source: Source,
    *,
    now: datetime,
    only_from: Collection[RecordingStatus],
    **fields: Any,
) -> bool:
    """Give the recording a status and ``fields``, unless it has left ``only_from``; answers whether it got them."""
    with transaction.atomic():
        row = _locked(recording)
        is_free = row.status in only_from
        if is_free:
            _save(row, status, source, now, fields)
    _copy(row, recording)
    return is_free


def _locked(recording: Recording) -> Recording:
    return Recording.objects.select_for_update().get(pk=recording.pk)


def _copy(row: Recording, recording: Recording) -> None:
    """Let the caller's copy show what is stored, without fetching its application again."""
    for field in Recording._meta.concrete_fields:
        setattr(recording, field.attname, getattr(row, field.attname))


def _save(
    row: Recording, status: RecordingStatus, source: Source, at: datetime, changes: dict[str, Any]
) -> None:
    changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
    before = {name: getattr(row, name) for name in ("started_at", "stopped_at")}
    previous = row.status
    if previous != status:
        changed["status"] = status
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        row.save(update_fields=list(changed))
    if previous != status:
        StatusChange.objects.create(
            recording=row,
            status=status,
            previous=previous,
            why=source.why,
            call=_stored(source.call),
            event=_stored(source.event),
            by=source.by,
            by_name=source.by.name if source.by else "",
            note=source.note,
            at=at,
        )
    _note_late(row, previous, before)


def _note_late(row: Recording, previous: str, before: dict[str, datetime | None]) -> None:
    """Let what was counted be counted again where it is known only now when something long past happened."""
    now = timezone.now()
    moments = [
        moment
        for name, known in before.items()
        for moment in (known, getattr(row, name))
        if moment and known != getattr(row, name)
    ]
    # Without a known end it counts as running, or not at all: that may have changed for all of its time.
    if row.started_at and not row.stopped_at and (previous in RUNNING) != (row.status in RUNNING):
        moments.append(row.started_at)
    if moments:
        CountMark.note(min(moments), until=now, now=now)
    if previous != row.status and RecordingStatus.UNKNOWN in (previous, row.status):
        CountMark.note(row.created_at, now=now)


def _stored[Row: Model](row: Row | None) -> Row | None:
    return row if row is not None and row.pk else None


def _next_status(row: Recording, facts: TaskFacts, asked_at: datetime, *, is_newest: bool) -> RecordingStatus:
    present = RecordingStatus(row.status)
    if facts.status is None or present not in FOLLOWED:
        return present
    told, known = RANK[facts.status], RANK[present]
    if told > known:
        return facts.status
    if told == known:
        return facts.status if is_newest else present
    if present == RecordingStatus.STOPPING and is_newest and _stop_was_without_effect(row, asked_at):
        return facts.status
    return present


def _stop_was_without_effect(row: Recording, asked_at: datetime) -> bool:
    stopped = row.changes.filter(status=RecordingStatus.STOPPING).order_by("-at").first()
    return stopped is None or asked_at > stopped.at + STOP_WORKS_WITHIN


def _verb_is_over(row: Recording, becomes: RecordingStatus, asked_at: datetime) -> bool:
    """Whether what somebody did has shown, can no longer show, or should have shown by now."""
    if not row.verb or asked_at < row.verb_at:
        return False
    if RANK.get(becomes, ENDED) >= ENDED or becomes == REACHED_BY.get(Verb(row.verb)):
        return True
    return asked_at > row.verb_at + verb_shows_within()


def verb_shows_within() -> timedelta:
    """How long a call may be under way and its effect take to be seen."""
    return timedelta(seconds=settings.CLOUD_CONNECT_TIMEOUT + settings.CLOUD_READ_TIMEOUT + 10)


def _facts_worth_keeping(row: Recording, facts: TaskFacts, becomes: RecordingStatus) -> dict[str, Any]:
    """What the facts add to what is known; nothing that is known is replaced by nothing."""
    keep: dict[str, Any] = {}
    if facts.started_at:
        keep["started_at"] = datetime.fromtimestamp(facts.started_at, UTC)
    if facts.stopped_at and RANK.get(becomes, 0) >= ENDED:
        keep["stopped_at"] = datetime.fromtimestamp(facts.stopped_at, UTC)
    if facts.finish_reason and RANK.get(becomes, 0) >= ENDED:
        keep["finish_reason"] = facts.finish_reason
    if facts.failure and becomes == RecordingStatus.FAILED:
        keep["failure"] = facts.failure
    if facts.result:
        keep["result"] = {**row.result, **facts.result}
    return keep


def _keep_files(row: Recording, files: tuple[FileFacts, ...], at: datetime, *, is_newest: bool) -> None:
    """Write down what is told of each file; an old answer adds files and overrules none."""
    known = {file.key: file for file in row.files.all()} if files else {}
    for position, facts in enumerate(files):
        begun = datetime.fromtimestamp(facts.begun_at, UTC) if facts.begun_at else None
        told = {
            "kind": facts.kind, "name": facts.name, "format": facts.format, "url": facts.url,
            "owner": facts.owner, "size_bytes": facts.size_bytes, "duration_ms": facts.duration_ms,
            "width": facts.width, "height": facts.height, "begins_ms": facts.begins_ms, "begun_at": begun,
            "status": facts.status, "position": position,
        }  # fmt: skip
        file = known.get(facts.key)
        if file is None:
            RecordingFile.objects.create(recording=row, key=facts.key, seen_at=at, **told)
            continue
        news = {name: value for name, value in told.items() if value not in ("", None)}
        news = {name: value for name, value in news.items() if getattr(file, name) != value}
        if news and is_newest:
            RecordingFile.objects.filter(pk=file.pk).update(seen_at=at, **news)
