"""What fires when: one row per waiting timer of a case. Knows due times; nothing of what a timer does."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.bpmn.step import WaitingTimer
from engine.cases import ACTIVE, Case
from engine.database import Base, dumps


class Timer(Base):
    """A waiting timer. `rule` is the text drawn in the diagram, so that its due time can be explained."""

    __tablename__ = "timer"

    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    element: Mapped[str]
    name: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(index=True)
    rule: Mapped[str]


@dataclass(frozen=True)
class Due:
    case: str
    path: str
    due_at: datetime


def sync(db: Session, case: Case, waiting: Iterable[WaitingTimer]) -> None:
    """Make the rows agree with what waits now; no query when that has not changed. An unchanged timer keeps its row."""
    wanted = {timer.path: timer for timer in waiting}
    mark = _mark(wanted)
    if mark == case.timed:
        return
    case.timed = mark
    known = {row.path: row for row in db.scalars(select(Timer).where(Timer.case_id == case.id))}
    for path, row in known.items():
        if path not in wanted or wanted[path].due != row.due_at:
            db.delete(row)
    db.flush()
    for path, timer in wanted.items():
        if path not in known or known[path].due_at != timer.due:
            db.add(_row(case, timer))


def due(db: Session, now: datetime, limit: int = 100) -> tuple[Due, ...]:
    """Timers whose time has come, in due order, of cases that can go on."""
    rows = db.execute(
        select(Timer.case_id, Timer.path, Timer.due_at)
        .join(Case, Case.id == Timer.case_id)
        .where(Timer.due_at <= now, Case.status == ACTIVE)
        .order_by(Timer.due_at, Timer.case_id, Timer.path)
        .limit(limit)
    )
    return tuple(Due(*row) for row in rows)


def next_due(db: Session) -> datetime | None:
    """When the next timer of a case that can go on will fire."""
    return db.scalars(
        select(Timer.due_at)
        .join(Case, Case.id == Timer.case_id)
        .where(Case.status == ACTIVE)
        .order_by(Timer.due_at)
        .limit(1)
    ).first()


def find(db: Session, case: str, path: str) -> Timer | None:
    return db.get(Timer, (case, path))


def _mark(wanted: Mapping[str, WaitingTimer]) -> str:
    due = {path: timer.due.isoformat() for path, timer in wanted.items()}
    return hashlib.sha256(dumps(due).encode()).hexdigest() if due else ""


def _row(case: Case, timer: WaitingTimer) -> Timer:
    return Timer(
        case_id=case.id,
        path=timer.path,
        element=timer.element,
        name=timer.name,
        due_at=timer.due,
        rule=timer.rule,
    )
