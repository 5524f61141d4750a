"""The life of a voice recording, as the service tells it over time."""

import pytest

from recorder_app.sandbox.defaults import DEMO_GME_APP
from tests.sandbox.caller import Caller, voice_recording

BIZ = {"BizId": DEMO_GME_APP}


def statuses(cloud: Caller, task_id: int) -> list[int]:
    return [file["RecordStatus"] for file in cloud.describe_voice(task_id)["RecordInfo"]]


def users(cloud: Caller, task_id: int) -> list[str]:
    return [file["UserId"] for file in cloud.describe_voice(task_id)["RecordInfo"]]


def lists(**names: list) -> dict:
    return {"SubscribeRecordUserIds": names}


def test_a_task_number_survives_no_floating_point(cloud):
    task_ids = [cloud.start_voice(room=str(number)) for number in range(20)]

    assert all(2**53 < task_id < 2**64 and int(float(task_id)) != task_id for task_id in task_ids)


def test_files_go_from_recording_to_notified(cloud, clock):
    task_id = cloud.start_voice(RecordMode=2)
    clock.pass_by(60)
    seen = [statuses(cloud, task_id)]
    cloud.call("StopRecord", BIZ | {"TaskId": task_id})
    for _ in range(6):
        seen.append(statuses(cloud, task_id))
        clock.pass_by(1.5)

    assert seen == [[2], [10], [11], [12], [13], [14], [14]]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"RecordMode": 1}, ["10001", "10002"]),
        ({"RecordMode": 2}, ["0"]),
        ({"RecordMode": 3}, ["10001", "10002", "0"]),
        (lists(SubscribeUserIds=["7", "8"]), ["7", "8"]),
        (lists(UnSubscribeUserIds=["10001"]), ["10002"]),
        (lists(SubscribeUserIds=[1145, 1987], UnSubscribeUserIds=[1987]), ["1145"]),
        (lists(UnSubscribeUserIds=[]), ["10001", "10002"]),
    ],
    ids=str,
)
def test_the_mode_and_the_lists_decide_whose_files_there_are(cloud, more, expected):
    task_id = cloud.start_voice(**more)

    assert users(cloud, task_id) == expected


def test_a_file_carries_its_name_and_beginning(cloud):
    task_id = cloud.start_voice(RecordMode=3, **lists(SubscribeUserIds=["7"]))

    response = cloud.describe_voice(task_id)

    assert (response["RoomId"], response["RecordMode"]) == ("1987", 3)
    assert response["RecordInfo"] == [
        {
            "UserId": "7",
            "FileName": "3400352518_1987_7/2023-11-14-22-13-20_0_audio.mp3",
            "RecordBeginTime": 1_700_000_000,
            "RecordStatus": 2,
        },
        {
            "UserId": "0",
            "FileName": f"3400352518_1987/{task_id}_2023-11-14-22-13-20_1_audio.mp3",
            "RecordBeginTime": 1_700_000_000,
            "RecordStatus": 2,
        },
    ]


def test_a_room_is_recorded_once_at_a_time(cloud):
    task_id = cloud.start_voice()

    busy = cloud.code("StartRecord", voice_recording())
    cloud.call("StopRecord", BIZ | {"TaskId": task_id})
    free = cloud.start_voice()

    assert busy == "ResourceInUse.TaskInUse"
    assert free != task_id


def test_the_task_of_a_room_can_be_found_again(cloud):
    task_id = cloud.start_voice(**lists(SubscribeUserIds=[1145]))

    response = cloud.call("DescribeTaskInfo", BIZ | {"RoomId": "1987"})

    assert response["TaskId"] == task_id
    assert response["RecordMode"] == 1
    assert response["SubscribeRecordUserIds"] == {"SubscribeUserIds": ["1145"]}


def test_a_room_without_a_task_answers_nulls(cloud):
    task_id = cloud.start_voice()
    cloud.call("StopRecord", BIZ | {"TaskId": task_id})

    response = cloud.call("DescribeTaskInfo", BIZ | {"RoomId": "1987"})

    del response["RequestId"]
    assert response == {"TaskId": None, "RecordMode": None, "SubscribeRecordUserIds": None}


def test_a_room_that_does_not_exist_has_no_task_to_find(cloud):
    code = cloud.code("DescribeTaskInfo", BIZ | {"RoomId": "missing"})

    assert code == "ResourceNotFound.RoomNotFound"


def test_a_change_ends_some_files_and_begins_others(cloud, clock):
    task_id = cloud.start_voice(**lists(SubscribeUserIds=["7", "8"]))
    clock.pass_by(30)

    change = lists(SubscribeUserIds=["8", "9"])
    cloud.call("ModifyRecordInfo", BIZ | {"TaskId": task_id, "RecordMode": 3} | change)

    assert users(cloud, task_id) == ["7", "8", "9", "0"]
    assert statuses(cloud, task_id) == [10, 2, 2, 2]


def test_a_change_without_lists_goes_back_to_everybody(cloud):
    task_id = cloud.start_voice(**lists(SubscribeUserIds=["10001"]))

    cloud.call("ModifyRecordInfo", BIZ | {"TaskId": task_id, "RecordMode": 1})

    assert users(cloud, task_id) == ["10001", "10002"]


@pytest.mark.parametrize("action", ["StopRecord", "ModifyRecordInfo"])
def test_a_task_that_is_over_can_be_neither_stopped_nor_changed(cloud, action):
    task_id = cloud.start_voice()
    cloud.call("StopRecord", BIZ | {"TaskId": task_id})
    parameters = BIZ | {"TaskId": task_id} | ({"RecordMode": 1} if action == "ModifyRecordInfo" else {})

    assert cloud.code(action, parameters) == "ResourceNotFound.TaskNotFound"


def test_no_voice_recording_lasts_longer_than_a_day(cloud, clock):
    task_id = cloud.start_voice(RecordMode=2)

    clock.pass_by(24 * 3600)

    assert statuses(cloud, task_id) == [10]


def test_another_applications_task_is_not_found(cloud):
    task_id = cloud.start_voice()

    code = cloud.code("DescribeRecordInfo", {"BizId": 17, "TaskId": task_id})

    assert code == "InvalidParameterValue.InvalidBizId"
