"""The sandbox without its sockets: takes a request, does the work, and says what is to be answered."""

import hashlib
import json
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from recorder_app.sandbox import faults, gme, rules, tiw
from recorder_app.sandbox.callbacks import Delivery
from recorder_app.sandbox.context import Context
from recorder_app.sandbox.faults import Faults, Strike
from recorder_app.sandbox.protocol import VERSIONS, ApiError, Call, HttpRequest, read_call, verify
from recorder_app.sandbox.state import Event, State

_REGIONS = ("ap-singapore", "ap-guangzhou")
_ACTIONS = {"tiw": tiw.ACTIONS, "gme": gme.ACTIONS}
_BEFORE_THE_WORK = (faults.ERROR, faults.HTTP_STATUS, faults.GARBAGE)


@dataclass(frozen=True)
class Answer:
    """What goes back: ``body`` None means that the connection is cut without a word.

    ``number`` is the call's number in the state, should the answer not arrive after all.
    """

    status: int
    body: bytes | None
    now: float
    number: int
    delayed: bool = False
    delay_after: float = 0.0


class Pace:
    """At most so many calls in any second, for each account and action. Refused calls do not count."""

    def __init__(self, rate: int):
        self._rate = rate
        self._lock = threading.Lock()
        self._recent: dict[tuple, deque] = {}

    def take(self, account: str, service: str, action: str, now: float) -> None:
        """Raises ApiError RequestLimitExceeded."""
        with self._lock:
            recent = self._recent.setdefault((account, service, action), deque())
            while recent and recent[0] <= now - 1:
                recent.popleft()
            if len(recent) >= self._rate:
                raise ApiError(
                    "RequestLimitExceeded", f"More than {self._rate} calls of {action} within a second."
                )
            recent.append(now)


class Desk:
    """Everything the sandbox does with a call. ``wait`` is how it lets seconds pass."""

    def __init__(
        self,
        *,
        state: State,
        accounts: Mapping[str, str],
        apps: Iterable[tuple[str, int]],
        sdk_keys: Mapping[int, str],
        rate: int,
        callback_delay: float,
        show_signatures: bool,
        clock: Callable[[], float],
        speed: float,
        wait: Callable[[float], object],
    ):
        self.state = state
        self.faults = Faults()
        self.apps = frozenset(apps)
        self.files_url = ""
        self._accounts = dict(accounts)
        self._sdk_keys = dict(sdk_keys)
        self._pace = Pace(rate)
        self._callback_delay = callback_delay
        self._show_signatures = show_signatures
        self._clock = clock
        self._speed = speed
        self.wait = wait

    def answer(self, request: HttpRequest) -> Answer:
        """Do what a request asks for, as far as it may and as far as no fault prevents it."""
        call, request_id = read_call(request), str(uuid.uuid4())
        strike = self.faults.strike(call.action)
        if strike.delay and not strike.delay.after:
            self.wait(strike.delay.seconds)
        now = self._clock()
        with self.state.transaction():
            outcome, response = self._work(call, request, strike, now)
            status, body, answered = self._ending(strike, response, request_id)
            number = self.state.add_call(
                call.service, call.action, request_id, self._shown(call), outcome, now, answered
            )
        after = strike.delay.seconds if strike.delay and strike.delay.after else 0.0
        return Answer(status, body, now + strike.skew, number, strike.delay is not None, after)

    def _work(self, call: Call, request: HttpRequest, strike: Strike, now: float) -> tuple[str, dict]:
        """The outcome as the state tells it, and the answer's fields."""
        ending = strike.ending
        if ending and ending.kind == faults.DROP_BEFORE:
            return ending.kind, {}
        if ending and ending.kind in _BEFORE_THE_WORK and not ending.after:
            return (ending.code if ending.kind == faults.ERROR else ending.kind), {}
        try:
            return "ok", self._perform(call, request, now, strike.skew)
        except ApiError as error:
            return error.code, {"Error": {"Code": error.code, "Message": error.message}}

    def _perform(self, call: Call, request: HttpRequest, now: float, skew: float) -> dict:
        account = verify(call, request, self._accounts, now + skew)
        table = self._table(call)
        self._pace.take(account, call.service, call.action, now)
        if call.fault:
            raise call.fault
        if call.as_text:
            call.parameters = rules.from_text(table, call.parameters)
        rules.check(table, call.parameters, chinese=call.is_chinese)
        self._check_app(call)
        context = Context(
            state=self.state,
            now=now,
            speed=self._speed,
            is_chinese=call.is_chinese,
            files_url=self.files_url,
            callback_delay=self._callback_delay,
            sdk_keys=self._sdk_keys,
        )
        return _ACTIONS[call.service][call.action](context, call.parameters)

    def _table(self, call: Call) -> dict:
        """The action's table, once version, region and action are known to go together."""
        if call.version != VERSIONS.get(call.service):
            raise ApiError("NoSuchVersion", f"There is no version {call.version} of this service.")
        if call.service == "tiw":
            if call.region is None:
                raise ApiError("MissingParameter", "The common parameter Region is missing.")
            if call.region not in _REGIONS:
                raise ApiError(
                    "UnsupportedRegion", f"The service is offered in {' and '.join(_REGIONS)} only."
                )
        elif call.region is not None and not call.region.strip():
            raise ApiError("UnsupportedRegion", "An empty region is none: leave it out.")
        foreign = rules.INTERNATIONAL_ONLY_ACTIONS if call.is_chinese else rules.CHINESE_ONLY_ACTIONS
        table = rules.ACTIONS[call.service].get(call.action)
        if table is None or call.action in foreign:
            raise ApiError("InvalidAction", f"There is no action {call.action} here.")
        return table

    def _check_app(self, call: Call) -> None:
        """Every known application belongs to every known account."""
        values = call.parameters
        app = next((values[name] for name in ("SdkAppId", "SdkAppID", "BizId") if name in values), None)
        if app is None or (call.service, app) in self.apps:
            return
        if call.service == "gme":
            raise ApiError("InvalidParameterValue.InvalidBizId", f"BizId {app} is no application here.")
        if call.action == "StartOnlineRecord":
            raise ApiError("InvalidParameter.SdkAppIdNotFound", f"SdkAppId {app} does not exist.")
        raise ApiError("UnauthorizedOperation.SdkAppId", f"SdkAppId {app} is not this account's.")

    def _ending(self, strike: Strike, response: dict, request_id: str) -> tuple[int, bytes | None, bool]:
        """Status and body of the answer, and whether it carries what happened."""
        ending = strike.ending
        if ending is None or ending.kind == faults.ERROR:
            if ending:
                response = {"Error": {"Code": ending.code, "Message": ending.message}}
            return 200, json.dumps({"Response": {**response, "RequestId": request_id}}).encode(), True
        if ending.kind == faults.HTTP_STATUS:
            return ending.status, b"<html><body>The gateway has a fault.</body></html>", False
        if ending.kind == faults.GARBAGE:
            return 200, b'{"Response": {"RequestId": "', False
        return 200, None, False

    def _shown(self, call: Call) -> dict:
        """The parameters as the state keeps them: a user signature opens doors, so only its hash is kept."""
        signature = call.parameters.get("RecordUserSig")
        if signature is None or self._show_signatures:
            return call.parameters
        text = signature if isinstance(signature, str) else json.dumps(signature)
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        return {**call.parameters, "RecordUserSig": digest}

    def delivery(self, event: Event, now: float) -> Delivery | None:
        """The callback of an event as it would be sent now."""
        if event.service == "gme":
            return gme.delivery(self.state, event, now)
        return tiw.delivery(self.state, event, now, self.files_url)

    def shown_state(self, since: int) -> dict:
        """What /_sandbox/state tells: every task, and the calls from number ``since`` on."""
        now = self._clock()
        with self.state.transaction():
            tasks, calls = self.state.tasks(), self.state.calls(since)
        return {"tasks": [_shown_task(task, now) for task in tasks], "calls": calls}


def _shown_task(task, now: float) -> dict:
    is_tiw = task.service == "tiw"
    over = task.stop_asked or now >= task.ended_at
    return {
        "service": task.service,
        "TaskId": task.task_id,
        "RoomId": int(task.room) if is_tiw else task.room,
        "RecordUserId": task.user if is_tiw else None,
        "Status": (tiw if is_tiw else gme).status(task, now),
        "created_at": task.created_at,
        "stopped_at": task.ended_at if over else None,
    }
