"""The tables. Each module holds the rows of one noun, and the questions one asks of them."""

from recorder_app.models.accounts import Application, CloudAccount
from recorder_app.models.audit import AuditEntry
from recorder_app.models.callbacks import CallbackEvent, RefusedCallback
from recorder_app.models.calls import ApiCall
from recorder_app.models.changes import StatusChange
from recorder_app.models.counts import CallCount, CountedSpan, CountMark, CountTurn, RecordingCount
from recorder_app.models.exports import Export, ExportPart
from recorder_app.models.files import RecordingFile
from recorder_app.models.notes import Note
from recorder_app.models.pace import PaceSlot
from recorder_app.models.people import Person
from recorder_app.models.recordings import Recording
from recorder_app.models.schedules import ScheduledReport
from recorder_app.models.stops import StopOrder, StopUnit
from recorder_app.models.views import DefaultView, SavedView
from recorder_app.models.work import WorkerBeat

__all__ = [
    "ApiCall",
    "Application",
    "AuditEntry",
    "CallCount",
    "CallbackEvent",
    "CloudAccount",
    "CountMark",
    "CountTurn",
    "CountedSpan",
    "DefaultView",
    "Export",
    "ExportPart",
    "Note",
    "PaceSlot",
    "Person",
    "Recording",
    "RecordingCount",
    "RecordingFile",
    "RefusedCallback",
    "SavedView",
    "ScheduledReport",
    "StatusChange",
    "StopOrder",
    "StopUnit",
    "WorkerBeat",
]
