"""What a finished class recording leaves behind: its videos, and what the joined video leaves out.

Source: tiw.md section 7 (VideoInfo, OmittedDuration) and section 10 (sizes of the built-in layouts).
"""

from itertools import pairwise

from recorder_app.sandbox.state import Task

_CAMERA, _SCREEN, _WHITEBOARD, _MIXED, _AUDIO = 0, 1, 2, 3, 4
_BUILT_IN_CANVAS = {1: (1320, 1224), 2: (1624, 1000)}
_DEMO_USER = "teacher"  # who is in the room where nobody is named
_BYTES_PER_SECOND = {"mp4": 90_000, "mp3": 8_000}


def segments(task: Task, until: float) -> list[tuple[float, float]]:
    """The stretches really recorded up to a moment: the time between start and end without the pauses."""
    end = min(until, task.ended_at)
    marks = [(task.data["started_at"], "RECORDING"), *(tuple(change) for change in task.data["changes"])]
    marks = [mark for mark in marks if mark[0] < end] + [(end, "")]
    return [(begin, stop) for (begin, word), (stop, _) in pairwise(marks) if word == "RECORDING"]


def omitted_durations(task: Task) -> list[dict]:
    """Where the joined video jumps over a pause; empty unless Concat joins the pieces. Milliseconds."""
    if not _joined(task):
        return []
    played, jumps = 0.0, []
    for (begin, pause), (resume, _) in pairwise(segments(task, task.ended_at)):
        played += pause - begin
        jumps.append(
            {
                "VideoTime": int(played * 1000),
                "PauseTime": int(pause * 1000),
                "ResumeTime": int(resume * 1000),
            }
        )
    return jumps


def video_infos(task: Task, files_url: str) -> list[dict]:
    """The files: one per stream where Concat joins the pieces, else one per stream and piece."""
    pieces = [stop - begin for begin, stop in segments(task, task.ended_at)]
    if _joined(task):
        pieces = [sum(pieces)]
    infos, at = [], 0.0
    for length in pieces:
        for kind, user, width, height in _streams(task):
            infos.append(_info(task, files_url, len(infos), (at, length), (kind, user, width, height)))
        at += length
    return infos


def _joined(task: Task) -> bool:
    return task.parameters.get("Concat", {}).get("Enabled", False)


def _info(task: Task, files_url: str, number: int, span: tuple, stream: tuple) -> dict:
    (at, length), (kind, user, width, height) = span, stream
    video_format = "mp3" if kind == _AUDIO else "mp4"
    return {
        "VideoPlayTime": int(at * 1000),
        "VideoSize": int(length * _BYTES_PER_SECOND[video_format]),
        "VideoFormat": video_format,
        "VideoDuration": int(length * 1000),
        "VideoUrl": f"{files_url}/{task.task_id}/{number}.{video_format}",
        "VideoId": f"{task.task_id}-{number}",
        "VideoType": kind,
        "UserId": user,
        "Width": width,
        "Height": height,
    }


def _streams(task: Task) -> list[tuple[int, str, int, int]]:
    """Kind, owner, width and height of every stream that is kept."""
    whiteboard, mix = task.parameters.get("Whiteboard", {}), task.parameters.get("MixStream", {})
    user = mix.get("TeacherId") or _DEMO_USER
    streams = [
        ("tic_record_user", (_WHITEBOARD, "", whiteboard.get("Width", 1280), whiteboard.get("Height", 960))),
        (user, (_CAMERA, user, 640, 480)),
        ("tic_substream", (_SCREEN, f"tic_substream_{user}", 1280, 720)),
    ]
    if task.parameters.get("AudioFileNeeded"):
        streams.append((user, (_AUDIO, user, 0, 0)))
    kept = [stream for name, stream in streams if _is_recorded(task, name)]
    return kept + ([_mixed(task, mix)] if mix.get("Enabled") else [])


def _is_recorded(task: Task, stream: str) -> bool:
    control = task.parameters.get("RecordControl", {})
    if not control.get("Enabled"):
        return True
    for override in control.get("StreamControls", ()):
        if stream.startswith(override["StreamId"]):
            return not override.get("DisableRecord", False)
    return not control.get("DisableRecord", False)


def _mixed(task: Task, mix: dict) -> tuple[int, str, int, int]:
    if "Custom" in mix:
        canvas = mix["Custom"]["Canvas"]["LayoutParams"]
        return _MIXED, f"tic_mixstream_{task.room}_custom", canvas["Width"], canvas["Height"]
    width, height = _BUILT_IN_CANVAS[mix["ModelId"]]
    return _MIXED, f"tic_mixstream_{task.room}_{mix['ModelId']}", width, height
