"""A real HTTP(S) server on a free port that says what it is told to, for everything that talks HTTP.

    with CannedServer(json_answer({"Response": {...}}), reset) as server:
        ...  # server.url, server.host, server.requests

Each request takes the next answer of the script, and the last answer is repeated. An answer is a function of
the connection and the request; when it returns False, the connection is closed.
"""

import contextlib
import datetime
import ipaddress
import json
import socket
import ssl
import struct
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class Request:
    """One request as it arrived. ``connection`` counts the connections of the server from 1."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Connection:
    sock: socket.socket
    stopping: threading.Event = field(repr=False)


Answer = Callable[[Connection, Request], bool]


def raw_answer(
    body: bytes,
    *,
    status: int = 200,
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
    closes: bool = False,
) -> Answer:
    """Answer with exactly this body. With ``closes``, close afterwards without having announced it."""
    text = message(body, status=status, content_type=content_type, headers=headers)

    def answer(connection: Connection, _request: Request) -> bool:
        connection.sock.sendall(text)
        return not closes

    return answer


def json_answer(value: Any, **details: Any) -> Answer:
    return raw_answer(json.dumps(value).encode(), **details)


def cut_answer(body: bytes, *, keep: int, **details: Any) -> Answer:
    """Announce the whole answer, send its first ``keep`` bytes (headers included), and close."""
    text = message(body, **details)[:keep]

    def answer(connection: Connection, _request: Request) -> bool:
        connection.sock.sendall(text)
        return False

    return answer


def dripping_answer(body: bytes, *, pause: float, whole: int = 0) -> Answer:
    """Send the answer byte by byte with a pause (seconds) after each; the first ``whole`` bytes at once."""
    text = message(body)

    def answer(connection: Connection, _request: Request) -> bool:
        connection.sock.sendall(text[:whole])
        for number in range(whole, len(text)):
            connection.sock.sendall(text[number : number + 1])
            if connection.stopping.wait(pause):
                return False
        return True

    return answer


def silence(connection: Connection, _request: Request) -> bool:
    """Say nothing until the server is stopped."""
    connection.stopping.wait()
    return False


def closed(_connection: Connection, _request: Request) -> bool:
    """Close instead of answering."""
    return False


def reset(connection: Connection, _request: Request) -> bool:
    """Break the connection instead of answering."""
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def message(
    body: bytes,
    *,
    status: int = 200,
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
) -> bytes:
    """A whole HTTP answer. ``headers`` replace or add; one whose value is "" is left out."""
    fields = {"Content-Type": content_type, "Content-Length": str(len(body)), **(headers or {})}
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in fields.items() if value)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class CannedServer:
    """Listens while it is entered. ``tls`` is a certificate file of ``certificate()``, "" for plain HTTP."""

    def __init__(self, *script: Answer, tls: str = "") -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.hung_up = threading.Event()  # set whenever the server has closed a connection
        self._script = list(script)
        self._context = _server_context(tls) if tls else None
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._socks: list[socket.socket] = []

    def __enter__(self) -> "CannedServer":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._spawn(self._accept)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._socks:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://{self.host}"

    def _spawn(self, work: Callable[..., None], *details: Any) -> None:
        thread = threading.Thread(target=work, args=details, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._spawn(self._serve, sock, self.connections)

    def _serve(self, plain: socket.socket, number: int) -> None:
        sock = plain
        try:
            if self._context:
                sock = self._context.wrap_socket(plain, server_side=True)
            self._socks.append(sock)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with sock.makefile("rb") as reader:
                while request := _read(reader, number):
                    if not self._next_answer(request)(Connection(sock, self._stopping), request):
                        break
        except (OSError, ValueError):
            pass  # the client hung up, refused our certificate, or spoke no HTTP: some tests are about that
        finally:
            sock.close()
            plain.close()
            self.hung_up.set()

    def _next_answer(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            return self._script.pop(0) if len(self._script) > 1 else self._script[0]


def _read(reader: Any, number: int) -> Request | None:
    first = reader.readline().decode()
    if not first.strip():
        return None
    method, target, _version = first.split(" ", 2)
    headers = {}
    while line := reader.readline().decode().strip():
        name, _separator, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = reader.read(int(headers.get("content-length", 0)))
    return Request(method, target, headers, body, number)


@cache
def certificate(name: str = "127.0.0.1") -> str:
    """The path of a file with a self-signed certificate for a host name or address, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "canned")])
    now = datetime.datetime.now(datetime.UTC)
    try:
        names: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        names = x509.DNSName(name)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = Path(tempfile.mkdtemp(prefix="canned-")) / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return str(path)


def _server_context(path: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
