"""What the cloud says of a task, read into our words."""

from recorder_app.cloud.states import read_tiw_task


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
