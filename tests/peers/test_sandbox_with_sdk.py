"""The official SDK, with its own clients and models, pointed at the sandbox: it must not be able to tell."""

import json
import time
import urllib.request
from collections.abc import Iterator
from types import ModuleType

import pytest
from tencentcloud.common.abstract_client import AbstractClient
from tencentcloud.common.abstract_model import AbstractModel
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.gme.v20180711 import models as gme
from tencentcloud.gme.v20180711.gme_client import GmeClient
from tencentcloud.tiw.v20190919 import models as tiw
from tencentcloud.tiw.v20190919.tiw_client import TiwClient

from recorder_app.sandbox import SandboxServer
from recorder_app.sandbox.defaults import DEMO_GME_APP, DEMO_SECRET_ID, DEMO_SECRET_KEY, DEMO_TIW_APP

# The SDK asks the standard library for the day in a way that Python 3.12 calls outdated.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")

WAYS = [
    (method, keep_alive, signing)
    for method in ("POST", "GET")
    for keep_alive in (True, False)
    for signing in ("TC3-HMAC-SHA256", "HmacSHA256", "HmacSHA1")
]
TIW_APP, GME_APP = {"SdkAppId": DEMO_TIW_APP}, {"BizId": DEMO_GME_APP}
# The second example of the page StartOnlineRecord and the example of the page StartRecord.
CLASS_EXAMPLE = {
    **TIW_APP,
    "RoomId": 1203,
    "RecordUserId": "tic_record_user_1203_141551",
    "RecordUserSig": "usersig_of_<tic_record_user_1203_141551>",
    "Whiteboard": {"Width": 1280, "Height": 960, "InitParam": '{"ratio":"16:9"}'},
    "Concat": {"Enabled": True, "Image": "http://background/image.jpg"},
    "MixStream": {"Enabled": True, "DisableAudio": False, "ModelId": 2, "TeacherId": "teacher"},
    "Extras": ["MIX_STREAM"],
}
VOICE_EXAMPLE = {
    **GME_APP,
    "RoomId": "1987",
    "RecordMode": 1,
    "SubscribeRecordUserIds": {"SubscribeUserIds": [1145], "UnSubscribeUserIds": [1987]},
}


class Clock:
    """Stands at the moment a test began, near enough for the SDK's signatures, until moved."""

    def __init__(self):
        self.now = time.time()

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


class Sdk:
    """The SDK's clients in one of the ways it can be set up."""

    def __init__(self, port: int, way: tuple, *, secret_key: str = DEMO_SECRET_KEY):
        method, keep_alive, signing = way
        http = HttpProfile(
            protocol="http",
            endpoint=f"127.0.0.1:{port}",
            reqMethod=method,
            reqTimeout=10,
            keepAlive=keep_alive,
        )
        self.profile = ClientProfile(signMethod=signing, httpProfile=http)
        self.credential = Credential(DEMO_SECRET_ID, secret_key)
        self._open: list[AbstractClient] = []

    def client(self, kind: type, region: str) -> AbstractClient:
        client = kind(self.credential, region, self.profile)
        self._open.append(client)
        return client

    def tiw(self, action: str, parameters: dict, region: str = "ap-singapore") -> AbstractModel:
        return self._call(self.client(TiwClient, region), tiw, action, parameters)

    def gme(self, action: str, parameters: dict, region: str = "") -> AbstractModel:
        return self._call(self.client(GmeClient, region), gme, action, parameters)

    def _call(
        self, client: AbstractClient, models: ModuleType, action: str, parameters: dict
    ) -> AbstractModel:
        request = getattr(models, f"{action}Request")()
        request.from_json_string(json.dumps(parameters))
        return getattr(client, action)(request)

    def close(self) -> None:
        for client in self._open:
            client.request.conn._session.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock) -> Iterator[SandboxServer]:
    with SandboxServer(clock=clock) as running:
        yield running


@pytest.fixture(params=WAYS, ids=lambda way: "-".join(map(str, way)))
def sdk(request, server) -> Iterator[Sdk]:
    made = Sdk(server.port, request.param)
    yield made
    made.close()


@pytest.fixture
def usual_sdk(server) -> Iterator[Sdk]:
    made = Sdk(server.port, WAYS[0])
    yield made
    made.close()


def test_the_class_recording_actions_work_from_start_to_files(sdk, clock):
    started = sdk.tiw("StartOnlineRecord", CLASS_EXAMPLE)
    task = TIW_APP | {"TaskId": started.TaskId}
    clock.pass_by(20)
    recording = sdk.tiw("DescribeOnlineRecord", task)
    sdk.tiw("PauseOnlineRecord", task)
    clock.pass_by(10)
    paused = sdk.tiw("DescribeOnlineRecord", task)
    sdk.tiw("ResumeOnlineRecord", task)
    clock.pass_by(10)
    stopped = sdk.tiw("StopOnlineRecord", task)
    clock.pass_by(10)
    finished = sdk.tiw("DescribeOnlineRecord", task)

    assert len(started.TaskId) == 20
    assert [recording.Status, paused.Status, finished.Status] == ["RECORDING", "PAUSED", "FINISHED"]
    assert len(stopped.RequestId) == 36
    assert (finished.RoomId, finished.RecordUserId) == (1203, "tic_record_user_1203_141551")
    assert [video.VideoType for video in finished.VideoInfos] == [2, 0, 1, 3]
    assert finished.VideoInfos[-1].UserId == "tic_mixstream_1203_2"
    assert len(finished.OmittedDurations) == 1
    assert [interrupt.UserId for interrupt in finished.Interrupts] == ["teacher"]


def test_the_callback_settings_work(sdk):
    callback = {"Callback": "http://127.0.0.1:9/hook?room=1&kind=a%20b"}
    sdk.tiw("SetOnlineRecordCallback", TIW_APP | callback)
    sdk.tiw("SetOnlineRecordCallbackKey", TIW_APP | {"CallbackKey": "schlüssel & 密钥"})
    settings = sdk.tiw("DescribeOnlineRecordCallback", TIW_APP)
    sdk.tiw("SetOnlineRecordCallback", TIW_APP | {"Callback": ""})
    cleared = sdk.tiw("DescribeOnlineRecordCallback", TIW_APP)

    assert (settings.Callback, settings.CallbackKey) == (callback["Callback"], "schlüssel & 密钥")
    assert cleared.Callback is None


def test_the_two_lists_of_tasks_work_in_their_editions(sdk):
    started = sdk.tiw("StartOnlineRecord", CLASS_EXAMPLE)
    running = sdk.tiw(
        "DescribeRunningTasks", {"SdkAppID": DEMO_TIW_APP, "TaskType": "OnlineRecord"}, "ap-guangzhou"
    )
    # The Chinese SDK has no model of this action, so its general client calls it.
    general = sdk.client(lambda *setup: CommonClient("tiw", "2019-09-19", *setup), "ap-singapore")
    search = general.call_json("DescribeRecordSearch", {"RoomId": 1203, "Limit": 10})["Response"]

    assert running.Total == 1
    assert (running.Tasks[0].TaskID, running.Tasks[0].Status) == (started.TaskId, "QUEUED")
    assert [found["TaskId"] for found in search["RecordTaskSet"]] == [started.TaskId]


def test_the_voice_recording_actions_work_from_start_to_files(sdk, clock):
    started = sdk.gme("StartRecord", VOICE_EXAMPLE)
    task = GME_APP | {"TaskId": started.TaskId}
    found = sdk.gme("DescribeTaskInfo", GME_APP | {"RoomId": "1987"})
    sdk.gme("ModifyRecordInfo", task | {"RecordMode": 2})
    clock.pass_by(10)
    recording = sdk.gme("DescribeRecordInfo", task)
    stopped = sdk.gme("StopRecord", task)
    clock.pass_by(20)
    finished = sdk.gme("DescribeRecordInfo", task)
    gone = sdk.gme("DescribeTaskInfo", GME_APP | {"RoomId": "1987"})

    assert started.TaskId > 2**53
    assert found.TaskId == started.TaskId
    assert found.SubscribeRecordUserIds.SubscribeUserIds == ["1145"]
    assert [(file.UserId, file.RecordStatus) for file in recording.RecordInfo][1:] == [("0", 2)]
    assert len(stopped.RequestId) == 36
    assert {file.RecordStatus for file in finished.RecordInfo} == {14}
    assert (finished.RoomId, gone.TaskId) == ("1987", None)


def test_the_page_examples_arrive_exactly_as_they_were_given(sdk, server):
    sdk.tiw("StartOnlineRecord", CLASS_EXAMPLE)
    sdk.gme("StartRecord", VOICE_EXAMPLE)

    with urllib.request.urlopen(f"{server.url}/_sandbox/state", timeout=5) as answer:
        first, second = (call["parameters"] for call in json.load(answer)["calls"])
    assert {name: first[name] for name in first if name != "RecordUserSig"} == {
        name: value for name, value in CLASS_EXAMPLE.items() if name != "RecordUserSig"
    }
    lists = second["SubscribeRecordUserIds"]
    as_text = {name: [str(user) for user in users] for name, users in lists.items()}
    assert as_text == {"SubscribeUserIds": ["1145"], "UnSubscribeUserIds": ["1987"]}


def test_an_unicode_room_and_a_custom_layout_survive_every_way(sdk):
    box = {"Width": 320, "Height": 240, "X": 8, "Y": 8, "ZOrder": 1}
    stream = {"LayoutParams": box, "InputStreamId": "tic_record_user", "FillMode": 1}
    canvas = {"LayoutParams": {"Width": 400, "Height": 300}, "BackgroundColor": "#34363B"}
    custom = {"Canvas": canvas, "InputStreamList": [stream, stream | {"InputStreamId": ""}]}
    control = {"Enabled": True, "StreamControls": [{"StreamId": "user 1&2=é", "DisableAudio": True}]}
    mixed = CLASS_EXAMPLE | {"MixStream": {"Enabled": True, "Custom": custom}, "RecordControl": control}

    class_task = sdk.tiw("StartOnlineRecord", mixed).TaskId
    voice_task = sdk.gme("StartRecord", GME_APP | {"RoomId": "游戏房 +~*'/", "RecordMode": 3}).TaskId
    found = sdk.gme("DescribeTaskInfo", GME_APP | {"RoomId": "游戏房 +~*'/"})

    assert len(class_task) == 20
    assert found.TaskId == voice_task


REFUSALS = [
    ("tiw", "StartOnlineRecord", CLASS_EXAMPLE | {"SdkAppId": 1}, "InvalidParameter.SdkAppIdNotFound"),
    ("tiw", "StartOnlineRecord", CLASS_EXAMPLE | {"RoomId": 0}, "InvalidParameter.RecordParameter"),
    ("tiw", "StartOnlineRecord", CLASS_EXAMPLE | {"Extras": ["X"]}, "InvalidParameter.InvalidExtra"),
    ("tiw", "StartOnlineRecord", CLASS_EXAMPLE | {"Extras": []}, "InvalidParameter.RecordParameter"),
    (
        "tiw",
        "StartOnlineRecord",
        CLASS_EXAMPLE | {"RoomId": "room"},
        "InvalidParameter.BodyParameterTypeUnmatched",
    ),
    ("tiw", "StartOnlineRecord", TIW_APP, "MissingParameter"),
    ("tiw", "StartOnlineRecord", CLASS_EXAMPLE | {"TRTCRoomId": 5}, "UnknownParameter"),
    ("tiw", "StopOnlineRecord", TIW_APP | {"TaskId": "none"}, "InvalidParameter.TaskNotFound"),
    ("tiw", "PauseOnlineRecord", TIW_APP | {"TaskId": "none"}, "InvalidParameter.TaskNotFound"),
    ("tiw", "ResumeOnlineRecord", {"SdkAppId": 1, "TaskId": "none"}, "UnauthorizedOperation.SdkAppId"),
    ("tiw", "DescribeOnlineRecord", TIW_APP | {"TaskId": "none"}, "InvalidParameter.TaskNotFound"),
    (
        "tiw",
        "SetOnlineRecordCallback",
        TIW_APP | {"Callback": "hook"},
        "InvalidParameter.CallbackAddressFormatError",
    ),
    ("tiw", "SetOnlineRecordCallbackKey", TIW_APP | {"CallbackKey": "k" * 65}, "InvalidParameter"),
    ("tiw", "DescribeOnlineRecordCallback", {"SdkAppId": 1}, "UnauthorizedOperation.SdkAppId"),
    (
        "tiw",
        "DescribeRunningTasks",
        {"SdkAppID": DEMO_TIW_APP, "TaskType": "OnlineRecord"},
        "InvalidAction",
    ),
    ("tiw", "CreateTranscode", TIW_APP | {"Url": "http://127.0.0.1/"}, "InvalidAction"),
    ("gme", "StartRecord", VOICE_EXAMPLE | {"BizId": 1}, "InvalidParameterValue.InvalidBizId"),
    ("gme", "StartRecord", VOICE_EXAMPLE | {"RecordMode": 4}, "InvalidParameterValue.InvalidRecordMode"),
    ("gme", "StartRecord", VOICE_EXAMPLE | {"RoomId": ""}, "InvalidParameterValue.InvalidRoomId"),
    ("gme", "StartRecord", VOICE_EXAMPLE | {"RoomId": "missing"}, "ResourceNotFound.RoomNotFound"),
    (
        "gme",
        "StartRecord",
        VOICE_EXAMPLE | {"SubscribeRecordUserIds": {"SubscribeUserIds": ["u"] * 21}},
        "InvalidParameterValue.InvalidSubscribeUserIds",
    ),
    (
        "gme",
        "ModifyRecordInfo",
        GME_APP
        | {"TaskId": 1, "RecordMode": 1, "SubscribeRecordUserIds": {"UnSubscribeUserIds": ["u"] * 21}},
        "InvalidParameterValue.InvalidUNSubscribeUserIds",
    ),
    ("gme", "StopRecord", GME_APP | {"TaskId": 446192236330927912}, "ResourceNotFound.TaskNotFound"),
    ("gme", "DescribeRecordInfo", GME_APP | {"TaskId": 0}, "InvalidParameterValue.InvalidTaskId"),
    ("gme", "DescribeTaskInfo", GME_APP | {"RoomId": "missing"}, "ResourceNotFound.RoomNotFound"),
    ("gme", "StartRecord", GME_APP, "MissingParameter"),
]


@pytest.mark.parametrize("way", [WAYS[0], WAYS[6], WAYS[7]], ids=["post", "get", "get-older-signature"])
@pytest.mark.parametrize(
    ("service", "action", "parameters", "code"), REFUSALS, ids=lambda value: str(value)[:50]
)
def test_every_refusal_is_the_sdks_exception_with_code_and_request_id(
    server, way, service, action, parameters, code
):
    sdk = Sdk(server.port, way)

    with pytest.raises(TencentCloudSDKException) as refusal:
        getattr(sdk, service)(action, parameters)
    sdk.close()

    assert refusal.value.get_code() == code
    assert len(refusal.value.get_request_id()) == 36
    assert refusal.value.get_message()


def refusal_of(call, *arguments: object) -> tuple[str, int]:
    with pytest.raises(TencentCloudSDKException) as refusal:
        call(*arguments)
    return refusal.value.get_code(), len(refusal.value.get_request_id())


def test_states_and_limits_are_the_sdks_exceptions_too(usual_sdk, clock):
    task = TIW_APP | {"TaskId": usual_sdk.tiw("StartOnlineRecord", CLASS_EXAMPLE).TaskId}
    usual_sdk.gme("StartRecord", VOICE_EXAMPLE)

    refusals = [
        refusal_of(usual_sdk.tiw, "StartOnlineRecord", CLASS_EXAMPLE),
        refusal_of(usual_sdk.gme, "StartRecord", VOICE_EXAMPLE),
        refusal_of(usual_sdk.tiw, "PauseOnlineRecord", task),
    ]
    usual_sdk.tiw("StopOnlineRecord", task)
    refusals.append(refusal_of(usual_sdk.tiw, "StopOnlineRecord", task))

    assert refusals == [
        ("ResourceInUse.RecordUserId", 36),
        ("ResourceInUse.TaskInUse", 36),
        ("UnsupportedOperation.InvalidTaskStatus", 36),
        ("UnsupportedOperation.TaskHasAlreadyStopped", 36),
    ]


def test_a_failed_recording_is_the_sdks_exception(usual_sdk, clock):
    wrong = CLASS_EXAMPLE | {"RecordUserSig": "eJyrVgrxCdYrSy1SslJQMtIzUNJRAItkpqTmlWSmZUIkKjIT87NK"}
    task = TIW_APP | {"TaskId": usual_sdk.tiw("StartOnlineRecord", wrong).TaskId}

    clock.pass_by(10)

    assert refusal_of(usual_sdk.tiw, "DescribeOnlineRecord", task) == ("FailedOperation.Record", 36)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(map(str, way)))
def test_a_wrong_secret_key_is_refused_in_every_way(server, way):
    sdk = Sdk(server.port, way, secret_key="EXAMPLE-wrong")

    refused = refusal_of(sdk.gme, "StartRecord", VOICE_EXAMPLE)
    sdk.close()

    assert refused == ("AuthFailure.SignatureFailure", 36)


def test_a_clock_six_minutes_off_is_refused(usual_sdk, clock):
    clock.pass_by(360)

    assert refusal_of(usual_sdk.gme, "StartRecord", VOICE_EXAMPLE) == ("AuthFailure.SignatureExpire", 36)


def test_a_wrong_or_missing_region_is_refused(usual_sdk):
    refusals = [refusal_of(usual_sdk.tiw, "StartOnlineRecord", CLASS_EXAMPLE, region) for region in ("x", "")]

    assert refusals == [("UnsupportedRegion", 36), ("MissingParameter", 36)]


def test_the_twenty_first_call_within_a_second_is_refused(usual_sdk):
    client = usual_sdk.client(GmeClient, "")
    request = gme.DescribeTaskInfoRequest()
    request.from_json_string(json.dumps(GME_APP | {"RoomId": "1987"}))
    for _ in range(20):
        client.DescribeTaskInfo(request)

    refused = refusal_of(client.DescribeTaskInfo, request)

    assert refused == ("RequestLimitExceeded", 36)
