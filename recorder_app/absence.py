"""What becomes of a request whose database does not answer: 503 and a page that says so, without touching it again."""

import sqlite3
from enum import StrEnum

from django.db import Error, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

RETRY_AFTER = 5  # seconds
# PostgreSQL's codes for a server that ends, starts, or takes no more connections; those of class 08 join them.
# What has no code was told by the connection itself: there was none, or it broke, or the pool had none to give.
_GONE = {"57P01", "57P02", "57P03", "53300"}
_SQLITE_GONE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY}
_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class Absence(StrEnum):
    """Why the database was of no use: it cannot be reached, or somebody else kept it for too long."""

    AWAY = "away"
    BUSY = "busy"


class Unavailable(HttpResponse):
    """The answer to a request that could not be worked on for want of the database."""

    status_code = 503

    def __init__(self, content: str, *, absence: Absence, content_type: str | None = None) -> None:
        super().__init__(content, content_type=content_type)
        self.absence = absence
        self.headers["Retry-After"] = str(RETRY_AFTER)
        self.headers["Cache-Control"] = "no-store"


def absence_of(error: BaseException | None) -> Absence | None:
    """Whether this error says that the database is away or busy; None for every other error, bugs among them."""
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        # The lower byte is the error, what lies above is its variety.
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code in _SQLITE_BUSY:
            return Absence.BUSY
        return Absence.AWAY if code in _SQLITE_GONE else None
    state = getattr(cause, "sqlstate", None)
    return Absence.AWAY if state is None or state.startswith("08") or state in _GONE else None


def answers() -> bool:
    """Ask the database for nothing, to see whether it is there."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def unavailable(request: HttpRequest, absence: Absence) -> Unavailable:
    """The page for people; one line for everything else: parts of pages, callbacks, monitoring."""
    if "HX-Request" in request.headers or "text/html" not in request.headers.get("Accept", ""):
        return Unavailable(
            sentence(absence) + "\n", absence=absence, content_type="text/plain; charset=utf-8"
        )
    # Without the request: what a template finds out about a person is in the database.
    context = {"is_busy": absence is Absence.BUSY, "has_form": request.method == "POST"}
    return Unavailable(render_to_string("503.html", context), absence=absence)


def sentence(absence: Absence) -> str:
    if absence is Absence.BUSY:
        return _("The dashboard's database is busy. Try again in a moment; no recording is started twice.")
    return _(
        "The dashboard cannot reach its database, so nothing is sent to the cloud. Try again in a moment."
    )
