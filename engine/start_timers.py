"""Timer start events of the releases in force: when the next case begins by itself. Knows due times, no case.

A newer release takes the place of the one before: its own start events count from its own release. A date that
has passed when a procedure is released begins nothing. Each begin that was missed while nobody looked is owed: its
case would be missing; so the begins of a cycle happen one by one, in order.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.bpmn import timing
from engine.bpmn.doors import constant
from engine.bpmn.drawing import Drawn
from engine.database import Base
from engine.errors import Conflict
from engine.patience import wait_after


class StartTimer(Base):
    """A timer start event that will happen. `left` counts the begins after the next one."""

    __tablename__ = "start_timer"

    process: Mapped[str] = mapped_column(primary_key=True)
    element: Mapped[str] = mapped_column(primary_key=True)
    definition_hash: Mapped[str]
    name: Mapped[str]
    rule: Mapped[str]
    due_at: Mapped[datetime]
    next_at: Mapped[datetime] = mapped_column(index=True)  # when to try; later than due after a failure
    left: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")


@dataclass(frozen=True)
class DueStart:
    process: str
    element: str
    definition: str
    due_at: datetime


def arm(db: Session, process: str, definition: str, starts: Iterable[Drawn], now: datetime) -> None:
    """The timer start events of a new release, instead of those before. Raises what `timing` refuses."""
    db.execute(delete(StartTimer).where(StartTimer.process == process))
    for drawn in starts:
        if drawn.event.kind != "timer":
            continue
        at, left = _first(drawn, now)
        if at > now:
            db.add(
                StartTimer(
                    process=process,
                    element=drawn.id,
                    definition_hash=definition,
                    name=drawn.name,
                    rule=_rule(drawn),
                    due_at=at,
                    next_at=at,
                    left=left,
                )
            )


def due(db: Session, now: datetime, limit: int = 100) -> tuple[DueStart, ...]:
    rows = db.execute(
        select(StartTimer.process, StartTimer.element, StartTimer.definition_hash, StartTimer.due_at)
        .where(StartTimer.next_at <= now)
        .order_by(StartTimer.due_at, StartTimer.process, StartTimer.element)
        .limit(limit)
    )
    return tuple(DueStart(*row) for row in rows)


def next_due(db: Session) -> datetime | None:
    return db.scalar(select(func.min(StartTimer.next_at)))


def take(db: Session, process: str, element: str, now: datetime) -> StartTimer:
    """The row, locked. Raises Conflict when it is not due, or no longer there."""
    row = db.get(StartTimer, (process, element), with_for_update=True, populate_existing=True)
    if row is None or row.due_at > now:
        raise Conflict("这个开始时间还没有到，或者已经处理")
    return row


def happened(db: Session, row: StartTimer) -> None:
    """On to the next begin of a cycle, counted from when this one was due."""
    if row.left:
        _, every = timing.cycle(row.rule)
        row.due_at = row.next_at = every.after(row.due_at)
        row.left, row.attempts, row.error = row.left - 1, 0, ""
    else:
        db.delete(row)


def failed(db: Session, start: DueStart, error: str, now: datetime) -> None:
    """Try again later, ever more slowly, up to a day."""
    row = db.get(StartTimer, (start.process, start.element), with_for_update=True)
    if row is not None and row.due_at == start.due_at:
        row.attempts, row.error = row.attempts + 1, error[:500]
        row.next_at = now + wait_after(row.attempts)


def _rule(drawn: Drawn) -> str:
    """As ISO 8601; other tools write it as an expression that gives such a text."""
    rule = drawn.event.rule
    return rule if timing.is_literal(rule) else str(constant(rule))


def _first(drawn: Drawn, now: datetime) -> tuple[datetime, int]:
    """When it happens first, and how often after that."""
    rule = _rule(drawn)
    match drawn.event.timer:
        case "timeDuration":
            return timing.duration(rule).after(now), 0
        case "timeCycle":
            count, every = timing.cycle(rule)
            return every.after(now), count - 1
        case _:
            return timing.moment(rule), 0
