"""What a process remembers of the sums, so that a report of years reads only what is new."""

from collections.abc import Mapping
from threading import Lock
from typing import Any


class Remembered:
    """Documents by the key of their row and their columns; of more than ``most`` those that were asked for last.

    A row of sums is written once and never edited: counting anew makes a new one (``services.counts``). So whatever
    stands under a key is not out of date. They are only to be read.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[Any, Any] = {}
        self._lock = Lock()

    def get(self, key: Any) -> Any:
        """What is remembered under a key, or None."""
        with self._lock:
            found = self._kept.pop(key, None)
            if found is not None:
                self._kept[key] = found
            return found

    def keep(self, found: Mapping[Any, Any]) -> None:
        """Remember these, and forget what was not asked for the longest."""
        with self._lock:
            self._kept |= found
            for key in list(self._kept)[: max(len(self._kept) - self._most, 0)]:
                del self._kept[key]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
