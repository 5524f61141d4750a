"""Short texts that stand for what a page shows, so that it can be told whether it would show anything else."""

import hashlib
from typing import Any

from django.db.models import Model


def fingerprint(*shown: Any) -> str:
    """A text that stands for rows, or for anything whose ``repr`` tells all of it."""
    digest = hashlib.blake2b(digest_size=12)
    for piece in shown:
        digest.update(repr(_facts(piece)).encode())
    return digest.hexdigest()


def _facts(piece: Any) -> Any:
    """What was fetched of a row; of several, of each."""
    if isinstance(piece, Model):
        return [(name, value) for name, value in sorted(vars(piece).items()) if name != "_state"]
    if isinstance(piece, list | tuple):
        return [_facts(part) for part in piece]
    return piece
