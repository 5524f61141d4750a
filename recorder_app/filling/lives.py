"""The lives of recordings: every call, callback, change of status and file of one, in times that fit together.

Rows are tuples of text in the order of the columns named here, with the database's own sign where a column is null: so
they are written without another look at them. Times are microseconds since 1970.
"""

import random
from collections.abc import Iterator

from recorder_app.filling import mixture
from recorder_app.filling.params import Wishes
from recorder_app.filling.seasons import SECOND, stamp
from recorder_app.filling.world import TIW, Place, World

CALL = (
    *("id", "account_id", "account_name", "application_id", "application_name", "product", "environment"),
    *("endpoint", "region", "room_id", "recording_id", "action", "params", "outcome", "request_id"),
    *("error_code", "error_message", "answer", "http_status", "duration_ms", "clock_offset_ms", "attempt"),
    *("by_id", "by_name", "origin", "created_at", "sent_at", "answered_at"),
)
RECORDING = (
    *("id", "application_id", "application_name", "account_name", "environment", "product", "room_id"),
    *("record_user_id", "task_id", "status", "params", "intention_key", "started_by_id", "started_by_name"),
    *("origin", "created_at", "started_at", "stopped_at", "finish_reason", "failure", "cloud_status"),
    *("checked_at", "unknown_since", "result", "watch_failures", "missing_since", "verb", "verb_at"),
    *("settle_step", "settle_tries", "due_at", "claimed_until", "claimed_by"),
)
EVENT = (
    *("id", "application_id", "application_name", "product", "recording_id", "room_id", "record_user_id"),
    *("task_id", "event_type", "body", "digest", "signature_form", "deliveries", "occurred_at"),
    *("received_at", "last_received_at", "created_at", "applied_at", "outcome"),
    *("due_at", "claimed_until", "claimed_by"),
)
CHANGE = (
    *("id", "recording_id", "status", "previous", "why", "by_id", "by_name", "note", "at"),
    *("call_id", "event_id"),
)
FILE = (
    *("id", "recording_id", "key", "kind", "name", "format", "url", "owner", "size_bytes", "duration_ms"),
    *("width", "height", "begins_ms", "begun_at", "position", "status", "seen_at"),
)
# (when, whether it is a call, the row without its id, the change it causes)
Happening = tuple[int, bool, tuple, tuple | None]
FINISHED = {"tiw": ("STOPPED", "FINISHED"), "gme": ("12", "14")}


class Lives:
    """Tells lives one after another; what happens in them is collected to be sorted by time."""

    def __init__(
        self, dice: random.Random, world: World, first_recording: int, first_file: int, null: str | None
    ) -> None:
        self.recordings: list[tuple] = []
        self.files: list[tuple] = []
        self.happenings: list[Happening] = []
        self.calls = 0
        self.null, self.nobody = null, (null, "")
        # Nothing of a life that has ended is due, held, or being done.
        self.over = ("0", null, "", null, "", "0", null, null, "")
        self._next_recording, self._next_file = first_recording, first_file
        self._chance, self._bits, self._bytes = dice.random, dice.getrandbits, dice.randbytes
        self.request_id = self._request_ids().__next__
        self._world, self._wishes = world, Wishes(dice)
        self._times = mixture.answer_times(dice)
        self._offsets = [str(round(dice.gauss(40, 90))) for _ in range(997)]
        names = ("START_TIW", "START_GME", "READ_TIW", "READ_GME", "STOP_TIW", "STOP_GME")
        self._refusals = {name: mixture.pool(getattr(mixture, name)) for name in names}

    def tell(self, at: int, place: Place, *, is_short: bool = False) -> None:
        """One recording that is intended at a moment; a short one ends with its first call."""
        life = _Life(self, at, place)
        chance = self._chance() * (mixture.NOT_SENT if is_short else 1)
        if chance < mixture.REFUSED:
            life.is_refused()
        elif chance < mixture.NOT_SENT:
            life.is_not_sent()
        elif chance < mixture.UNKNOWN:
            life.is_unknown()
        else:
            life.is_accepted(fails=chance < mixture.FAILED)
        self.recordings.append(life.row())

    def number(self) -> str:
        self._next_recording += 1
        return str(self._next_recording - 1)

    def keep_file(self, *values: str | None) -> None:
        self.files.append((str(self._next_file), *values))
        self._next_file += 1

    def pick[T](self, among: list[T] | tuple[T, ...]) -> T:
        return among[int(self._chance() * len(among))]

    def _request_ids(self) -> Iterator[str]:
        # A thousand at a time: one draw, and one conversion to text.
        while True:
            for text in self._bytes(16 * 1000).hex("-", 16).split("-"):
                yield f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def task_id(self, product: str) -> str:
        if product == TIW:
            return "".join(["0123456789abcdefghijklmnopqrstuv"[self._bits(5)] for _ in range(20)])
        # Beyond 2^53, where a floating-point number would lose digits, and now and then beyond 2^63, too.
        return str((2**60 + self._bits(63)) | 1)


class _Life:
    """One recording on its way."""

    def __init__(self, lives: Lives, at: int, place: Place) -> None:
        self.lives, self.place, self.at = lives, place, at
        self.is_tiw = place.product == TIW
        self.number, self.room = lives.number(), lives.pick(place.rooms)
        self.by = lives.pick(lives._world.people)
        self.user = f"tic_record_user_{self.room}_{lives._bits(32):08x}" if self.is_tiw else ""
        self.params, self.mix = lives._wishes.start(place, self.room, self.user)
        self.head = (*place.head, self.room, self.number)
        self.intended = stamp(at)
        self.task, self.status = "", "intended"
        self.began, self.ended = None, None
        self.checked = self.unknown_since = lives.null
        self.cloud_status, self.reason, self.failure, self.result = "", "", "", "{}"
        self.start = "StartOnlineRecord" if self.is_tiw else "StartRecord"
        self.read = "DescribeOnlineRecord" if self.is_tiw else "DescribeRecordInfo"

    # --- The ways it can go --------------------------------------------------------------------------
    def is_refused(self) -> None:
        code, message = self.lives.pick(self.lives._refusals["START_TIW" if self.is_tiw else "START_GME"])
        self.call(self.start, self.params, self.by, ("refused", code, message), becomes="refused")

    def is_not_sent(self) -> None:
        self.call(self.start, self.params, self.by, ("not_sent", "", ""), becomes="not_started")

    def is_unknown(self) -> None:
        """No answer; the search finds the task in most cases, and nothing in the others."""
        self.call(self.start, self.params, self.by, ("no_answer", "", ""), becomes="unknown")
        self.unknown_since = stamp(self.at)
        self.at += int((2 + 3 * self.lives._chance()) * SECOND)
        found = self.lives._chance() < 0.6
        action = "DescribeRunningTasks" if self.is_tiw else "DescribeTaskInfo"
        params = f'{{"{"SdkAppId" if self.is_tiw else "BizId"}":{self.place.app_id}}}'
        if not found:
            answer = '"Total":0,"Tasks":[],' if self.is_tiw else '"TaskId":null,"RecordMode":null,'
            self.call(action, params, answer=answer, becomes="not_started", why="settled")
            return
        self.gets_task()
        answer = f'"TaskId":"{self.task}",' if self.is_tiw else f'"TaskId":{self.task},"RecordMode":1,'
        self.began = self.at
        self.call(action, params, answer=answer, becomes="starting", why="settled")
        self.runs(fails=False)

    def is_accepted(self, *, fails: bool) -> None:
        self.gets_task()
        answer = f'"TaskId":"{self.task}",' if self.is_tiw else f'"TaskId":{self.task},'
        self.call(self.start, self.params, self.by, answer=answer, becomes="starting", why="call")
        self.began = self.at
        self.runs(fails=fails)

    def runs(self, *, fails: bool) -> None:
        chance = self.lives._chance
        length = int((15 + 90 * chance() * (1 - 0.6 * chance())) * 60 * SECOND)
        self.event("OnlineRecordStarted" if self.is_tiw else "1", self.at + 2 * SECOND)
        self.at += int((2.2 + chance()) * SECOND)
        if fails and self.is_tiw:
            self.breaks_down()
            return
        self.look("RECORDING" if self.is_tiw else "2", becomes="recording")
        begins, looks = self.at, 2 + int(5 * chance())
        pauses = self.is_tiw and chance() < 0.07
        for number in range(looks):
            self.at = begins + length * (number + 1) // (looks + 1)
            if pauses and number == 1:
                self.pauses()
            self.look("RECORDING" if self.is_tiw else "2")
        self.at = max(self.at + 30 * SECOND, begins + length)
        self.ends(begins)

    def pauses(self) -> None:
        self.call("PauseOnlineRecord", self.question, self.by)
        self.at += 2 * SECOND
        self.look("PAUSED", becomes="paused")
        self.at += int((60 + 500 * self.lives._chance()) * SECOND)
        self.call("ResumeOnlineRecord", self.question, self.by)
        self.at += 2 * SECOND
        self.look("RECORDING", becomes="recording")

    def breaks_down(self) -> None:
        code, message = mixture.FAILED_TIW
        self.cloud_status, self.failure, self.ended = "FINISHED", message, self.at
        self.reason = "EXCEPTION"
        self.call(self.read, self.question, ending=("refused", code, message), becomes="failed")
        self.checked = stamp(self.at)
        self.event("OnlineRecordFinished", self.at + SECOND)

    def ends(self, begins: int) -> None:
        """Somebody stops it, nine times out of ten, or it ends by itself; then its files come."""
        chance, stops = self.lives._chance, False
        if chance() < 0.9:
            stops = chance() > mixture.STOP_REFUSED
            by = self.by if chance() < 0.8 else self.lives.pick(self.lives._world.people)
            action = "StopOnlineRecord" if self.is_tiw else "StopRecord"
            if stops:
                self.call(action, self.question, by, becomes="stopping", why="call")
            else:
                refusals = self.lives._refusals["STOP_TIW" if self.is_tiw else "STOP_GME"]
                self.call(action, self.question, by, ("refused", *self.lives.pick(refusals)))
        self.at += 2 * SECOND
        self.ended = self.at
        self.reason = ("USER_CALL" if stops else "FORCE_STOP") if self.is_tiw else ""
        total = (self.ended - begins) // 1000
        self.event("OnlineRecordStopped" if self.is_tiw else "2", self.at + SECOND)
        self.at += int((1 + 2 * chance()) * SECOND)
        self.look(FINISHED[self.place.product][0], becomes="processing")
        self.at += int((20 + 300 * chance()) * SECOND)
        told = self.tell_files(total)
        self.event("OnlineRecordFinished" if self.is_tiw else "3", self.at - SECOND)
        self.look(FINISHED[self.place.product][1], becomes="finished", told=told, must_succeed=True)
        self.result = f'{{"total_ms":{total}}}' if self.is_tiw else "{}"

    def tell_files(self, total: int) -> str:
        """The files, as rows and as the cloud's answer tells them."""
        if not self.is_tiw:
            self.file_name = f"{self.place.app_id}_{self.room}/{self.task}_audio.mp3"
            self.lives.keep_file(
                self.number, self.file_name, "mixed_voice" if self.mix else "voice", f"{self.task}_audio.mp3",
                "mp3", "", "0" if self.mix else "10001", *[self.lives.null] * 5, stamp(self.began), "0",
                "14", stamp(self.at),
            )  # fmt: skip
            return (
                f'{{"UserId":"{"0" if self.mix else "10001"}","FileName":"{self.file_name}",'
                f'"RecordBeginTime":{self.began // SECOND},"RecordStatus":14}}'
            )
        streams = [("camera", 0, "teacher", 640, 480), ("whiteboard", 2, "", 1280, 960)]
        if self.mix:
            streams.append(("mixed", 3, f"tic_mixstream_{self.room}_1", 1320, 1224))
        return ",".join(
            self.video(number, stream, total)
            for number, stream in enumerate(streams[: 1 + 2 * self.mix or 2])
        )

    def video(self, number: int, stream: tuple[str, int, str, int, int], total: int) -> str:
        kind, word, owner, width, height = stream
        key, name = f"{self.task}-{number}", f"{number}.mp4"
        url = f"http://127.0.0.1:8001/files/{self.task}/{name}"
        size = total * 90
        self.lives.keep_file(
            self.number, key, kind, name, "mp4", url, owner, str(size), str(total), str(width), str(height),
            "0", self.lives.null, str(number), "", stamp(self.at),
        )  # fmt: skip
        return (
            f'{{"VideoPlayTime":0,"VideoSize":{size},"VideoFormat":"mp4","VideoDuration":{total},'
            f'"VideoUrl":"{url}","VideoId":"{key}","VideoType":{word},"UserId":"{owner}",'
            f'"Width":{width},"Height":{height}}}'
        )

    # --- What happens --------------------------------------------------------------------------------
    def gets_task(self) -> None:
        self.task = self.lives.task_id(self.place.product)
        self.question = (
            f'{{"SdkAppId":{self.place.app_id},"TaskId":"{self.task}"}}'
            if self.is_tiw
            else f'{{"BizId":{self.place.app_id},"TaskId":{self.task}}}'
        )

    def look(self, word: str, *, becomes: str = "", told: str = "", must_succeed: bool = False) -> None:
        """The worker asks for the state; when it gets no answer that tells, it asks again."""
        while not must_succeed and (chance := self.lives._chance()) < mixture.READ_UNANSWERED:
            refusals = self.lives._refusals["READ_TIW" if self.is_tiw else "READ_GME"]
            ending = (
                ("refused", *self.lives.pick(refusals))
                if chance < mixture.READ_REFUSED
                else ("no_answer", "", "")
            )
            self.call(self.read, self.question, ending=ending)
            self.at += 4 * SECOND
        self.cloud_status = word if self.is_tiw else ""
        self.checked = stamp(self.at)
        began = self.began // SECOND
        if self.is_tiw:
            over = self.ended // SECOND if self.ended else 0
            answer = (
                f'"RoomId":{self.room},"Status":"{word}","TaskId":"{self.task}","GroupId":"{self.room}",'
                '"ReplayUrl":null,'
            )
            rest = (
                f',"TotalTime":0,"Interrupts":null,"VideoInfos":[{told}],"ExceptionCnt":0,'
                f'"FinishReason":"{self.reason}","RecordUserId":"{self.user}","RecordStopTime":{over},'
                f'"RecordStartTime":{began},"OmittedDurations":[]'
            )
        else:
            answer = f'"RoomId":"{self.room}",'
            rest = f',"RecordInfo":[{told}],"RecordMode":{2 if self.mix else 1}'
        self.call(self.read, self.question, answer=answer, rest=rest, becomes=becomes, why="refresh")

    def call(
        self,
        action: str,
        params: str,
        by: tuple[str, str] | None = None,
        ending: tuple[str, str, str] = ("ok", "", ""),
        *,
        answer: str = "",
        rest: str = "",
        becomes: str = "",
        why: str = "call",
    ) -> None:
        """One call, made now and answered a moment later, which is now afterwards.

        ``answer`` and ``rest`` are what stands in the answer before and after its RequestId: with the keys in the
        order in which PostgreSQL keeps them it reads a long answer in two thirds of the time.
        """
        lives, null, at = self.lives, self.lives.null, self.at
        outcome, code, message = ending
        took, kept, offset, status, request_id = lives.pick(lives._times), null, null, null, ""
        if outcome in ("ok", "refused"):
            request_id, offset, status = lives.request_id(), lives.pick(lives._offsets), "200"
            if code:
                answer = f'"Error":{{"Code":"{code}","Message":"{message}"}},'
            kept = f'{{{answer}"RequestId":"{request_id}"{rest}}}'
        elif outcome == "no_answer":
            took, message = mixture.READ_TIMEOUT_MS, mixture.NO_ANSWER_MESSAGE
        else:
            took, message = mixture.CONNECT_TIMEOUT_MS, mixture.NOT_SENT_MESSAGE
        left = at + 1500
        self.at = left + took * 1000 + 700
        answered = stamp(self.at)
        is_read = action[0] == "D"
        row = (
            *self.head, action, params, outcome, request_id, code, message, kept, status, str(took), offset, "1",
            *(by or lives.nobody), "person" if by else "background", stamp(at),
            null if is_read or outcome == "not_sent" else stamp(left), answered,
        )  # fmt: skip
        change = None
        if becomes:
            why = "refresh" if is_read and why == "call" else why
            change = (self.number, becomes, self.status, why, null, "", "", answered)
            self.status = becomes
        lives.calls += 1
        lives.happenings.append((at, True, row, change))

    def event(self, kind: str, at: int) -> None:
        """A callback that is stored at a moment and applied soon after."""
        lives, received = self.lives, stamp(at)
        if self.is_tiw:
            body = (
                f'{{"Timestamp":{at // SECOND},"SdkAppId":{self.place.app_id},"EventType":"{kind}","EventData":'
                f'{{"TaskId":"{self.task}","RoomId":{self.room},"RecordUserId":"{self.user}"}}}}'
            )
        else:
            body = (
                f'{{"BizID":{self.place.app_id},"RoomID":"{self.room}","UserID":"{"0" if self.mix else "10001"}",'
                f'"TaskID":{self.task},"RecordMode":{1 if self.mix else 0},"Timestamp":{at // SECOND},'
                f'"EventType":{kind},"Detail":{{"SeqNo":0,"FileName":"{self.place.app_id}_{self.room}/{self.task}_audio.mp3"}}}}'
            )
        row = (
            *self.place.event_head, self.number, self.room, self.user, self.task, kind, body,
            f"{lives._bits(256):064x}", "md5" if self.is_tiw else "base64", "1" if lives._chance() < 0.98 else "2",
            stamp(at - at % SECOND), received, received, received, stamp(at + SECOND // 3), "applied",
            lives.null, lives.null, "",
        )  # fmt: skip
        lives.happenings.append((at, False, row, None))

    def row(self) -> tuple:
        """The recording as it stands in the end."""
        began, ended = (stamp(at) if at else self.lives.null for at in (self.began, self.ended))
        return (
            self.number, *self.place.recording_head, self.room, self.user, self.task, self.status, self.params,
            f"{self.lives._bits(128):032x}", *self.by, "person", self.intended, began, ended, self.reason,
            self.failure, self.cloud_status, self.checked, self.unknown_since, self.result, *self.lives.over,
        )  # fmt: skip
