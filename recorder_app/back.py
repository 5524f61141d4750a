"""The way back to a list as it was left: with its filter, and at its page."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

LONGEST = 2000


def remember(request: HttpRequest, response: HttpResponse, page: str) -> HttpResponse:
    """Keep the list's query in a cookie that only the pages below the list get to see."""
    query = request.GET.urlencode()
    if request.htmx or query == request.COOKIES.get(_cookie(page), "") or len(query) > LONGEST:
        return response
    response.set_cookie(
        _cookie(page),
        query,
        path=reverse(page),
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


def address_of(request: HttpRequest, page: str) -> str:
    """The list from which somebody came: what the browser says, or else the one that was open last."""
    address = reverse(page)
    came_from = urlsplit(request.headers.get("Referer", ""))
    is_ours = came_from.netloc == request.get_host() and came_from.path == address
    query = came_from.query if is_ours else request.COOKIES.get(_cookie(page), "")
    return f"{address}?{query}" if query else address


def _cookie(page: str) -> str:
    return f"recorder-{page}"
