"""What is masked in what leaves the house, and how often: keys, signatures, addresses that let somebody in."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Self

from recorder_app.cloud.masked_text import masked_text
from recorder_app.cloud.masking import MASK, masked, without_tokens
from recorder_app.models import Application, CloudAccount

# What follows the question mark of an address signs it, or may.
_QUERY = re.compile(r"(https?://[^\s?#\"'<>\\]++)\?[^\s\"'<>\\]++", re.IGNORECASE)
# Shorter ones would be found in harmless places.
SHORTEST_SECRET = 8


class Masks:
    """Masks values, and counts under which names it found something to mask."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # Longest first, so that none is cut in two by one that it contains.
        usable = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}
        self._secrets = sorted(usable, key=len, reverse=True)
        self._counts: Counter[str] = Counter()

    @classmethod
    def known(cls) -> Self:
        """With every secret that is stored here, should one stand where nobody expects it."""
        secrets: set[str] = set()
        for account in CloudAccount.objects.all():
            secrets |= {account.secret_key, account.token}
        for application in Application.objects.all():
            secrets |= {application.sdk_key, application.callback_key, application.callback_token}
        return cls(secrets)

    @property
    def counts(self) -> dict[str, int]:
        """How often something was masked, by the name it stood under, in the order of the names."""
        return dict(sorted(self._counts.items()))

    def value(self, value: Any, name: str) -> Any:
        """Anything JSON can hold, without its secrets; what was masked before is counted as well."""
        return self._counted(masked(value), name)

    def prose(self, text: str, name: str = "") -> str:
        """A text that people or the cloud wrote, in which a secret may stand anywhere; not counted without a name."""
        return self._text(masked_text(text), name)

    def _counted(self, value: Any, name: str) -> Any:
        if isinstance(value, dict):
            return {key: self._counted(item, str(key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self._counted(item, name) for item in value]
        return self._text(value, name) if isinstance(value, str) else value

    def _text(self, text: str, name: str) -> str:
        text = _QUERY.sub(rf"\1?{MASK}", without_tokens(text))
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        if name and MASK in text:
            self._counts[name] += 1
        return text
