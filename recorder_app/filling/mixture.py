"""What the cloud answers, how often, and how long it takes."""

import random

# (code, message, of a hundred)
Refusals = tuple[tuple[str, str, int], ...]

START_TIW: Refusals = (
    ("ResourceInUse.RecordUserId", "This RecordUserId is recording in another task.", 30),
    ("InvalidParameter.RecordParameter", "MixStream.Custom: a stream lies outside the canvas.", 22),
    ("LimitExceeded.TaskConcurrency", "Too many recordings of this application are running.", 14),
    ("RequestLimitExceeded", "The request exceeds the limit of 20 times per second.", 9),
    ("InvalidParameter.SdkAppIdNotFound", "SdkAppId is not known.", 6),
    ("InternalError", "An internal error has occurred. Try again.", 7),
    ("AuthFailure.SignatureExpire", "The signature has expired.", 5),
    ("InvalidParameter.InvalidExtra", "Extras names a feature that does not exist.", 4),
    ("AuthFailure.SignatureFailure", "The signature does not fit the request.", 3),
)
START_GME: Refusals = (
    ("ResourceInUse.TaskInUse", "This room is being recorded already.", 36),
    ("ResourceNotFound.RoomNotFound", "RoomId names a room that does not exist.", 30),
    ("RequestLimitExceeded", "The request exceeds the limit of 20 times per second.", 10),
    ("InvalidParameterValue.InvalidRoomId", "RoomId is not in the accepted form.", 8),
    ("InternalError", "An internal error has occurred. Try again.", 7),
    ("UnsupportedOperation.ServiceNotOpened", "The recording service is not activated.", 5),
    ("InvalidParameterValue.InvalidSubscribeUserIds", "SubscribeUserIds holds too many users.", 4),
)
READ_TIW: Refusals = (
    ("RequestLimitExceeded", "The request exceeds the limit of 20 times per second.", 55),
    ("InternalError", "An internal error has occurred. Try again.", 33),
    ("AuthFailure.SignatureExpire", "The signature has expired.", 12),
)
READ_GME: Refusals = (
    ("RequestLimitExceeded", "The request exceeds the limit of 20 times per second.", 60),
    ("InternalError", "An internal error has occurred. Try again.", 30),
    ("ResourceNotFound.TaskNotFound", "The task does not exist.", 10),
)
STOP_TIW: Refusals = (
    ("UnsupportedOperation.TaskHasAlreadyStopped", "The task has been stopped already.", 80),
    ("InternalError", "An internal error has occurred. Try again.", 20),
)
STOP_GME: Refusals = (
    ("ResourceNotFound.TaskNotFound", "The task is over.", 85),
    ("InternalError", "An internal error has occurred. Try again.", 15),
)
FAILED_TIW = ("FailedOperation.Record", "code: 40004, msg: the recorder could not enter the room")
# What became of a start.
REFUSED, NOT_SENT, UNKNOWN, FAILED = 0.16, 0.168, 0.178, 0.2
# What became of other calls.
READ_REFUSED, READ_UNANSWERED, STOP_REFUSED = 0.046, 0.0485, 0.11
READ_TIMEOUT_MS, CONNECT_TIMEOUT_MS = 15_000, 5_000
NO_ANSWER_MESSAGE = "No answer came within 15 seconds, so what became of the request is not known."
NOT_SENT_MESSAGE = "The connection was refused, so nothing was sent."


def pool(refusals: Refusals) -> list[tuple[str, str]]:
    """Each code as often as it occurs among a hundred."""
    return [(code, message) for code, message, often in refusals for _ in range(often)]


def answer_times(dice: random.Random) -> list[int]:
    """Milliseconds until an answer: log-normal around 140, and a tail of a few in a thousand up to 14 s."""
    quick = [min(1900, max(18, round(dice.lognormvariate(4.94, 0.5)))) for _ in range(8150)]
    slow = [round(1000 * dice.uniform(1.4, 14) ** dice.uniform(0.6, 1)) for _ in range(42)]
    return quick + slow
