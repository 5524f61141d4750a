"""The server's own time for a page, from the first line of the middleware to the last, in a header."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

HEADER = "X-Took-Ms"


class Took:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        response[HEADER] = f"{(time.perf_counter() - began) * 1000:.3f}"
        return response
