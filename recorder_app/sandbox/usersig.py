"""Whether a RecordUserSig would let the recorder in (usersig.md, sections 2 and 4)."""

import base64
import binascii
import hashlib
import hmac
import json
import zlib

_LONGEST = 64 * 1024  # bytes of JSON: a user signature has a few hundred
_TO_BASE64 = str.maketrans("*-_", "+/=")


def login_problem(signature: str, *, app: int, user: str, key: str, now: float) -> str:
    """Why the log-in with this user signature fails, as the message carries it; "" where it does not.

    ``key`` is the application's SDK key, ``now`` Unix seconds. A text that does not even look like a user
    signature passes: the documents' own examples write placeholders there, and they must run to their end.
    """
    if not signature.startswith(("eJ", "eA", "eN")):
        return ""
    claims = _read(signature)
    if claims is None:
        return "im login failed with code 70003, desc the user signature cannot be read"
    if claims.get("TLS.identifier") != user:
        return "im login failed with code 70013, desc the user signature is for another user"
    if claims.get("TLS.sdkappid") != app:
        return "im login failed with code 70014, desc the user signature is for another application"
    if not hmac.compare_digest(_sign(claims, key), _bytes(claims.get("TLS.sig"))):
        return "im login failed with code 70009, desc the user signature does not verify"
    if now > claims["TLS.time"] + claims["TLS.expire"]:
        return "im login failed with code 6206, desc the user signature has expired"
    return ""


def _read(signature: str) -> dict | None:
    try:
        packed = base64.b64decode(signature.translate(_TO_BASE64), validate=True)
        unpacker = zlib.decompressobj()
        claims = json.loads(unpacker.decompress(packed, _LONGEST))
    except (binascii.Error, zlib.error, ValueError, RecursionError):
        return None
    if not isinstance(claims, dict):
        return None
    times = (claims.get("TLS.time"), claims.get("TLS.expire"))
    return claims if all(type(value) is int for value in times) else None


def _sign(claims: dict, key: str) -> bytes:
    text = "".join(
        f"TLS.{name}:{claims[f'TLS.{name}']}\n"
        for name in ("identifier", "sdkappid", "time", "expire", "userbuf")
        if f"TLS.{name}" in claims
    )
    return base64.b64encode(hmac.digest(key.encode(), _bytes(text), hashlib.sha256))


def _bytes(value: object) -> bytes:
    # What JSON calls a text need not have a UTF-8 form.
    return str(value).encode(errors="replace")
