"""Compact state per case, a cache of the truth. Knows how a case stands; nothing of how it got there."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ForeignKey,
    LargeBinary,
    ScalarSelect,
    Select,
    Update,
    bindparam,
    inspect,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from engine.bpmn.parse import Model
from engine.bpmn.step import Step
from engine.database import Base
from engine.errors import NotFound
from engine.statements import as_read, ask, later, table

ACTIVE, SUSPENDED, INCIDENT, COMPLETED = "active", "suspended", "incident", "completed"
CATCHING_UP = "catching_up"  # it goes on, once what was kept for it has been executed
CANCELLED = "cancelled"  # `ended` of a case that was cancelled, in place of an end event


class Case(Base):
    """One case. `state` is opaque (`bpmn.run.revive` reads it); `facts` are the declared case facts."""

    __tablename__ = "case"

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str] = mapped_column(index=True)
    definition_hash: Mapped[str] = mapped_column(ForeignKey("definition.hash"))
    unit_id: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    number: Mapped[str] = mapped_column(default="", index=True)
    level: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default=ACTIVE, index=True)
    stage: Mapped[str] = mapped_column(default="", index=True)  # diagram ids of what is open, outermost first
    ended: Mapped[str] = mapped_column(default="")  # end event reached
    # its subscriptions by path, as JSON; "" when it waits for nothing
    awaits: Mapped[str] = mapped_column(default="")
    # due times of its timers by path, as JSON; "" when none waits
    timed: Mapped[str] = mapped_column(default="")
    seq: Mapped[int] = mapped_column(default=0)  # last event
    hash: Mapped[str] = mapped_column(default="")  # of the last event
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[bytes] = deferred(mapped_column(LargeBinary, default=b""))
    started_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


def load(db: Session, case: str) -> Case:
    """Raises NotFound."""
    found = db.get(Case, case)
    if found is None:
        raise NotFound("没有找到这一件", help="请从列表重新打开。")
    return found


def load_for_update(db: Session, case: str) -> Case:
    """The case, locked until the transaction ends: the first lock that every command takes. Raises NotFound."""
    return lock(db, _BY_ID, case=case)


def lock(db: Session, query: Select[Any], **named: str) -> Case:
    """The case that a `locking` statement finds by what it names. Raises NotFound."""
    found = next(iter(ask(db, query, **named)), None)
    if found is None:
        raise NotFound("没有找到这一件", help="请从列表重新打开。")
    return as_read(db, Case, found._asdict())


def locking(case: ScalarSelect[str] | BindParameter[str]) -> Select[Any]:
    """Locks a case and reads it as it is then, state and all. For `lock`, to be built once."""
    return select(table(Case)).where(table(Case).c.id == case).with_for_update()


_BY_ID = locking(bindparam("case"))


def behind(db: Session, limit: int) -> tuple[str, ...]:
    """Cases that go on once what was kept for them has been executed."""
    query = select(Case.id).where(Case.status == CATCHING_UP).order_by(Case.changed_at, Case.id)
    return tuple(db.scalars(query.limit(limit)))


def stage(model: Model, step: Step) -> str:
    """Where a case stands: diagrams in which somebody has something to do, else those in which it waits."""
    if step.items:
        return " ".join(dict.fromkeys(item.diagram for item in step.items))
    drawn_in = {drawn.id: drawn.diagram for drawn in model.elements.values()}
    waits = [timer.element for timer in step.timers]
    waits += [awaited.element for awaited in step.awaited]
    waits += [awaited.element for awaited in step.awaited_signals]
    return " ".join(dict.fromkeys(drawn_in.get(element, "") for element in waits))


def end(case: Case, ended: str, now: datetime) -> None:
    """Nothing of the case goes on."""
    case.status, case.ended, case.ended_at, case.changed_at, case.stage = COMPLETED, ended, now, now, ""


def save(db: Session, case: Case, step: Step, now: datetime, **more: Any) -> None:
    """Take over what a step made of the case; written at once.

    `more` are further columns: `seq` and `hash` of the event that tells it, `stage` (ids of the diagrams in which
    something waits), and what the rooms of timers and subscriptions note of the case.
    """
    ended = {"status": COMPLETED, "ended": step.ended, "ended_at": now} if step.ended else {}
    told = {
        **more,
        "state": step.frozen,
        "facts": dict(step.facts),
        "title": str(step.facts.get("title") or case.title),
        "number": str(step.facts.get("number") or case.number),
        "level": str(step.facts.get("level") or case.level),
        "changed_at": now,
        **ended,
    }
    _write(db, case, {name: value for name, value in told.items() if getattr(case, name) != value})


def _write(db: Session, case: Case, changed: Mapping[str, Any]) -> None:
    """Past the session, which would take longer to find out what has changed than the database to write it.

    What has been set on the case before is written with it.
    """
    unmodified = inspect(case).unmodified
    told = {**{name: getattr(case, name) for name in _COLUMNS if name not in unmodified}, **changed}
    for name, value in told.items():
        set_committed_value(case, name, value)
    later(db, _writing(tuple(told)), {"this_case": case.id, **told})


_COLUMNS = tuple(table(Case).columns.keys())


@cache
def _writing(names: tuple[str, ...]) -> Update:
    """Only what has changed: an index over what has not is left alone."""
    case = table(Case)
    return (
        update(case)
        .where(case.c.id == bindparam("this_case"))
        .values({name: bindparam(name, type_=case.c[name].type) for name in names})
    )
