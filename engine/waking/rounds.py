"""What `Engine.tick` does: fires what is due, begins what is due to begin, delivers what is under way.

Each thing is one command. Knows when to look and what to do about a failure; nothing of what a command does.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from engine import calendar, cases, incidents, journal, messages, routing, start_timers, subscriptions, timers
from engine.commands import ApplyCalendar, CatchUp, Command, DeliverMessage, FireStartTimer, FireTimer
from engine.entitlement import SYSTEM
from engine.errors import Conflict, Refused
from engine.records import notices
from engine.start_timers import DueStart
from engine.work import Reader


class House(Protocol):
    """What the rounds need of the engine."""

    def now(self) -> datetime: ...
    def attempt(self, command: Command, failed: Callable[[Refused], bool]) -> bool: ...
    def read(self, reading_: Callable[..., Any], *args: Any) -> Any: ...
    def small(self, change: Callable[..., Any], *args: Any) -> Any: ...


def count_again(house: House) -> None:
    """Notices that were counted on a calendar amended since, before any timer fires; refused, one keeps its end."""
    version, stale = house.read(_counted_otherwise)
    for case in stale:
        house.attempt(ApplyCalendar(case, key=f"calendar-{version}-{case}"), lambda why: False)


def catch_up(house: House, limit: int) -> int:
    """Each case that is behind by one stretch, so that nobody waits long; how many moved."""
    behind: tuple[str, ...] = house.read(_behind, limit)
    return sum(_catch_up(house, case) for case in behind)


def fire_due(house: House, limit: int) -> int:
    """Each timer in due order, once; how many did something, be it to stop their case."""
    due: tuple[timers.Due, ...] = house.read(_due_timers, limit)
    return sum(_fire(house, timer) for timer in due)


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


def _counted_otherwise(reader: Reader) -> tuple[str, Iterable[str]]:
    version = calendar.version_in_force(reader.db)
    return version, notices.counted_otherwise(reader.db, version, reader.now)


def _behind(reader: Reader, limit: int) -> tuple[str, ...]:
    return cases.behind(reader.db, limit)


def _due_timers(reader: Reader, limit: int) -> tuple[timers.Due, ...]:
    return timers.due(reader.db, reader.now, limit)


def _due_starts(reader: Reader, limit: int) -> tuple[DueStart, ...]:
    return start_timers.due(reader.db, reader.now, limit)


def _catch_up(house: House, case: str) -> bool:
    return house.attempt(CatchUp(case), lambda why: bool(house.small(_stop_behind, case, why, house.now())))


def _stop_behind(db: Session, id: str, refusal: Refused, now: datetime) -> bool:
    """Open an incident, unless it has been stopped or has caught up since."""
    case = cases.load_for_update(db, id)
    if case.status == cases.CATCHING_UP:
        incidents.open_incident(db, case, "", refusal, SYSTEM, now)
    return case.status == cases.INCIDENT


def _fire(house: House, timer: timers.Due) -> bool:
    key = f"timer-{timer.case}-{timer.path}-{journal.written(timer.due_at)}"
    command = FireTimer(timer.case, timer.path, key=key)
    return house.attempt(command, lambda why: bool(house.small(_stop_case, timer, why, house.now())))


def _stop_case(db: Session, timer: timers.Due, refusal: Refused, now: datetime) -> bool:
    """Open an incident, unless the timer was fired by somebody else or is gone since."""
    case = cases.load_for_update(db, timer.case)
    row = timers.find(db, timer.case, timer.path)
    if case.status != cases.ACTIVE or row is None or row.due_at != timer.due_at or row.due_at > now:
        return False
    incidents.open_incident(db, case, timer.path, refusal, SYSTEM, now)
    return True


def _begin(house: House, start: DueStart) -> bool:
    key = f"start-{start.process}-{start.element}-{start.definition}-{journal.written(start.due_at)}"
    command = FireStartTimer(start.process, start.element, key=key)
    return house.attempt(command, _tried_later(house, start_timers.failed, start))


def _deliver(house: House, id: str) -> bool:
    return house.attempt(DeliverMessage(id), _tried_later(house, messages.failed, id))


def _tried_later(house: House, note: Callable[..., None], what: object) -> Callable[[Refused], bool]:
    """Ever more slowly, unless somebody else was faster: then it is looked at again at once."""

    def failed(refusal: Refused) -> bool:
        if not isinstance(refusal, Conflict):
            house.small(note, what, refusal.message, house.now())
        return False

    return failed
