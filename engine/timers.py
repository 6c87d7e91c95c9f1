"""What fires when: one row per waiting timer of a case. Knows due times; nothing of what a timer does."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, and_, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.bpmn.step import WaitingTimer
from engine.cases import ACTIVE, Case
from engine.database import Base, dumps, run, table


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
    """Make the rows agree with what waits now; no query when that has not changed. An unchanged timer keeps its row.

    One that waits no more leaves its row to a new one: where one timer follows another, one statement does.
    """
    wanted = {timer.path: timer for timer in waiting}
    due = {path: timer.due.isoformat() for path, timer in wanted.items()}
    known = _known(db, case)
    if due != known:
        stale = sorted(path for path in known if due.get(path) != known[path])
        fresh = sorted(path for path in due if due[path] != known.get(path))
        moved = [path for path in stale if path in fresh]
        stale, fresh = [*moved, *_without(stale, moved)], [*moved, *_without(fresh, moved)]
        _replace(db, case.id, stale, [_row(case, wanted[path]) for path in fresh])
    if case.timed != (told := dumps(due) if due else ""):
        case.timed = told


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


def first_due(db: Session, case: str, by: datetime) -> Timer | None:
    """The timer of a case that fell due before all others, at `by` at the latest."""
    query = select(Timer).where(Timer.case_id == case, Timer.due_at <= by)
    fresh = query.order_by(Timer.due_at, Timer.path).limit(1).execution_options(populate_existing=True)
    return db.scalars(fresh).first()


def _known(db: Session, case: Case) -> dict[str, str]:
    """Path → due time of the rows: the case knows, unless it is of a release before it did."""
    if not case.timed or case.timed.startswith("{"):
        return dict(json.loads(case.timed or "{}"))
    rows = db.execute(select(Timer.path, Timer.due_at).where(Timer.case_id == case.id))
    return {path: due.isoformat() for path, due in rows}


def _without(paths: list[str], others: list[str]) -> list[str]:
    return [path for path in paths if path not in others]


def _replace(db: Session, case: str, stale: list[str], fresh: list[dict[str, Any]]) -> None:
    old = [{"this_case": case, "this_path": path} for path in stale]
    both = min(len(old), len(fresh))
    if both:
        run(db, _REUSE, [{**this, **row} for this, row in zip(old, fresh, strict=False)])
    if old[both:]:
        run(db, _DROP, old[both:])
    if fresh[both:]:
        run(db, _ADD, fresh[both:])


def _row(case: Case, timer: WaitingTimer) -> dict[str, Any]:
    return {
        "case_id": case.id,
        "path": timer.path,
        "element": timer.element,
        "name": timer.name,
        "due_at": timer.due,
        "rule": timer.rule,
    }


# Built once: building them costs more than running them.
_TIMER = table(Timer)
_THIS = and_(_TIMER.c.case_id == bindparam("this_case"), _TIMER.c.path == bindparam("this_path"))
_REUSE = (
    update(_TIMER).where(_THIS).values({column.name: bindparam(column.name) for column in _TIMER.columns})
)
_DROP = delete(_TIMER).where(_THIS)
_ADD = insert(_TIMER)
