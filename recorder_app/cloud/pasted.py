"""Reading a request back from any form in which people keep one: the reverse of ``snippets``.

JSON (bare, or with Action and Version around it), a GET address (signed or not), a curl command, a tccli line, a
program for the Python SDK, a raw HTTP request, or text with one of them in it. Sources: pages "Request structure"
(GET form, common parameters), StartOnlineRecord and StartRecord (types); tccli's own help.
"""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

from django.utils.translation import gettext as _

from recorder_app.choices import Product
from recorder_app.cloud.flattening import unflatten
from recorder_app.cloud.masking import is_secret
from recorder_app.cloud.products import PRODUCTS
from recorder_app.cloud.shell_words import Word, shell_words

LONGEST = 200_000
MOST_PAIRS = 5000
# The API nests six deep, and knows no larger number.
DEEPEST = 30
LARGEST_BITS = 64
# Openings of JSON in a text that are tried.
MOST_TRIES = 50

# What goes with every request and belongs to none.
_COMMON = {
    "Action", "Version", "Region", "Timestamp", "Nonce", "SecretId", "SecretKey", "Signature", "SignatureMethod",
    "Token", "Language", "RequestClient",
}  # fmt: skip
_NAMES = {
    Product.TIW.value: {
        "SdkAppId", "RoomId", "RecordUserId", "RecordUserSig", "GroupId", "Concat", "Whiteboard", "MixStream", "Extras",
        "AudioFileNeeded", "RecordControl", "RecordMode", "ChatGroupId", "AutoStopTimeout", "ExtraData", "TRTCRoomId",
        "TRTCRoomIdStr",
    },
    Product.GME.value: {"BizId", "RoomId", "RecordMode", "SubscribeRecordUserIds"},
}  # fmt: skip
# The types of what comes as text, by the last word of a name.
_INTEGERS = {
    Product.TIW.value: {
        "SdkAppId", "RoomId", "AutoStopTimeout", "TRTCRoomId", "Width", "Height", "X", "Y", "ZOrder", "ModelId",
        "FillMode",
    },
    Product.GME.value: {"BizId", "RecordMode", "TaskId"},
}  # fmt: skip
_BOOLEANS = {"Enabled", "DisableRecord", "DisableAudio", "PullSmallVideo", "AudioFileNeeded"}
# Where a request lies in something that tells of it.
_WRAPPERS = ("params", "Params", "parameters", "Parameters", "request", "Request", "body", "Body", "data")
_ACTIONS = {name for product in PRODUCTS.values() for name in product.actions}
# No blank of these matches the end of a line: thousands of empty lines would each be read from all before them.
_HEADER = re.compile(
    r"^[ \t]*X-TC-(Action|Region)[ \t]*:[ \t]*([\w-]{1,60})[ \t]*$", re.IGNORECASE | re.MULTILINE
)
_SDK_ACTION = re.compile(r"\bmodels\.(\w{1,60})Request\b|\.(\w{1,60})\(\s*(?:req|request)\b")
_ADDRESS = re.compile(r"(?:https?://[^\s?'\"]{1,300}|(?<=GET )/)\?(\S+)")


class NotARequest(ValueError):
    """No request can be read from a text; the message says for people why."""


@dataclass(frozen=True)
class Pasted:
    """A request as it was read: nested ``params`` without what goes with every request and without secrets, which are
    named in ``dropped``. ``action`` is "" where it was not said, ``product`` is "tiw" or "gme"."""

    params: dict[str, Any]
    product: str
    action: str = ""
    region: str = ""
    dropped: list[str] = field(default_factory=list)


@dataclass
class _Draft:
    """What a reader made of a text: either nested values with their types, or names with texts."""

    params: dict[str, Any] | None = None
    pairs: list[tuple[str, Any]] = field(default_factory=list)
    action: str = ""
    region: str = ""


def read_request(text: str, *, product: str = "") -> Pasted:
    """Read the request in ``text``; ``product`` ("tiw", "gme") decides where the request itself does not.

    Values of JSON and of Python keep their types; texts of the other forms get the types of the API. Raises
    ``NotARequest``, with a sentence for people.
    """
    text = text.strip().replace("\r\n", "\n").replace("\x00", "")
    if not text:
        raise NotARequest(_("Paste a request first."))
    if len(text) > LONGEST:
        raise NotARequest(_("This is too long for one request. Paste the request alone."))
    for reader in (_json, _python, _shell, _http, _address, _json_within):
        draft = reader(text)
        if draft is not None:
            return _finished(draft, product)
    raise NotARequest(
        _(
            "No request was found in this. It can be JSON, a GET address, a curl command, a tccli line or a program."
        )
    )


# --- Readers ----------------------------------------------------------------------------------------------
def _json(text: str) -> _Draft | None:
    value = _object(text)
    return None if value is None else _Draft(value)


def _object(text: str) -> dict[str, Any] | None:
    """A JSON object, None for anything else."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _json_within(text: str) -> _Draft | None:
    """The first object in a text that has a name of the API in it."""
    decoder = json.JSONDecoder(strict=False)
    start = text.find("{")
    for _try in range(MOST_TRIES):
        if start < 0:
            return None
        try:
            value, _end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict) and _is_request(_unwrapped(value)):
            found = dict(_HEADER.findall(text))
            return _Draft(value, action=found.get("Action", ""), region=found.get("Region", ""))
        start = text.find("{", start + 1)
    return None


def _python(text: str) -> _Draft | None:
    action = next((name for names in _SDK_ACTION.findall(text) for name in names if name in _ACTIONS), "")
    if not action and not re.search(r"^[ \t]*params[ \t]*=", text, re.MULTILINE):
        return None
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    set_one_by_one: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict) and _is_request(value := _literal(node)):
            return _Draft(value, action=action)
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and _is_request(value := _object(node.value))
        ):
            return _Draft(value, action=action)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            set_one_by_one[node.targets[0].attr] = _literal(node.value)
    return _Draft(set_one_by_one, action=action) if _is_request(set_one_by_one) else None


def _literal(node: ast.expr) -> Any:
    """The value of a literal; what is computed, such as a key from the environment, or no JSON has, is None."""
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {
            key.value: _literal(value)
            for key, value in pairs
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }
    if isinstance(node, ast.List | ast.Tuple):
        return [_literal(item) for item in node.elts]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _literal(node.operand)
        return -value if isinstance(value, int | float) else None
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, int) and value.bit_length() > LARGEST_BITS:
        return None
    return value if isinstance(value, str | int | float) else None


def _shell(text: str) -> _Draft | None:
    """A script or a line for a shell, with curl, tccli or an address in it."""
    if not re.search(r"\b(?:curl|tccli)\b|^address=", text, re.MULTILINE):
        return None
    words = shell_words(text)
    draft = _tccli(words) or _curl(words)
    if draft is None:
        return None
    for word in words:
        if match := _HEADER.fullmatch(word.text):
            setattr(draft, match[1].lower(), match[2])
    return draft


def _tccli(words: list[Word]) -> _Draft | None:
    place = next((number for number, word in enumerate(words) if word.text == "tccli"), None)
    if place is None or len(words) < place + 3:
        return None
    draft = _Draft(action=words[place + 2].text)
    for name, values in _options(words[place + 3 :]):
        if name == "region" and values:
            draft.region = values[0]
        elif name[:1].isupper() and values:
            draft.pairs.append((name, values[0] if len(values) == 1 else values))
    if not draft.pairs:
        draft.params = next(_objects(words), {})
    return draft


def _options(words: list[Word]) -> Iterator[tuple[str, list[str]]]:
    """``--name value value``, ``--name=value``."""
    name, values = "", []
    for word in words:
        if word.text.startswith("--") and not word.is_quoted:
            if name:
                yield name, values
            name, equals, value = word.text[2:].partition("=")
            values = [value] if equals else []
        elif name:
            values.append(word.text)
    if name:
        yield name, values


def _curl(words: list[Word]) -> _Draft | None:
    if (body := next(_objects(words), None)) is not None:
        return _Draft(body)
    texts = [word.text for word in words]
    query = "&".join(match[1] for text in texts if (match := _ADDRESS.search(text)))
    pairs = _pairs(query)
    for option, value in pairwise(texts):
        if option == "--data-urlencode":
            name, _equals, value = value.partition("=")
            pairs.append((name, value))
        elif option in ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii"):
            pairs += _pairs(value)
    return _Draft(pairs=pairs) if any(name in _all_names() for name, _value in _tops(pairs)) else None


def _objects(words: list[Word]) -> Iterator[dict[str, Any]]:
    """The JSON objects among the words, also where one is given to a variable or an option."""
    for word in words:
        for text in (word.text, word.text.partition("=")[2], word.text.removeprefix("-d")):
            value = _object(text)
            if value is not None:
                yield value
                break


def _http(text: str) -> _Draft | None:
    """A request as it goes over the wire: a line, headers, a blank line, a body."""
    if not re.match(r"(?:POST|GET) \S+ HTTP/", text):
        return None
    head, _blank, body = text.partition("\n\n")
    headers = {name.title(): value for name, value in _HEADER.findall(head)}
    draft = _Draft(_object(body), action=headers.get("Action", ""), region=headers.get("Region", ""))
    if draft.params is None:
        address = _ADDRESS.search(head)
        draft.pairs = _pairs(address[1] if address else body.strip())
    return draft


def _address(text: str) -> _Draft | None:
    """An address, also broken into lines before each of its parameters as the documents print it."""
    text = re.sub(r"\n[ \t]*(?=&)", "", text)
    match = _ADDRESS.search(text)
    query = match[1] if match else text if re.match(r"[\w.]{1,100}=", text) else ""
    pairs = _pairs(query.split()[0] if query else "")
    return _Draft(pairs=pairs) if any(name in _all_names() for name, _value in _tops(pairs)) else None


def _pairs(query: str) -> list[tuple[str, Any]]:
    try:
        pairs = parse_qsl(query.strip("&"), keep_blank_values=True, max_num_fields=MOST_PAIRS)
    except ValueError:
        return []
    # What has no value, such as a remark in angle brackets, is none of the API's names.
    return [(name, value) for name, value in pairs if re.fullmatch(r"[\w.]{1,200}", name)]


# --- What was read ----------------------------------------------------------------------------------------
def _finished(draft: _Draft, product: str) -> Pasted:
    params = _unwrapped(draft.params) if draft.params is not None else dict(draft.pairs)
    outer = draft.params or {}
    action = str(draft.action or params.get("Action") or outer.get("Action") or outer.get("action") or "")
    region = str(draft.region or params.get("Region") or outer.get("Region") or "")
    if action and action not in _ACTIONS:
        raise NotARequest(
            _("There is no action called %(action)s here.") % {"action": _storable(action[:60])}
        )
    product = _product_of(action, {name.partition(".")[0] for name in params}) or product
    if not product:
        raise NotARequest(
            _(
                "Nothing in it tells whether a class or a voice room is meant. Add SdkAppId or BizId, or the Action."
            )
        )
    if draft.params is None:
        params = {name: _typed(name, value, product) for name, value in draft.pairs}
    dropped = [name for name in params if name not in _COMMON and is_secret(name)]
    kept = {name: value for name, value in params.items() if name not in _COMMON and not is_secret(name)}
    try:
        nested = unflatten(kept.items()) if any("." in name for name in kept) else kept
    except ValueError as error:
        raise NotARequest(_("The names in it contradict each other: %(why)s") % {"why": error}) from error
    return Pasted(_storable(nested), product, action, region, dropped)


def _storable(value: Any, depth: int = 0) -> Any:
    """The same without the halves of characters and the NULs that JSON can spell, but no page and no table takes."""
    if depth > DEEPEST:
        raise NotARequest(_("It is nested more deeply than any request."))
    if isinstance(value, dict):
        return {_storable(str(name)): _storable(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item, depth + 1) for item in value]
    if isinstance(value, str):
        return value.replace("\x00", "").encode(errors="replace").decode()
    return value


def _product_of(action: str, names: Iterable[str]) -> str:
    if action:
        return next(key for key, product in PRODUCTS.items() if action in product.actions)
    votes = {key: len(known & set(names) - _shared()) for key, known in _NAMES.items()}
    most = max(votes, key=lambda key: votes[key])
    return most if votes[most] and list(votes.values()).count(votes[most]) == 1 else ""


def _shared() -> set[str]:
    return set.intersection(*_NAMES.values())


def _all_names() -> set[str]:
    return set.union(*_NAMES.values()) | {"Action"}


def _tops(pairs: list[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    return ((name.partition(".")[0], value) for name, value in pairs)


def _is_request(value: Any) -> bool:
    return isinstance(value, dict) and any(str(name).partition(".")[0] in _all_names() for name in value)


def _unwrapped(value: dict[str, Any]) -> dict[str, Any]:
    """The parameters themselves, where they lie in something that tells of a request."""
    for name in _WRAPPERS:
        inner = value.get(name)
        inner = _object(inner) if isinstance(inner, str) else inner
        if _is_request(inner) and not set(value) & (_all_names() - {"Action"}):
            return inner
    return value


def _typed(name: str, value: Any, product: str) -> Any:
    """A text as the API types it; one that does not fit stays a text, to be told at its field."""
    if not isinstance(value, str):
        return value
    last = next((word for word in reversed(name.split(".")) if not word.isdecimal()), "")
    if last in _BOOLEANS and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if last in _INTEGERS[product] and re.fullmatch(r"-?[0-9]{1,20}", value):
        return int(value)
    if value[:1] in ("{", "[") and name in _STRUCTURES:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


# What tccli takes as JSON when it is not unfolded.
_STRUCTURES = {"Concat", "Whiteboard", "MixStream", "RecordControl", "Extras", "SubscribeRecordUserIds"}
