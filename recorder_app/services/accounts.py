"""The verbs of cloud accounts and applications: every change leaves an audit entry, and no key is told twice."""

import contextlib
from dataclasses import dataclass

from django.db import transaction

from recorder_app.choices import CallOutcome, Product
from recorder_app.cloud.errors import CloudError
from recorder_app.models import ApiCall, Application, CloudAccount, Person
from recorder_app.services import audit, calls

# Refusals that are given only after the signature was found good, by the first word of their code.
SIGNATURE_WAS_GOOD = {
    "InvalidParameter", "InvalidParameterValue", "MissingParameter", "UnknownParameter", "ResourceNotFound",
    "ResourceUnavailable", "ResourceInUse", "UnauthorizedOperation", "UnsupportedOperation", "OperationDenied",
    "FailedOperation",
}  # fmt: skip
# Refused for want of a right, which is looked at after the signature.
LACKS_A_RIGHT = "AuthFailure.UnauthorizedOperation"
KEY_TROUBLE = "AuthFailure"


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
    application = account.applications.filter(is_active=True).order_by("-product").first()
    action, params = _harmless(application)
    call = calls.intend(account=account, application=application, action=action, params=params, by=by)
    with contextlib.suppress(CloudError):  # it is recorded in the call, which is the answer
        calls.send(call, params)
    audit.record(
        audit.Event.ACCOUNT_TESTED, by=by, about=account, outcome=call.outcome, request_id=call.request_id
    )
    return KeyTest(call)


def _harmless(application: Application | None) -> tuple[str, dict]:
    if application is None:
        return "DescribeOnlineRecord", {"SdkAppId": 1, "TaskId": "connection-test"}
    if application.product == Product.TIW:
        return "DescribeOnlineRecordCallback", {"SdkAppId": int(application.app_id)}
    return "DescribeTaskInfo", {"BizId": int(application.app_id), "RoomId": "connection-test"}
