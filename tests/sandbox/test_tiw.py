"""The life of a class recording, as the service tells it over time."""

import base64
import hashlib
import hmac
import json
import zlib

import pytest

from recorder_app.sandbox import SandboxServer
from recorder_app.sandbox.defaults import DEMO_SDK_KEY, DEMO_TIW_APP
from tests.sandbox.caller import Caller, class_recording

HOUR = 3600


def user_sig(cloud: Caller, **changed: object) -> str:
    """A user signature of the first example's user, made by the recipe of the reference."""
    user = class_recording()["RecordUserId"]
    claims = {"identifier": user, "sdkappid": DEMO_TIW_APP, "expire": 86400, "time": int(cloud.clock.now)}
    claims |= changed
    names = ("identifier", "sdkappid", "time", "expire")
    text = "".join(f"TLS.{name}:{claims[name]}\n" for name in names)
    key = str(changed.get("key", DEMO_SDK_KEY)).encode()
    digest = base64.b64encode(hmac.digest(key, text.encode(), hashlib.sha256)).decode()
    whole = {"TLS.ver": "2.0", **{f"TLS.{name}": claims[name] for name in names}, "TLS.sig": digest}
    packed = base64.b64encode(zlib.compress(json.dumps(whole).encode())).decode()
    return packed.translate(str.maketrans("+/=", "*-_"))


def test_a_recording_goes_from_prepared_to_finished(cloud, clock):
    task_id = cloud.start_class()
    seen = [cloud.class_status(task_id)]

    clock.pass_by(2)
    seen.append(cloud.class_status(task_id))
    cloud.change_class("Stop", task_id)
    clock.pass_by(1.9)
    seen.append(cloud.class_status(task_id))
    clock.pass_by(0.1)
    seen.append(cloud.class_status(task_id))
    clock.pass_by(8)
    seen.append(cloud.class_status(task_id))

    assert seen == ["PREPARED", "RECORDING", "RECORDING", "STOPPED", "FINISHED"]


def test_speed_shortens_every_state(clock):
    with SandboxServer(clock=clock, speed=10) as server, Caller(server, clock) as cloud:
        task_id = cloud.start_class()
        clock.pass_by(0.2)
        begun = cloud.class_status(task_id)
        cloud.change_class("Stop", task_id)
        clock.pass_by(1.0)
        ended = cloud.class_status(task_id)

    assert [begun, ended] == ["RECORDING", "FINISHED"]


def test_pausing_and_resuming_take_effect_two_seconds_later(cloud, clock):
    task_id = cloud.start_class()
    clock.pass_by(10)

    cloud.change_class("Pause", task_id)
    seen = [cloud.class_status(task_id)]
    clock.pass_by(2)
    seen.append(cloud.class_status(task_id))
    cloud.change_class("Resume", task_id)
    clock.pass_by(2)
    seen.append(cloud.class_status(task_id))

    assert seen == ["RECORDING", "PAUSED", "RECORDING"]


@pytest.mark.parametrize("verb", ["Pause", "Resume"])
def test_nothing_can_be_paused_or_resumed_before_it_records(cloud, verb):
    task_id = cloud.start_class()

    assert cloud.change_class(verb, task_id)["Error"]["Code"] == "UnsupportedOperation.InvalidTaskStatus"


def test_a_second_pause_or_an_early_resume_is_refused(cloud, clock):
    task_id = cloud.start_class()
    clock.pass_by(10)
    cloud.change_class("Pause", task_id)

    again = cloud.change_class("Pause", task_id)
    early = cloud.change_class("Resume", task_id)

    codes = [again["Error"]["Code"], early["Error"]["Code"]]
    assert codes == ["UnsupportedOperation.InvalidTaskStatus"] * 2


@pytest.mark.parametrize("verb", ["Stop", "Pause", "Resume"])
def test_what_was_stopped_is_stopped_already(cloud, clock, verb):
    task_id = cloud.start_class()
    clock.pass_by(10)
    cloud.change_class("Stop", task_id)

    code = cloud.change_class(verb, task_id)["Error"]["Code"]

    assert code == "UnsupportedOperation.TaskHasAlreadyStopped"


def test_a_recording_stopped_while_prepared_ends_once_it_has_begun(cloud, clock):
    task_id = cloud.start_class()

    cloud.change_class("Stop", task_id)
    clock.pass_by(2)

    assert cloud.class_status(task_id) == "STOPPED"


def test_a_pause_of_ninety_minutes_ends_the_recording(cloud, clock):
    task_id = cloud.start_class()
    clock.pass_by(10)
    cloud.change_class("Pause", task_id)

    clock.pass_by(2 + 1.5 * HOUR - 1)
    before = cloud.describe_class(task_id)
    clock.pass_by(1)
    after = cloud.describe_class(task_id)

    assert (before["Status"], before["FinishReason"]) == ("PAUSED", "")
    assert (after["Status"], after["FinishReason"]) == ("STOPPED", "FORCE_STOP")


def test_no_recording_lasts_longer_than_a_day(cloud, clock):
    task_id = cloud.start_class()
    clock.pass_by(10)
    cloud.change_class("Pause", task_id)
    clock.pass_by(10)
    cloud.change_class("Resume", task_id)

    clock.pass_by(24 * HOUR)

    assert cloud.describe_class(task_id)["FinishReason"] == "FORCE_STOP"


def test_a_finished_recording_tells_everything(cloud, clock):
    task_id = cloud.start_class(
        AudioFileNeeded=True,
        Extras=["MIX_STREAM"],
        MixStream={"Enabled": True, "ModelId": 2, "TeacherId": "lehrer"},
        Whiteboard={"Width": 1600, "Height": 900},
    )
    clock.pass_by(62)
    cloud.change_class("Stop", task_id)
    clock.pass_by(10)

    result = cloud.describe_class(task_id)

    infos = result.pop("VideoInfos")
    del result["RequestId"]
    assert result == {
        "FinishReason": "USER_CALL",
        "TaskId": task_id,
        "Status": "FINISHED",
        "RoomId": 1203,
        "GroupId": "1203",
        "RecordUserId": "tic_record_user_1203_141551",
        "RecordStartTime": 1_700_000_002,
        "RecordStopTime": 1_700_000_064,
        "TotalTime": 62_000,
        "ExceptionCnt": 0,
        "OmittedDurations": [],
        "ReplayUrl": None,
        "Interrupts": [{"UserId": "lehrer", "Count": 0}],
    }
    assert [(info["VideoType"], info["UserId"], info["Width"], info["Height"]) for info in infos] == [
        (2, "", 1600, 900),
        (0, "lehrer", 640, 480),
        (1, "tic_substream_lehrer", 1280, 720),
        (4, "lehrer", 0, 0),
        (3, "tic_mixstream_1203_2", 1624, 1000),
    ]
    assert {info["VideoFormat"] for info in infos} == {"mp4", "mp3"}
    assert {info["VideoDuration"] for info in infos} == {62_000}


def paused_once(cloud: Caller, clock, **more: object) -> dict:
    """Records 20 s, pauses 30 s, records 10 s."""
    task_id = cloud.start_class(**more)
    clock.pass_by(20)
    cloud.change_class("Pause", task_id)
    clock.pass_by(30)
    cloud.change_class("Resume", task_id)
    clock.pass_by(10)
    cloud.change_class("Stop", task_id)
    clock.pass_by(10)
    return cloud.describe_class(task_id)


def test_concat_joins_the_pieces_and_tells_what_was_left_out(cloud, clock):
    result = paused_once(cloud, clock, Concat={"Enabled": True})

    assert result["TotalTime"] == 30_000
    assert result["OmittedDurations"] == [
        {"VideoTime": 20_000, "PauseTime": 1_700_000_022_000, "ResumeTime": 1_700_000_052_000}
    ]
    assert [info["VideoDuration"] for info in result["VideoInfos"]] == [30_000] * 3


def test_without_concat_every_piece_is_a_video_of_its_own(cloud, clock):
    result = paused_once(cloud, clock)

    assert result["OmittedDurations"] == []
    pieces = [(info["VideoPlayTime"], info["VideoDuration"]) for info in result["VideoInfos"]]
    assert pieces == [(0, 20_000)] * 3 + [(20_000, 10_000)] * 3


def test_record_control_leaves_streams_out(cloud, clock):
    control = {
        "Enabled": True,
        "DisableRecord": True,
        "StreamControls": [{"StreamId": "tic_", "DisableRecord": False}],
    }
    task_id = cloud.start_class(RecordControl=control)
    clock.pass_by(10)
    cloud.change_class("Stop", task_id)
    clock.pass_by(10)

    infos = cloud.describe_class(task_id)["VideoInfos"]

    assert [info["UserId"] for info in infos] == ["", "tic_substream_teacher"]


def test_a_custom_mix_has_the_size_of_its_canvas(cloud, clock):
    box = {"Width": 640, "Height": 360}
    layout = {"Canvas": {"LayoutParams": box}, "InputStreamList": [{"LayoutParams": box}]}
    task_id = cloud.start_class(Extras=["MIX_STREAM"], MixStream={"Enabled": True, "Custom": layout})
    clock.pass_by(10)
    cloud.change_class("Stop", task_id)
    clock.pass_by(10)

    mixed = cloud.describe_class(task_id)["VideoInfos"][-1]

    assert (mixed["UserId"], mixed["Width"], mixed["Height"]) == ("tic_mixstream_1203_custom", 640, 360)


def test_the_video_generation_mode_gives_a_replay(cloud, clock):
    task_id = cloud.start_class(RecordMode="VIDEO_GENERATION_MODE")
    clock.pass_by(10)
    cloud.change_class("Stop", task_id)
    clock.pass_by(10)

    assert cloud.describe_class(task_id)["ReplayUrl"].startswith(cloud.server.url)


def test_one_record_user_records_once_at_a_time(cloud, clock):
    task_id = cloud.start_class()

    busy = cloud.code("StartOnlineRecord", class_recording())
    clock.pass_by(10)
    cloud.change_class("Stop", task_id)
    stopping = cloud.code("StartOnlineRecord", class_recording())
    clock.pass_by(2)
    free = cloud.call("StartOnlineRecord", class_recording())

    assert [busy, stopping] == ["ResourceInUse.RecordUserId"] * 2
    assert "TaskId" in free


def test_the_hundred_and_first_recording_has_to_wait(cloud, clock):
    task_ids = [cloud.start_class(random=str(number)) for number in range(100)]

    full = cloud.code("StartOnlineRecord", class_recording(random="100"))
    clock.pass_by(10)
    cloud.change_class("Stop", task_ids[0])
    clock.pass_by(2)
    free = cloud.call("StartOnlineRecord", class_recording(random="100"))

    assert full == "LimitExceeded.TaskConcurrency"
    assert "TaskId" in free


@pytest.mark.parametrize(
    ("changed", "inner"),
    [
        ({"key": "another"}, "70009"),
        ({"identifier": "somebody"}, "70013"),
        ({"sdkappid": 1400000002}, "70014"),
        ({"time": 1_600_000_000}, "6206"),
    ],
    ids=str,
)
def test_a_wrong_user_signature_lets_the_recording_fail_later(cloud, clock, changed, inner):
    task_id = cloud.start_class(RecordUserSig=user_sig(cloud, **changed))
    early = cloud.class_status(task_id)

    clock.pass_by(2)
    error = cloud.describe_class(task_id)["Error"]

    assert early == "PREPARED"
    assert error["Code"] == "FailedOperation.Record"
    assert error["Message"].startswith("code: 40004, msg: 2023-11-15 06:13:20, im login failed with code ")
    assert inner in error["Message"]


@pytest.mark.parametrize("signature", ["eJ", "eJyr", "eJw1zF0LgjAY"])
def test_a_cut_user_signature_lets_the_recording_fail_later(cloud, clock, signature):
    task_id = cloud.start_class(RecordUserSig=signature)

    clock.pass_by(2)

    assert "70003" in cloud.describe_class(task_id)["Error"]["Message"]


def test_a_good_user_signature_records(cloud, clock):
    task_id = cloud.start_class(RecordUserSig=user_sig(cloud))

    clock.pass_by(2)

    assert cloud.class_status(task_id) == "RECORDING"


def test_a_user_name_the_chat_service_does_not_take_fails_later(cloud, clock):
    task_id = cloud.start_class(random="课")

    clock.pass_by(2)

    assert cloud.describe_class(task_id)["Error"]["Message"].startswith("code: 40001, ")


def test_a_failed_recording_frees_its_user_and_cannot_be_stopped(cloud, clock):
    task_id = cloud.start_class(RecordUserSig=user_sig(cloud, key="another"))
    clock.pass_by(2)

    stopped = cloud.change_class("Stop", task_id)
    again = cloud.start_class(RecordUserSig=user_sig(cloud))

    assert stopped["Error"]["Code"] == "UnsupportedOperation.TaskHasAlreadyStopped"
    assert again != task_id


def test_callback_settings_are_kept_changed_and_deleted(cloud):
    app = {"SdkAppId": DEMO_TIW_APP}
    seen = []
    for change in (
        {"Callback": "http://127.0.0.1:9/a"},
        {"CallbackKey": "k" * 64},
        {"Callback": ""},
        {"CallbackKey": ""},
    ):
        action = "SetOnlineRecordCallbackKey" if "CallbackKey" in change else "SetOnlineRecordCallback"
        cloud.call(action, app | change)
        response = cloud.call("DescribeOnlineRecordCallback", app)
        seen.append((response["Callback"], response["CallbackKey"]))

    key = "k" * 64
    assert seen == [("http://127.0.0.1:9/a", None), ("http://127.0.0.1:9/a", key), (None, key), (None, None)]


def test_an_unset_callback_is_an_empty_text_in_the_chinese_edition(cloud):
    cloud.region = "ap-guangzhou"

    response = cloud.call("DescribeOnlineRecordCallback", {"SdkAppId": DEMO_TIW_APP})

    assert (response["Callback"], response["CallbackKey"]) == ("", "")


def test_running_tasks_are_listed_newest_first_in_other_words(cloud, clock):
    cloud.region = "ap-guangzhou"
    first = cloud.start_class(random="1")
    clock.pass_by(5)
    second = cloud.start_class(random="2")
    ask = {"SdkAppID": DEMO_TIW_APP, "TaskType": "OnlineRecord"}

    response = cloud.call("DescribeRunningTasks", ask)
    page = cloud.call("DescribeRunningTasks", ask | {"Offset": 1, "Limit": 1})
    other = cloud.call("DescribeRunningTasks", ask | {"TaskType": "TranscodeH5"})

    assert response["Total"] == 2
    assert [(task["TaskID"], task["Status"]) for task in response["Tasks"]] == [
        (second, "QUEUED"),
        (first, "PROCESSING"),
    ]
    assert response["Tasks"][1] == {
        "SdkAppID": DEMO_TIW_APP,
        "TaskID": first,
        "TaskType": "OnlineRecord",
        "CreateTime": "2023-11-15 06:13:20",
        "CancelTime": None,
        "Status": "PROCESSING",
        "Progress": 0,
        "FileURL": None,
        "RoomID": 1203,
    }
    assert (page["Total"], [task["TaskID"] for task in page["Tasks"]]) == (2, [first])
    assert (other["Total"], other["Tasks"]) == (0, [])


def test_a_stopped_task_is_no_longer_listed_as_running(cloud, clock):
    cloud.region = "ap-guangzhou"
    task_id = cloud.start_class()
    clock.pass_by(5)
    cloud.change_class("Stop", task_id)
    clock.pass_by(2)

    response = cloud.call("DescribeRunningTasks", {"SdkAppID": DEMO_TIW_APP, "TaskType": "OnlineRecord"})

    assert response["Total"] == 0


def test_the_search_finds_recordings_by_room(cloud, clock):
    wanted = cloud.start_class(room=77)
    cloud.start_class(room=78)
    clock.pass_by(5)
    cloud.change_class("Stop", wanted)
    clock.pass_by(10)

    response = cloud.call("DescribeRecordSearch", {"RoomId": 77, "Offset": 0, "Limit": 10})

    (found,) = response["RecordTaskSet"]
    assert response["TotalCount"] == 1
    assert (found["TaskId"], found["Status"], found["RoomId"]) == (wanted, "FINISHED", 77)
    assert found["CreateTime"] == "2023-11-14T22:13:20+00:00"
    assert found["Result"]["TotalTime"] == 5_000
    assert (found["Result"]["ErrorCode"], found["Result"]["ErrorMsg"]) == (0, "")


def test_the_search_tells_a_failure_with_its_inner_number(cloud, clock):
    cloud.start_class(random="课")
    clock.pass_by(2)

    (found,) = cloud.call("DescribeRecordSearch", {})["RecordTaskSet"]

    assert found["Result"]["ErrorCode"] == 40001
