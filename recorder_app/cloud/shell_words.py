"""Splitting a command or script for bash into its words, as far as requests are written in them.

Python's ``shlex`` knows no ``$'...'``, in which control characters are spelled out.
"""

import re
from dataclasses import dataclass

# Each takes a piece of a word; all of them begin differently, so nothing is tried twice.
_PIECE = re.compile(
    r"""
    (?P<spelled> \$' (?: [^'\\] | \\. )*+ ' )
  | (?P<single> ' [^']*+ ' )
  | (?P<double> " (?: [^"\\] | \\. )*+ " )
  | (?P<continued> \\\n )
  | \\(?P<escaped> . )
  | (?P<blank> [\s;|&()<>]++ )
  | (?P<plain> [^\s;|&()<>'"\\$]++ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_SPELLED = re.compile(rb"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_IN_DOUBLE = re.compile(r'\\([$`"\\\n])')
_LETTERS = {
    b"n": b"\n",
    b"t": b"\t",
    b"r": b"\r",
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"v": b"\v",
    b"e": b"\x1b",
}


@dataclass(frozen=True)
class Word:
    """One word without its quotes; ``is_quoted`` says that it began with one."""

    text: str
    is_quoted: bool


def shell_words(text: str) -> list[Word]:
    """Return the words of ``text``. Variables and substitutions stay as they are written; an operator only parts
    words; comments are left out; a quotation that is not closed counts as plain text. Never raises."""
    words: list[Word] = []
    pieces: list[str] = []
    is_quoted = False
    place = 0
    while place < len(text):
        if text[place] == "#" and not pieces:
            place = _behind_line(text, place)
            continue
        match = _PIECE.match(text, place)
        place = match.end()
        kind = match.lastgroup
        if kind == "blank":
            if pieces:
                words.append(Word("".join(pieces), is_quoted))
            pieces, is_quoted = [], False
        elif kind != "continued":
            is_quoted = is_quoted or (not pieces and kind in ("spelled", "single", "double"))
            pieces.append(_text_of(kind, match[kind]))
    if pieces:
        words.append(Word("".join(pieces), is_quoted))
    return words


def _behind_line(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _text_of(kind: str, piece: str) -> str:
    if kind == "single":
        return piece[1:-1]
    if kind == "double":
        return _IN_DOUBLE.sub(lambda match: match[1].replace("\n", ""), piece[1:-1])
    if kind == "spelled":
        return _SPELLED.sub(_character, piece[2:-1].encode(errors="surrogatepass")).decode(errors="replace")
    return piece


def _character(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes([int(match[1], 16)])
    if match[2]:
        return chr(int(match[2], 16)).encode(errors="replace")
    return _LETTERS.get(match[3], match[3])
