"""The API's own names of request fields, and how to find one in the text of a message.

Source: the parameter tables of StartOnlineRecord and StartRecord and their structures (page "Data Types").
"""

import re

# "#" stands for the number of a row, counted from 0.
_TIW_LAYOUT = (
    "LayoutParams.Width",
    "LayoutParams.Height",
    "LayoutParams.X",
    "LayoutParams.Y",
    "LayoutParams.ZOrder",
)
_PATHS = (
    *(
        "SdkAppId",
        "RoomId",
        "RecordUserId",
        "RecordUserSig",
        "GroupId",
        "AudioFileNeeded",
        "RecordMode",
        "ChatGroupId",
    ),
    *(
        "AutoStopTimeout",
        "ExtraData",
        "TRTCRoomId",
        "TRTCRoomIdStr",
        "TaskId",
        "BizId",
        "Callback",
        "CallbackKey",
    ),
    *("Extras", "Extras.#", "Whiteboard", "Whiteboard.Width", "Whiteboard.Height", "Whiteboard.InitParam"),
    *("Concat", "Concat.Enabled", "Concat.Image"),
    *("MixStream", "MixStream.Enabled", "MixStream.DisableAudio", "MixStream.ModelId", "MixStream.TeacherId"),
    *("MixStream.Custom", "MixStream.Custom.Canvas", "MixStream.Custom.Canvas.LayoutParams"),
    *(f"MixStream.Custom.Canvas.{name}" for name in (*_TIW_LAYOUT, "BackgroundColor")),
    *("MixStream.Custom.InputStreamList", "MixStream.Custom.InputStreamList.#"),
    *("MixStream.Custom.InputStreamList.#.LayoutParams", "MixStream.Custom.InputStreamList.#.InputStreamId"),
    *("MixStream.Custom.InputStreamList.#.BackgroundColor", "MixStream.Custom.InputStreamList.#.FillMode"),
    *(f"MixStream.Custom.InputStreamList.#.{name}" for name in _TIW_LAYOUT),
    *("RecordControl", "RecordControl.Enabled", "RecordControl.DisableRecord", "RecordControl.DisableAudio"),
    *("RecordControl.PullSmallVideo", "RecordControl.StreamControls", "RecordControl.StreamControls.#"),
    *(f"RecordControl.StreamControls.#.{name}" for name in ("StreamId", "DisableRecord", "DisableAudio")),
    "RecordControl.StreamControls.#.PullSmallVideo",
    *(
        "SubscribeRecordUserIds",
        "SubscribeRecordUserIds.SubscribeUserIds",
        "SubscribeRecordUserIds.UnSubscribeUserIds",
    ),
    *("SubscribeRecordUserIds.SubscribeUserIds.#", "SubscribeRecordUserIds.UnSubscribeUserIds.#"),
)


def _leaves() -> dict[str, str]:
    """Last names that belong to one nested field only, so that a message may use them without their path."""
    owners: dict[str, list[str]] = {}
    for path in _PATHS:
        if "." in path and "#" not in path:
            owners.setdefault(path.rpartition(".")[2], []).append(path)
    return {leaf: paths[0] for leaf, paths in owners.items() if len(paths) == 1 and leaf not in _PATHS}


_LEAVES = _leaves()


def _pattern() -> re.Pattern[str]:
    names = sorted({*_PATHS, *_LEAVES}, key=lambda name: (-name.count("."), -len(name)))
    words = "|".join(re.escape(name).replace(r"\#", r"\d+") for name in names)
    return re.compile(rf"(?<![\w.])(?:{words})(?!\w|\.\w)")


_FIELD = _pattern()


def field_in(message: str) -> str:
    """Return the dotted name of the request field that a message names as a word, or "" for none.

    Of several, the most deeply nested one is returned, and the longest of equals: the message of a structure
    often names the structure first. ``[0]`` is read as ``.0``.
    """
    found = _FIELD.findall(re.sub(r"\[(\d+)\]", r".\1", message))
    if not found:
        return ""
    name = max(found, key=lambda name: (name.count("."), len(name)))
    return _LEAVES.get(name, name)
