"""What is known about one error code."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from recorder_app.choices import Product

TIW = (Product.TIW.value,)
GME = (Product.GME.value,)
BOTH = (Product.TIW.value, Product.GME.value)

STARTS = ("StartOnlineRecord", "StartRecord")

# Said instead of action names, because the documents say it so.
EVERY_ACTION = (_("every action"),)
UNKNOWN_ACTIONS = (_("not documented"),)


class Retry(StrEnum):
    """Whether the same call may be made again after a code. Source: page "Error codes", and our own reading."""

    NEVER = "never"
    FIX = "fix"
    LATER = "later"
    UNSAFE = "unsafe"
    DONE = "done"
    FINAL = "final"

    @property
    def label(self) -> str:
        """The same for people, translated when shown."""
        return _LABELS[self]


_LABELS = {
    Retry.NEVER: _("Repeating it fails again"),
    Retry.FIX: _("Possible after a correction"),
    Retry.LATER: _("Possible after waiting"),
    Retry.UNSAFE: _("Look first: it may have taken effect"),
    Retry.DONE: _("Not needed: what was wanted is already so"),
    Retry.FINAL: _("Not possible: the recording is over"),
}


@dataclass(frozen=True)
class ErrorCode:
    """One code with what it means and what to do about it.

    ``field`` is the dotted API name of the form field to mark, "" for none. ``actions`` are the actions that
    the documents list for the code, or one word where they list none. ``retry`` holds for ``retry_actions``
    (empty: for every action), ``otherwise`` for the rest.
    """

    code: str
    meaning: str
    what_to_do: str
    field: str = ""
    retry: Retry = Retry.NEVER
    products: tuple[str, ...] = BOTH
    actions: tuple[str, ...] = EVERY_ACTION
    otherwise: Retry | None = None
    retry_actions: tuple[str, ...] = ()

    def retry_for(self, action_name: str) -> Retry:
        """Return the retry class that holds for one action."""
        if self.otherwise is None or action_name in self.retry_actions:
            return self.retry
        return self.otherwise


def may_have_started(code: str, meaning: str, what_to_do: str, **details) -> ErrorCode:
    """Return the entry of a code that leaves a start open, while everything else may simply be repeated."""
    return ErrorCode(
        code,
        meaning,
        what_to_do,
        retry=Retry.UNSAFE,
        retry_actions=STARTS,
        otherwise=Retry.LATER,
        **details,
    )
