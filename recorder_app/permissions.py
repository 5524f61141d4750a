"""Who may do what: permissions, the roles that hold them, and how a view declares which one it needs.

A view says ``@allowed(Permission.SEE_HISTORY)`` or ``@public("why that is safe")``. A view that says neither is
never reached: ``recorder_app.middleware.DeclaredPermission`` refuses it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    START_RECORDING = "start_recording"
    SEE_HISTORY = "see_history"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_APPLICATIONS = "manage_applications"
    MANAGE_PEOPLE = "manage_people"
    SEE_AUDIT = "see_audit"
    # Being signed in is enough: one's own settings.
    BE_SIGNED_IN = "be_signed_in"


@dataclass(frozen=True)
class Role:
    key: str
    name: Any
    description: Any
    permissions: frozenset[Permission]


_READ = {Permission.SEE_HISTORY, Permission.BE_SIGNED_IN}
ROLES = {
    role.key: role
    for role in (
        Role(
            "operator",
            _("Operator"),
            _("Starts recordings and watches them."),
            frozenset(_READ | {Permission.START_RECORDING}),
        ),
        Role("support", _("Support"), _("Looks up calls by their RequestId."), frozenset(_READ)),
        Role("manager", _("Manager"), _("Reviews the history."), frozenset(_READ)),
        Role(
            "administrator",
            _("Administrator"),
            _("Sets up accounts, applications and people; may do everything else, too."),
            frozenset(Permission),
        ),
    )
}
# A person whose role is empty can sign in, and is told whom to ask.
NO_ROLE = Role("", _("No role yet"), _("Can sign in and see nothing."), frozenset({Permission.BE_SIGNED_IN}))
ROLE_CHOICES = [("", NO_ROLE.name), *((role.key, role.name) for role in ROLES.values())]

View = Callable[..., HttpResponse]


def allowed(permission: Permission) -> Callable[[View], View]:
    """Let only people with this permission into the view; ask those who have not signed in to do so."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if not request.user.may(permission):
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page, which leads back here; a part of a page leads back to the page it is on."""
    back = request.htmx.current_url_abs_path if request.htmx else request.get_full_path()
    return HttpResponseRedirect(reverse("sign-in", query={"next": back or "/"}))


def public(why: str) -> Callable[[View], View]:
    """Let everybody into the view; ``why`` says for the reader what makes that safe."""

    def decorate(view: View) -> View:
        view.permission = None  # type: ignore[attr-defined]
        view.public_because = why  # type: ignore[attr-defined]
        return view

    return decorate


def declares_permission(view: View) -> bool:
    return getattr(view, "permission", None) is not None or hasattr(view, "public_because")
