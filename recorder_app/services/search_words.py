"""Searches in words: ``room:1203 outcome:refused by:lin since:2026-11-01``."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from recorder_app.models import Application, Person

# A search is typed; what is longer was pasted.
LONGEST = 500
_WORD = re.compile(r"""(?P<key>[A-Za-z-]{1,20}):(?:"(?P<quoted>[^"]*)"|(?P<plain>\S+))|\S+""")
# What people call some filters.
ALIASES = {
    "app": "application",
    "error": "code",
    "person": "by",
    "user": "by",
    "from": "since",
    "to": "until",
}


@dataclass(frozen=True)
class Words:
    """What a search says: filters by name in their order, and the words that name no filter."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)


def read_words(text: str, *, known: Collection[str]) -> Words | None:
    """Read a search; ``known`` are the names of filters. None where the text does not begin as one."""
    text = text.strip()
    if len(text) > LONGEST or "\n" in text:
        return None
    words = Words()
    for match in _WORD.finditer(text):
        key = (match["key"] or "").lower()
        name = ALIASES.get(key, key)
        if name in known:
            words.pairs.append((name, match["plain"] if match["quoted"] is None else match["quoted"]))
        elif not words.pairs:
            return None
        else:
            words.strange.append(match[0])
    return words if words.pairs else None


def with_applications(pairs: list[tuple[str, str]], *, person: Person) -> list[tuple[str, str]]:
    """The filters with applications by their key, where they were named by their id or their name.

    Of several with one id each is taken; what names none is left as it is, to be told as a wrong value.
    """
    if not any(name == "application" for name, _value in pairs):
        return pairs
    keys: dict[str, list[str]] = {}
    for key, app_id, name in Application.objects.visible_to(person).values_list("pk", "app_id", "name"):
        for called in (app_id, name.casefold()):
            keys.setdefault(called, []).append(str(key))
    return [
        (name, key)
        for name, value in pairs
        for key in (keys.get(value.casefold(), [value]) if name == "application" else [value])
    ]
