"""What an action is given to work with, besides its parameters."""

from collections.abc import Mapping
from dataclasses import dataclass

from recorder_app.sandbox.protocol import ApiError
from recorder_app.sandbox.state import State, Task


@dataclass(frozen=True)
class Context:
    """The sandbox as one call sees it. Times are Unix seconds; ``speed`` divides the durations of states."""

    state: State
    now: float
    speed: float
    is_chinese: bool
    files_url: str
    callback_delay: float
    sdk_keys: Mapping[int, str]

    def task(self, service: str, app: int, task_id: str, code: str) -> Task:
        """The task of this application, or ApiError with the given code."""
        task = self.state.task(service, task_id)
        if task is None or task.app != app:
            raise ApiError(code, f"There is no task {task_id} of this application.")
        return task

    def plan(self, task: Task, kind: str, moment: float, part: str = "") -> None:
        """Let a callback tell of something that happens at a moment."""
        self.state.plan_event(task, kind, moment + self.callback_delay, part)
