"""HTTP as the cloud client needs it: one endpoint, warm connections, bounded time, and a clear word about
whether anything had left when a connection failed.

``requests`` and ``urllib3`` do the work. What is added here is small: they report a failed handshake and a
reset after sending alike, and their read timeout starts anew with every byte that arrives.
"""

import http.client
import io
import socket
import ssl
import time
from urllib.parse import urlsplit

import certifi
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util import create_urllib3_context

# Servers and the boxes between drop idle connections silently. A connection that sat longer than this is not
# used again: finding out by sending would leave a start without an answer.
IDLE_SECONDS = 30.0


class CutOff(Exception):
    """The request, or a part of it, had left when the connection failed; the cause says how."""


class _Deadline(io.RawIOBase):
    """Reads from a socket until a moment, not until a silence: a body that drips in cannot hold us for ever."""

    def __init__(self, source: io.RawIOBase, sock: socket.socket) -> None:
        self._source = source
        self._sock = sock
        timeout = sock.gettimeout()
        self._ends_at = None if timeout is None else time.monotonic() + timeout

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int | None:
        if self._ends_at is not None:
            remaining = self._ends_at - time.monotonic()
            if remaining <= 0:
                raise TimeoutError("timed out")
            self._sock.settimeout(remaining)
        return self._source.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()


class _TimedAnswer(http.client.HTTPResponse):
    """An answer that has to be complete, headers and body, within the socket's timeout."""

    def __init__(self, sock: socket.socket, *args, **kwargs) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Deadline(self.fp.detach(), sock))


class _Watched:
    """Marks every failure after the connection stands as ``CutOff``; a mixin for urllib3's connections.

    Headers and body leave in one write: half the system calls and packets, and threads wait less for each other.
    """

    response_class = _TimedAnswer
    _used_at = 0.0
    _held: list[bytes] | None = None

    @property
    def is_connected(self) -> bool:
        return super().is_connected and time.monotonic() - self._used_at < IDLE_SECONDS

    def request(self, *args, **kwargs) -> None:
        if self.is_closed:
            self.connect()  # urllib3 would connect while sending, and the two failures would look alike
        self._held = []
        try:
            super().request(*args, **kwargs)
            whole, self._held = b"".join(self._held), None
            super().send(whole)
        except BrokenPipeError:
            raise  # urllib3 then reads the answer of a server that did not care to hear the whole request
        except (OSError, http.client.HTTPException, HTTPError) as error:
            raise CutOff from error
        finally:
            self._held = None

    def send(self, data: bytes) -> None:
        if self._held is None:
            super().send(data)
        else:
            self._held.append(data)

    def getresponse(self):
        try:
            answer = super().getresponse()
        except (OSError, ValueError, http.client.HTTPException, HTTPError) as error:
            raise CutOff from error
        self._used_at = time.monotonic()
        return answer


class _PlainConnection(_Watched, HTTPConnection):
    pass


class _TLSConnection(_Watched, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


_POOLS = {"http": _PlainPool, "https": _TLSPool}


class EndpointAdapter(HTTPAdapter):
    """A ``requests`` adapter for one base URL, which is settled once instead of looked up for every request.

    ``proxy`` is a URL or "" for none, ``ca_bundle`` the path of a file of certificates or "" for the usual
    ones, ``pool_size`` the number of connections to keep. Nothing is retried, no cookie is kept. Raises
    OSError when the certificates cannot be read, ValueError for a proxy that is no http(s) URL.
    """

    def __init__(self, base_url: str, *, proxy: str, ca_bundle: str, pool_size: int) -> None:
        super().__init__(pool_connections=1, pool_maxsize=pool_size)
        self._is_absolute = bool(proxy) and base_url.startswith("http:")
        manager = self.poolmanager
        if proxy:
            if urlsplit(proxy).scheme not in ("http", "https") or not urlsplit(proxy).hostname:
                raise ValueError("The proxy has to be given as http://host:port.")
            manager = self.proxy_manager_for(proxy)
        manager.pool_classes_by_scheme = _POOLS
        tls = {"ssl_context": _tls_context(ca_bundle)} if base_url.startswith("https:") else {}
        self._pool = manager.connection_from_url(base_url, pool_kwargs=tls)

    def get_connection_with_tls_context(self, request, verify, proxies=None, cert=None) -> HTTPConnectionPool:
        return self._pool

    def cert_verify(self, conn, url, verify, cert) -> None:
        """Nothing to do per request: the pool's context verifies certificate and name, always."""

    def request_url(self, request: PreparedRequest, proxies) -> str:
        return request.url if self._is_absolute else "/"

    def build_response(self, req: PreparedRequest, resp) -> Response:
        """As the original, without the cookie jar: the cloud sets no cookies, and none would be sent back."""
        response = Response()
        response.status_code = resp.status
        response.headers = CaseInsensitiveDict(resp.headers)
        response.raw = resp
        response.reason = resp.reason
        response.url = req.url
        response.request = req
        response.connection = self
        return response


def _tls_context(ca_bundle: str) -> ssl.SSLContext:
    context = create_urllib3_context()
    context.load_verify_locations(ca_bundle or certifi.where())
    return context
