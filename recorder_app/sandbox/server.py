"""The sandbox's HTTP side: one loopback port for both services, HTTP/1.1 with connections that stay open."""

import ipaddress
import json
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from recorder_app.sandbox import admin
from recorder_app.sandbox.callbacks import Postman, is_loopback
from recorder_app.sandbox.defaults import (
    CALLBACK_DELAY,
    CALLS_PER_SECOND,
    DEMO_APPS,
    DEMO_SDK_KEY,
    DEMO_SECRET_ID,
    DEMO_SECRET_KEY,
    DEMO_TIW_APP,
)
from recorder_app.sandbox.desk import Answer, Desk
from recorder_app.sandbox.protocol import BODY_LIMIT, HttpRequest
from recorder_app.sandbox.state import State

_IDLE_SECONDS = 75
_MOST_READ = (
    4 * BODY_LIMIT
)  # a body beyond the limit is read away so far, so that its sender hears the refusal
_LONGEST_GOODBYE = 15  # seconds that open connections have to end


class SandboxServer:
    """The sandbox cloud. Listens from the moment it is made; serves after start() or in serve_forever().

    Arguments: port (0: any free one); host (loopback only); accounts, secret keys by secret id; apps, pairs of
    service and application number; rate, calls a second for each account and action; callback_delay, seconds;
    state_path, an SQLite file, or "" for memory; show_signatures; clock, giving Unix seconds; speed, dividing
    the durations of a task's states; sdk_keys, the applications' user signature keys by SdkAppId (a recording
    whose user signature does not verify fails later, as in the cloud); gme_callback, an address.
    Raises ValueError for an address that is not loopback, OSError for a port that is taken.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        accounts: Mapping[str, str] | None = None,
        apps: Iterable[tuple[str, int]] = DEMO_APPS,
        rate: int = CALLS_PER_SECOND,
        callback_delay: float = CALLBACK_DELAY,
        state_path: str = "",
        show_signatures: bool = False,
        clock: Callable[[], float] = time.time,
        speed: float = 1.0,
        sdk_keys: Mapping[int, str] | None = None,
        gme_callback: str = "",
    ):
        _refuse_foreign(host)
        if speed <= 0:
            raise ValueError("speed must be above 0.")
        if gme_callback and not is_loopback(gme_callback):
            raise ValueError("GME callbacks can go to an address of this machine only.")
        self._stopping, self._serving = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._state = State(state_path)
        self._http = _listen(host, port, self._state)
        self._desk = self._http.desk = Desk(
            state=self._state,
            accounts={DEMO_SECRET_ID: DEMO_SECRET_KEY} if accounts is None else accounts,
            apps=apps,
            sdk_keys={DEMO_TIW_APP: DEMO_SDK_KEY} if sdk_keys is None else sdk_keys,
            rate=rate,
            callback_delay=callback_delay,
            show_signatures=show_signatures,
            clock=clock,
            speed=speed,
            wait=self._stopping.wait,
        )
        self._desk.files_url = f"{self.url}/_sandbox/files"
        if gme_callback:
            admin.set_gme_callback(self._desk, {"url": gme_callback})
        self._postman = Postman(self._state, self._desk.delivery, clock=clock, speed=speed)

    @property
    def port(self) -> int:
        return self._http.server_address[1]

    @property
    def url(self) -> str:
        host = self._http.server_address[0]
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def start(self) -> "SandboxServer":
        """Serve from a thread in the background."""
        self._thread = threading.Thread(target=self.serve_forever, name="sandbox", daemon=True)
        self._thread.start()
        self._serving.wait()
        return self

    def serve_forever(self) -> None:
        """Serve from this thread until stop() is called from another."""
        self._postman.start()
        self._serving.set()
        self._http.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        """End every connection and thread. A second call does nothing."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._serving.is_set():
            self._http.shutdown()
        if self._thread is not None:
            self._thread.join()
        self._http.server_close()
        self._http.hang_up()
        self._postman.stop()
        self._state.close()

    def __enter__(self) -> "SandboxServer":
        return self if self._thread else self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()


def _listen(host: str, port: int, state: State) -> "_Connections":
    try:
        return _Connections((host, port), _Handler)
    except OSError:
        state.close()
        raise


def _refuse_foreign(host: str) -> None:
    try:
        if host == "localhost" or ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise ValueError(f"The sandbox listens on this machine only, and {host} is not a loopback address.")


class _Connections(ThreadingHTTPServer):
    """A thread per connection, and a list of the open ones, so that stopping leaves none behind."""

    daemon_threads = True
    request_queue_size = 256
    desk: Desk

    def __init__(self, address: tuple[str, int], handler: type):
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        # Unlike the library's own, without asking a name server who we are.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]

    def process_request(self, request: socket.socket, client_address: tuple) -> None:
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def process_request_thread(self, request: socket.socket, client_address: tuple) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._changed:
                self._open.discard(request)
                self._changed.notify_all()

    def handle_error(self, request: socket.socket, client_address: tuple) -> None:
        """A client that went away is no news; anything else is a fault of ours and is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        with self._changed:
            for request in self._open:
                try:
                    request.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # its own thread was quicker
            self._changed.wait_for(lambda: not self._open, _LONGEST_GOODBYE)


class _Handler(BaseHTTPRequestHandler):
    """One connection. Answers leave in one piece: headers and body in a single write."""

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True
    server: _Connections

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True  # the client went away in the middle of a request

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: what happened is told by /_sandbox/state."""

    def _serve(self) -> None:
        body = self._read_body()
        if body is None:
            return
        parts = urlsplit(self.path)
        if parts.path.startswith("/_sandbox/"):
            self._steer(parts.path, parts.query, body)
        elif parts.path not in ("/", ""):
            self._write(404, b"", "text/plain", time.time())
        else:
            self._call(parts.query, body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815

    def _read_body(self) -> bytes | None:
        """The whole body, or None after an answer that ends the matter."""
        text = self.headers.get("Content-Length", "0").strip()
        if "Transfer-Encoding" in self.headers or not (text.isascii() and text.isdigit()):
            self.close_connection = True
            self._write(411, b"", "text/plain", time.time())
            return None
        length = int(text)
        body = self.rfile.read(min(length, BODY_LIMIT + 1))
        if length > len(body):
            # Cut short by the client, or too long: then what is read suffices to refuse it.
            self.close_connection = True
            left = min(length, _MOST_READ) - len(body)
            while left > 0 and (piece := self.rfile.read(min(left, 65536))):
                left -= len(piece)
            if length <= BODY_LIMIT:
                return None
        return body

    def _steer(self, path: str, query: str, body: bytes) -> None:
        # A page in somebody's browser must not steer the sandbox under a name of its own.
        name = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        if name not in ("127.0.0.1", "localhost", "::1", self.server.server_name):
            self._write_json(403, {"error": "Call the sandbox by its loopback address."})
            return
        try:
            status, answer = admin.answer(self.server.desk, self.command, path, query, body)
        except admin.BadRequest as error:
            status, answer = 400, {"error": str(error)}
        self._write_json(status, answer)

    def _call(self, query: str, body: bytes) -> None:
        headers = {name.lower(): value for name, value in reversed(self.headers.items())}
        answer = self.server.desk.answer(HttpRequest(self.command, query, headers, body))
        if answer.delayed:
            self._let_pass(answer)
        if answer.body is None:
            self.close_connection = True
            return
        try:
            self._write(answer.status, answer.body, "application/json", answer.now)
        except OSError:
            self.server.desk.state.mark_unanswered(answer.number)
            raise

    def _let_pass(self, answer: Answer) -> None:
        """Wait out a delay, then see whether the client still does: a write alone would not tell."""
        self.server.desk.wait(answer.delay_after)
        if select.select([self.connection], [], [], 0)[0] and not self.connection.recv(1, socket.MSG_PEEK):
            self.server.desk.state.mark_unanswered(answer.number)

    def _write_json(self, status: int, answer: dict | list) -> None:
        self._write(status, json.dumps(answer).encode(), "application/json", time.time())

    def _write(self, status: int, body: bytes, content_type: str, now: float) -> None:
        head = (
            f"HTTP/1.1 {status} {self.responses.get(status, ('Fault',))[0]}\r\n"
            f"Server: sandbox\r\nDate: {formatdate(now, usegmt=True)}\r\n"
            f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
            f"Connection: {'close' if self.close_connection else 'keep-alive'}\r\n\r\n"
        )
        self.wfile.write(head.encode() + (b"" if self.command == "HEAD" else body))
