"""How a call can end badly. Each kind says what follows for the recording that a start was to make."""

from django.utils.translation import gettext as _

from recorder_app.choices import CallOutcome, RecordingStatus
from recorder_app.cloud.error_codes import Retry, retry_for
from recorder_app.cloud.products import action_of


class CloudError(Exception):
    """A call that did not succeed, with everything that support will ask for and no secret.

    ``http_status`` is None when no HTTP answer came, ``duration_ms`` counts from signing to the end,
    ``answer`` is the decoded answer, or at most 2 kB of the text that came instead, or None;
    ``clock_offset_ms`` is the cloud's clock minus ours, None when unknown.
    """

    outcome: CallOutcome
    status_after_start: RecordingStatus

    def __init__(
        self,
        action: str,
        message: str,
        *,
        code: str = "",
        request_id: str = "",
        http_status: int | None = None,
        duration_ms: int = 0,
        answer: dict | str | None = None,
        clock_offset_ms: int | None = None,
    ) -> None:
        super().__init__(message)
        self.action = action
        self.code = code
        self.message = message
        self.request_id = request_id
        self.http_status = http_status
        self.duration_ms = duration_ms
        self.answer = answer
        self.clock_offset_ms = clock_offset_ms

    def __str__(self) -> str:
        facts = [
            f"{self.action}: {self.outcome.value}",
            self.code,
            self.message,
            f"RequestId {self.request_id}" if self.request_id else "",
            f"HTTP {self.http_status}" if self.http_status is not None else "",
            f"{self.duration_ms} ms",
            f"clock {self.clock_offset_ms:+d} ms" if self.clock_offset_ms is not None else "",
        ]
        return " | ".join(fact for fact in facts if fact)


class NotSent(CloudError):
    """Not one byte of the request left, so the cloud has done nothing."""

    outcome = CallOutcome.NOT_SENT
    status_after_start = RecordingStatus.NOT_STARTED


class NoAnswer(CloudError):
    """The request left, or part of it, and no usable answer came: the cloud may have done anything."""

    outcome = CallOutcome.NO_ANSWER
    status_after_start = RecordingStatus.UNKNOWN


class Refused(CloudError):
    """The cloud answered with an error."""

    outcome = CallOutcome.REFUSED

    @property
    def status_after_start(self) -> RecordingStatus:
        """Refused, unless the code leaves open whether the recording was started all the same."""
        if retry_for(self.code, self.action, action_of(self.action).product) is Retry.UNSAFE:
            return RecordingStatus.UNKNOWN
        return RecordingStatus.REFUSED


def connection_failed(cause: str) -> str:
    """Return the sentence for a connection that could not be made; ``cause`` is the system's own text."""
    return _("The cloud could not be reached, so nothing was sent: %(cause)s") % {"cause": cause}


def not_writable(cause: str) -> str:
    """Return the sentence for parameters that cannot be written as a request."""
    return _("The request could not be written, so nothing was sent: %(cause)s") % {"cause": cause}


def timed_out(seconds: float) -> str:
    """Return the sentence for an answer that was not complete within ``seconds``."""
    return _("The request was sent, but no complete answer came within %(seconds)g seconds.") % {
        "seconds": seconds
    }


def cut_off(cause: str) -> str:
    """Return the sentence for a connection that broke after the request had begun to leave."""
    return _("The request was sent, but the connection broke before the answer was complete: %(cause)s") % {
        "cause": cause
    }


def unusable_answer(reason: str) -> str:
    """Return the sentence for an answer from which the outcome cannot be told; ``reason`` is translated."""
    return _("An answer came that does not tell the outcome: %(reason)s") % {"reason": reason}
