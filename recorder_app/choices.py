"""The words the product uses for kinds and states, with their groups.

The groups of states stand below their enum, named, so that no list of states is ever retyped.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Product(TextChoices):
    TIW = "tiw", _("TIW class recording")
    GME = "gme", _("GME voice recording")


class Edition(TextChoices):
    """Which of the cloud's two sites an account belongs to: they differ in region and in some fields."""

    INTERNATIONAL = "international", _("International")
    CHINESE = "chinese", _("Chinese mainland")


class Environment(TextChoices):
    """Whether calls reach the sandbox or the real, billed cloud."""

    SANDBOX = "sandbox", _("Sandbox")
    LIVE = "live", _("Live")


class Origin(TextChoices):
    """What made a call happen."""

    PERSON = "person", _("a person")
    BACKGROUND = "background", _("background work")
    DEMO = "demo", _("demonstration data")


class CallOutcome(TextChoices):
    """How one signed call ended. Written once when intended (SENDING) and once when answered."""

    SENDING = "sending", _("being sent")
    OK = "ok", _("accepted")
    REFUSED = "refused", _("refused")
    NO_ANSWER = "no_answer", _("no answer")
    NOT_SENT = "not_sent", _("not sent")


class RecordingStatus(TextChoices):
    INTENDED = "intended", _("Intended")
    STARTING = "starting", _("Starting")
    RECORDING = "recording", _("Recording")
    PAUSED = "paused", _("Paused")
    STOPPING = "stopping", _("Stopping")
    PROCESSING = "processing", _("Processing files")
    FINISHED = "finished", _("Finished")
    REFUSED = "refused", _("Refused")
    NOT_STARTED = "not_started", _("Not started")
    UNKNOWN = "unknown", _("Unknown")
    FAILED = "failed", _("Failed")


# The cloud may be doing something for these, or may be about to.
ACTIVE = (
    RecordingStatus.STARTING,
    RecordingStatus.RECORDING,
    RecordingStatus.PAUSED,
    RecordingStatus.STOPPING,
    RecordingStatus.PROCESSING,
    RecordingStatus.UNKNOWN,
)
# Nothing more will happen to these.
FINAL = (
    RecordingStatus.FINISHED,
    RecordingStatus.REFUSED,
    RecordingStatus.NOT_STARTED,
    RecordingStatus.FAILED,
)
# The cloud has confirmed a task for these, so a TaskId must be there.
WITH_TASK = (
    RecordingStatus.STARTING,
    RecordingStatus.RECORDING,
    RecordingStatus.PAUSED,
    RecordingStatus.STOPPING,
    RecordingStatus.PROCESSING,
    RecordingStatus.FINISHED,
)
# What people come to look at when something went wrong.
TROUBLED = (
    RecordingStatus.REFUSED,
    RecordingStatus.NOT_STARTED,
    RecordingStatus.UNKNOWN,
    RecordingStatus.FAILED,
)
