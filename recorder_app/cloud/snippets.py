"""The same request in five forms that people can read, copy and run.

No key and no signature is ever in them: keys, and the RecordUserSig, which is a credential too, are taken from
the environment when a form is run. Sources: pages "Signature v3", "Signature" and "Request structure"; the
official SDK and tccli.
"""

import json
import re
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recorder_app.cloud.endpoints import base_url
from recorder_app.cloud.flattening import flatten, unflatten
from recorder_app.cloud.masking import masked
from recorder_app.cloud.products import PRODUCTS, CloudProduct

__all__ = [
    "all_forms", "as_curl", "as_get_address", "as_json", "as_python_sdk", "as_tccli", "flatten", "unflatten",
]  # fmt: skip

_CREDENTIAL = "RecordUserSig"
_VARIABLE = "RECORD_USER_SIG"
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x01-\x09\x0b-\x1f\x7f-\x9f]")

_CURL = r"""(
# {keys}
# {visible}
set -euo pipefail
body={body}
read -r timestamp day <<< "$(date -u '+%s %Y-%m-%d')"
digest() {{ openssl dgst -sha256 "$@" | sed 's/^.*= *//'; }}
sign() {{ digest -mac HMAC -macopt "$1"; }}
scope="$day/{service}/tc3_request"
canonical="$(printf 'POST\n/\n\ncontent-type:application/json\nhost:%s\n\ncontent-type;host\n%s' \
  {host} "$(printf %s "$body" | digest)")"
text="$(printf 'TC3-HMAC-SHA256\n%s\n%s\n%s' "$timestamp" "$scope" "$(printf %s "$canonical" | digest)")"
key="$(printf %s "$day" | sign "key:TC3$TENCENTCLOUD_SECRET_KEY")"
key="$(printf %s {service} | sign "hexkey:$key")"
key="$(printf %s tc3_request | sign "hexkey:$key")"
signature="$(printf %s "$text" | sign "hexkey:$key")"
printf %s "$body" | curl --silent --show-error {url} \
  --header 'Content-Type: application/json' --header {host_header} \
  --header 'X-TC-Action: {action}' --header 'X-TC-Version: {version}'{region} \
  --header "X-TC-Timestamp: $timestamp" ${{TENCENTCLOUD_TOKEN:+--header "X-TC-Token: $TENCENTCLOUD_TOKEN"}} \
  --header "Authorization: TC3-HMAC-SHA256 Credential=$TENCENTCLOUD_SECRET_ID/$scope, \
SignedHeaders=content-type;host, Signature=$signature" --data-binary @-
)
"""

_PYTHON = """\
import json
import os

from tencentcloud.common import credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.{service}.{module} import models, {service}_client

keys = credential.Credential(
    os.environ["TENCENTCLOUD_SECRET_ID"],
    os.environ["TENCENTCLOUD_SECRET_KEY"],
    os.environ.get("TENCENTCLOUD_TOKEN"),
)
profile = ClientProfile(httpProfile=HttpProfile(protocol="{scheme}", endpoint="{host}"))
client = {service}_client.{client}(keys, {region!r}, profile)

params = {params}
request = models.{action}Request()
request.from_json_string(json.dumps(params))
print(client.{action}(request).to_json_string(indent=2))
"""

_GET = r"""address={address}

(
# {keys}
# {visible}
set -euo pipefail
timestamp="$(date +%s)"
nonce="$((RANDOM * 32768 + RANDOM + 1))"
text={text}
signature="$(printf %s "$text" | openssl dgst -sha256 -hmac "$TENCENTCLOUD_SECRET_KEY" -binary | openssl base64 -A)"
curl --silent --show-error --get "$address" --data-urlencode "SecretId=$TENCENTCLOUD_SECRET_ID" \
  --data-urlencode "Timestamp=$timestamp" --data-urlencode "Nonce=$nonce" --data 'SignatureMethod=HmacSHA256' \
  ${{TENCENTCLOUD_TOKEN:+--data-urlencode "Token=$TENCENTCLOUD_TOKEN"}} --data-urlencode "Signature=$signature"
)
"""


def all_forms(
    action: str, params: dict[str, Any], *, product_key: str, region: str = "", endpoint: str = ""
) -> list[tuple[str, str, str]]:
    """Return every form of a request as (key, title, text), in the order in which pages show them.

    ``params`` are nested as for ``CloudClient.call``; ``endpoint`` as there, "" for the product's own host.
    """
    place = {"product_key": product_key, "region": region, "endpoint": endpoint}
    return [
        ("json", gettext_lazy("JSON"), as_json(params)),
        ("curl", gettext_lazy("curl"), as_curl(action, params, **place)),
        ("tccli", gettext_lazy("tccli"), as_tccli(action, params, **place)),
        ("python", gettext_lazy("Python SDK"), as_python_sdk(action, params, **place)),
        ("get", gettext_lazy("GET address"), as_get_address(action, params, **place)),
    ]


def as_json(params: dict[str, Any]) -> str:
    """Return the parameters as they stand in the body of the request, with credentials left out."""
    plain, mark = _without_credential(params)
    return _json(plain).replace(mark, f"<{_CREDENTIAL}>")


def as_curl(
    action: str, params: dict[str, Any], *, product_key: str, region: str = "", endpoint: str = ""
) -> str:
    """Return bash that signs the request with openssl (TC3-HMAC-SHA256) and sends it with curl."""
    product, url = _place(product_key, endpoint)
    host = url.partition("://")[2]
    plain, mark = _without_credential(params)
    return _CURL.format(
        **_remarks(),
        body=_shell(_json(plain), {mark: _VARIABLE}),
        service=product.service,
        version=product.version,
        action=action,
        host=_quoted(host),
        url=_quoted(f"{url}/"),
        host_header=_quoted(f"Host: {host}"),
        region=f" --header {_quoted(f'X-TC-Region: {region}')}" if region else "",
    )


def as_tccli(
    action: str, params: dict[str, Any], *, product_key: str, region: str = "", endpoint: str = ""
) -> str:
    """Return one command for the vendor's command line tool, which reads its keys from the same variables."""
    product, url = _place(product_key, endpoint)
    plain, mark = _without_credential(params)
    # The tool insists on a region, even for a product that ignores it, and on reading JSON from a file.
    command = [
        f"tccli {product.service} {action} --version {product.version}",
        f"--region {_quoted(region or 'ap-singapore')} --output json",
        f"--endpoint {_quoted(url.removeprefix('https://'))}",
        f"--cli-input-json file:///dev/stdin <<< {_shell(_json(plain), {mark: _VARIABLE})}",
    ]
    return " \\\n  ".join(command) + "\n"


def as_python_sdk(
    action: str, params: dict[str, Any], *, product_key: str, region: str = "", endpoint: str = ""
) -> str:
    """Return a program that makes the call with the vendor's Python SDK."""
    product, url = _place(product_key, endpoint)
    scheme, _separator, host = url.partition("://")
    plain, mark = _without_credential(params)
    return _PYTHON.format(
        service=product.service,
        module="v" + product.version.replace("-", ""),
        client=f"{product.service.capitalize()}Client",
        scheme=scheme,
        host=host,
        region=region,
        action=action,
        params=_python(plain, "").replace(repr(mark), f'os.environ["{_VARIABLE}"]'),
    )


def as_get_address(
    action: str, params: dict[str, Any], *, product_key: str, region: str = "", endpoint: str = ""
) -> str:
    """Return the address of the GET form, and bash that adds the older query signature and fetches it."""
    product, url = _place(product_key, endpoint)
    plain, mark = _without_credential(params)
    pairs = [("Action", action), ("Version", product.version), *([("Region", region)] if region else [])]
    pairs += [(name, _query_text(value)) for name, value in flatten(plain)]
    query = "&".join([f"{_encoded(name)}={_encoded(value)}" for name, value in pairs])
    address = f"{url}/?{query}"
    if any("\0" in name + value for name, value in pairs):
        remark = _("No shell can hold the NUL character in this request, so it cannot be fetched from here.")
        return f"{address.replace(mark, f'<{_CREDENTIAL}>')}\n\n# {remark}\n"
    return _GET.format(
        **_remarks(),
        address=_shell(address, {mark: _VARIABLE}),
        text=_text_to_sign(url.partition("://")[2], pairs, mark),
    )


def _text_to_sign(host: str, pairs: list[tuple[str, str]], mark: str) -> str:
    """The text of the older signature, in bash: every parameter sorted by name, values not encoded."""
    marks = {
        f"{mark}{number}": name
        for number, name in enumerate(("nonce", "timestamp", "TENCENTCLOUD_SECRET_ID"))
    }
    nonce, timestamp, secret_id = marks
    token = f"{mark}token"
    own = [
        ("Nonce", nonce),
        ("SecretId", secret_id),
        ("SignatureMethod", "HmacSHA256"),
        ("Timestamp", timestamp),
    ]
    parts = [f"&{name}={value}" for name, value in pairs + own] + [f"&Token={token}"]
    text = "".join(sorted(parts, key=lambda part: part.partition("=")[0]))
    text = text.replace(f"&Token={token}", token)
    marks[token] = "TENCENTCLOUD_TOKEN:+&Token=$TENCENTCLOUD_TOKEN"
    return _shell(f"GET{host}/?{text[1:]}", {**marks, mark: _VARIABLE})


def _place(product_key: str, endpoint: str) -> tuple[CloudProduct, str]:
    product = PRODUCTS[product_key]
    return product, base_url(endpoint or product.host)


def _without_credential(params: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The parameters with a mark, found nowhere else in them, in place of the RecordUserSig."""
    plain = masked(params)
    mark = "__"
    while mark in repr(params):
        mark += "_"
    mark += _VARIABLE
    if plain.get(_CREDENTIAL):
        plain[_CREDENTIAL] = mark
    return plain, mark


def _remarks() -> dict[str, str]:
    keys = _(
        "Keys come from TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY; with temporary ones, also _TOKEN."
    )
    visible = _("While openssl runs, others on the same machine can see the key among its arguments.")
    return {"keys": " ".join(keys.split()), "visible": " ".join(visible.split())}


def _json(params: dict[str, Any]) -> str:
    text = json.dumps(params, indent=2, ensure_ascii=False)
    return _SURROGATE.sub(
        lambda half: f"\\u{ord(half[0]):04x}", text
    )  # the only characters UTF-8 cannot hold


def _python(value: Any, indent: str) -> str:
    """A literal, laid out as a formatter would."""
    inner = indent + "    "
    if isinstance(value, dict) and value:
        lines = [f"{inner}{key!r}: {_python(item, inner)},\n" for key, item in value.items()]
        return "{\n" + "".join(lines) + indent + "}"
    if isinstance(value, list) and value:
        lines = [f"{inner}{_python(item, inner)},\n" for item in value]
        return "[\n" + "".join(lines) + indent + "]"
    return repr(value)


def _query_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _SURROGATE.sub("\ufffd", str(value))


def _encoded(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _shell(text: str, variables: dict[str, str]) -> str:
    """One bash word that gives ``text``, with the variable's value where its mark stands."""
    marks = "|".join(re.escape(mark) for mark in sorted(variables, key=len, reverse=True))
    parts = re.split(f"({marks})", text)
    return "".join(
        f'"${{{variables[part]}}}"' if part in variables else _quoted(part) for part in parts if part
    )


def _quoted(text: str) -> str:
    """One bash word that gives exactly ``text``; control characters are spelled out, so that it can be pasted."""
    escaped = text.replace("'", "'\\''")
    if not _CONTROL.search(text):
        return f"'{escaped}'"
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return (
        "$'"
        + _CONTROL.sub(lambda sign: "".join(f"\\x{byte:02x}" for byte in sign[0].encode()), escaped)
        + "'"
    )
