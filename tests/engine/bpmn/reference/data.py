"""Variables as they travel with a token: each with the time it was written, so that the latest value wins at a join."""

import copy
from collections.abc import Iterable
from itertools import count
from typing import Any

_GONE = object()  # cleared, which is also something that was written


class Clock:
    """Numbers the writes of one case."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def next(self) -> int:
        return next(self._numbers)


class Data:
    """Name → value and when it was written. A token has its own; merging takes the latest of each."""

    def __init__(self, clock: Clock, written: dict[str, tuple[int, Any]] | None = None) -> None:
        self._clock = clock
        self._written = dict(written or {})

    def write(self, name: str, value: Any) -> None:
        self._written[name] = (self._clock.next(), copy.deepcopy(value))

    def clear(self, name: str) -> None:
        """A write like any other: it hides what another branch wrote before, be the name known here or not."""
        self._written[name] = (self._clock.next(), _GONE)

    def forget(self, name: str) -> None:
        """As if it had never been written here."""
        self._written.pop(name, None)

    def copy(self) -> "Data":
        return Data(self._clock, self._written)

    def values(self) -> dict[str, Any]:
        return {
            name: copy.deepcopy(value) for name, (_, value) in self._written.items() if value is not _GONE
        }

    def take(self, others: Iterable["Data"]) -> "Data":
        """The latest of every variable, here and in the others."""
        for other in others:
            for name, (when, value) in other._written.items():
                if name not in self._written or self._written[name][0] < when:
                    self._written[name] = (when, value)
        return self
