"""What `Engine.tick` does after the timers of cases: begins what is due to begin, delivers what is under way.

Each is one command. Knows when to look and what to do about a failure; nothing of what a command does.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Protocol

from engine import journal, messages, routing, start_timers, subscriptions
from engine.commands import Command, DeliverMessage, FireStartTimer
from engine.start_timers import DueStart
from engine.work import Reader


class House(Protocol):
    """What the rounds need of the engine."""

    def now(self) -> datetime: ...
    def attempt(self, command: Command, failed: Callable[[str], Any]) -> bool: ...
    def read(self, reading_: Callable[..., Any], *args: Any) -> Any: ...
    def small(self, change: Callable[..., Any], *args: Any) -> Any: ...


def begin_due(house: House, limit: int) -> int:
    """Begin the cases whose time has come, each begin that was missed in its order; how many began."""
    begun = 0
    while begun < limit:
        due: tuple[DueStart, ...] = house.read(_due_starts, limit - begun)
        count = sum(_begin(house, start) for start in due)
        if not count:
            break
        begun += count
    return begun


def deliver(house: House, limit: int) -> int:
    """Deliver what is under way, also what that causes; how many arrived. Each is tried once at most."""
    tried: set[str] = set()
    arrived = 0
    while len(tried) < limit:
        under_way = [id for id in _under_way(house, limit) if id not in tried]
        if not under_way:
            break
        tried.update(under_way)
        arrived += sum(_deliver(house, id) for id in under_way)
    return arrived


def _under_way(house: House, limit: int) -> Iterable[str]:
    due: tuple[str, ...]
    fresh, due = house.read(_outstanding, limit)
    if fresh:
        house.small(routing.wake, house.now())
        _, due = house.read(_outstanding, limit)
    return due


def _outstanding(reader: Reader, limit: int) -> tuple[bool, tuple[str, ...]]:
    return subscriptions.any_fresh(reader.db), messages.due(reader.db, reader.now, limit)


def _due_starts(reader: Reader, limit: int) -> tuple[DueStart, ...]:
    return start_timers.due(reader.db, reader.now, limit)


def _begin(house: House, start: DueStart) -> bool:
    key = f"start-{start.process}-{start.element}-{start.definition}-{journal.written(start.due_at)}"
    command = FireStartTimer(start.process, start.element, key=key)
    return house.attempt(command, lambda why: house.small(start_timers.failed, start, why, house.now()))


def _deliver(house: House, id: str) -> bool:
    return house.attempt(DeliverMessage(id), lambda why: house.small(messages.failed, id, why, house.now()))
