"""What every page's frame shows."""

from typing import Any

from django.http import HttpRequest

from recorder_app.choices import Environment
from recorder_app.models import CloudAccount
from recorder_app.permissions import Permission


def frame(request: HttpRequest) -> dict[str, Any]:
    """The environments calls may reach, and what this person may do (``may.see_history`` and so on)."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    environments = set(CloudAccount.objects.values_list("environment", flat=True).distinct())
    return {
        "may": {permission.value: user.may(permission) for permission in Permission},
        "talks_to_live": Environment.LIVE in environments,
        "talks_to_sandbox": Environment.SANDBOX in environments,
    }
