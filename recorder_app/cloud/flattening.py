"""The API's flattened names: ``MixStream.Custom.InputStreamList.0.LayoutParams.Width``, ``Extras.0``.

Source: page "Request structure" (GET form). The names of form fields are the same.
"""

from collections.abc import Iterable
from typing import Any

_MAX_DEPTH = 12  # the API nests six deep


def flatten(params: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return nested parameters as dotted names with their values, in the order given, lists counted from 0.

    What is empty (None, an empty list or object) is left out, as the API leaves it out; values stay what
    they are.
    """
    pairs: list[tuple[str, Any]] = []
    for name, value in params.items():
        _walk(str(name), value, pairs)
    return pairs


def _walk(name: str, value: Any, pairs: list[tuple[str, Any]]) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _walk(f"{name}.{key}", item, pairs)
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            _walk(f"{name}.{number}", item, pairs)
    elif value is not None:
        pairs.append((name, value))


def unflatten(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return the nested form of dotted names with values; rows come in the order of their numbers.

    Numbers may have gaps, as when a row was removed in a form; the rows close up. Of one name given twice,
    the later value counts. Raises ValueError when names contradict each other (one name used both for a value
    and for a structure, or for rows and for fields) or nest deeper than the API does.
    """
    tree: dict[str, Any] = {}
    for name, value in pairs:
        *path, last = name.split(".", _MAX_DEPTH)
        if "." in last:
            raise ValueError(f"The name {name[:80]!r} is nested too deeply.")
        _put(_branch(tree, path), last, value)
    return {name: _closed(value) for name, value in tree.items()}


class _Branch(dict):
    """A structure or a list that is being put together; a plain dict in its place is a value."""


def _branch(tree: dict[str, Any], path: list[str]) -> dict[str, Any]:
    for part in path:
        tree = tree.setdefault(part, _Branch())
        if not isinstance(tree, _Branch):
            raise ValueError(f"The name {part!r} is used for a value and for a structure.")
    return tree


def _put(tree: dict[str, Any], name: str, value: Any) -> None:
    if isinstance(tree.get(name), _Branch):
        raise ValueError(f"The name {name!r} is used for a value and for a structure.")
    tree[name] = value


def _closed(value: Any) -> Any:
    if not isinstance(value, _Branch):
        return value
    numbers = [_is_number(name) for name in value]
    if not any(numbers):
        return {name: _closed(item) for name, item in value.items()}
    if not all(numbers):
        raise ValueError("The same name is used for rows and for fields.")
    return [_closed(value[name]) for name in sorted(value, key=int)]


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) < 10
