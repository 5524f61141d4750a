"""Where the cloud sends an application's callbacks, and with which key it signs them.

The cloud knows one address and one key for each application (tiw.md section 5), which another system may be using:
nothing of another's is replaced unless somebody said so. GME has no API for this; there only the key is kept.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from recorder_app.choices import CallOutcome
from recorder_app.cloud.client import Reply
from recorder_app.cloud.errors import CloudError
from recorder_app.cloud.masking import without_path
from recorder_app.models import ApiCall, Application, Person
from recorder_app.models.accounts import new_token
from recorder_app.services import audit, calls

READ, SET_ADDRESS, SET_KEY = (
    "DescribeOnlineRecordCallback",
    "SetOnlineRecordCallback",
    "SetOnlineRecordCallbackKey",
)


@dataclass(frozen=True)
class CloudSetting:
    """What the cloud has for an application. The key itself is for comparing, never for showing.

    The address is whole, as only the reply had it: whoever knows ours may send events to it. It is for comparing, and
    for those who set it.
    """

    call: ApiCall
    address: str = field(repr=False)
    leads_here: bool
    key_is_ours: bool
    key: str = field(repr=False)

    @property
    def has_key(self) -> bool:
        return bool(self.key)

    @property
    def is_anothers(self) -> bool:
        return bool(self.address) and not self.leads_here


class NotDone(Exception):
    """The cloud did not do what it was asked: ``call`` tells why."""

    def __init__(self, call: ApiCall) -> None:
        super().__init__(f"{call.action}: {call.outcome}")
        self.call = call


class SetByOthers(Exception):
    """The cloud sends to another system's address, told by ``setting``; nothing was changed."""

    def __init__(self, setting: CloudSetting) -> None:
        super().__init__(without_path(setting.address))
        self.setting = setting


def read(application: Application, *, by: Person) -> CloudSetting:
    """Ask the cloud what is set for a TIW application. Raises ``NotDone``. Source: tiw.md section 5."""
    call, reply = _call(application, READ, {}, by)
    address, key = (_text(reply.fields.get(name)) for name in ("Callback", "CallbackKey"))
    return CloudSetting(
        call=call,
        address=address,
        leads_here=application.callback_token in address,
        key_is_ours=bool(key) and hmac.compare_digest(key.encode(), application.callback_key.encode()),
        key=key,
    )


def set_at_cloud(
    application: Application, *, address: str, key: str = "", replaces: bool = False, by: Person
) -> None:
    """Let the cloud send a TIW application's callbacks to ``address``, signed with ``key``.

    An empty ``key`` means the one that is stored here, or a new one that nobody needs to know; what the cloud has
    taken is stored here. The key is set before the address, so that no event comes before its key is known.
    Raises ``SetByOthers`` when the cloud sends elsewhere and ``replaces`` is False, and ``NotDone``.
    """
    _respect_others(application, replaces, by)
    key = key or application.callback_key or secrets.token_urlsafe(32)
    _certainly(application, SET_KEY, {"CallbackKey": key}, lambda present: present.key == key, by)
    if key != application.callback_key:
        store_key(application, key, by=by)
    _certainly(
        application, SET_ADDRESS, {"Callback": address}, lambda present: present.address == address, by
    )
    audit.record(audit.Event.CALLBACK_SET, by=by, about=application)


def clear_at_cloud(application: Application, *, replaces: bool = False, by: Person) -> None:
    """Let the cloud send no callbacks of a TIW application, and forget its key, there and here.

    Raises ``SetByOthers`` when the cloud sends elsewhere and ``replaces`` is False, and ``NotDone``.
    """
    _respect_others(application, replaces, by)
    _certainly(application, SET_ADDRESS, {"Callback": ""}, lambda present: not present.address, by)
    _certainly(application, SET_KEY, {"CallbackKey": ""}, lambda present: not present.key, by)
    if application.callback_key:
        store_key(application, "", by=by)
    audit.record(audit.Event.CALLBACK_CLEARED, by=by, about=application)


@transaction.atomic
def store_key(application: Application, key: str, *, by: Person) -> None:
    """Check callbacks with this key from now on; an empty one removes the old."""
    application.callback_key = key
    application.save(update_fields=["callback_key", "changed_at"])
    event = audit.Event.CALLBACK_KEY_STORED if key else audit.Event.CALLBACK_KEY_REMOVED
    audit.record(event, by=by, about=application)


@transaction.atomic
def renew_address(application: Application, *, by: Person) -> None:
    """Give the application another secret address; what still comes to the old one is refused."""
    application.callback_token = new_token()
    application.save(update_fields=["callback_token", "changed_at"])
    audit.record(audit.Event.CALLBACK_ADDRESS_RENEWED, by=by, about=application)


def _respect_others(application: Application, replaces: bool, by: Person) -> None:
    present = read(application, by=by)
    if present.is_anothers and not replaces:
        raise SetByOthers(present)


def _certainly(
    application: Application,
    action: str,
    params: dict[str, Any],
    is_done: Callable[[CloudSetting], bool],
    by: Person,
) -> None:
    """Make a call; when its answer does not arrive, look whether it was done before giving up."""
    try:
        _call(application, action, params, by)
    except NotDone as broken:
        if broken.call.outcome != CallOutcome.NO_ANSWER or not is_done(read(application, by=by)):
            raise


def _call(application: Application, action: str, params: dict[str, Any], by: Person) -> tuple[ApiCall, Reply]:
    params = {"SdkAppId": int(application.app_id), **params}
    call = calls.intend(
        account=application.account, application=application, action=action, params=params, by=by
    )
    call, ending = calls.send_patiently(call, params)
    if isinstance(ending, CloudError):
        raise NotDone(call) from ending
    return call, ending


def _text(value: Any) -> str:
    """What is not set is null on one edition and empty on the other (tiw.md D7)."""
    return value if isinstance(value, str) else ""
