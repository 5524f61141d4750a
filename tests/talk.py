"""Talking to a running sandbox from the side: what really happened, and what is to go wrong next."""

import json
import urllib.request
from typing import Any


def truth(sandbox) -> dict[str, Any]:
    """The sandbox's own account of its tasks and calls."""
    with urllib.request.urlopen(f"{sandbox.url}/_sandbox/state", timeout=5) as answer:
        return json.load(answer)


def misbehave(sandbox, **fault: Any) -> None:
    """Let the next call go wrong: ``misbehave(sandbox, kind="drop_after")``."""
    body = json.dumps([{"action": "*", "count": 1, **fault}]).encode()
    request = urllib.request.Request(f"{sandbox.url}/_sandbox/faults", data=body, method="POST")
    with urllib.request.urlopen(request, timeout=5):
        pass
