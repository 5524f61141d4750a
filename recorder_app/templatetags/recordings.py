"""What the page of one recording needs to draw: the cloud's codes in words, lengths, and what a browser can play."""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import SettleStep
from recorder_app.models import Recording, RecordingFile
from recorder_app.templatetags.recorder import zone

register = template.Library()

# tiw.md section 9.
FINISH_REASONS = {
    "AUTO": _("Nobody was in the room any more, so the cloud ended it."),
    "USER_CALL": _("It was stopped by a call."),
    "EXCEPTION": _("It broke: something went wrong at the cloud or in the room."),
    "FORCE_STOP": _(
        "The cloud ended it: it was paused for more than 90 minutes, or ran for more than 24 hours."
    ),
}
# The inner numbers that are known (tiw.md section 4).
INNER_FAILURES = {
    "40001": _("The recorder's user id was not accepted. Start again with a fresh RecordUserId."),
    "40004": _(
        "The recorder could not sign in to the room. Mostly its signature had expired or was made with another key: "
        "have an administrator compare the SDK key of the application."
    ),
}
# gme.md section 5.
VOICE_STATES = {
    "2": _("being recorded"),
    "10": _("waiting to be converted"),
    "11": _("being converted"),
    "12": _("being uploaded"),
    "13": _("there"),
    "14": _("there, and reported"),
}
STEPS = {
    SettleStep.ASKING: _("The cloud is being asked for a task that belongs to this start."),
    SettleStep.REPEATING: _(
        "The start is being repeated with the same RecordUserId: should it run already, the cloud says so, and "
        "nothing is started twice."
    ),
    SettleStep.RUNS: _("It runs, as the cloud has said; its TaskId is being looked for."),
    SettleStep.PERSON: _(
        "The cloud cannot tell. Only a person can: look into the cloud's console, then say here what is there."
    ),
    SettleStep.WATCHING: _(
        "The cloud knew no such recording, so it counts as not started. It is looked for once more, to be sure."
    ),
}
VIDEO = {"mp4", "webm", "m4v", "mov"}
SOUND = {"mp3", "m4a", "aac", "ogg", "wav"}
# Without a bucket of the application's own, the cloud keeps the files so long (tiw.md section 9).
KEPT_FOR = timedelta(days=3)


@register.filter
def finish_words(reason: str) -> Any:
    """Why a class recording ended."""
    known = FINISH_REASONS.get(reason.upper())
    return known or _("For a reason that is not documented, which the cloud calls “%(reason)s”.") % {
        "reason": reason
    }


@register.filter
def failure_words(message: str) -> Any:
    """What an inner number in the cloud's message means; "" where that is not known."""
    number = re.search(r"code:\s*(\d+)", message)
    return INNER_FAILURES.get(number.group(1), "") if number else ""


@register.filter
def voice_state(state: str) -> Any:
    """How far one voice file is."""
    return VOICE_STATES.get(state) or (_("in a state that is not documented") if state else "")


@register.filter
def step_words(step: str) -> Any:
    return STEPS.get(step, STEPS[SettleStep.ASKING])


@register.filter
def length(milliseconds: int | None) -> str:
    """A length in ms as 1:02:03 or 2:03."""
    if milliseconds is None:
        return ""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def moment(milliseconds: int | None) -> datetime | None:
    """A Unix time in ms; None where it is none."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, timezone.get_current_timezone())
    except (TypeError, ValueError, OverflowError, OSError):
        return None


@register.filter
def is_link(address: str) -> bool:
    """Whether an address that the cloud gave may be followed from a page."""
    return address.startswith(("https://", "http://"))


@register.filter
def player(file: RecordingFile) -> str:
    """ "video" or "audio" where a browser can play the file and the page's policy lets it; else "" """
    if not _may_play(file.url):
        return ""
    ending = (file.format or file.name.rpartition(".")[2]).lower()
    return "video" if ending in VIDEO else "audio" if ending in SOUND else ""


def _may_play(address: str) -> bool:
    """As media-src of the settings has it."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (
        settings.LOCAL and parts.scheme == "http" and parts.hostname == "127.0.0.1"
    )


@register.filter
def expires_at(recording: Recording) -> datetime | None:
    return recording.stopped_at + KEPT_FOR if recording.stopped_at else None


@register.filter
def is_past(when: datetime | None) -> bool:
    return when is not None and when <= timezone.now()


@register.simple_tag
def clock_time(when: datetime) -> SafeString:
    """A near moment, past or to come, to the second; with its day where that is not today."""
    local = timezone.localtime(when)
    day = "" if local.date() == timezone.localdate() else f"{local:%Y-%m-%d} "
    return format_html(
        '<time datetime="{}">{} {}</time>', when.isoformat(), f"{day}{local:%H:%M:%S}", zone(when)
    )
