"""Replacing secrets in a text of any kind, as people paste it: tickets, logs, JSON, addresses, curl commands."""

import re

from recorder_app.cloud.masking import MASK, without_tokens

# The patterns read a text in small letters, begin with a letter of few, bound every repetition or give nothing back:
# so no text makes them slow.
_QUOTE = r"(?: \\{0,7}[\"'] | %22 | %27 | &quot; | &\#34; | &\#39; )"
_BLANK = r"(?: \s | %20 | \\[nrt] )"
_PATTERNS = [
    re.compile(pattern, re.VERBOSE)
    for pattern in (
        # Headers whose values hold blanks: to the end of the line, or of the quotation.
        r"(?: authorization | cookie | credential ) [\"'\s\\]{0,4} [:=] [\"'\s\\]{0,4} (?P<value> [^\"'\r\n\\]++ )",
        # What follows the name of a secret; behind blanks alone it has to be as long as keys are.
        rf"""
        (?: secret[ _-]?key | secret[ _-]?access[ _-]?key | user[ _-]?sig | token | password | passwd | 密钥
          | callback[ _-]?key | sdk[ _-]?key | sdk[ _-]?secret[ _-]?key | permission[ _-]?key | private[ _-]?key
          | encryption[ _-]?key | app[ _-]?key | sign(?<![a-z]sign)(?:ature)? | tls\.sig | sessionid | access[ _-]?key
        ) s?+ {_QUOTE}?+
        (?: {_BLANK}{{0,4}}+ (?: [:=：] | => | %3[ad] ) {_BLANK}{{0,4}}+
            (?: (?P<quote>{_QUOTE}) (?P<value> (?: (?!(?P=quote))[^\r\n] ){{1,4000}}+ )
              | {_QUOTE}?+ (?P<value2> [^\s"'&,;<>{{}}\\]++ ) )
          | {_BLANK}{{1,4}}+ (?P<value3> [^\s"'&,;<>{{}}\\]{{16,}}+ ) )
        """,
        r"(?: -u | --user ) [ =]? [\"']? [^\s:\"'=-]{1,200}+ : (?P<value> [^\s\"']++ )",
        r":// [^\s/:@\"']{1,200}+ : (?P<value> [^\s/@\"']{1,500}+ ) @",
    )
]
# A user signature is packed with zlib and written in a base64 of its own.
_SIGNATURE = re.compile(r"eJ(?<![\w*-]eJ)[\w*/+-]{58,}+")


def masked_text(text: str) -> str:
    """Return ``text`` with the value of whatever looks like a secret replaced by ``MASK``; never raises.

    Known by their names are keys, signatures, tokens, passwords and sessions; by their looks user signatures and our
    addresses for callbacks.
    Rather too much is masked than too little. Takes time in proportion to the length of the text, whatever is in it.
    """
    for pattern in _PATTERNS:
        text = _without(text, pattern)
    return without_tokens(_SIGNATURE.sub(MASK, text))


def small_letters(text: str) -> str:
    """Return ``text`` in small letters, every character at its place."""
    # The one letter that would become two.
    return text.replace("İ", "i").lower()


def _without(text: str, pattern: re.Pattern[str]) -> str:
    kept, behind = [], 0
    for match in pattern.finditer(small_letters(text)):
        group = next(name for name in ("value", "value2", "value3") if match.groupdict().get(name))
        start, end = match.span(group)
        kept += [text[behind:start], MASK]
        behind = end
    return "".join([*kept, text[behind:]]) if kept else text
