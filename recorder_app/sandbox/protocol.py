"""The wire: what a request says, and whether its signature proves who says it.

Written from the page "Signature v3", its older sister "Signature", and "Request structure"
(common.md sections 1 to 5), and from nothing else.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import parse_qsl

from recorder_app.sandbox.defaults import SIGNATURE_WINDOW

VERSIONS = {"tiw": "2019-09-19", "gme": "2018-07-11"}
BODY_LIMIT = 10 * 1024 * 1024
FORM_LIMIT = 1024 * 1024
QUERY_LIMIT = 32 * 1024

_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256\s+Credential=(?P<secret_id>[^/,\s]+)/(?P<date>\d{4}-\d\d-\d\d)/(?P<service>[a-z0-9]+)"
    r"/tc3_request,\s*SignedHeaders=(?P<signed>[a-z0-9;-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_QUERY_COMMON = (
    "Action",
    "Version",
    "Region",
    "Timestamp",
    "Nonce",
    "SecretId",
    "SignatureMethod",
    "Signature",
    "Token",
    "Language",
    "RequestClient",
)
_DIGESTS = {"HmacSHA1": hashlib.sha1, "HmacSHA256": hashlib.sha256}


class ApiError(Exception):
    """An answer that says no: it travels with HTTP status 200, as ``Response.Error``."""

    def __init__(self, code: str, message: str):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class HttpRequest:
    """What arrived. Header names are lower case; ``query`` is the text after the question mark, as sent."""

    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Call:
    """What a request asks for, before anything of it is believed.

    ``fault`` is what was wrong with the parameters' form: told only after the signature has been found good.
    """

    service: str = ""
    action: str = ""
    version: str = ""
    region: str | None = None
    common: dict[str, str] = field(default_factory=dict)
    parameters: dict = field(default_factory=dict)
    as_text: bool = False
    fault: ApiError | None = None
    scope: re.Match | None = None

    @property
    def is_chinese(self) -> bool:
        """The two editions of the service differ in fields and actions; the region tells them apart."""
        return self.region == "ap-guangzhou"


def read_call(request: HttpRequest) -> Call:
    """Take a request apart without judging it: common parameters, service, and nested parameters."""
    call = Call(as_text=request.method == "GET")
    authorization = request.headers.get("authorization")
    form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    text = request.query if request.method == "GET" else request.body.decode("latin-1") if form else ""
    try:
        pairs = _pairs(text)
        if authorization is None and (request.method == "GET" or form):
            call.as_text = True
            call.common = {name: value for name, value in pairs if name in _QUERY_COMMON}
            pairs = [(name, value) for name, value in pairs if name not in _QUERY_COMMON]
        else:
            call.common = _common_headers(request.headers)
            pairs = _without_repeated_common(pairs, call.common)
        call.parameters = _nested(pairs) if call.as_text else {}
    except ApiError as fault:
        call.fault = fault
    call.action = call.common.get("Action", "")
    call.version = call.common.get("Version", "")
    call.region = call.common.get("Region")
    call.scope = _AUTHORIZATION.fullmatch(authorization.strip()) if authorization else None
    call.service = _service(request.headers.get("host", ""), call.scope, call.version)
    if not call.as_text:
        _read_json(call, request)
    return call


def _common_headers(headers: Mapping[str, str]) -> dict[str, str]:
    names = ("Action", "Version", "Region", "Timestamp", "Token", "Language")
    return {name: headers[f"x-tc-{name.lower()}"] for name in names if f"x-tc-{name.lower()}" in headers}


def _without_repeated_common(pairs: list, common: dict) -> list:
    """The documents' GET addresses carry Action, Version and Region; beside headers they may only repeat them."""
    for name, value in pairs:
        if name in ("Action", "Version", "Region") and common.get(name) != value:
            raise ApiError("InvalidParameter", f"{name} in the address differs from the header.")
    return [(name, value) for name, value in pairs if name not in ("Action", "Version", "Region")]


def _service(host: str, scope: re.Match | None, version: str) -> str:
    label = host.split(".", 1)[0].lower()
    if label in VERSIONS:
        return label
    if scope:
        return scope["service"]
    return next((service for service, known in VERSIONS.items() if known == version), "")


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict")
    except (UnicodeDecodeError, ValueError):
        raise ApiError("InvalidParameter", "The parameters are not URL-encoded UTF-8 text.") from None


def _nested(pairs: list[tuple[str, str]]) -> dict:
    """``A.B.0=x`` becomes ``{"A": {"B": {"0": "x"}}}``; what is a list only the tables know."""
    root: dict = {}
    for name, value in pairs:
        *parents, leaf = name.split(".")
        node = root
        for part in parents:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise ApiError("InvalidParameter", f"{name} is given both a value and parts.")
        if leaf in node:
            raise ApiError("InvalidParameter", f"{name} is given more than once.")
        node[leaf] = value
    return root


def _read_json(call: Call, request: HttpRequest) -> None:
    code = "InvalidParameter.UnmarshalJSONBodyFail" if call.service == "tiw" else "InvalidParameter"
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type != "application/json":
        call.fault = ApiError("InvalidParameter", "A signed POST carries application/json.")
        return
    try:
        parameters = json.loads(request.body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        call.fault = ApiError(code, "The body is not valid JSON.")
        return
    if isinstance(parameters, dict):
        call.parameters = parameters
    else:
        call.fault = ApiError(code, "The body is not a JSON object.")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def verify(call: Call, request: HttpRequest, accounts: Mapping[str, str], now: float) -> str:
    """Check who signed the request.

    Arguments: the call as read, the request, secret keys by secret id, and the present in Unix seconds.
    Returns the secret id. Raises ApiError (MissingParameter, RequestSizeLimitExceeded, AuthFailure.*).
    Source: pages "Signature v3", "Signature", "Common params", "Error codes" (common.md 1 to 4 and 6).
    """
    if request.method not in ("GET", "POST"):
        raise ApiError("UnsupportedProtocol", "A request is a GET or a POST.")
    if request.method == "GET" and len(request.query) > QUERY_LIMIT:
        raise ApiError("RequestSizeLimitExceeded", "A GET request may have 32 KB at most.")
    with_query = "Signature" in call.common
    if with_query and len(request.body) > FORM_LIMIT:
        raise ApiError("RequestSizeLimitExceeded", "A POST signed in the older way may have 1 MB at most.")
    if len(request.body) > BODY_LIMIT:
        raise ApiError("RequestSizeLimitExceeded", "A request may have 10 MB at most.")
    if with_query:
        return _verify_query(call, request, accounts, now)
    if "authorization" not in request.headers:
        raise call.fault or ApiError("MissingParameter", "The request is not signed: no Authorization.")
    return _verify_tc3(call, request, accounts, now)


def _required(call: Call, *names: str) -> None:
    for name in names:
        if not call.common.get(name):
            raise ApiError("MissingParameter", f"The common parameter {name} is missing.")


def _secret_key(accounts: Mapping[str, str], secret_id: str) -> str:
    if secret_id not in accounts:
        raise ApiError("AuthFailure.SecretIdNotFound", "This SecretId is unknown, disabled or deleted.")
    return accounts[secret_id]


def _check_time(call: Call, now: float) -> int:
    text = call.common["Timestamp"]
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise ApiError("InvalidParameter", "Timestamp must be Unix seconds.")
    if abs(now - int(text)) > SIGNATURE_WINDOW:
        raise ApiError(
            "AuthFailure.SignatureExpire",
            f"Timestamp {text} is more than 5 minutes away from the server's time {int(now)}.",
        )
    return int(text)


def _check_token(call: Call) -> None:
    # The sandbox knows permanent keys only, and with those no token belongs.
    if call.common.get("Token"):
        raise ApiError("AuthFailure.TokenFailure", "The token is invalid or has run out.")


def _verify_tc3(call: Call, request: HttpRequest, accounts: Mapping[str, str], now: float) -> str:
    scope = call.scope
    if scope is None or not {"content-type", "host"} <= set(scope["signed"].split(";")):
        raise ApiError("AuthFailure.InvalidAuthorization", "The Authorization header is malformed.")
    _required(call, "Action", "Version", "Timestamp")
    secret_key = _secret_key(accounts, scope["secret_id"])
    timestamp = _check_time(call, now)
    if scope["service"] not in VERSIONS:
        raise ApiError("NoSuchProduct", f"There is no service {scope['service']} here.")
    canonical = canonical_request(request, scope["signed"])
    date = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
    expected = _tc3_signature(secret_key, call.service, timestamp, date, canonical)
    if scope["date"] != date or not hmac.compare_digest(expected, scope["signature"]):
        raise ApiError("AuthFailure.SignatureFailure", "The signature does not fit the request.")
    _check_token(call)
    return scope["secret_id"]


def canonical_request(request: HttpRequest, signed: str) -> bytes:
    """Step 1 of "Signature v3": the bytes whose hash is signed. ``signed`` is the header names joined by ;"""
    lines = "".join(f"{name}:{request.headers.get(name, '').strip().lower()}\n" for name in signed.split(";"))
    unsigned = request.headers.get("x-tc-content-sha256") == "UNSIGNED-PAYLOAD"
    payload = b"UNSIGNED-PAYLOAD" if unsigned else request.body if request.method == "POST" else b""
    head = f"{request.method}\n/\n{request.query}\n{lines}\n{signed}\n"
    return head.encode("latin-1") + hashlib.sha256(payload).hexdigest().encode()


@lru_cache(maxsize=64)
def _day_key(secret_key: str, date: str, service: str) -> bytes:
    key = ("TC3" + secret_key).encode()
    for part in (date, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _tc3_signature(secret_key: str, service: str, timestamp: int, date: str, canonical: bytes) -> str:
    digest = hashlib.sha256(canonical).hexdigest()
    text = f"TC3-HMAC-SHA256\n{timestamp}\n{date}/{service}/tc3_request\n{digest}"
    return hmac.digest(_day_key(secret_key, date, service), text.encode(), "sha256").hex()


def _verify_query(call: Call, request: HttpRequest, accounts: Mapping[str, str], now: float) -> str:
    _required(call, "Action", "Version", "Timestamp", "Nonce", "SecretId")
    if call.fault:
        raise call.fault
    secret_key = _secret_key(accounts, call.common["SecretId"])
    _check_time(call, now)
    if not re.fullmatch(r"[1-9][0-9]{0,19}", call.common["Nonce"]):
        raise ApiError("InvalidParameter", "Nonce must be a positive integer.")
    digest = _DIGESTS.get(call.common.get("SignatureMethod", "HmacSHA1"))
    if digest is None:
        raise ApiError("InvalidParameter", "SignatureMethod must be HmacSHA1 or HmacSHA256.")
    text = request.query if request.method == "GET" else request.body.decode("latin-1")
    values = {name: value for name, value in _pairs(text) if name != "Signature"}
    joined = "&".join(f"{name}={values[name]}" for name in sorted(values))
    signed = f"{request.method}{request.headers.get('host', '')}/?{joined}"
    expected = base64.b64encode(hmac.new(secret_key.encode(), signed.encode(), digest).digest())
    if not hmac.compare_digest(expected, call.common["Signature"].encode()):
        raise ApiError("AuthFailure.SignatureFailure", "The signature does not fit the request.")
    _check_token(call)
    return call.common["SecretId"]
