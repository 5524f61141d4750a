"""What keeps every call of an account from succeeding: noted once on the account, cleared by a call that succeeds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from recorder_app.choices import AccountTrouble
from recorder_app.cloud.errors import CloudError, NotSent, Refused
from recorder_app.models import CloudAccount

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

    A refusal of any other kind proves that the key and the way to the cloud are good, so it ends a trouble.
    """
    trouble = trouble_of(error)
    if trouble is None:
        if isinstance(error, Refused):
            note_success(account)
        return
    # Compared in the database: many calls fail at once, and one write is enough for all of them.
    others = CloudAccount.objects.filter(pk=account.pk).exclude(trouble=trouble)
    others.update(trouble=trouble, trouble_since=now, trouble_message=error.message)


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
