"""What the cloud's answers say about a task, in our words. Pure reading: nothing is asked and nothing is stored.

The answers are read with mistrust: a field that is missing, null or of another kind than documented is left out.
Sources: tiw.md sections 4, 6, 7 and 9 (DescribeOnlineRecord, DescribeRunningTasks, DescribeRecordSearch), gme.md
section 5 (DescribeTaskInfo, DescribeRecordInfo).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from recorder_app.choices import FileKind, RecordingStatus

# DescribeOnlineRecord's words. STOPPED is not the end: the files are still being made.
TIW_WORDS = {
    "PREPARED": RecordingStatus.STARTING,
    "RECORDING": RecordingStatus.RECORDING,
    "PAUSED": RecordingStatus.PAUSED,
    "STOPPED": RecordingStatus.PROCESSING,
    "FINISHED": RecordingStatus.FINISHED,
}
TIW_KINDS = {
    0: FileKind.CAMERA,
    1: FileKind.SCREEN,
    2: FileKind.WHITEBOARD,
    3: FileKind.MIXED,
    4: FileKind.AUDIO,
}
# RecordStatus of one GME file: 2 while it is recorded, then on its way, from 13 on it exists.
GME_RECORDING, GME_UPLOADED = 2, 13
GME_MIXED_USER = "0"
_MOST = 2**63 - 1


@dataclass(frozen=True)
class FileFacts:
    """One file. Sizes in bytes, lengths in milliseconds, ``begun_at`` in Unix seconds; None where not told."""

    key: str
    kind: FileKind
    name: str = ""
    format: str = ""
    url: str = ""
    owner: str = ""
    size_bytes: int | None = None
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None
    begins_ms: int | None = None
    begun_at: int | None = None
    status: str = ""


@dataclass(frozen=True)
class TaskFacts:
    """A task as the cloud describes it. ``status`` is None when it says nothing that we understand.

    ``word`` is the cloud's own; ``started_at`` and ``stopped_at`` are Unix seconds. ``result`` tells of the whole:
    total_ms, exceptions, omitted, interrupts, replay_url.
    """

    status: RecordingStatus | None
    word: str = ""
    record_user_id: str = ""
    started_at: int | None = None
    stopped_at: int | None = None
    finish_reason: str = ""
    failure: str = ""
    files: tuple[FileFacts, ...] = ()
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """A task that may be the one that is looked for: TIW's lists do not name the RecordUserId.

    ``created_at`` is the cloud's text, since its time zone is not documented everywhere.
    """

    task_id: str
    room_id: str
    created_at: str
    has_failed: bool = False


def read_tiw_task(fields: dict[str, Any]) -> TaskFacts:
    """What DescribeOnlineRecord answered. Source: tiw.md sections 4 and 9."""
    word = _text(fields.get("Status"), 40)
    status, reason = TIW_WORDS.get(word.upper()), _text(fields.get("FinishReason"), 40)
    files = tuple(_tiw_files(fields.get("VideoInfos")))
    failed = status == RecordingStatus.FINISHED and reason == "EXCEPTION" and not files
    return TaskFacts(
        status=RecordingStatus.FAILED if failed else status,
        word=word,
        record_user_id=_text(fields.get("RecordUserId"), 80),
        started_at=_whole(fields.get("RecordStartTime")) or None,
        stopped_at=_whole(fields.get("RecordStopTime")) or None,
        finish_reason=reason,
        files=files,
        result=_tiw_result(fields),
    )


def _tiw_result(fields: dict[str, Any]) -> dict[str, Any]:
    told = {
        "total_ms": _whole(fields.get("TotalTime")),
        "exceptions": _whole(fields.get("ExceptionCnt")),
        "replay_url": _text(fields.get("ReplayUrl"), 2000),
        "omitted": [
            {
                "at_ms": _whole(gap.get("VideoTime")),
                "paused_ms": _whole(gap.get("PauseTime")),
                "resumed_ms": _whole(gap.get("ResumeTime")),
            }
            for gap in _objects(fields.get("OmittedDurations"))
        ],
        "interrupts": [
            {"owner": _text(one.get("UserId"), 200), "count": _whole(one.get("Count"))}
            for one in _objects(fields.get("Interrupts"))
            # A stream that never broke needs no mention.
            if one.get("Count") != 0
        ],
    }
    return {name: value for name, value in told.items() if value}


def _tiw_files(infos: Any) -> Iterator[FileFacts]:
    for number, info in enumerate(_objects(infos)):
        kind = TIW_KINDS.get(info.get("VideoType"), FileKind.OTHER)
        owner, url = _text(info.get("UserId"), 200), _text(info.get("VideoUrl"), 4000)
        # Without an id the place in the list is what tells one file from another.
        key = _text(info.get("VideoId"), 500) or f"{kind.value}:{owner}:{number}"[:500]
        yield FileFacts(
            key=key,
            kind=kind,
            name=url.partition("?")[0].rpartition("/")[2][:500],
            format=_text(info.get("VideoFormat"), 20),
            url=url,
            owner=owner,
            size_bytes=_whole(info.get("VideoSize")),
            duration_ms=_whole(info.get("VideoDuration")),
            width=_pixels(info.get("Width")),
            height=_pixels(info.get("Height")),
            begins_ms=_whole(info.get("VideoPlayTime")),
        )


def read_gme_files(fields: dict[str, Any]) -> tuple[FileFacts, ...]:
    """The files of DescribeRecordInfo, whose list may be null. Source: gme.md section 5."""
    return tuple(
        FileFacts(
            key=name,
            kind=FileKind.MIXED_VOICE if info.get("UserId") == GME_MIXED_USER else FileKind.VOICE,
            name=name.rpartition("/")[2],
            format=name.rpartition(".")[2][:20] if "." in name else "",
            owner="" if info.get("UserId") == GME_MIXED_USER else _text(info.get("UserId"), 200),
            begun_at=_whole(info.get("RecordBeginTime")) or None,
            status=str(state) if (state := _whole(info.get("RecordStatus"))) is not None else "",
        )
        for info in _objects(fields.get("RecordInfo"))
        if (name := _text(info.get("FileName"), 500))
    )


def gme_file_states(files: tuple[FileFacts, ...]) -> list[int]:
    """The number of each file's state; a file without one counts as on its way."""
    return [int(file.status) if file.status else 0 for file in files]


def read_running_tasks(fields: dict[str, Any]) -> list[Candidate]:
    """The class recordings in an answer of DescribeRunningTasks, Chinese edition. Source: tiw.md section 6."""
    return [
        Candidate(task_id, _number_text(item.get("RoomID")), _text(item.get("CreateTime"), 40))
        for item in _objects(fields.get("Tasks"))
        if item.get("TaskType", "OnlineRecord") == "OnlineRecord"
        and (task_id := _text(item.get("TaskID"), 64))
    ]


def read_record_search(fields: dict[str, Any], *, sdk_app_id: str) -> list[Candidate]:
    """The tasks of one application in an answer of DescribeRecordSearch, which is scoped to the account.

    Source: tiw.md section 6; international edition, its inputs are not documented.
    """
    return [
        Candidate(
            task_id,
            _number_text(item.get("RoomId")),
            _text(item.get("CreateTime"), 40),
            has_failed=bool(_objects([item.get("Result")]) and item["Result"].get("ErrorCode")),
        )
        for item in _objects(fields.get("RecordTaskSet"))
        if _number_text(item.get("SdkAppId")) == sdk_app_id and (task_id := _text(item.get("TaskId"), 64))
    ]


def read_room_task(fields: dict[str, Any]) -> tuple[str, int | None]:
    """TaskId (text, "" for none) and RecordMode of DescribeTaskInfo; each may be null. Source: gme.md section 5."""
    task_id = _whole(fields.get("TaskId"), most=2**64 - 1)
    return (str(task_id) if task_id else ""), _whole(fields.get("RecordMode"))


@dataclass(frozen=True)
class Subscription:
    """What a voice recording records: files by ``mode`` (1 for each user, 2 mixed, 3 both), of ``only`` these users, of
    everybody ``but`` these, or of everybody where neither names any."""

    mode: int
    only: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


def read_subscription(fields: dict[str, Any]) -> Subscription | None:
    """What StartRecord and ModifyRecordInfo are told, and DescribeTaskInfo tells; None where the mode is null.

    Lists that are null beside a mode mean everybody, as is the default. Source: gme.md sections 3 to 5.
    """
    mode = _whole(fields.get("RecordMode"))
    if mode is None:
        return None
    lists = fields.get("SubscribeRecordUserIds")
    lists = lists if isinstance(lists, dict) else {}
    return Subscription(mode, _texts(lists.get("SubscribeUserIds")), _texts(lists.get("UnSubscribeUserIds")))


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Any, most: int) -> str:
    return value[:most] if isinstance(value, str) else ""


def _number_text(value: Any) -> str:
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""


def _whole(value: Any, most: int = _MOST) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else None


def _pixels(value: Any) -> int | None:
    return _whole(value, most=100_000)
