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
# Of these without a known end, the end is yet to come.
RUNNING = (
    RecordingStatus.STARTING,
    RecordingStatus.RECORDING,
    RecordingStatus.PAUSED,
    RecordingStatus.STOPPING,
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
# A task of the cloud's is alive for these, so its state is asked for again and again.
FOLLOWED = (
    RecordingStatus.STARTING,
    RecordingStatus.RECORDING,
    RecordingStatus.PAUSED,
    RecordingStatus.STOPPING,
    RecordingStatus.PROCESSING,
)
# A stop is worth sending for these. Whether a class may be stopped before it records is not documented; the cloud
# says so if it may not.
STOPPABLE = (RecordingStatus.STARTING, RecordingStatus.RECORDING, RecordingStatus.PAUSED)
# The room of these is taken, or may be: a second start there is refused, or doubles what is recorded.
IN_THE_ROOM = (
    RecordingStatus.INTENDED,
    RecordingStatus.UNKNOWN,
    RecordingStatus.STARTING,
    RecordingStatus.RECORDING,
    RecordingStatus.PAUSED,
    RecordingStatus.STOPPING,
)
# Whether these recordings exist at all is still to be found out.
UNSETTLED = (RecordingStatus.INTENDED, RecordingStatus.UNKNOWN)


class Why(TextChoices):
    """What a change of a recording's status is owed to."""

    CALL = "call", _("the answer to a call")
    CALLBACK = "callback", _("a callback")
    REFRESH = "refresh", _("the cloud, when asked")
    PERSON = "person", _("a person")
    SETTLED = "settled", _("settling what was unknown")


class Verb(TextChoices):
    """What can be done to a recording that runs."""

    STOP = "stop", _("Stop")
    PAUSE = "pause", _("Pause")
    RESUME = "resume", _("Resume")
    CHANGE = "change", _("Change")


class StopOutcome(TextChoices):
    """What became of one recording among many that were to be stopped."""

    WAITING = "waiting", _("waiting")
    STOPPED = "stopped", _("stopped")
    OVER = "over", _("had ended already")
    FAILED = "failed", _("not stopped")


class SettleStep(TextChoices):
    """How far the search for the truth about a start without an answer has come."""

    ASKING = "asking", _("asking the cloud for the task")
    REPEATING = "repeating", _("repeating the start with the same RecordUserId")
    RUNS = "runs", _("it runs; looking for its TaskId")
    WATCHING = "watching", _("taken as not started; looking once more")
    PERSON = "person", _("a person has to look")


class FileKind(TextChoices):
    CAMERA = "camera", _("Camera")
    SCREEN = "screen", _("Screen")
    WHITEBOARD = "whiteboard", _("Whiteboard")
    MIXED = "mixed", _("Mixed video")
    AUDIO = "audio", _("Audio of one stream")
    VOICE = "voice", _("Voice of one user")
    MIXED_VOICE = "mixed_voice", _("Mixed voice")
    OTHER = "other", _("Other")


class EventOutcome(TextChoices):
    """What became of a callback after it was stored."""

    WAITING = "waiting", _("waiting to be applied")
    APPLIED = "applied", _("applied")
    NO_RECORDING = "no_recording", _("belongs to no recording of ours")
    NOTHING_NEW = "nothing_new", _("told nothing new")


class RefusalReason(TextChoices):
    """Why a callback was turned away at the door."""

    UNKNOWN_TOKEN = "unknown_token", _("unknown address")
    FORGED = "forged", _("wrong or missing signature")
    EXPIRED = "expired", _("signature too old")
    MALFORMED = "malformed", _("not of the documented form")
    TOO_LARGE = "too_large", _("too large")
    OTHER_APPLICATION = "other_application", _("names another application")
    NO_KEY = "no_key", _("no key is stored to check it with")


class AccountTrouble(TextChoices):
    """What keeps every call of an account from succeeding."""

    UNREACHABLE = "unreachable", _("the cloud cannot be reached")
    SILENT = "silent", _("the cloud gives no answer")
    CLOCK = "clock", _("this machine's clock is wrong")
    KEY = "key", _("the key is refused")
    ARREARS = "arrears", _("the account owes money")


class ListPage(TextChoices):
    """The pages whose filters can be kept as a saved view."""

    RECORDINGS = "recordings", _("Recordings")
    CALLS = "calls", _("Calls")
    REPORTS = "reports", _("Reports")


class ExportKind(TextChoices):
    CSV = "csv", _("CSV")
    XLSX = "xlsx", _("Excel workbook")
    BUNDLE = "bundle", _("Support bundle")


class ExportState(TextChoices):
    WAITING = "waiting", _("being made")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")


class Grain(TextChoices):
    """The spans of time for which sums are kept."""

    HOUR = "hour", _("Hour")
    DAY = "day", _("Day")
    WEEK = "week", _("Week")
    MONTH = "month", _("Month")


class Rhythm(TextChoices):
    """How often a report is sent by mail."""

    WEEKLY = "weekly", _("every week")
    MONTHLY = "monthly", _("every month")
