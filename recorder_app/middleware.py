"""A few small things that are true of every request, so that no view thinks about them."""

from collections.abc import Callable
from threading import Lock
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django_htmx.http import HttpResponseClientRedirect

from recorder_app.absence import Absence, Unavailable, answers, unavailable
from recorder_app.permissions import declares_permission

Answer = Callable[[HttpRequest], HttpResponse]


class DatabaseAway:
    """Answer at once while the database is known to be away, so that no thread waits for it but one.

    ``views.doors.broken`` makes the answer where the database fails, be it in a view, a template or a middleware. From
    then on one request at a time looks whether it is back, which may take some seconds; the others need not wait with
    it, and the process stays awake for those who only ask whether it lives.
    """

    # They say it in words of their own, or need no database.
    NOT_HELD = ("/healthz", "/readyz")

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self._is_away = False
        self._looking = Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._is_away and request.path not in self.NOT_HELD and not self._is_back():
            return unavailable(request, Absence.AWAY)
        response = self.get_response(request)
        if isinstance(response, Unavailable) and response.absence is Absence.AWAY:
            self._is_away = True
        return response

    def _is_back(self) -> bool:
        if not self._looking.acquire(blocking=False):
            return False
        try:
            self._is_away = not answers()
        finally:
            self._looking.release()
        return not self._is_away


class PersonsTimeZone:
    """Show times in the zone of the person who looks."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = getattr(request.user, "time_zone", "")
        with timezone.override(ZoneInfo(zone) if zone else None):
            return self.get_response(request)


class DeclaredPermission:
    """Refuse a view that forgot to declare who may enter: forgetting must not open a door."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> None:
        if not declares_permission(view):
            raise ImproperlyConfigured(f"{view.__module__}.{view.__name__} declares no permission.")


class HtmxAnswers:
    """Turn a redirect into one that htmx follows with the whole page, and keep caches from mixing the two."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            # What one person may see is not kept for another by a cache between.
            patch_cache_control(response, private=True)
        if not request.htmx:
            return response
        if response.status_code in (301, 302, 303):
            redirect = HttpResponseClientRedirect(response["Location"])
            redirect.cookies = response.cookies
            response = redirect
        response.headers["Cache-Control"] = "no-store"
        return response
