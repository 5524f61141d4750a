"""/callbacks/: where the cloud reports events. It tries again whenever the answer is not 200."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from gunicorn.http.errors import ParseException

from recorder_app.choices import Product, RefusalReason
from recorder_app.cloud.callbacks import MOST_BYTES, CallbackRefused
from recorder_app.permissions import public
from recorder_app.services import callbacks

STATUS_OF = {
    RefusalReason.UNKNOWN_TOKEN: 404,
    RefusalReason.TOO_LARGE: 413,
    RefusalReason.MALFORMED: 400,
    RefusalReason.FORGED: 403,
    RefusalReason.EXPIRED: 403,
    RefusalReason.NO_KEY: 403,
    RefusalReason.OTHER_APPLICATION: 403,
}


@public("the cloud has no session; the address is a secret and the message is signed")
@csrf_exempt
@require_POST
def tiw(request: HttpRequest, token: str) -> JsonResponse:
    return _answer(request, Product.TIW, token)


@public("the cloud has no session; the address is a secret and the message is signed")
@csrf_exempt
@require_POST
def gme(request: HttpRequest, token: str) -> JsonResponse:
    return _answer(request, Product.GME, token)


def _answer(request: HttpRequest, product: Product, token: str) -> JsonResponse:
    signature = request.headers.get("Signature", "")
    try:
        callbacks.receive(product=product, token=token, body=_body(request), signature=signature)
    except CallbackRefused as refused:
        return JsonResponse({"error_code": 1, "reason": refused.reason}, status=STATUS_OF[refused.reason])
    # callbacks.md A1 suggests this body for TIW; GME's documents name none.
    return JsonResponse({"error_code": 0})


def _body(request: HttpRequest) -> bytes | None:
    """The raw body, None when it is larger than any callback: then no more of it is read than it takes to know."""
    try:
        if request.headers.get("Transfer-Encoding") and request.META.get("wsgi.input_terminated"):
            # In chunks there is no length to go by, so Django takes the body for empty. The server knows its end.
            body = request.META["wsgi.input"].read(MOST_BYTES + 1)
            return body if len(body) <= MOST_BYTES else None
        length = request.META.get("CONTENT_LENGTH") or "0"
        return request.body if length.isdecimal() and int(length) <= MOST_BYTES else None
    except (OSError, ParseException):
        # Broken off, or chunks that are none: there is nothing to verify.
        return b""
