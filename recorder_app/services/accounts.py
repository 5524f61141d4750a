"""The verbs of cloud accounts and applications: every change leaves an audit entry, and no key is told twice."""

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from recorder_app.choices import AccountTrouble, CallOutcome, Origin, Product
from recorder_app.cloud.errors import CloudError
from recorder_app.models import ApiCall, Application, CloudAccount, Person
from recorder_app.services import audit, calls, health

# Refusals that are given only after the signature was found good, by the first word of their code.
SIGNATURE_WAS_GOOD = {
    "InvalidParameter", "InvalidParameterValue", "MissingParameter", "UnknownParameter", "ResourceNotFound",
    "ResourceUnavailable", "ResourceInUse", "UnauthorizedOperation", "UnsupportedOperation", "OperationDenied",
    "FailedOperation",
}  # fmt: skip
# Refused for want of a right, which is looked at after the signature.
LACKS_A_RIGHT = "AuthFailure.UnauthorizedOperation"
KEY_TROUBLE = "AuthFailure"
# How long nothing was asked in an account's name before its trouble is looked into. What a person has to mend in the
# cloud's console takes longer than a network that comes back.
ASK_OFTEN, ASK_SELDOM = timedelta(seconds=30), timedelta(minutes=5)
MENDED_BY_HAND = (AccountTrouble.KEY, AccountTrouble.ARREARS)


@transaction.atomic
def add_account(account: CloudAccount, *, by: Person) -> CloudAccount:
    """Save a new account together with its audit entry."""
    account.save()
    audit.record(audit.Event.ACCOUNT_ADDED, by=by, about=account, environment=account.environment)
    return account


@transaction.atomic
def change_account(account: CloudAccount, *, by: Person, changed: list[str]) -> CloudAccount:
    """Save the named fields of an account; its key is replaced with ``replace_account_key``."""
    account.save(update_fields=[*changed, "changed_at"])
    audit.record(audit.Event.ACCOUNT_CHANGED, by=by, about=account, fields=changed)
    return account


@transaction.atomic
def replace_account_key(
    account: CloudAccount, *, secret_id: str, secret_key: str, token: str, by: Person
) -> CloudAccount:
    """Put a new key pair in the place of the old one, which is gone."""
    account.secret_id, account.secret_key, account.token = secret_id, secret_key, token
    account.save(update_fields=["secret_id", "secret_key", "token", "changed_at"])
    audit.record(audit.Event.ACCOUNT_KEY_REPLACED, by=by, about=account, secret_id=secret_id)
    return account


@transaction.atomic
def add_application(application: Application, *, by: Person) -> Application:
    """Save a new application together with its audit entry."""
    application.save()
    audit.record(audit.Event.APPLICATION_ADDED, by=by, about=application, account=application.account.name)
    return application


@transaction.atomic
def change_application(application: Application, *, by: Person, changed: list[str]) -> Application:
    """Save the named fields of an application; its key is replaced with ``replace_sdk_key``."""
    application.save(update_fields=[*changed, "changed_at"])
    audit.record(audit.Event.APPLICATION_CHANGED, by=by, about=application, fields=changed)
    return application


@transaction.atomic
def replace_sdk_key(application: Application, *, sdk_key: str, by: Person) -> Application:
    """Put a new SDK secret key in the place of the old one, which is gone; an empty one removes it."""
    application.sdk_key = sdk_key
    application.save(update_fields=["sdk_key", "changed_at"])
    audit.record(audit.Event.APPLICATION_KEY_REPLACED, by=by, about=application, removed=not sdk_key)
    return application


@dataclass(frozen=True)
class KeyTest:
    """What a harmless call said of an account's key: ``call`` is in the history like any other."""

    call: ApiCall

    @property
    def call_is_accepted(self) -> bool:
        return self.call.outcome == CallOutcome.OK

    @property
    def key_is_accepted(self) -> bool:
        """The cloud looked at the signature and had nothing against it, whatever it said then."""
        code = self.call.error_code
        return self.call_is_accepted or code == LACKS_A_RIGHT or code.split(".")[0] in SIGNATURE_WAS_GOOD

    @property
    def key_is_refused(self) -> bool:
        return not self.key_is_accepted and self.call.error_code.split(".")[0] == KEY_TROUBLE


def probe_account(account: CloudAccount, *, by: Person) -> KeyTest:
    """Make one signed call that changes nothing and records nothing, and answer what the cloud said.

    Describes the callback setting of a TIW application (tiw.md, callback settings), the task of a room of a GME
    application (gme.md), or a task that does not exist where the account has no application yet: the signature is
    checked before any of them is looked up.
    """
    call, params = _intend_probe(account, by=by, origin=Origin.PERSON)
    with contextlib.suppress(CloudError):  # it is recorded in the call, which is the answer
        calls.send(call, params)
    audit.record(
        audit.Event.ACCOUNT_TESTED, by=by, about=account, outcome=call.outcome, request_id=call.request_id
    )
    return KeyTest(call)


def in_trouble() -> list[int]:
    """The keys of the accounts in trouble that somebody may want to use: they have an application in use."""
    in_use = Application.objects.filter(account=OuterRef("pk"), is_active=True)
    troubled = CloudAccount.objects.exclude(trouble="").filter(Exists(in_use))
    return list(troubled.order_by("pk").values_list("pk", flat=True))


def ask_again(key: int) -> ApiCall | None:
    """Ask the cloud whether an account's trouble is over, as background work; answers the call, None if none is due.

    Any call of the account, whoever made it, tells as much: one is made only where there was none for a while. Of
    several workers one is first, since the look and the call's intention are one transaction under the account's
    lock. What the answer says of the trouble is noted like that of every call.
    """
    with transaction.atomic():
        account = (
            CloudAccount.objects.select_for_update(no_key=True).filter(pk=key).exclude(trouble="").first()
        )
        if account is None:
            return None
        if health.has_called(account, since=_tells_since(account, now=timezone.now())):
            return None
        call, params = _intend_probe(account, by=None, origin=Origin.BACKGROUND)
    with contextlib.suppress(CloudError):
        calls.send(call, params)
    return call


def _tells_since(account: CloudAccount, *, now: datetime) -> datetime:
    """From when on a call tells how an account stands: for a while, but not from before it was given another key."""
    since = now - (ASK_SELDOM if account.trouble in MENDED_BY_HAND else ASK_OFTEN)
    return account.changed_at if since < account.changed_at <= now else since


def _intend_probe(
    account: CloudAccount, *, by: Person | None, origin: Origin
) -> tuple[ApiCall, dict[str, Any]]:
    application = account.applications.filter(is_active=True).order_by("-product").first()
    action, params = _harmless(application)
    call = calls.intend(
        account=account, application=application, action=action, params=params, by=by, origin=origin
    )
    return call, params


def _harmless(application: Application | None) -> tuple[str, dict]:
    if application is None:
        return "DescribeOnlineRecord", {"SdkAppId": 1, "TaskId": "connection-test"}
    if application.product == Product.TIW:
        return "DescribeOnlineRecordCallback", {"SdkAppId": int(application.app_id)}
    return "DescribeTaskInfo", {"BizId": int(application.app_id), "RoomId": "connection-test"}
