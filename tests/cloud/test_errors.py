"""The three ways a call can end badly, and what follows for the recording."""

import pytest

from recorder_app.choices import CallOutcome, RecordingStatus
from recorder_app.cloud.errors import CloudError, NoAnswer, NotSent, Refused


def test_nothing_sent_means_that_nothing_was_started():
    error = NotSent("StartRecord", "no route")

    assert error.outcome == CallOutcome.NOT_SENT
    assert error.status_after_start == RecordingStatus.NOT_STARTED


def test_no_answer_means_that_the_recording_is_unknown():
    error = NoAnswer("StartRecord", "cut off")

    assert error.outcome == CallOutcome.NO_ANSWER
    assert error.status_after_start == RecordingStatus.UNKNOWN


@pytest.mark.parametrize(
    ("action", "code", "status"),
    [
        ("StartOnlineRecord", "InvalidParameter.RecordParameter", RecordingStatus.REFUSED),
        ("StartOnlineRecord", "ResourceInUse.RecordUserId", RecordingStatus.REFUSED),
        ("StartOnlineRecord", "RequestLimitExceeded", RecordingStatus.REFUSED),
        ("StartOnlineRecord", "AuthFailure.SignatureExpire", RecordingStatus.REFUSED),
        ("StartOnlineRecord", "InternalError", RecordingStatus.UNKNOWN),
        ("StartOnlineRecord", "FailedOperation", RecordingStatus.UNKNOWN),
        ("StartOnlineRecord", "ServiceUnavailable", RecordingStatus.UNKNOWN),
        ("StartRecord", "InternalError.Something", RecordingStatus.UNKNOWN),
        ("StartRecord", "ResourceInUse.TaskInUse", RecordingStatus.REFUSED),
        ("StartRecord", "FailedOperation.UserFeeNegative", RecordingStatus.REFUSED),
        ("StartRecord", "NeverHeardOf", RecordingStatus.UNKNOWN),
    ],
)
def test_a_refusal_is_final_unless_its_code_leaves_the_start_open(action, code, status):
    error = Refused(action, "no", code=code)

    assert error.outcome == CallOutcome.REFUSED
    assert error.status_after_start == status


def test_the_text_tells_what_support_will_ask():
    error = Refused(
        "StartOnlineRecord",
        "RoomId out of range",
        code="InvalidParameter.RecordParameter",
        request_id="eac6b301-a322-493a-8e36-83b295459397",
        http_status=200,
        duration_ms=87,
        clock_offset_ms=-1500,
    )

    assert str(error) == (
        "StartOnlineRecord: refused | InvalidParameter.RecordParameter | RoomId out of range | "
        "RequestId eac6b301-a322-493a-8e36-83b295459397 | HTTP 200 | 87 ms | clock -1500 ms"
    )


def test_the_text_leaves_out_what_is_not_known():
    assert str(NotSent("StopRecord", "no route", duration_ms=3)) == "StopRecord: not_sent | no route | 3 ms"


def test_all_of_them_are_cloud_errors():
    assert {kind.__base__ for kind in (NotSent, NoAnswer, Refused)} == {CloudError}
