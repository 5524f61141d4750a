"""Stop many recordings: written down as units of work, which the workers do one by one at the cloud's pace."""

import uuid
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recorder_app.choices import (
    STOPPABLE,
    CallOutcome,
    Origin,
    Product,
    RecordingStatus,
    StopOutcome,
    Verb,
)
from recorder_app.models import ApiCall, Person, StopOrder, StopUnit
from recorder_app.models.recordings import RecordingQuerySet
from recorder_app.services import actions, audit

# How long until a stop without an answer is looked at again; by then its effect has mostly been seen.
LOOK_AGAIN = timedelta(seconds=5)
MOST_TRIES = 3
# What is still not settled so long after the order is handed back to a person.
GIVE_UP_AFTER = timedelta(minutes=10)


def order(recordings: RecordingQuerySet, *, newest: int, by: Person, intention_key: uuid.UUID) -> StopOrder:
    """Order the stop of those among ``recordings`` that can be stopped now, up to the key ``newest``.

    ``newest`` is the newest recording the person was shown: what began since is not stopped unseen. The same
    intention again answers the order it made.
    """
    now = timezone.now()
    keys = recordings.stoppable().filter(pk__lte=newest).order_by("pk").values_list("pk", flat=True)
    try:
        with transaction.atomic():
            made = StopOrder.objects.create(
                intention_key=intention_key, by=by, by_name=by.name, created_at=now
            )
            units = [StopUnit(order=made, recording_id=key, due_at=now) for key in keys]
            StopUnit.objects.bulk_create(units, batch_size=500)
            audit.record(audit.Event.STOPS_ORDERED, by=by, order=made.pk, recordings=len(units))
    except IntegrityError:
        if known := StopOrder.objects.filter(intention_key=intention_key).first():
            return known
        raise
    return made


def carry_out(unit: StopUnit) -> None:
    """Stop one recording of an order, or see that it has ended; what is open comes back. May be repeated."""
    recording = unit.recording
    if unit.outcome != StopOutcome.WAITING:
        return
    if unit.order.by is None:
        _settle(unit, StopOutcome.FAILED, _("The person who ordered it is not there any more."))
    elif not recording.verb and recording.status in STOPPABLE:
        _stop(unit, unit.order.by)
    elif recording.status in STOPPABLE:
        # Something else is under way with it, or an earlier stop that got no answer.
        _come_back(unit)
    elif recording.status in (RecordingStatus.UNKNOWN, RecordingStatus.INTENDED):
        _settle(unit, StopOutcome.FAILED, _("Nobody knows whether it runs."))
    else:
        sent = _sent(unit)
        unit.call = sent or unit.call
        _settle(unit, StopOutcome.STOPPED if sent else StopOutcome.OVER)


def _sent(unit: StopUnit) -> ApiCall | None:
    """The stop that ended the recording, for all that is known: the newest of this order's that was not turned away.

    Looked up by the calls, which are written down before they leave: a worker that was killed noted nothing else.
    """
    action = actions.ACTIONS[Product(unit.recording.product)][Verb.STOP]
    made = unit.recording.calls.filter(action=action, origin=Origin.BACKGROUND, by=unit.order.by)
    may_have_worked = (CallOutcome.OK, CallOutcome.NO_ANSWER, CallOutcome.SENDING)
    made = made.filter(outcome__in=may_have_worked, sent_at__isnull=False)
    return made.filter(created_at__gte=unit.order.created_at).newest_first().first()


def _stop(unit: StopUnit, by: Person) -> None:
    if unit.tries >= MOST_TRIES:
        _settle(unit, StopOutcome.FAILED, _("It still runs after %(tries)d stops.") % {"tries": unit.tries})
        return
    try:
        # As background work: somebody who stops a single recording goes first.
        call = actions.stop(unit.recording, by=by, origin=Origin.BACKGROUND)
    except actions.NotNow:
        # Another was quicker; what became of it is seen next time.
        _come_back(unit)
        return
    unit.tries, unit.call = unit.tries + 1, call
    if call.outcome == CallOutcome.OK:
        _settle(unit, StopOutcome.STOPPED)
    elif call.outcome == CallOutcome.REFUSED:
        _judge_refusal(unit, call)
    else:
        _come_back(unit)


def _judge_refusal(unit: StopUnit, call: ApiCall) -> None:
    """A stop is refused also where the recording has just ended by itself: the next look tells."""
    if unit.tries < MOST_TRIES:
        _come_back(unit)
    else:
        _settle(unit, StopOutcome.FAILED, str(call.meaning.meaning) if call.meaning else call.error_message)


def _come_back(unit: StopUnit) -> None:
    now = timezone.now()
    if now > unit.order.created_at + GIVE_UP_AFTER:
        _settle(unit, StopOutcome.FAILED, _("The cloud gave no certain answer for ten minutes."))
        return
    unit.due_at = now + LOOK_AGAIN
    unit.save(update_fields=["due_at", "tries", "call"])


def _settle(unit: StopUnit, outcome: StopOutcome, reason: str = "") -> None:
    unit.outcome, unit.reason, unit.due_at = outcome, reason, None
    unit.save(update_fields=["outcome", "reason", "due_at", "tries", "call"])
