"""What the cloud says of a task, read into our words."""

import pytest

from recorder_app.cloud.states import Subscription, read_subscription, read_tiw_task


def test_streams_that_never_broke_are_not_told():
    facts = read_tiw_task(
        {
            "Status": "FINISHED",
            "Interrupts": [
                {"UserId": "teacher", "Count": 0},
                {"UserId": "pupil", "Count": 2},
                {"UserId": "guest"},
            ],
        }
    )

    assert facts.result["interrupts"] == [
        {"owner": "pupil", "count": 2},
        {"owner": "guest", "count": None},
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"RecordMode": 1}, Subscription(1)),
        ({"RecordMode": 1, "SubscribeRecordUserIds": None}, Subscription(1)),
        (
            {"RecordMode": 2, "SubscribeRecordUserIds": {"SubscribeUserIds": ["7"]}},
            Subscription(2, only=("7",)),
        ),
        (
            {"RecordMode": 3, "SubscribeRecordUserIds": {"UnSubscribeUserIds": ["7"]}},
            Subscription(3, but=("7",)),
        ),
        ({"RecordMode": 3, "SubscribeRecordUserIds": ["7", {}]}, Subscription(3)),
        ({"RecordMode": None, "SubscribeRecordUserIds": {"SubscribeUserIds": ["7"]}}, None),
        ({}, None),
    ],
)
def test_what_a_voice_recording_records_is_read_wherever_it_is_told(fields, expected):
    assert read_subscription(fields) == expected
