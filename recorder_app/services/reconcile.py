"""Settle what is unknown: whether a start without an answer made a recording, and which.

A start is unknown when its answer did not arrive, or when the process that sent it is gone. The cloud is then asked,
in the order of certainty; only what no question can tell is left to a person. A request may be held up on its way,
so "there is no such task" is believed only when it was said several times and long enough after the request left,
and even then it is asked again later: proof that a task runs outweighs every conclusion.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from recorder_app.choices import CallOutcome, Origin, Product, RecordingStatus, SettleStep, Why
from recorder_app.cloud.error_codes import Retry, retry_for
from recorder_app.cloud.errors import CloudError, Refused
from recorder_app.models import ApiCall, Person, Recording
from recorder_app.services import calls, finding, recordings, refresh, states
from recorder_app.services.finding import Found
from recorder_app.services.states import Source

STARTS = ("StartOnlineRecord", "StartRecord")
# Refusals of a repeated start that concern what was sent, and so would have met the first one, too.
ABOUT_THE_REQUEST = ("InvalidParameter", "InvalidParameterValue", "MissingParameter", "UnknownParameter")
USER_IN_USE = "ResourceInUse.RecordUserId"
# A start that may be repeated is repeated after this; one that is not found is given up after that.
REPEAT_AFTER = timedelta(seconds=15)
# Not for ever, where the cloud refuses it for reasons that pass, and not when nobody expects the class to be recorded
# any more: a start that works in the middle of the night is worse than one that a person has to look into.
MOST_REPEATS = 5
REPEAT_WITHIN = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(seconds=30)
ENOUGH_TRIES = 3
# Taken as not started, it is looked for once more after each of these.
LOOK_AGAIN = (timedelta(minutes=2), timedelta(minutes=10))
LOOK_AFTER_TROUBLE = timedelta(seconds=30)
# Left to a person, it is still looked for so often: the cloud may list it late, or a callback name it.
LOOK_FOR_PERSON = timedelta(minutes=5)
# What runs for certain but is not listed is looked for so long before a person is asked.
RUNS_UNSEEN = timedelta(minutes=10)
# After this a room without a task says nothing any more: the recording may have run and ended.
TOO_LATE = timedelta(hours=6)


class NotSo(Exception):
    """A person's answer about an unknown start contradicts what is known; the text says how, for people."""


def settle(recording: Recording) -> None:
    """Find out what became of a start, as far as that is possible now, and set when to look again."""
    seen_due = recording.due_at
    if recording.status == RecordingStatus.INTENDED:
        _judge_by_calls(recording)
        seen_due = recording.due_at
    if recording.status == RecordingStatus.UNKNOWN:
        due = _look(recording)
    elif recording.status == RecordingStatus.NOT_STARTED:
        due = _look_again(recording)
    else:
        return
    if not recording.task_id:
        refresh.set_next(recording, due, seen_due)


def answer_runs(recording: Recording, task_id: str, *, by: Person) -> None:
    """A person says that the recording runs with this TaskId, e.g. read in the cloud's console. Raises ``NotSo``.

    The cloud is asked first, where it can be reached: a task that it does not know, or knows under another
    RecordUserId, is not taken.
    """
    if recording.status not in (RecordingStatus.UNKNOWN, RecordingStatus.NOT_STARTED):
        raise NotSo(_("The recording is not unknown any more."))
    task_id = task_id.strip()
    if not finding.is_task_id(recording.product, task_id):
        raise NotSo(_("This is not a TaskId. Copy it whole, with every digit."))
    if problem := finding.contradiction(recording, task_id):
        raise NotSo(problem)
    try:
        states.name_task(recording, task_id, Source(Why.PERSON, by=by), now=timezone.now())
    except states.TaskTaken as taken:
        raise NotSo(
            _("This task belongs to recording %(number)s.") % {"number": taken.recording.pk}
        ) from None


def answer_absent(recording: Recording, *, by: Person) -> None:
    """A person says that the cloud has no such recording. Raises ``NotSo``."""
    fields = {"settle_step": "", "due_at": None}
    source = Source(Why.PERSON, by=by)
    if not states.change(
        recording,
        RecordingStatus.NOT_STARTED,
        source,
        now=timezone.now(),
        only_from=(RecordingStatus.UNKNOWN,),
        **fields,
    ):
        raise NotSo(_("The recording is not unknown any more."))


def _judge_by_calls(recording: Recording) -> None:
    """A start whose process is silent: its calls tell how far it came."""
    now = timezone.now()
    sent = recording.calls.filter(action__in=STARTS)
    calls.give_up(sent, now=now)
    answered = sent.filter(outcome=CallOutcome.OK).order_by("-pk").first()
    if answered:
        recordings.begin(recording, str(answered.answer["TaskId"]), Source(Why.SETTLED, call=answered))
        return
    last = sent.order_by("-pk").first()
    status = RecordingStatus.UNKNOWN if any(map(_is_open, sent)) else _ending_of(last)
    recordings.conclude_start(recording, status, Source(Why.SETTLED, call=last))


def _is_open(call: ApiCall) -> bool:
    """Whether a start may have worked although nothing says so."""
    if call.outcome == CallOutcome.REFUSED:
        return retry_for(call.error_code, call.action, call.product) is Retry.UNSAFE
    return call.outcome in (CallOutcome.NO_ANSWER, CallOutcome.SENDING)


def _ending_of(call: ApiCall | None) -> RecordingStatus:
    refused = call is not None and call.outcome == CallOutcome.REFUSED
    return RecordingStatus.REFUSED if refused else RecordingStatus.NOT_STARTED


@dataclass(frozen=True)
class _Search:
    """Where a search for one recording stands."""

    recording: Recording
    now: datetime
    left_at: datetime

    @property
    def age(self) -> timedelta:
        return self.now - self.left_at


def _look(recording: Recording) -> datetime | None:
    """Look for the task of an unknown start; answers when to look again."""
    search = _Search(recording, timezone.now(), _left_at(recording))
    try:
        found = finding.find(recording, left_at=search.left_at)
    except CloudError:
        recording.watch_failures += 1
        recording.save(update_fields=["watch_failures"])
        return search.now + timedelta(seconds=min(2.0**recording.watch_failures, 10.0))
    recording.watch_failures = 0
    if found.task_id:
        return _take(search, found)
    if found.belongs_to_another:
        return _not_started(search, found.note, found.call)
    if not found.is_blind:
        recording.settle_tries += 1
    recording.save(update_fields=["watch_failures", "settle_tries"])
    return _go_on(search, found)


def _go_on(search: _Search, found: Found) -> datetime | None:
    """Nothing was found: wait, repeat the start, give up, or ask a person."""
    recording = search.recording
    if recording.settle_step == SettleStep.RUNS:
        return _soon(search) if search.age < RUNS_UNSEEN else _ask_person(search)
    if search.age >= REPEAT_AFTER and _may_repeat(search):
        return _repeat(search)
    if search.age < GIVE_UP_AFTER or (not found.is_blind and recording.settle_tries < ENOUGH_TRIES):
        return _soon(search)
    if found.is_blind or search.age > TOO_LATE:
        return _ask_person(search)
    return _not_started(
        search, _("The cloud was asked several times and knows no such recording."), found.call
    )


def _take(search: _Search, found: Found) -> None:
    """The task is found; whose it is by then was looked up before, but two may find one task at a time."""
    source = Source(Why.SETTLED, call=found.call, note=found.note)
    try:
        states.name_task(search.recording, found.task_id, source, now=search.now, started_at=search.left_at)
    except states.TaskTaken:
        return _soon(search)
    return None


def _not_started(search: _Search, note: str, call: ApiCall | None) -> datetime:
    due = search.now + LOOK_AGAIN[0]
    states.change(
        search.recording,
        RecordingStatus.NOT_STARTED,
        Source(Why.SETTLED, call=call, note=note),
        now=search.now,
        only_from=(RecordingStatus.UNKNOWN,),
        settle_step=SettleStep.WATCHING,
        settle_tries=0,
    )
    return due


def _look_again(recording: Recording) -> datetime | None:
    """It was taken as not started: make sure, as planned or because a callback says otherwise."""
    now = timezone.now()
    try:
        found = finding.find(recording, left_at=_left_at(recording))
    except CloudError:
        return now + LOOK_AFTER_TROUBLE
    if found.task_id:
        _take(_Search(recording, now, _left_at(recording)), found)
        return None
    if recording.settle_step != SettleStep.WATCHING:
        return None
    recording.settle_tries += 1
    is_last = recording.settle_tries >= len(LOOK_AGAIN)
    recording.settle_step = "" if is_last else SettleStep.WATCHING
    recording.save(update_fields=["settle_tries", "settle_step"])
    return None if is_last else now + LOOK_AGAIN[recording.settle_tries]


def _ask_person(search: _Search) -> datetime:
    _step(search.recording, SettleStep.PERSON)
    return search.now + LOOK_FOR_PERSON


def _soon(search: _Search) -> datetime:
    """Two seconds at first, then ever longer, but not past the moment at which something else is done."""
    pause = min(max(search.age / 3, timedelta(seconds=2)), timedelta(seconds=10))
    turns = [search.left_at + after for after in (REPEAT_AFTER, GIVE_UP_AFTER) if search.age < after]
    return min([search.now + pause, *turns])


def _step(recording: Recording, step: SettleStep) -> None:
    if recording.settle_step != step:
        recording.settle_step = step
        recording.save(update_fields=["settle_step"])


def _left_at(recording: Recording) -> datetime:
    """The last moment at which a start of this recording may have left."""
    sent = recording.calls.filter(action__in=STARTS, sent_at__isnull=False).order_by("-sent_at")
    sent = sent.exclude(outcome=CallOutcome.NOT_SENT)
    return sent.values_list("sent_at", flat=True).first() or recording.unknown_since or recording.created_at


def _may_repeat(search: _Search) -> bool:
    recording, application = search.recording, search.recording.application
    is_class = recording.product == Product.TIW and bool(recording.record_user_id)
    if not (is_class and application.repeats_start and application.sdk_key):
        return False
    repeats = recording.calls.filter(action__in=STARTS, origin=Origin.BACKGROUND, sent_at__isnull=False)
    return search.now < recording.created_at + REPEAT_WITHIN and repeats.count() < MOST_REPEATS


def _repeat(search: _Search) -> datetime | None:
    """Send the start once more with the same RecordUserId: it starts now, or proves that it runs already.

    Source: page "Error codes" (ResourceInUse.RecordUserId). No second recording can come of it: the cloud lets an
    account into one recording at a time.
    """
    recording = search.recording
    _step(recording, SettleStep.REPEATING)
    unsigned = {name: value for name, value in recording.params.items() if name != "RecordUserSig"}
    params = recordings.with_user_sig(recording.application, unsigned)
    last = recording.calls.filter(action__in=STARTS).order_by("-pk").first()
    call = calls.intend(
        account=recording.application.account,
        application=recording.application,
        recording=recording,
        action="StartOnlineRecord",
        params=params,
        by=None,
        origin=Origin.BACKGROUND,
        attempt=last.attempt + 1 if last else 1,
    )
    try:
        reply = calls.send(call, params)
    except Refused as error:
        return _take_refusal_of_repeat(search, call, error)
    except CloudError:
        return search.now + timedelta(seconds=10)
    source = Source(Why.SETTLED, call=call, note=_("The start was repeated with the same RecordUserId."))
    recordings.begin(recording, str(reply.fields["TaskId"]), source)
    return None


def _take_refusal_of_repeat(search: _Search, call: ApiCall, error: Refused) -> datetime | None:
    if error.code == USER_IN_USE:
        _step(search.recording, SettleStep.RUNS)
        return search.now + timedelta(seconds=2)
    if error.code.split(".")[0] in ABOUT_THE_REQUEST:
        source = Source(Why.SETTLED, call=call, note=_("The start was repeated, and the cloud refused it."))
        states.change(
            search.recording, RecordingStatus.REFUSED, source,
            now=search.now, only_from=(RecordingStatus.UNKNOWN,), settle_step="",
        )  # fmt: skip
        return None
    return search.now + timedelta(seconds=10)
