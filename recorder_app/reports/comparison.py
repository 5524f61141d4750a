"""What a request has that another had not, or had differently."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from recorder_app.cloud.flattening import flatten
from recorder_app.cloud.masking import is_secret


@dataclass(frozen=True)
class Difference:
    """One name of the API with its value before and after; None where it was not sent."""

    name: str
    before: Any
    after: Any


def compare(before: dict[str, Any], after: dict[str, Any], *, without: Collection[str]) -> list[Difference]:
    """The differences by flattened name, in the order of the new request, then of what is left out of it.

    ``without`` are names at the top that differ by nature; secrets are not compared.
    """
    old, new = (_flat(params, without) for params in (before, after))
    names = [*new, *(name for name in old if name not in new)]
    return [
        Difference(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)
    ]


def _flat(params: dict[str, Any], without: Collection[str]) -> dict[str, Any]:
    kept = {name: value for name, value in params.items() if name not in without}
    return {name: value for name, value in flatten(kept) if not is_secret(name)}
