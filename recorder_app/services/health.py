"""What keeps every call of an account from succeeding: noted once on the account, cleared by a call that succeeds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from recorder_app.choices import AccountTrouble, CallOutcome
from recorder_app.cloud.errors import CloudError, NoAnswer, NotSent, Refused
from recorder_app.models import ApiCall, CloudAccount
from recorder_app.models.calls import ApiCallQuerySet

# The cloud's codes that concern the account, not the call; the longest prefix that fits counts (errors.md).
CODES = {
    "AuthFailure.SignatureExpire": AccountTrouble.CLOCK,
    "AuthFailure.UnauthorizedOperation": None,
    "AuthFailure": AccountTrouble.KEY,
    "IpInBlacklist": AccountTrouble.KEY,
    "IpNotInWhitelist": AccountTrouble.KEY,
    "ResourceUnavailable.ServiceExpired": AccountTrouble.ARREARS,
    "FailedOperation.UserFeeNegative": AccountTrouble.ARREARS,
    "OperationDenied.AccountInArrears": AccountTrouble.ARREARS,
}
# One lost answer is a call's own affair; so many in a row, so close together, are the cloud's.
SILENT_CALLS = 3
SILENT_WITHIN = timedelta(minutes=5)


def trouble_of(error: CloudError) -> AccountTrouble | None:
    """What a failed call says of its account; None where it concerns the call alone."""
    if isinstance(error, NotSent):
        return AccountTrouble.UNREACHABLE
    if not isinstance(error, Refused):
        return None
    code = error.code
    while code:
        if code in CODES:
            return CODES[code]
        code = code.rpartition(".")[0]
    return None


def note_failure(account: CloudAccount, error: CloudError, *, now: datetime) -> None:
    """Raise the alarm for what concerns the whole account; the moment at which a trouble began is kept.

    A refusal of any other kind proves that the key and the way to the cloud are good, so it ends a trouble. An
    answer that is missing says nothing by itself: only with those before it. The newest trouble is the one told.
    """
    if isinstance(error, NoAnswer):
        if since := _silent_since(account, now):
            _raise(account, AccountTrouble.SILENT, error, since)
        return
    trouble = trouble_of(error)
    if trouble:
        _raise(account, trouble, error, now)
    elif isinstance(error, Refused):
        note_success(account)


def _raise(account: CloudAccount, trouble: AccountTrouble, error: CloudError, since: datetime) -> None:
    # Compared in the database: many calls fail at once, and one write is enough for all of them.
    others = CloudAccount.objects.filter(pk=account.pk).exclude(trouble=trouble)
    others.update(trouble=trouble, trouble_since=since, trouble_message=error.message)


def has_called(account: CloudAccount, *, since: datetime) -> bool:
    """Whether any call was made with the account's key since a moment not long ago."""
    return _calls_of(account, since).exists()


def _calls_of(account: CloudAccount, since: datetime) -> ApiCallQuerySet:
    return ApiCall.objects.filter(account=account, created_at__gte=since).newest_first()


def _silent_since(account: CloudAccount, now: datetime) -> datetime | None:
    """When the first of the newest calls was made, if none of them got an answer; None if the cloud still answers."""
    # What a killed process left behind was given up, not waited for: it tells of the process, not of the cloud.
    ended = _calls_of(account, now - SILENT_WITHIN).filter(
        answered_at__isnull=False, duration_ms__isnull=False
    )
    newest = list(ended.values_list("outcome", "created_at")[:SILENT_CALLS])
    is_silent = len(newest) == SILENT_CALLS and all(ending == CallOutcome.NO_ANSWER for ending, _at in newest)
    return newest[-1][1] if is_silent else None


def note_success(account: CloudAccount) -> None:
    """A call went through: whatever was wrong is over."""
    if account.trouble:
        CloudAccount.objects.filter(pk=account.pk).update(trouble="", trouble_since=None, trouble_message="")
        account.trouble = ""


@dataclass(frozen=True)
class Alarm:
    """One trouble, and the accounts that are in it: ``since`` the first of them was."""

    trouble: AccountTrouble
    accounts: tuple[CloudAccount, ...]
    since: datetime | None

    @property
    def key(self) -> tuple[object, ...]:
        """Changes when the alarm says something else."""
        said = tuple((account.pk, account.name, account.trouble_message) for account in self.accounts)
        return (self.trouble.value, said, self.since)


def alarms(accounts: Iterable[CloudAccount]) -> list[Alarm]:
    """One alarm for each trouble that any of the accounts is in, however many calls it made fail."""
    troubled: dict[str, list[CloudAccount]] = {}
    for account in accounts:
        if account.trouble:
            troubled.setdefault(account.trouble, []).append(account)
    return [
        Alarm(
            AccountTrouble(trouble),
            tuple(rows),
            min((row.trouble_since for row in rows if row.trouble_since), default=None),
        )
        for trouble, rows in sorted(troubled.items())
    ]
