"""A sandbox whose clock stands still until a test moves it, and a caller that signs by itself."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread

import pytest

from recorder_app.sandbox import SandboxServer
from tests.sandbox.caller import Caller, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cloud(clock) -> Iterator[Caller]:
    """A sandbox at speed 1 without delay of callbacks, called over one connection that stays open."""
    with SandboxServer(clock=clock, rate=1000, callback_delay=0) as server, Caller(server, clock) as caller:
        yield caller


class Receiver(ThreadingHTTPServer):
    """Takes callbacks: ``arrived`` gives (path, headers, body); ``statuses`` are answered in turn, then 200."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _TakeCallback)
        self.arrived: Queue = Queue()
        self.statuses: list[int] = []

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def next(self) -> tuple[str, dict, bytes]:
        return self.arrived.get(timeout=5)


class _TakeCallback(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.arrived.put((self.path, dict(self.headers.items()), body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
