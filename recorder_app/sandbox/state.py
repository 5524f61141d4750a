"""What the sandbox remembers: tasks, calls, callback settings and events, in SQLite.

One connection, in memory or in one file, behind one lock that is held for a statement or for one call's
work. What a call did and the row that tells of it are one transaction, so that the story never lies.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
    number INTEGER PRIMARY KEY, service TEXT NOT NULL, task_id TEXT NOT NULL, app INTEGER NOT NULL,
    room TEXT NOT NULL, user TEXT NOT NULL, created_at REAL NOT NULL, ended_at REAL NOT NULL,
    stop_asked INTEGER NOT NULL, parameters TEXT NOT NULL, data TEXT NOT NULL, UNIQUE (service, task_id));
CREATE INDEX IF NOT EXISTS task_running ON tasks (service, app, ended_at);
CREATE INDEX IF NOT EXISTS task_room ON tasks (service, app, room, ended_at);
CREATE INDEX IF NOT EXISTS task_user ON tasks (service, app, user, ended_at);
CREATE TABLE IF NOT EXISTS calls (
    number INTEGER PRIMARY KEY, service TEXT NOT NULL, action TEXT NOT NULL, request_id TEXT NOT NULL,
    parameters TEXT NOT NULL, outcome TEXT NOT NULL, at REAL NOT NULL, answered INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settings (
    service TEXT NOT NULL, app INTEGER NOT NULL, callback TEXT NOT NULL, callback_key TEXT NOT NULL,
    PRIMARY KEY (service, app));
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY, service TEXT NOT NULL, task_id TEXT NOT NULL, kind TEXT NOT NULL,
    part TEXT NOT NULL, due_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL DEFAULT 'pending', UNIQUE (service, task_id, kind, part));
CREATE INDEX IF NOT EXISTS event_due ON events (due_at) WHERE outcome = 'pending';
"""
_TASK_COLUMNS = (
    "service, task_id, app, room, user, created_at, ended_at, stop_asked, parameters, data"  # Task's order
)


@dataclass
class Task:
    """One recording. ``ended_at`` is known from birth (the longest recording) and moves when people act.

    ``data`` holds what only the task's own service understands.
    """

    service: str
    task_id: str
    app: int
    room: str
    user: str
    created_at: float
    ended_at: float
    stop_asked: bool = False
    parameters: dict = field(default_factory=dict)
    data: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """One callback to be delivered: ``part`` tells which file it is about, where there are several."""

    number: int
    service: str
    task_id: str
    kind: str
    part: str
    attempts: int


class State:
    """The sandbox's memory. Every method may be used from any thread."""

    def __init__(self, path: str = ""):
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")  # a sandbox may lose its last second to a power cut
        self._db.executescript(_SCHEMA)
        # A delivery that was on its way when the sandbox stopped is tried again.
        self._db.execute("UPDATE events SET outcome = 'pending' WHERE outcome = 'sending'")

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock; what is written inside is kept together or not at all."""
        with self._lock, self._db:  # the connection commits, or rolls back when an exception passes
            self._db.execute("BEGIN")
            yield

    def _all(self, sql: str, values: tuple = ()) -> list[tuple]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def _write(self, sql: str, values: tuple) -> int:
        with self._lock:
            return self._db.execute(sql, values).lastrowid

    def _tasks(self, condition: str, values: tuple = ()) -> list[Task]:
        # The condition is always a literal of this module; values travel as parameters.
        rows = self._all(f"SELECT {_TASK_COLUMNS} FROM tasks {condition}", values)  # noqa: S608
        return [Task(*row[:7], bool(row[7]), json.loads(row[8]), json.loads(row[9])) for row in rows]

    def add_task(self, task: Task) -> None:
        self._write(
            f"INSERT INTO tasks ({_TASK_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (
                task.service,
                task.task_id,
                task.app,
                task.room,
                task.user,
                task.created_at,
                task.ended_at,
                task.stop_asked,
                json.dumps(task.parameters),
                json.dumps(task.data),
            ),
        )

    def save_task(self, task: Task) -> None:
        self._write(
            "UPDATE tasks SET ended_at = ?, stop_asked = ?, parameters = ?, data = ?"
            " WHERE service = ? AND task_id = ?",
            (
                task.ended_at,
                task.stop_asked,
                json.dumps(task.parameters),
                json.dumps(task.data),
                task.service,
                task.task_id,
            ),
        )

    def task(self, service: str, task_id: str) -> Task | None:
        found = self._tasks("WHERE service = ? AND task_id = ?", (service, task_id))
        return found[0] if found else None

    def tasks(self) -> list[Task]:
        return self._tasks("ORDER BY number")

    def tiw_tasks(self, room: str | None) -> list[Task]:
        """Newest first, of one room or of all."""
        if room is None:
            return self._tasks("WHERE service = 'tiw' ORDER BY number DESC")
        return self._tasks("WHERE service = 'tiw' AND room = ? ORDER BY number DESC", (room,))

    def running(self, service: str, app: int, now: float) -> list[Task]:
        """Newest first."""
        return self._tasks(
            "WHERE service = ? AND app = ? AND ended_at > ? ORDER BY number DESC", (service, app, now)
        )

    def running_count(self, service: str, app: int, now: float) -> int:
        sql = "SELECT count(*) FROM tasks WHERE service = ? AND app = ? AND ended_at > ?"
        return self._all(sql, (service, app, now))[0][0]

    def running_in_room(self, service: str, app: int, room: str, now: float) -> Task | None:
        condition = "WHERE service = ? AND app = ? AND room = ? AND ended_at > ? LIMIT 1"
        return next(iter(self._tasks(condition, (service, app, room, now))), None)

    def running_as_user(self, service: str, app: int, user: str, now: float) -> Task | None:
        condition = "WHERE service = ? AND app = ? AND user = ? AND ended_at > ? LIMIT 1"
        return next(iter(self._tasks(condition, (service, app, user, now))), None)

    def add_call(self, service: str, action: str, request_id: str, parameters: dict, outcome: str,
                 at: float, answered: bool) -> int:  # fmt: skip
        """Write down one call; returns its number, counted from 1."""
        return self._write(
            "INSERT INTO calls (service, action, request_id, parameters, outcome, at, answered)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (service, action, request_id, json.dumps(parameters), outcome, at, answered),
        )

    def mark_unanswered(self, number: int) -> None:
        self._write("UPDATE calls SET answered = 0 WHERE number = ?", (number,))

    def calls(self, since: int = 0) -> list[dict]:
        """The calls from number ``since`` on, the first being number 0, as /_sandbox/state shows them."""
        rows = self._all(
            "SELECT service, action, request_id, parameters, outcome, at, answered FROM calls"
            " WHERE number > ? ORDER BY number",
            (since,),
        )
        names = ("service", "Action", "RequestId", "parameters", "outcome", "at", "answered")
        return [
            dict(zip(names, (*row[:3], json.loads(row[3]), *row[4:6], bool(row[6])), strict=True))
            for row in rows
        ]

    def callback(self, service: str, app: int) -> tuple[str, str]:
        """The callback address and key of an application, each "" while it is not set."""
        sql = "SELECT callback, callback_key FROM settings WHERE service = ? AND app = ?"
        return next(iter(self._all(sql, (service, app))), ("", ""))

    def set_callback(
        self, service: str, app: int, *, callback: str | None = None, key: str | None = None
    ) -> None:
        """Change what is given and keep the rest."""
        with self._lock:
            old_callback, old_key = self.callback(service, app)
            self._write(
                "INSERT OR REPLACE INTO settings VALUES (?, ?, ?, ?)",
                (
                    service,
                    app,
                    old_callback if callback is None else callback,
                    old_key if key is None else key,
                ),
            )

    def plan_event(self, task: Task, kind: str, due_at: float, part: str = "") -> None:
        """Plan a callback, or move one that was planned and has not been tried yet."""
        self._write(
            "INSERT INTO events (service, task_id, kind, part, due_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (service, task_id, kind, part) DO UPDATE SET due_at = excluded.due_at"
            " WHERE attempts = 0",
            (task.service, task.task_id, kind, part, due_at),
        )

    def claim_due_events(self, now: float, most: int) -> list[Event]:
        """Take events whose time has come; they stay 'sending' until finish_event says how it went."""
        with self._lock:
            rows = self._all(
                "SELECT number, service, task_id, kind, part, attempts FROM events"
                " WHERE outcome = 'pending' AND due_at <= ? ORDER BY due_at, number LIMIT ?",
                (now, most),
            )
            for row in rows:
                self._write("UPDATE events SET outcome = 'sending' WHERE number = ?", (row[0],))
        return [Event(*row) for row in rows]

    def finish_event(self, number: int, outcome: str, due_at: float | None = None) -> None:
        """Count an attempt; with ``due_at`` the event waits for another one."""
        self._write(
            "UPDATE events SET attempts = attempts + 1, outcome = ?, due_at = coalesce(?, due_at) WHERE number = ?",
            (outcome, due_at, number),
        )

    def events(self) -> list[dict]:
        rows = self._all(
            "SELECT service, task_id, kind, part, due_at, attempts, outcome FROM events ORDER BY number"
        )
        names = ("service", "TaskId", "EventType", "part", "due_at", "attempts", "outcome")
        return [dict(zip(names, row, strict=True)) for row in rows]
