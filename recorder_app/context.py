"""What every page's frame shows."""

from typing import Any

from django.http import HttpRequest

from recorder_app.choices import Environment
from recorder_app.fingerprints import fingerprint
from recorder_app.models import CloudAccount
from recorder_app.permissions import Permission
from recorder_app.services import health
from recorder_app.services.health import Alarm

FRAME_FIELDS = ("name", "environment", "trouble", "trouble_since", "trouble_message")


def frame(request: HttpRequest) -> dict[str, Any]:
    """The environments calls may reach, what troubles them, and what this person may do (``may.see_history``)."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    environments = {account.environment for account in _accounts(request)}
    return {
        "may": {permission.value: user.may(permission) for permission in Permission},
        "talks_to_live": Environment.LIVE in environments,
        "talks_to_sandbox": Environment.SANDBOX in environments,
        "alarms": _alarms(request),
        "alarms_seen": alarms_seen(request),
    }


def alarms_seen(request: HttpRequest) -> str:
    """Stands for the alarms this person is shown; differs when they do."""
    return fingerprint([alarm.key for alarm in _alarms(request)])


def _alarms(request: HttpRequest) -> list[Alarm]:
    """What keeps all calls of an account from succeeding, for those who may see the history."""
    return health.alarms(_accounts(request)) if request.user.may(Permission.SEE_HISTORY) else []


def _accounts(request: HttpRequest) -> list[CloudAccount]:
    """The few accounts, without their keys; asked for once in a request."""
    if not hasattr(request, "frame_accounts"):
        request.frame_accounts = list(CloudAccount.objects.only(*FRAME_FIELDS))
    return request.frame_accounts
