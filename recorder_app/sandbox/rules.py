"""Every action's parameters and structures, and the check of a call against them.

The tables are written from the pages StartOnlineRecord and StartRecord and from tiw.md and gme.md. They are
the sandbox's own on purpose: a mistake in the dashboard's forms must not be repeated by its judge.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from recorder_app.sandbox.protocol import ApiError

WRONG_TYPE = "InvalidParameter.BodyParameterTypeUnmatched"
WRONG_VALUE = "InvalidParameter.RecordParameter"
INT64 = range(-(2**63), 2**63)
UINT64 = range(2**64)


@dataclass(frozen=True)
class Field:
    """One parameter: its kind, its range, and the codes with which a wrong one is refused.

    ``most`` bounds the characters of a text, or the members of a list.
    """

    kind: str
    required: bool = False
    many: bool = False
    low: int | None = None
    high: int | None = None
    most: int | None = None
    words: tuple = ()
    pattern: str = ""
    table: dict | None = None
    chinese_only: bool = False
    type_code: str = WRONG_TYPE
    value_code: str = WRONG_VALUE


def _integer(**more) -> Field:
    return Field("integer", **more)


def _string(**more) -> Field:
    return Field("string", **more)


def _boolean(**more) -> Field:
    return Field("boolean", **more)


def _structure(table: dict, **more) -> Field:
    return Field("structure", table=table, **more)


_COLOUR = _string(pattern=r"#[0-9A-Fa-f]{6}")
_ROOM = _integer(low=2, high=4294967294)  # the page prints an open interval, so its bounds are refused

LAYOUT_PARAMS = {
    "Width": _integer(required=True, low=2, high=3000),
    "Height": _integer(required=True, low=2, high=3000),
    "X": _integer(low=0, high=3000),
    "Y": _integer(low=0, high=3000),
    "ZOrder": _integer(),
}
CANVAS = {"LayoutParams": _structure(LAYOUT_PARAMS, required=True), "BackgroundColor": _COLOUR}
STREAM_LAYOUT = {
    "LayoutParams": _structure(LAYOUT_PARAMS, required=True),
    "InputStreamId": _string(),
    "BackgroundColor": _COLOUR,
    "FillMode": _integer(words=(0, 1)),
}
CUSTOM_LAYOUT = {
    "Canvas": _structure(CANVAS, required=True),
    "InputStreamList": _structure(STREAM_LAYOUT, required=True, many=True),
}
MIX_STREAM = {
    "Enabled": _boolean(required=True),
    "DisableAudio": _boolean(),
    "ModelId": _integer(),  # its range counts only without Custom: see check_start_online_record
    "TeacherId": _string(),
    "Custom": _structure(CUSTOM_LAYOUT),
}
STREAM_CONTROL = {
    "StreamId": _string(required=True),
    "DisableRecord": _boolean(),
    "DisableAudio": _boolean(),
    "PullSmallVideo": _boolean(),
}
RECORD_CONTROL = {
    "Enabled": _boolean(required=True),
    "DisableRecord": _boolean(),
    "DisableAudio": _boolean(),
    "PullSmallVideo": _boolean(),
    "StreamControls": _structure(STREAM_CONTROL, many=True),
}
CONCAT = {"Enabled": _boolean(required=True), "Image": _string()}
WHITEBOARD = {"Width": _integer(low=2), "Height": _integer(low=2), "InitParam": _string()}

START_ONLINE_RECORD = {
    "SdkAppId": _integer(required=True),
    "RoomId": replace(_ROOM, required=True),
    "RecordUserId": _string(required=True),
    "RecordUserSig": _string(required=True),
    "GroupId": _string(),
    "Concat": _structure(CONCAT),
    "Whiteboard": _structure(WHITEBOARD),
    "MixStream": _structure(MIX_STREAM),
    "Extras": _string(many=True, words=("MIX_STREAM",), value_code="InvalidParameter.InvalidExtra"),
    "AudioFileNeeded": _boolean(),
    "RecordControl": _structure(RECORD_CONTROL),
    "RecordMode": _string(words=("REALTIME_MODE", "VIDEO_GENERATION_MODE")),
    "ChatGroupId": _string(),
    "AutoStopTimeout": _integer(low=300, high=86400),
    "ExtraData": _string(),
    "TRTCRoomId": replace(_ROOM, chinese_only=True),
    "TRTCRoomIdStr": _string(chinese_only=True),
}
_TIW_APP = {"SdkAppId": _integer(required=True)}
_TIW_TASK = {**_TIW_APP, "TaskId": _string(required=True)}

_GME = {"type_code": "InvalidParameter", "value_code": "InvalidParameter"}
_BIZ = Field("unsigned", required=True, **_GME)
_GME_TASK = Field("unsigned", required=True, low=1, type_code="InvalidParameter",
                  value_code="InvalidParameterValue.InvalidTaskId")  # fmt: skip
_GME_ROOM = Field("string", required=True, pattern=r"(?s).+", type_code="InvalidParameter",
                  value_code="InvalidParameterValue.InvalidRoomId")  # fmt: skip
_GME_MODE = Field("unsigned", required=True, words=(1, 2, 3), type_code="InvalidParameter",
                  value_code="InvalidParameterValue.InvalidRecordMode")  # fmt: skip
_WRONG_LISTS = "InvalidParameterValue.InvalidSubscribeRecordUserIds"
# Declared as texts, yet the page's own example sends numbers: both are taken.
_USERS = Field("text or number", many=True, most=20, type_code=_WRONG_LISTS)
SUBSCRIBE_RECORD_USER_IDS = {
    "SubscribeUserIds": replace(_USERS, value_code="InvalidParameterValue.InvalidSubscribeUserIds"),
    "UnSubscribeUserIds": replace(_USERS, value_code="InvalidParameterValue.InvalidUNSubscribeUserIds"),
}
# Both lists at once pass: the SDK's text forbids it, the page's example does it.
_SUBSCRIPTION = Field("structure", table=SUBSCRIBE_RECORD_USER_IDS, type_code=_WRONG_LISTS)

ACTIONS = {
    "tiw": {
        "StartOnlineRecord": START_ONLINE_RECORD,
        "StopOnlineRecord": _TIW_TASK,
        "PauseOnlineRecord": _TIW_TASK,
        "ResumeOnlineRecord": _TIW_TASK,
        "DescribeOnlineRecord": _TIW_TASK,
        "SetOnlineRecordCallback": {
            **_TIW_APP,
            "Callback": _string(
                required=True,
                pattern=r"(https?://\S+)?",
                value_code="InvalidParameter.CallbackAddressFormatError",
            ),
        },
        "SetOnlineRecordCallbackKey": {
            **_TIW_APP,
            "CallbackKey": _string(required=True, most=64, value_code="InvalidParameter"),
        },
        "DescribeOnlineRecordCallback": _TIW_APP,
        "DescribeRunningTasks": {
            "SdkAppID": _integer(required=True),
            "TaskType": _string(
                required=True,
                words=("TranscodeH5", "TranscodeJPG", "WhiteboardPush", "OnlineRecord"),
                value_code="InvalidParameter",
            ),
            "Offset": _integer(low=0, value_code="InvalidParameter"),
            "Limit": _integer(low=1, high=500, value_code="InvalidParameter"),
        },
        # Its inputs are documented by one example only.
        "DescribeRecordSearch": {
            "Offset": _integer(low=0, value_code="InvalidParameter"),
            "Limit": _integer(low=1, value_code="InvalidParameter"),
            "RoomId": _integer(value_code="InvalidParameter"),
        },
    },
    "gme": {
        "StartRecord": {
            "BizId": _BIZ,
            "RoomId": _GME_ROOM,
            "RecordMode": _GME_MODE,
            "SubscribeRecordUserIds": _SUBSCRIPTION,
        },
        "StopRecord": {"TaskId": _GME_TASK, "BizId": _BIZ},
        "ModifyRecordInfo": {
            "TaskId": _GME_TASK,
            "RecordMode": _GME_MODE,
            "BizId": _BIZ,
            "SubscribeRecordUserIds": _SUBSCRIPTION,
        },
        "DescribeTaskInfo": {"BizId": _BIZ, "RoomId": _GME_ROOM},
        "DescribeRecordInfo": {"TaskId": _GME_TASK, "BizId": _BIZ},
    },
}
CHINESE_ONLY_ACTIONS = ("DescribeRunningTasks",)
INTERNATIONAL_ONLY_ACTIONS = ("DescribeRecordSearch",)

_KINDS = {
    "integer": (lambda value: type(value) is int and value in INT64, "an integer"),
    "unsigned": (lambda value: type(value) is int and value in UINT64, "an unsigned integer"),
    "boolean": (lambda value: type(value) is bool, "a boolean"),
    "string": (lambda value: _is_text(value), "a text"),
    "text or number": (lambda value: _is_text(value) or type(value) is int, "a text"),
    "structure": (lambda value: type(value) is dict, "an object"),
}


def _is_text(value: object) -> bool:
    # A lone surrogate can be written in JSON but is no text: it has no UTF-8 form.
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def from_text(table: dict[str, Field], values: dict) -> dict:
    """Give the values of a GET or form request the types of their table; what does not fit stays text."""
    return {name: _typed(table[name], value) if name in table else value for name, value in values.items()}


def _typed(field: Field, value: object) -> object:
    if field.many:
        items = _items(value)
        return value if items is None else [_typed_one(field, item) for item in items]
    return _typed_one(field, value)


def _items(value: object) -> list | None:
    """The members of ``{"0": .., "1": ..}`` in order; None when these are not all the places from 0 on."""
    if not isinstance(value, dict) or set(value) != {str(place) for place in range(len(value))}:
        return None
    return [value[str(place)] for place in range(len(value))]


def _typed_one(field: Field, value: object) -> object:
    if field.kind == "structure":
        return from_text(field.table, value) if isinstance(value, dict) else value
    if (
        field.kind in ("integer", "unsigned")
        and isinstance(value, str)
        and re.fullmatch("-?[0-9]{1,20}", value)
    ):
        return int(value)
    if field.kind == "boolean":
        # The official Python SDK writes True and False in this form.
        return {"true": True, "True": True, "false": False, "False": False}.get(value, value)
    return value


def check(table: dict[str, Field], values: dict, *, chinese: bool, path: str = "") -> None:
    """Check parameters against their table.

    Arguments: the table, the nested parameters, whether the Chinese edition's fields exist, and the dotted
    name of what is being looked at. Raises ApiError: UnknownParameter, MissingParameter, or the field's codes.
    Source: tiw.md sections 2 to 7, gme.md sections 2 to 5, errors.md.
    """
    for name in values:
        if name not in table or (table[name].chinese_only and not chinese):
            raise ApiError("UnknownParameter", f"There is no parameter {path}{name} in this action.")
    for name, field in table.items():
        if field.required and name not in values:
            raise ApiError("MissingParameter", f"The parameter {path}{name} is missing.")
    for name, value in values.items():
        _check_value(table[name], value, path + name, chinese)


def _check_value(field: Field, value: object, name: str, chinese: bool) -> None:
    if not field.many:
        _check_one(field, value, name, chinese)
        return
    if not isinstance(value, list):
        raise ApiError(field.type_code, f"{name} must be a list.")
    for place, member in enumerate(value):
        _check_one(field, member, f"{name}.{place}", chinese)
    if field.most is not None and len(value) > field.most:
        raise ApiError(field.value_code, f"{name} may have {field.most} members at most.")


def _check_one(field: Field, value: object, name: str, chinese: bool) -> None:
    fits, kind = _KINDS[field.kind]
    if not fits(value):
        raise ApiError(field.type_code, f"{name} must be {kind}.")
    if field.table is not None:
        check(field.table, value, chinese=chinese, path=f"{name}.")
    elif isinstance(value, str):
        _check_string(field, value, name)
    else:
        _check_number(field, value, name)


def _check_number(field: Field, value: int, name: str) -> None:
    if field.low is not None and value < field.low:
        raise ApiError(field.value_code, f"{name} must be at least {field.low}.")
    if field.high is not None and value > field.high:
        raise ApiError(field.value_code, f"{name} must be at most {field.high}.")
    _check_words(field, value, name)


def _check_string(field: Field, value: str, name: str) -> None:
    if field.most is not None and not field.many and len(value) > field.most:
        raise ApiError(field.value_code, f"{name} may have {field.most} characters at most.")
    if field.pattern and not re.fullmatch(field.pattern, value):
        raise ApiError(field.value_code, f"{name} has a wrong form.")
    _check_words(field, value, name)


def _check_words(field: Field, value: object, name: str) -> None:
    if field.words and value not in field.words:
        raise ApiError(field.value_code, f"{name} must be {_either(field.words)}.")


def _either(words: Iterable) -> str:
    return " or ".join(str(word) for word in words)


def check_start_online_record(values: dict) -> None:
    """The rules across fields of StartOnlineRecord, each message naming the one field that can mend it.

    Raises ApiError InvalidParameter.RecordParameter. Source: tiw.md section 8, rules R1 R2 R5 R6 R8 R12.
    """
    _check_record_user(values["RoomId"], values["RecordUserId"])
    mix = values.get("MixStream")
    if mix and mix["Enabled"]:
        if "MIX_STREAM" not in values.get("Extras", ()):
            raise ApiError(WRONG_VALUE, "Extras must contain MIX_STREAM for mixed recording.")
        if "Custom" not in mix and mix.get("ModelId") not in (1, 2):
            raise ApiError(WRONG_VALUE, "MixStream.ModelId must be 1 or 2 where no custom layout is given.")
    if mix and "Custom" in mix:
        _check_layout(mix["Custom"])
    if "ChatGroupId" in values and values.get("RecordMode") != "VIDEO_GENERATION_MODE":
        raise ApiError(WRONG_VALUE, "ChatGroupId may only be given in the video generation mode.")


def _check_record_user(room: int, user: str) -> None:
    if len(user.encode()) > 60:
        raise ApiError(WRONG_VALUE, "RecordUserId may have 60 bytes at most.")
    if not re.fullmatch(rf"(?s)tic_record_user_{room}_.+", user):
        raise ApiError(WRONG_VALUE, f"RecordUserId must read tic_record_user_{room}_ and a random text.")


def _check_layout(custom: dict) -> None:
    canvas = custom["Canvas"]["LayoutParams"]
    if not custom["InputStreamList"]:
        raise ApiError(WRONG_VALUE, "MixStream.Custom.InputStreamList must hold at least one stream.")
    for place, stream in enumerate(custom["InputStreamList"]):
        box, name = stream["LayoutParams"], f"MixStream.Custom.InputStreamList.{place}.LayoutParams"
        if box.get("X", 0) + box["Width"] > canvas["Width"]:
            raise ApiError(WRONG_VALUE, f"{name}.Width reaches beyond the canvas.")
        if box.get("Y", 0) + box["Height"] > canvas["Height"]:
            raise ApiError(WRONG_VALUE, f"{name}.Height reaches beyond the canvas.")
