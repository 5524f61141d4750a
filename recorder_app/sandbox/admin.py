"""The addresses below /_sandbox/, with which tests and people steer the sandbox and see what it did."""

import json
from urllib.parse import parse_qs

from recorder_app.sandbox.callbacks import is_loopback
from recorder_app.sandbox.defaults import DEMO_CALLBACK_KEY
from recorder_app.sandbox.desk import Desk
from recorder_app.sandbox.faults import read_fault


class BadRequest(ValueError):
    """What was asked of the sandbox makes no sense; the message says why."""


def answer(desk: Desk, method: str, path: str, query: str, body: bytes) -> tuple[int, dict | list]:
    """Status and JSON for a request to /_sandbox/... Raises BadRequest."""
    if path == "/_sandbox/health":
        return 200, {"status": "ok"}
    if path == "/_sandbox/state" and method == "GET":
        return 200, desk.shown_state(_since(query))
    if path == "/_sandbox/callbacks" and method == "GET":
        return 200, {"callbacks": desk.state.events()}
    if path == "/_sandbox/faults":
        return _faults(desk, method, body)
    if path == "/_sandbox/gme_callback" and method == "POST":
        set_gme_callback(desk, _json(body))
        return 200, {}
    if path.startswith("/_sandbox/files/") and method == "GET":
        return 200, {
            "file": path.removeprefix("/_sandbox/files/"),
            "note": "A stand-in: nothing was recorded.",
        }
    return 404, {"error": f"The sandbox has nothing at {method} {path}."}


def _since(query: str) -> int:
    text = parse_qs(query).get("since", ["0"])[0]
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadRequest("since must be a number of calls.")
    return int(text)


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest("The body is not valid JSON.") from None


def _faults(desk: Desk, method: str, body: bytes) -> tuple[int, list]:
    if method == "DELETE":
        desk.faults.clear()
    elif method == "POST":
        wanted = _json(body)
        if not isinstance(wanted, list):
            raise BadRequest("Faults come as a JSON list.")
        try:
            desk.faults.add([read_fault(values) for values in wanted])
        except ValueError as error:
            raise BadRequest(str(error)) from None
    return 200, desk.faults.as_json()


def set_gme_callback(desk: Desk, values: object) -> None:
    """Set where GME's callbacks go, as its console does: ``{"url": .., "key": .., "BizId": ..}``.

    Without BizId for every GME application, without key with the demo key, with an empty url none are sent.
    Raises BadRequest.
    """
    if not isinstance(values, dict) or not isinstance(values.get("url"), str):
        raise BadRequest("Give the address as url.")
    url, key = values["url"], values.get("key", DEMO_CALLBACK_KEY)
    if url and not (url.startswith(("http://", "https://")) and is_loopback(url)):
        raise BadRequest("The address must be one of this machine: the sandbox posts to no other.")
    if not isinstance(key, str) or not isinstance(values.get("BizId", 0), int):
        raise BadRequest("key must be a text, and BizId a number.")
    known = {app for service, app in desk.apps if service == "gme"}
    for app in {values["BizId"]} & known if "BizId" in values else known:
        desk.state.set_callback("gme", app, callback=url, key=key)
