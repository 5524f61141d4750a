"""Find the identifiers in a text of any kind, in the order in which they stand in it.

An identifier is known by its shape, or by the name in front of it (``"RequestId": "..."``, ``TaskId=...``, ``room
1203``); RequestIds are opaque, so after their name anything counts. The time it takes grows with the length of the
text and with nothing else: every repetition is bounded or gives nothing back.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from recorder_app.cloud.error_codes import ALL, SDK_CODES
from recorder_app.cloud.masked_text import masked_text, small_letters

# Identifiers that are looked at in one text; further ones are left out, and the page says so.
MOST = 500


class Kind(TextChoices):
    """What an identifier is taken for."""

    REQUEST = "request", _("RequestId")
    TASK = "task", _("TaskId")
    RECORD_USER = "record_user", _("RecordUserId")
    ROOM = "room", _("Room")
    APPLICATION = "application", _("Application id")
    CODE = "code", _("Error code")
    USER = "user", _("User id")


@dataclass(frozen=True)
class Identifier:
    """One identifier as it stands in a text.

    ``is_sure`` is False for what only may be one, such as a bare number: where nothing is known of it, it is not worth
    a word.
    """

    text: str
    kind: Kind
    is_sure: bool = True


# --- Names and what follows them --------------------------------------------------------------------------
# In small letters. What begins a name and its kind; each alternative below begins with one of these.
_KINDS = {
    "req": Kind.REQUEST, "请求": Kind.REQUEST, "tas": Kind.TASK, "任务": Kind.TASK, "rec": Kind.RECORD_USER,
    "app": Kind.APPLICATION, "sdk": Kind.APPLICATION, "biz": Kind.APPLICATION,
    "roo": Kind.ROOM, "trt": Kind.ROOM, "房间": Kind.ROOM, "use": Kind.USER, "tea": Kind.USER,
    "cod": Kind.CODE, "err": Kind.CODE,
}  # fmt: skip
_KEYED = re.compile(
    r"""
    (?P<name> request[ _-]?id | 请求[ _-]?id | task[ _-]?id | 任务[ _-]?id | record[ _-]?user[ _-]?id
      | app(?<![a-z]app)[ _-]?id | sdk[ _-]?app[ _-]?id | biz(?<![a-z]biz)[ _-]?id
      | room(?<![a-z]room) (?:[ _-]?(?:id(?:str)?|no\.?|number))?+ (?![a-z]) | trtc[ _-]?room[ _-]?id(?:str)?+
      | 房间(?:号|id)?+ | user(?<![a-z]user)[ _-]?id | teacher[ _-]?id
      | code(?<![a-z]code)(?![a-z]) | error[ _-]?code
    )
    (?: ["'\]\s]{0,6}+ (?P<sign> [:=：] | => | is(?=\s) | 是 ) [\s\[]{0,6}+ | [\s(（\[]{1,6}+ )
    (?: ["'“‘`] (?P<quoted> [^"'”’`\r\n]{1,200}+ ) ["'”’`]
      | (?P<plain> [^\s"'&,;<>{}()\[\]|，。；、（）]{1,200}+ ) )
    """,
    re.VERBOSE,
)
# What stands after a name where there is nothing to name.
_NOTHING = frozenset({"null", "none", "undefined", "nil", "***", "-", "—", "true", "false"})

# --- Shapes -----------------------------------------------------------------------------------------------
# Only in what is as long as the shortest of them is worth a look.
_LONG = re.compile(r"[0-9A-Za-z.-]{9,}+")
_RECORD_USER = re.compile(r"tic_record_user_[^\s\"'&,;<>{}()\[\]|，。；、]{1,100}+")
_SHAPES = re.compile(
    r"""
    (?<![0-9A-Za-z]) (?:
        # Grouped as a UUID, whatever the letters: the documents' own example of a RequestId begins with an h.
        (?P<uuid> [0-9A-Za-z]{8} (?:-[0-9A-Za-z]{4}){3} -[0-9A-Za-z]{12} (?![0-9A-Za-z]) )
      | (?P<number> [0-9]{10,20}+ (?![0-9A-Za-z.]) )
      | (?P<grouped> [0-9A-Fa-f]{2,32}+ (?: - [0-9A-Fa-f]{2,32}+ ){2,8}+ (?![0-9A-Za-z-]) )
      | (?P<word> [0-9A-Za-z]{20} (?: [0-9A-Fa-f]{12} )?+ (?![0-9A-Za-z]) )
      | (?<!\.) (?P<code> [A-Z][A-Za-z]{8,40}+ (?: \. [A-Z][0-9A-Za-z]{1,60}+ ){0,3}+ (?![0-9A-Za-z]) )
    )
    """,
    re.VERBOSE,
)
_HEX = re.compile(r"[0-9a-f]+", re.IGNORECASE)
# The TaskIds of TIW: twenty digits and small letters up to v.
_TIW_TASK = re.compile(r"(?=(?:[a-v]*[0-9]){2})(?=(?:[0-9]*[a-v]){2})[0-9a-v]{20}")
_CODES = {entry.code for entry in (*ALL, *SDK_CODES)}
# Families of the documents: a code of theirs that is not documented is one all the same.
_FAMILIES = {entry.code.partition(".")[0] for entry in ALL}


def find_identifiers(text: str, *, most: int = MOST) -> tuple[list[Identifier], bool]:
    """The identifiers in a text, each once, in the order of the text; and whether there were more than ``most``.

    Secrets are taken out first, so that no part of one is taken for an identifier.
    """
    text = masked_text(plain(text))
    hits = list(_first(_keyed(text), most + 1))
    spans = [span for span, _identifier in hits]
    hits += _first(_record_users(text, _Spans(spans)), most + 1)
    hits += _first(_shaped(text, _Spans(spans)), most + 1)
    found = dict.fromkeys(identifier for _span, identifier in sorted(hits, key=lambda hit: hit[0]))
    unique = _once(found)
    return unique[:most], len(unique) > most


def guess(text: str) -> Kind | None:
    """What a lone identifier is taken for by its shape; None where it may be anything."""
    if _RECORD_USER.fullmatch(text):
        return Kind.RECORD_USER
    match = _SHAPES.fullmatch(text)
    identifier = _of_shape(match) if match else None
    return identifier.kind if identifier and identifier.is_sure else None


def is_code(text: str) -> bool:
    """Whether a text is an error code: one of the catalogue, or one more of a family it knows."""
    return text in _CODES or ("." in text and text.partition(".")[0] in _FAMILIES)


def plain(text: str) -> str:
    """A text as people read it: out of addresses, pages, and JSON that lies in JSON."""
    text = text.replace("\x00", " ")
    if "%" in text:
        # Twice, for what went through two addresses.
        text = unquote(unquote(text)).replace("\x00", " ")
    if "&" in text:
        for entity, character in (
            ("&quot;", '"'),
            ("&#34;", '"'),
            ("&#39;", "'"),
            ("&#x27;", "'"),
            ("&amp;", "&"),
        ):
            text = text.replace(entity, character)
    if "\\" in text:
        text = re.sub(r"\\u(00[2-7][0-9a-fA-F]|[1-9a-cA-Ce-fE-F][0-9a-fA-F]{3})", _character, text)
        for _depth in range(4):
            text = text.replace('\\"', '"').replace("\\/", "/")
        text = text.replace("\\n", " \n").replace("\\r", " ").replace("\\t", " ").replace("\\", " ")
    return text


def _character(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16))


Hit = tuple[tuple[int, int], Identifier]


def _keyed(text: str) -> Iterator[Hit]:
    seen: set[tuple[str, str]] = set()
    for match in _KEYED.finditer(small_letters(text)):
        group = "quoted" if match["quoted"] else "plain"
        start, end = match.span(group)
        value, name = text[start:end], match["name"]
        if (name, value) in seen:
            continue
        seen.add((name, value))
        value = value.strip() if match["quoted"] else value.rstrip(".:!?…")
        kind = _KINDS.get(name[:3]) or _KINDS[name[:2]]
        if _may_be(
            value, kind, is_quoted=bool(match["quoted"]), has_sign=match["sign"] not in (None, "is", "是")
        ):
            yield (start, end), Identifier(value, kind)


def _may_be(value: str, kind: Kind, *, is_quoted: bool, has_sign: bool) -> bool:
    """Whether what follows a name is what it names, rather than the next word of a sentence."""
    if not value or value.lower() in _NOTHING:
        return False
    if kind is Kind.CODE:
        return is_code(value)
    if kind in (Kind.ROOM, Kind.USER) and (is_quoted or has_sign):
        return True
    if is_quoted and has_sign:
        return True
    return any(character.isdigit() for character in value) and (
        has_sign or kind is Kind.ROOM or len(value) >= 6
    )


def _shaped(text: str, taken: "_Spans") -> Iterator[Hit]:
    seen: set[str] = set()
    for long in _LONG.finditer(text):
        if long[0] in seen:
            continue
        seen.add(long[0])
        for match in _SHAPES.finditer(text, long.start(), long.end()):
            identifier = _of_shape(match)
            if identifier and not taken.covers(match.start()):
                yield match.span(), identifier


def _record_users(text: str, taken: "_Spans") -> Iterator[Hit]:
    for match in _RECORD_USER.finditer(text):
        if not taken.covers(match.start()):
            yield match.span(), Identifier(match[0].rstrip(".:!?…"), Kind.RECORD_USER)


def _of_shape(match: re.Match[str]) -> Identifier | None:
    shape, text = match.lastgroup, match[0]
    if shape == "uuid":
        return Identifier(text, Kind.REQUEST) if any(character.isdigit() for character in text) else None
    if shape == "number":
        kind = Kind.APPLICATION if len(text) == 10 else Kind.TASK
        return Identifier(text, kind, is_sure=len(text) > 15)
    if shape == "grouped":
        return Identifier(text, Kind.REQUEST) if 24 <= len(text.replace("-", "")) <= 40 else None
    if shape == "word":
        return _of_word(text)
    return Identifier(text, Kind.CODE) if is_code(text) else None


def _of_word(word: str) -> Identifier | None:
    if len(word) == 20:
        return Identifier(word, Kind.TASK) if _TIW_TASK.fullmatch(word) else None
    # As long as a RequestId without its hyphens, and as many other things.
    return Identifier(word, Kind.REQUEST, is_sure=False) if _HEX.fullmatch(word) else None


class _Spans:
    """Places in a text that are taken already, asked for in rising order."""

    def __init__(self, spans: list[tuple[int, int]]) -> None:
        self._spans = iter(spans)
        self._now = next(self._spans, None)

    def covers(self, place: int) -> bool:
        while self._now and self._now[1] <= place:
            self._now = next(self._spans, None)
        return bool(self._now and self._now[0] <= place)


def _first(hits: Iterator[Hit], most: int) -> Iterator[Hit]:
    """Every identifier where it stands first, until there are so many of them."""
    seen: set[Identifier] = set()
    for span, identifier in hits:
        if identifier in seen:
            continue
        seen.add(identifier)
        yield span, identifier
        if len(seen) >= most:
            return


def _once(found: dict[Identifier, None]) -> list[Identifier]:
    """Without what only may be something where the same text surely is something."""
    sure = {identifier.text for identifier in found if identifier.is_sure}
    return [identifier for identifier in found if identifier.is_sure or identifier.text not in sure]
