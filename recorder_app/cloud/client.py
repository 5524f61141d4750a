"""The cloud client: one call, one reply, or one of three kinds of error.

It never repeats a call by itself. Whether a repeat is safe depends on the action and on what else is known.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from django.utils.translation import gettext as _
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from recorder_app.cloud import answers, errors
from recorder_app.cloud.endpoints import base_url
from recorder_app.cloud.errors import CloudError, NoAnswer, NotSent, Refused
from recorder_app.cloud.masking import MASK, is_secret, without_tokens
from recorder_app.cloud.products import PRODUCTS, Action
from recorder_app.cloud.signing import TC3Auth
from recorder_app.cloud.transport import CutOff, EndpointAdapter

# One encoder for all calls: json.dumps makes a new one each time its options are not the usual ones.
_encoder = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def encoded(params: dict[str, Any]) -> bytes:
    """Return the body of a request: the bytes that are hashed are the bytes that are sent.

    Raises TypeError, ValueError or RecursionError for what JSON cannot hold.
    """
    return _encoder.encode(params).encode()


@dataclass(frozen=True)
class Credentials:
    """A key pair of the cloud API; ``token`` only with temporary ones. Source: page "Signature v3"."""

    secret_id: str
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True)
class Reply:
    """What the cloud answered to a call that it accepted.

    ``fields`` is the Response without its RequestId, ``answer`` the whole Response; both may hold secrets,
    such as a callback key, so neither is shown. ``clock_offset_ms`` is the cloud's clock minus ours, to the
    second that its Date header gives, None without that header.
    """

    action: str
    fields: dict[str, Any] = field(repr=False)
    request_id: str
    http_status: int
    duration_ms: int
    clock_offset_ms: int | None
    answer: dict[str, Any] = field(repr=False)


class CloudClient:
    """Calls one product with one key at one endpoint, over connections that stay open. Safe to share by threads.

    ``product_key`` is "tiw" or "gme". ``endpoint`` is a host, host:port, or base URL; "" means the product's
    own host. Without a scheme it is https; http is for a sandbox on this machine only. Timeouts are seconds:
    ``read_timeout`` bounds the whole answer. ``proxy`` is a URL or "" (the environment is never consulted),
    ``ca_bundle`` the path of the certificates to trust or "" for the usual ones, ``clock`` gives Unix time.

    Raises KeyError for an unknown product, ValueError for an endpoint or a proxy that cannot be used, OSError
    for certificates that cannot be read. Source: pages "Request structure" and "Common params".
    """

    def __init__(
        self,
        product_key: str,
        credentials: Credentials,
        *,
        region: str = "",
        endpoint: str = "",
        connect_timeout: float = 5.0,
        read_timeout: float = 15.0,
        proxy: str = "",
        ca_bundle: str = "",
        language: str = "en-US",
        max_answer_bytes: int = 4 * 1024 * 1024,
        pool_size: int = 32,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._product = PRODUCTS[product_key]
        self._base_url = base_url(endpoint or self._product.host)
        self._timeout = Timeout(connect=connect_timeout, read=read_timeout)
        self._max_answer_bytes = max_answer_bytes
        self._clock = clock
        self._secrets = tuple(filter(None, (credentials.secret_key, credentials.token)))
        self._auth = TC3Auth(
            credentials.secret_id,
            credentials.secret_key,
            service=self._product.service,
            token=credentials.token,
            clock=clock,
        )
        self._headers = {
            "Host": self.endpoint_host,
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "recorder",
            "X-TC-Version": self._product.version,
            "X-TC-Language": language,
        }
        if region:
            self._headers["X-TC-Region"] = region
        # The adapter is what keeps connections warm in a session. Around it, a session would read the environment
        # and look up cookies and redirects for every call: none is wanted, and it costs a third of the time.
        self._adapter = EndpointAdapter(self._base_url, proxy=proxy, ca_bundle=ca_bundle, pool_size=pool_size)

    def __repr__(self) -> str:
        return f"CloudClient({self._product.key!r}, endpoint={self._base_url!r})"

    @property
    def endpoint_host(self) -> str:
        """The host, with its port unless that is the usual one: exactly what is signed and sent."""
        return self._base_url.partition("://")[2]

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._adapter.close()

    def call(self, action: str, params: dict[str, Any]) -> Reply:
        """Make one signed call and return the reply.

        ``params`` are nested as the API nests them; integers of any length arrive exactly. Raises KeyError for
        an action that the product does not have, ``NotSent`` when not one byte left, ``Refused`` when the
        cloud answered with an error, and ``NoAnswer`` for everything else that may happen after the first
        byte. Source: pages "Request structure" and "Responses".
        """
        known = self._product.actions[action]
        course = _Course(action, params, self._secrets, self._clock)
        response = self._send(course, self._request(course, params))
        course.headers_arrived(response)
        text = self._text_of(course, response)
        if response.status_code != 200:
            reason = _("the HTTP status is %(status)s.") % {"status": response.status_code}
            raise course.ended(NoAnswer, errors.unusable_answer(reason), text=text)
        return self._reply(course, known, text)

    def _request(self, course: "_Course", params: dict[str, Any]) -> requests.PreparedRequest:
        request = requests.PreparedRequest()
        request.method = "POST"
        request.url = self._base_url + "/"
        request.headers = {**self._headers, "X-TC-Action": course.action}
        try:
            request.body = encoded(params)
            request.headers["Content-Length"] = str(len(request.body))
            return self._auth(request)
        except (TypeError, ValueError, RecursionError) as error:
            raise course.ended(NotSent, errors.not_writable(str(error))) from None

    def _send(self, course: "_Course", request: requests.PreparedRequest) -> requests.Response:
        try:
            return self._adapter.send(request, stream=True, timeout=self._timeout)
        except CutOff as error:
            raise self._interrupted(course, error.__cause__) from error
        except (requests.RequestException, HTTPError, OSError) as error:
            raise course.ended(NotSent, errors.connection_failed(_cause(error))) from error
        except ValueError:
            # Headers are checked before the first byte leaves. The error quotes them, so it goes no further.
            reason = _("a key, token or region holds a character that no header may hold.")
            raise course.ended(NotSent, errors.not_writable(reason)) from None

    def _text_of(self, course: "_Course", response: requests.Response) -> str:
        try:
            body = response.raw.read(self._max_answer_bytes + 1, decode_content=True)
        except (HTTPError, OSError, ValueError) as error:
            raise self._interrupted(course, error) from error
        if len(body) > self._max_answer_bytes:
            response.raw.close()  # the rest is never read, so this connection cannot be used again
            reason = _("it is longer than %(bytes)s bytes.") % {"bytes": self._max_answer_bytes}
            raise course.ended(
                NoAnswer, errors.unusable_answer(reason), text=body[:1000].decode(errors="replace")
            )
        return body.decode("utf-8-sig", errors="replace")

    def _interrupted(self, course: "_Course", cause: BaseException) -> NoAnswer:
        root = _root(cause)
        if isinstance(root, TimeoutError):
            return course.ended(NoAnswer, errors.timed_out(self._timeout.read_timeout))
        return course.ended(NoAnswer, errors.cut_off(_cause(root)))

    def _reply(self, course: "_Course", action: Action, text: str) -> Reply:
        try:
            response = answers.response_of(text)
            error = answers.error_of(response)
            request_id = answers.request_id_of(response)
            if not error and not request_id:
                raise answers.Unusable(_("it has no RequestId."))
            if not error and action.is_start and not answers.has_task_id(response):
                raise answers.Unusable(_("it confirms a start but names no TaskId."))
        except answers.Unusable as reason:
            raise course.ended(NoAnswer, errors.unusable_answer(str(reason)), text=text) from None
        if error:
            code, message = error
            raise course.ended(Refused, message, code=code, text=text)
        return Reply(
            action=action.name,
            fields={name: value for name, value in response.items() if name != "RequestId"},
            request_id=request_id,
            http_status=course.http_status,
            duration_ms=course.duration_ms,
            clock_offset_ms=course.clock_offset_ms,
            answer=course.without_secrets(response),
        )


class _Course:
    """The course of one call: gathers the facts that its end reports, and keeps secrets out of them."""

    def __init__(
        self, action: str, params: dict[str, Any], secrets: tuple[str, ...], clock: Callable[[], float]
    ) -> None:
        self.action = action
        self.http_status: int | None = None
        self.clock_offset_ms: int | None = None
        self._params = params
        self._secrets = secrets
        self._clock = clock
        self._began = time.perf_counter()

    @property
    def duration_ms(self) -> int:
        return round((time.perf_counter() - self._began) * 1000)

    def headers_arrived(self, response: requests.Response) -> None:
        self.http_status = response.status_code
        date = answers.seconds_of(response.headers.get("Date", ""))
        if date is not None:
            self.clock_offset_ms = round((date - self._clock()) * 1000)

    def ended(
        self, kind: type[CloudError], message: str, *, code: str = "", text: str | None = None
    ) -> CloudError:
        """Return the error to raise; ``text`` is the answer as far as it came."""
        answer = None if text is None else answers.answer_to_keep(text)
        return kind(
            self.action,
            self.without_secrets(message),
            code=code,
            request_id=answers.request_id_of(answer) if isinstance(answer, dict) else "",
            http_status=self.http_status,
            duration_ms=self.duration_ms,
            answer=self.without_secrets(answer),
            clock_offset_ms=self.clock_offset_ms,
        )

    def without_secrets(self, value: Any) -> Any:
        """A copy in which no text quotes a key or a signature of this call; names and structure stay."""
        return _without([*self._secrets, *_secret_values(self._params)], value)


def _without(secrets: list[str], value: Any) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, MASK)
        return without_tokens(value)
    if isinstance(value, dict):
        # What tells the call apart stays as it is, even where somebody typed it as a signature.
        return {
            key: item if key in ("RequestId", "Code") else _without(secrets, item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_without(secrets, item) for item in value]
    return value


def _secret_values(params: dict[str, Any]) -> list[str]:
    """The secrets among the parameters, since a message of the cloud may quote what it refuses.

    All of the API's secrets are top-level text; one of a few letters is none, and would be found everywhere.
    """
    return [
        value
        for name, value in params.items()
        if isinstance(value, str) and len(value) > 7 and is_secret(str(name))
    ]


def _root(error: BaseException) -> BaseException:
    """The failure that lies under what ``requests`` and ``urllib3`` wrapped around it."""
    while True:
        inner = getattr(error, "reason", None) or error.__cause__ or (error.args[-1] if error.args else None)
        if not isinstance(inner, BaseException):
            return error
        error = inner


def _cause(error: BaseException) -> str:
    root = _root(error)
    return str(root) or type(root).__name__
