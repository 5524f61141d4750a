"""Where the cloud reports events: the right status for everything, and 200 only for what is stored."""

import json
import time
import urllib.request

import pytest
from django.test import Client
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser

from recorder_app.cloud.callbacks import MOST_BYTES
from recorder_app.models import Application, CallbackEvent, RefusedCallback
from tests import factories
from tests.callbacks import CALLBACK_KEY, GME_TASK, TASK, USER, address_of, gme_body, gme_signature, tiw_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def tiw() -> Application:
    return factories.application(product="tiw", callback_key=CALLBACK_KEY)


@pytest.fixture
def gme() -> Application:
    return factories.application(product="gme", callback_key=CALLBACK_KEY)


def post(address: str, body: bytes, **headers: str):
    # The cloud has no session and no token against forged requests.
    return Client(enforce_csrf_checks=True).post(address, body, "application/json", headers=headers)


def signed_now(**changes) -> bytes:
    return tiw_body(**{"key": CALLBACK_KEY, "sent_at": int(time.time()), **changes})


def test_a_class_callback_is_answered_once_it_is_stored(tiw, django_assert_num_queries):
    body = signed_now()

    with django_assert_num_queries(4):  # the application, and one row between two savepoints
        answer = post(address_of(tiw), body)

    event = CallbackEvent.objects.get()
    assert (answer.status_code, answer.json()) == (200, {"error_code": 0})
    assert (event.body.encode(), event.task_id, event.record_user_id) == (body, TASK, USER)


def test_a_voice_callback_is_answered_once_it_is_stored(gme):
    body = gme_body()

    answer = post(address_of(gme), body, Signature=gme_signature(body))

    assert answer.status_code == 200
    assert CallbackEvent.objects.get().task_id == str(GME_TASK)


def test_a_repetition_is_welcome(tiw):
    body = signed_now()

    answers = [post(address_of(tiw), body).status_code for _ in range(3)]

    assert answers == [200, 200, 200]
    assert CallbackEvent.objects.get().deliveries == 3


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", 400, "malformed"),
        (b"\xff", 400, "malformed"),
        (b'{"EventType": "x"}', 403, "forged"),
        (signed_now(key="EXAMPLE-other-key"), 403, "forged"),
        (signed_now(valid_for=-5), 403, "expired"),
        (b" " * (MOST_BYTES + 1), 413, "too_large"),
    ],
)
def test_the_status_tells_why_a_callback_is_refused(tiw, body, status, reason):
    answer = post(address_of(tiw), body)

    assert (answer.status_code, answer.json()) == (status, {"error_code": 1, "reason": reason})
    assert RefusedCallback.objects.get().reason == reason
    assert not CallbackEvent.objects.exists()


def in_chunks(body: bytes, *, size: int = 1000) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def post_as_gunicorn_reads_it(address: str, sent: bytes):
    """A body of unknown length, as it comes over the wire, through gunicorn's own parser."""
    head = b"POST / HTTP/1.1\r\nHost: testserver\r\nTransfer-Encoding: chunked\r\n\r\n"
    parsed = next(RequestParser(Config(), iter([head, sent]), ("127.0.0.1", 0)))
    environ = {
        "wsgi.input": parsed.body,
        "wsgi.input_terminated": True,
        "HTTP_TRANSFER_ENCODING": "chunked",
        "CONTENT_LENGTH": "",
    }
    return Client(enforce_csrf_checks=True).generic("POST", address, b"", "application/json", **environ)


def test_a_body_in_chunks_is_read_to_its_end(tiw):
    body = signed_now(Padding="x" * 5000)

    answer = post_as_gunicorn_reads_it(address_of(tiw), in_chunks(body))

    assert answer.status_code == 200
    assert CallbackEvent.objects.get().body.encode() == body


@pytest.mark.parametrize(
    ("sent", "status", "reason"),
    [
        (in_chunks(b" " * (MOST_BYTES + 1), size=60_000), 413, "too_large"),
        (in_chunks(b""), 400, "malformed"),
        (in_chunks(b'{"EventType"')[:-5], 400, "malformed"),
        (b"zz\r\nno number\r\n0\r\n\r\n", 400, "malformed"),
        (b"5\r\nmore than five\r\n0\r\n\r\n", 400, "malformed"),
    ],
    ids=["too large", "empty", "broken off", "no chunks", "a wrong size"],
)
def test_chunks_that_cannot_be_taken_are_refused_like_any_other_body(tiw, sent, status, reason):
    answer = post_as_gunicorn_reads_it(address_of(tiw), sent)

    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert RefusedCallback.objects.get().reason == reason
    assert not CallbackEvent.objects.exists()


def test_an_application_of_another_number_is_refused(tiw):
    answer = post(address_of(tiw), signed_now(app_id="1400000002"))

    assert (answer.status_code, answer.json()["reason"]) == (403, "other_application")


@pytest.mark.parametrize("signature", ["", "x" * 28, "x" * 40, "é" * 28])
def test_a_voice_callback_without_its_signature_is_refused(gme, signature):
    answer = post(address_of(gme), gme_body(), Signature=signature)

    assert (answer.status_code, answer.json()["reason"]) == (403, "forged")


@pytest.mark.parametrize("address", ["/callbacks/tiw/guessed/", "/callbacks/gme/guessed/"])
def test_a_guessed_address_leads_nowhere(tiw, address):
    answer = post(address, signed_now())

    assert answer.status_code == 404


def test_the_address_of_one_product_is_not_that_of_the_other(tiw):
    answer = post(f"/callbacks/gme/{tiw.callback_token}/", signed_now())

    assert answer.status_code == 404


@pytest.mark.parametrize("method", ["get", "put", "delete", "head", "options"])
def test_only_posts_are_taken(tiw, method):
    answer = getattr(Client(), method)(address_of(tiw))

    assert answer.status_code == 405


def test_a_refusal_names_nothing_that_is_secret(tiw):
    answer = post(address_of(tiw), signed_now(key="EXAMPLE-other-key"))

    assert CALLBACK_KEY not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("product", ["tiw", "gme"])
def test_what_the_sandbox_sends_is_taken(sandbox, live_server, product):
    """The sandbox signs by itself, from the documents: it shares no code with what verifies here."""
    application = factories.application(product=product, endpoint=sandbox.url, callback_key=CALLBACK_KEY)
    address = f"{live_server.url}{address_of(application)}"
    if product == "tiw":
        _call(application, "SetOnlineRecordCallback", Callback=address)
        _call(application, "SetOnlineRecordCallbackKey", CallbackKey=CALLBACK_KEY)
        _call(application, "StartOnlineRecord", RoomId=1203, RecordUserId=USER, RecordUserSig="x")
    else:
        setting = {"url": address, "key": CALLBACK_KEY, "BizId": int(application.app_id)}
        request = urllib.request.Request(
            f"{sandbox.url}/_sandbox/gme_callback", json.dumps(setting).encode(), method="POST"
        )
        urllib.request.urlopen(request, timeout=5).close()
        _call(application, "StartRecord", RoomId="1987", RecordMode=1)

    deadline = time.monotonic() + 20
    while not CallbackEvent.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.05)

    event = CallbackEvent.objects.first()
    assert (event.application, event.deliveries) == (application, 1)
    assert not RefusedCallback.objects.exists()


def _call(application: Application, action: str, **params) -> None:
    from recorder_app.services import clients

    name = "SdkAppId" if application.product == "tiw" else "BizId"
    client = clients.client_for(
        application.account, product=application.product, region=application.effective_region
    )
    client.call(action, {name: int(application.app_id), **params})
