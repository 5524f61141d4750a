"""What the services refuse, with which code, naming which field."""

import json

import pytest

from recorder_app.sandbox.defaults import DEMO_GME_APP, DEMO_TIW_APP
from tests.sandbox.caller import class_recording, voice_recording

PARAMETER = "InvalidParameter.RecordParameter"
TYPE = "InvalidParameter.BodyParameterTypeUnmatched"
BOX = {"Width": 320, "Height": 240}
MIXED = {"Extras": ["MIX_STREAM"]}


def custom(canvas: dict, *streams: dict, **more: object) -> dict:
    layout = {
        "Canvas": {"LayoutParams": canvas},
        "InputStreamList": [{"LayoutParams": box} for box in streams],
    }
    return {"MixStream": {"Enabled": True, "Custom": layout | more}, **MIXED}


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"SdkAppId": "1400000001"}, TYPE, "SdkAppId"),
        ({"SdkAppId": True}, TYPE, "SdkAppId"),
        ({"SdkAppId": 2**63}, TYPE, "SdkAppId"),
        ({"SdkAppId": 1400000009}, "InvalidParameter.SdkAppIdNotFound", "SdkAppId"),
        ({"RoomId": "1203"}, TYPE, "RoomId"),
        ({"RoomId": 1203.0}, TYPE, "RoomId"),
        ({"RoomId": 1}, PARAMETER, "RoomId"),
        ({"RoomId": 4294967295}, PARAMETER, "RoomId"),
        ({"RecordUserId": 7}, TYPE, "RecordUserId"),
        ({"RecordUserId": "teacher"}, PARAMETER, "RecordUserId"),
        ({"RecordUserId": "tic_record_user_1204_1"}, PARAMETER, "RecordUserId"),
        ({"RecordUserId": "tic_record_user_1203_"}, PARAMETER, "RecordUserId"),
        ({"RecordUserId": "tic_record_user_1203_" + "x" * 40}, PARAMETER, "RecordUserId"),
        ({"RecordUserId": "tic_record_user_1203_" + "课" * 14}, PARAMETER, "RecordUserId"),
        ({"RecordUserSig": None}, TYPE, "RecordUserSig"),
        ({"GroupId": "\ud800"}, TYPE, "GroupId"),
        ({"Extras": "MIX_STREAM"}, TYPE, "Extras"),
        ({"Extras": ["MIX"]}, "InvalidParameter.InvalidExtra", "Extras"),
        ({"AutoStopTimeout": 299}, PARAMETER, "AutoStopTimeout"),
        ({"AutoStopTimeout": 86401}, PARAMETER, "AutoStopTimeout"),
        ({"AudioFileNeeded": 1}, TYPE, "AudioFileNeeded"),
        ({"RecordMode": "FAST"}, PARAMETER, "RecordMode"),
        ({"ChatGroupId": "class"}, PARAMETER, "ChatGroupId"),
        ({"Whiteboard": []}, TYPE, "Whiteboard"),
        ({"Whiteboard": {"Width": 1}}, PARAMETER, "Whiteboard.Width"),
        ({"Whiteboard": {"InitParam": {"ratio": "16:9"}}}, TYPE, "Whiteboard.InitParam"),
        ({"Whiteboard": {"Colour": "red"}}, "UnknownParameter", "Whiteboard.Colour"),
        ({"Concat": {}}, "MissingParameter", "Concat.Enabled"),
        ({"RecordControl": {"Enabled": True, "StreamControls": [{}]}}, "MissingParameter", "0.StreamId"),
        ({"MixStream": {"Enabled": True, "ModelId": 1}}, PARAMETER, "Extras"),
        ({"MixStream": {"Enabled": True}, **MIXED}, PARAMETER, "MixStream.ModelId"),
        ({"MixStream": {"Enabled": True, "ModelId": 3}, **MIXED}, PARAMETER, "MixStream.ModelId"),
        (custom(BOX), PARAMETER, "MixStream.Custom.InputStreamList"),
        (custom(BOX, BOX | {"X": 1}), PARAMETER, "InputStreamList.0.LayoutParams.Width"),
        (custom(BOX, BOX, BOX | {"Y": 1}), PARAMETER, "InputStreamList.1.LayoutParams.Height"),
        (custom({"Width": 3001, "Height": 2}, BOX), PARAMETER, "Canvas.LayoutParams.Width"),
        (custom(BOX, BOX | {"X": -1}), PARAMETER, "LayoutParams.X"),
        (custom(BOX, {"Width": 2}), "MissingParameter", "InputStreamList.0.LayoutParams.Height"),
        (
            custom(BOX, BOX, Canvas={"LayoutParams": BOX, "BackgroundColor": "red"}),
            PARAMETER,
            "BackgroundColor",
        ),
        (
            custom(BOX, InputStreamList=[{"LayoutParams": BOX, "FillMode": 2}]),
            PARAMETER,
            "InputStreamList.0.FillMode",
        ),
        ({"TRTCRoomId": 1203}, "UnknownParameter", "TRTCRoomId"),
        ({"TRTCRoomIdStr": "a"}, "UnknownParameter", "TRTCRoomIdStr"),
        ({"roomid": 1203}, "UnknownParameter", "roomid"),
    ],
    ids=lambda value: value if isinstance(value, str) else json.dumps(value)[:60],
)
def test_a_class_recording_the_reference_forbids_is_refused_at_its_field(cloud, changed, code, field):
    found, message = cloud.refused("StartOnlineRecord", class_recording() | changed)

    assert found == code
    assert field in message
    assert cloud.state()["tasks"] == []


@pytest.mark.parametrize("name", ["SdkAppId", "RoomId", "RecordUserId", "RecordUserSig"])
def test_a_class_recording_needs_its_four_parameters(cloud, name):
    values = class_recording()
    del values[name]

    assert cloud.refused("StartOnlineRecord", values) == (
        "MissingParameter",
        f"The parameter {name} is missing.",
    )


@pytest.mark.parametrize(
    "more",
    [
        {"RoomId": 2, "RecordUserId": "tic_record_user_2_1"},
        {"RoomId": 4294967294, "RecordUserId": "tic_record_user_4294967294_1"},
        {"RecordUserId": "tic_record_user_1203_" + "x" * 39},
        {"AutoStopTimeout": 300},
        {"AutoStopTimeout": 86400},
        {"MixStream": {"Enabled": False}},
        {"Extras": ["MIX_STREAM"]},
        {"Extras": []},
        custom({"Width": 640, "Height": 240}, BOX, BOX | {"X": 320}),
        {"RecordMode": "VIDEO_GENERATION_MODE", "ChatGroupId": "class"},
        {"Whiteboard": {"Width": 2, "Height": 5000, "InitParam": '{"ratio":"16:9"}'}},
        {"RecordControl": {"Enabled": True, "StreamControls": [{"StreamId": "user1", "DisableAudio": True}]}},
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_what_the_reference_allows_a_class_recording_starts(cloud, more):
    response = cloud.call("StartOnlineRecord", class_recording() | more)

    assert len(response["TaskId"]) == 20
    assert set(response["TaskId"]) <= set("0123456789abcdefghijklmnopqrstuv")


def test_a_custom_layout_makes_the_model_number_meaningless(cloud):
    values = class_recording() | custom(BOX, BOX)
    values["MixStream"]["ModelId"] = 7

    assert "TaskId" in cloud.call("StartOnlineRecord", values)


def test_the_chinese_edition_alone_has_the_trtc_rooms(cloud):
    cloud.region = "ap-guangzhou"

    response = cloud.call("StartOnlineRecord", class_recording(TRTCRoomId=5, TRTCRoomIdStr="room"))
    code = cloud.code("StartOnlineRecord", class_recording(random="2", TRTCRoomId=1))

    assert "TaskId" in response
    assert code == PARAMETER


@pytest.mark.parametrize(
    ("region", "expected"),
    [("ap-singapore", "DescribeRecordSearch"), ("ap-guangzhou", "DescribeRunningTasks")],
)
def test_each_edition_lists_its_tasks_with_an_action_of_its_own(cloud, region, expected):
    cloud.region = region
    parameters = {"DescribeRecordSearch": {}, "DescribeRunningTasks": {"SdkAppID": DEMO_TIW_APP}}

    codes = {action: cloud.code(action, parameters[action] | {"Nonsense": 1}) for action in parameters}

    other = {"DescribeRecordSearch", "DescribeRunningTasks"} - {expected}
    assert codes == {expected: "UnknownParameter", other.pop(): "InvalidAction"}


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("DescribeOnlineRecordCallback", {"SdkAppId": 5}, "UnauthorizedOperation.SdkAppId"),
        ("StopOnlineRecord", {"SdkAppId": DEMO_TIW_APP}, "MissingParameter"),
        ("StopOnlineRecord", {"SdkAppId": DEMO_TIW_APP, "TaskId": 12}, TYPE),
        ("StopOnlineRecord", {"SdkAppId": DEMO_TIW_APP, "TaskId": "none"}, "InvalidParameter.TaskNotFound"),
        (
            "SetOnlineRecordCallback",
            {"SdkAppId": DEMO_TIW_APP, "Callback": "ftp://127.0.0.1/"},
            "InvalidParameter.CallbackAddressFormatError",
        ),
        (
            "SetOnlineRecordCallback",
            {"SdkAppId": DEMO_TIW_APP, "Callback": "http://198.51.100.7/hook"},
            "InvalidParameter.CallbackAddressFormatError",
        ),
        (
            "SetOnlineRecordCallbackKey",
            {"SdkAppId": DEMO_TIW_APP, "CallbackKey": "k" * 65},
            "InvalidParameter",
        ),
    ],
    ids=str,
)
def test_the_other_class_actions_refuse_with_their_own_codes(cloud, action, parameters, code):
    assert cloud.code(action, parameters) == code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Limit": 501}, "InvalidParameter"),
        ({"Limit": 0}, "InvalidParameter"),
        ({"TaskType": "Everything"}, "InvalidParameter"),
    ],
)
def test_the_list_of_running_tasks_has_bounds(cloud, changed, code):
    cloud.region = "ap-guangzhou"
    parameters = {"SdkAppID": DEMO_TIW_APP, "TaskType": "OnlineRecord"} | changed

    assert cloud.code("DescribeRunningTasks", parameters) == code


def lists(**users: object) -> dict:
    return {"SubscribeRecordUserIds": users}


VALUE = "InvalidParameterValue"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"BizId": "3400352518"}, "InvalidParameter"),
        ({"BizId": -1}, "InvalidParameter"),
        ({"BizId": 2**64}, "InvalidParameter"),
        ({"BizId": 17}, f"{VALUE}.InvalidBizId"),
        ({"RoomId": 1987}, "InvalidParameter"),
        ({"RoomId": ""}, f"{VALUE}.InvalidRoomId"),
        ({"RoomId": "missing-room"}, "ResourceNotFound.RoomNotFound"),
        ({"RecordMode": 0}, f"{VALUE}.InvalidRecordMode"),
        ({"RecordMode": 4}, f"{VALUE}.InvalidRecordMode"),
        ({"RecordMode": "1"}, "InvalidParameter"),
        ({"SubscribeRecordUserIds": ["1145"]}, f"{VALUE}.InvalidSubscribeRecordUserIds"),
        (lists(SubscribeUserIds="1145"), f"{VALUE}.InvalidSubscribeRecordUserIds"),
        (lists(SubscribeUserIds=[True]), f"{VALUE}.InvalidSubscribeRecordUserIds"),
        (lists(SubscribeUserIds=["u"] * 21), f"{VALUE}.InvalidSubscribeUserIds"),
        (lists(UnSubscribeUserIds=["u"] * 21), f"{VALUE}.InvalidUNSubscribeUserIds"),
        (lists(SubscribeAudioUserIds=[]), "UnknownParameter"),
        ({"Region": "ap-singapore"}, "UnknownParameter"),
    ],
    ids=str,
)
def test_a_voice_recording_the_reference_forbids_is_refused(cloud, changed, code):
    assert cloud.code("StartRecord", voice_recording() | changed) == code
    assert cloud.state()["tasks"] == []


@pytest.mark.parametrize("name", ["BizId", "RoomId", "RecordMode"])
def test_a_voice_recording_needs_its_three_parameters(cloud, name):
    values = voice_recording()
    del values[name]

    assert cloud.code("StartRecord", values) == "MissingParameter"


@pytest.mark.parametrize(
    "more",
    [
        lists(SubscribeUserIds=[1145], UnSubscribeUserIds=[1987]),  # the example of the page StartRecord
        lists(SubscribeUserIds=["10086"] * 20),
        lists(UnSubscribeUserIds=[]),
        {"RecordMode": 3},
    ],
    ids=str,
)
def test_what_the_reference_allows_a_voice_recording_starts(cloud, more):
    assert cloud.start_voice(**more) > 2**53


@pytest.mark.parametrize("action", ["StopRecord", "DescribeRecordInfo", "ModifyRecordInfo"])
@pytest.mark.parametrize(
    ("task_id", "code"),
    [
        (0, f"{VALUE}.InvalidTaskId"),
        (446192236330927912, "ResourceNotFound.TaskNotFound"),
        ("446192236330927912", "InvalidParameter"),
        (4.46e17, "InvalidParameter"),
    ],
)
def test_a_voice_task_that_does_not_exist_is_told(cloud, action, task_id, code):
    parameters = {"BizId": DEMO_GME_APP, "TaskId": task_id}
    if action == "ModifyRecordInfo":
        parameters["RecordMode"] = 1

    assert cloud.code(action, parameters) == code
