"""UserSig (TLSSigAPIv2): the proof that a user id belongs to an application, which TIW asks of its recorder.

Sources: the official package tls-sig-api-v2 1.1, whose labelled lines are right where product pages print
another formula; page 269/1671 for what goes wrong.
"""

import base64
import binascii
import hmac
import json
import zlib
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

SOON = 24 * 3600  # seconds: a recording may last as long, and must not outlive its signature
_CLOCK_TOLERANCE = 300  # seconds
_MAX_TEXT = 8192  # characters; real ones have about 250
_MAX_JSON = 16384  # bytes after decompression

# Not the url-safe alphabet of RFC 4648, which puts "-" for "+" and "_" for "/".
_TO_USERSIG = str.maketrans("+/=", "*-_")
_FROM_USERSIG = str.maketrans("*-_", "+/=")

_FIELDS = {
    "TLS.identifier": str,
    "TLS.sdkappid": int,
    "TLS.time": int,
    "TLS.expire": int,
    "TLS.sig": str,
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a UserSig, or, for a warning, that may become wrong."""

    is_warning: bool
    message: str

    def __str__(self) -> str:
        return str(self.message)


def make_user_sig(*, sdk_app_id: int, key: str, user_id: str, lifetime: int, now: int) -> str:
    """Return the UserSig of ``user_id``, valid for ``lifetime`` seconds from ``now`` (Unix time in seconds).

    ``key`` is the application's SDK key, used as the text it is although it looks like hexadecimal.
    Source: package tls-sig-api-v2, class TLSSigAPIv2.
    """
    fields: dict[str, Any] = {
        "TLS.ver": "2.0",
        "TLS.identifier": user_id,
        "TLS.sdkappid": sdk_app_id,
        "TLS.expire": lifetime,
        "TLS.time": now,
    }
    fields["TLS.sig"] = _signature(fields, key)
    packed = zlib.compress(json.dumps(fields).encode())
    return base64.b64encode(packed).decode().translate(_TO_USERSIG)


def read_user_sig(text: str) -> dict[str, Any]:
    """Return the fields of a UserSig, names as signed ("TLS.identifier", ...), without checking the signature.

    Raises ValueError with a sentence for people when the text is not a UserSig.
    """
    fields = _decoded(text.strip())
    for name, kind in _FIELDS.items():
        if type(fields.get(name)) is not kind:
            raise ValueError(_("This is not a UserSig: it lacks %(name)s.") % {"name": name})
    if not isinstance(fields.get("TLS.userbuf", ""), str):
        raise ValueError(_("This is not a UserSig: it lacks %(name)s.") % {"name": "TLS.userbuf"})
    return fields


def check_user_sig(text: str, *, sdk_app_id: int, user_id: str, now: int, key: str = "") -> list[Problem]:
    """Return what is wrong with a UserSig for this application and user, nothing when it will do.

    ``now`` is Unix time in seconds. With ``key`` the signature itself is verified; the rest needs no key.
    The cloud accepts a start with a bad UserSig and lets the recording fail later (page 1137/40258, inner
    number 40004), so this is worth knowing before. Sources: page 269/1671, codes 70001 to 70014 and 6206.
    """
    try:
        fields = read_user_sig(text)
    except ValueError as error:
        return [Problem(False, error.args[0])]
    return [*_owner_problems(fields, sdk_app_id, user_id, key), *_time_problems(fields, now)]


def _owner_problems(fields: dict[str, Any], sdk_app_id: int, user_id: str, key: str) -> list[Problem]:
    problems = []
    if fields["TLS.identifier"] != user_id:
        sentence = _("The UserSig was made for the user %(other)s, not for %(user)s. Make one for this user.")
        problems.append(Problem(False, sentence % {"other": fields["TLS.identifier"], "user": user_id}))
    if fields["TLS.sdkappid"] != sdk_app_id:
        sentence = _("The UserSig was made for the application %(other)s, not for %(app)s. Choose that one.")
        problems.append(Problem(False, sentence % {"other": fields["TLS.sdkappid"], "app": sdk_app_id}))
    if key and not _is_signed(fields, key):
        sentence = _(
            "The UserSig was not signed with this application's SDK key. Make it with the present key."
        )
        problems.append(Problem(False, sentence))
    return problems


def _time_problems(fields: dict[str, Any], now: int) -> list[Problem]:
    left = fields["TLS.time"] + fields["TLS.expire"] - now
    if left <= 0:
        return [Problem(False, _("The UserSig has expired. Make a new one."))]
    problems = []
    if fields["TLS.time"] > now + _CLOCK_TOLERANCE:
        problems.append(
            Problem(False, _("The UserSig is dated in the future. Check the clock that made it."))
        )
    if left < SOON:
        sentence = _(
            "The UserSig runs out in %(hours)s h %(minutes)s min; a recording that lasts longer will fail then."
        )
        hours, seconds = divmod(left, 3600)
        problems.append(Problem(True, sentence % {"hours": hours, "minutes": seconds // 60}))
    return problems


def _decoded(text: str) -> dict[str, Any]:
    if len(text) > _MAX_TEXT:
        raise ValueError(_("This is too long for a UserSig."))
    try:
        packed = base64.b64decode(text.translate(_FROM_USERSIG), validate=True)
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(packed, _MAX_JSON)
        if not unpacker.eof:
            raise ValueError
        fields = json.loads(raw)
        if not isinstance(fields, dict):
            raise ValueError
    except (ValueError, binascii.Error, zlib.error, RecursionError):
        raise ValueError(_("This is not a UserSig: it cannot be unpacked. It may have been cut.")) from None
    return fields


def _signature(fields: dict[str, Any], key: str) -> str:
    names = ["TLS.identifier", "TLS.sdkappid", "TLS.time", "TLS.expire"]
    if "TLS.userbuf" in fields:
        names.append("TLS.userbuf")
    lines = "".join([f"{name}:{fields[name]}\n" for name in names])
    digest = hmac.digest(key.encode(), lines.encode(errors="replace"), "sha256")
    return base64.b64encode(digest).decode()


def _is_signed(fields: dict[str, Any], key: str) -> bool:
    given = fields["TLS.sig"].encode(errors="replace")
    return hmac.compare_digest(_signature(fields, key).encode(), given)
