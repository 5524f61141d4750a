"""Whatever people, the worker and the cloud's callbacks do, in any order and however often: in the end the history
says what the sandbox did."""

import contextlib
import json
import uuid

import pytest
import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from recorder_app.choices import FINAL, RecordingStatus
from recorder_app.models import ApiCall, Application, CallbackEvent, Recording, RecordingFile, StatusChange
from recorder_app.sandbox import SandboxServer
from recorder_app.services import actions, callbacks, clients, refresh
from tests import factories, steps
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)
FAULTS = ("drop_before", "drop_after", "garbage", "http_status", "error")
S = RecordingStatus
# The only way back: a conclusion that proof has overruled. Everything else moves on.
ORDER = {
    S.INTENDED: 0,
    S.UNKNOWN: 1,
    S.REFUSED: 2,
    S.NOT_STARTED: 2,
    S.STARTING: 3,
    S.RECORDING: 4,
    S.PAUSED: 4,
}
ORDER |= {S.STOPPING: 5, S.PROCESSING: 6, S.FINISHED: 7, S.FAILED: 7}


class Life(RuleBasedStateMachine):
    """One application of each product; rooms are used once, so that each task has one recording it can belong to."""

    @initialize()
    def begin(self) -> None:
        for model in (CallbackEvent, RecordingFile, StatusChange, ApiCall, Recording, Application):
            model.objects.all().delete()
        clients.close_all()
        self.clock = time_machine.travel(factories.NOW, tick=False)
        self.time = self.clock.start()
        self.sandbox = SandboxServer(
            accounts={factories.SECRET_ID: factories.SECRET_KEY}, apps=[("tiw", 1400000001), ("gme", 3400352518)],
            rate=100_000,
        ).start()  # fmt: skip
        account = factories.account(endpoint=self.sandbox.url)
        self.tiw = factories.application(product="tiw", account=account)
        self.gme = factories.application(product="gme", account=account)
        self.rooms = 1000
        self.seen: dict[int, str] = {}

    def teardown(self) -> None:
        if not hasattr(self, "sandbox"):
            return
        try:
            self._come_to_the_end()
        finally:
            clients.close_all()
            self.sandbox.stop()
            self.clock.stop()

    @rule(product=st.sampled_from(["tiw", "gme"]), fault=st.sampled_from(["", *FAULTS]), after=st.booleans())
    def start(self, product: str, fault: str, after: bool) -> None:
        self.rooms += 1
        if fault:
            self._break(fault, after)
        start = steps.start_class if product == "tiw" else steps.start_voice
        room = self.rooms if product == "tiw" else f"room-{self.rooms}"
        start(self.tiw if product == "tiw" else self.gme, room=room)
        steps.mend(self.sandbox)

    @precondition(lambda self: Recording.objects.exists())
    @rule(
        data=st.data(), verb=st.sampled_from([actions.stop, actions.pause, actions.resume]),
        fault=st.sampled_from(["", "", *FAULTS]), after=st.booleans(),
    )  # fmt: skip
    def act(self, data: st.DataObject, verb, fault: str, after: bool) -> None:
        recording = self._any(data)
        if fault:
            self._break(fault, after)
        with contextlib.suppress(actions.NotNow):
            verb(recording, by=person("operator"))
        steps.mend(self.sandbox)

    @rule(seconds=st.integers(1, 15))
    def work(self, seconds: int) -> None:
        steps.let_pass(self.time, seconds)

    @rule(seconds=st.integers(1, 60))
    def nobody_works(self, seconds: int) -> None:
        self.time.shift(seconds)

    @rule(fault=st.sampled_from(FAULTS))
    def work_while_the_cloud_is_away(self, fault: str) -> None:
        steps.break_all(self.sandbox, kind=fault)
        steps.let_pass(self.time, 3)
        steps.mend(self.sandbox)

    @precondition(lambda self: Recording.objects.exists())
    @rule(data=st.data())
    def refresh_out_of_turn(self, data: st.DataObject) -> None:
        refresh.refresh(self._any(data))

    @precondition(lambda self: steps.truth(self.sandbox)["tasks"])
    @rule(
        data=st.data(), copies=st.integers(1, 3),
        kind=st.sampled_from(["OnlineRecordStarted", "OnlineRecordStopped", "OnlineRecordFinished"]),
    )  # fmt: skip
    def a_callback_hints(self, data: st.DataObject, kind: str, copies: int) -> None:
        """True or not: an event says something of a task that exists; only the task itself is believed."""
        task = data.draw(st.sampled_from(steps.truth(self.sandbox)["tasks"]))
        is_tiw = task["service"] == "tiw"
        application = self.tiw if is_tiw else self.gme
        now = timezone.now()
        event = CallbackEvent.objects.create(
            application=application, application_name=application.name, product=task["service"],
            event_type=kind if is_tiw else "1", task_id=task["TaskId"], room_id=str(task["RoomId"]),
            record_user_id=task["RecordUserId"] or "", body=_body(task), digest=uuid.uuid4().hex * 2,
            received_at=now, last_received_at=now, created_at=now, occurred_at=now, due_at=now,
        )  # fmt: skip
        for _copy in range(copies):
            callbacks.apply(CallbackEvent.objects.get(pk=event.pk))

    @invariant()
    def nothing_goes_back(self) -> None:
        if not hasattr(self, "seen"):
            return
        for pk, status in Recording.objects.values_list("pk", "status"):
            before = self.seen.get(pk, status)
            assert ORDER[status] >= ORDER[before] or (before, status) == (S.STOPPING, S.RECORDING), (
                before,
                status,
            )
            self.seen[pk] = status

    @invariant()
    def the_time_line_leads_to_the_status(self) -> None:
        for recording in Recording.objects.prefetch_related("changes"):
            changes = list(recording.changes.all())
            assert (changes[-1].status if changes else "intended") == recording.status
            assert [change.previous for change in changes[1:]] == [change.status for change in changes[:-1]]

    def _any(self, data: st.DataObject) -> Recording:
        keys = list(Recording.objects.order_by("pk").values_list("pk", flat=True))
        return Recording.objects.select_related("application__account").get(
            pk=data.draw(st.sampled_from(keys))
        )

    def _break(self, kind: str, after: bool) -> None:
        late = {"after": after} if kind in ("garbage", "http_status", "error") else {}
        steps.break_next(self.sandbox, kind=kind, **late)

    def _come_to_the_end(self) -> None:
        """Everything is stopped; a while later the history and the sandbox say the same of every task."""
        steps.let_pass(self.time, 75)
        for _round in range(3):
            for recording in Recording.objects.filter(status__in=actions.ALLOWED_IN["stop"], verb=""):
                actions.stop(steps.reread(recording), by=person("operator"))
            steps.let_pass(self.time, 45)
        tasks = {task["TaskId"]: task for task in steps.truth(self.sandbox)["tasks"]}
        rows = list(Recording.objects.all())
        assert [row.status for row in rows if row.status not in FINAL] == []
        assert {row.task_id for row in rows if row.task_id} == set(tasks)
        for row in rows:
            if row.task_id:
                assert (row.status, str(tasks[row.task_id]["RoomId"])) == ("finished", row.room_id)
                assert tasks[row.task_id]["Status"] == "FINISHED"


def _body(task: dict) -> str:
    """What a GME event is about: one file, in the documented form."""
    if task["service"] == "tiw":
        return "{}"
    detail = {"SeqNo": 0, "FileName": f"3400352518_{task['RoomId']}_10001/hint.mp3"}
    body = {
        "BizID": 3400352518, "RoomID": task["RoomId"], "UserID": "10001", "TaskID": int(task["TaskId"]),
        "RecordMode": 0, "Timestamp": 1, "EventType": 1, "Detail": detail,
    }  # fmt: skip
    return json.dumps(body)


def test_any_order_of_events_ends_where_the_truth_is():
    quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    # A whole life takes a second: the first one that fails is told as it was found, without shrinking.
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=20,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=quiet,
            phases=(Phase.explicit, Phase.generate),
        ),
    )
