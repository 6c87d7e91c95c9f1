"""The list of cases within the actor's units, and of those in which he takes part elsewhere."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select

from engine import definitions, people
from engine.cases import Case
from engine.directory import Unit
from engine.people import Actor
from engine.reading.due import days_left
from engine.reading.steps import TOPIC, StepName, diagrams_of, noun, steps_at
from engine.timers import Timer
from engine.work import Reader
from engine.worklist import OPEN, Candidate, WorkItem


@dataclass(frozen=True)
class Asked:
    step: str = ""
    level: str = ""
    status: str = ""
    version: str = ""  # hash of a definition: those that run on it, stopped and suspended ones too
    text: str = ""
    page: int = 1
    size: int = 20


@dataclass(frozen=True)
class Line:
    """`due_on` is the earliest of its open tasks, `open` their names, `waits` what time alone will bring.

    Only a 议题 (`is_topic`) takes our steps and has a number and a level.
    """

    id: str
    number: str
    title: str
    unit: str
    level: str
    status: str
    steps: tuple[StepName, ...]
    open: tuple[str, ...]
    waits: tuple[str, ...]
    due_on: date | None
    due_provisional: bool
    days_left: int | None
    started_at: datetime
    ended_at: datetime | None
    is_topic: bool


@dataclass(frozen=True)
class Listed:
    lines: tuple[Line, ...]
    total: int


def listed(reader: Reader, actor: Actor, asked: Asked) -> Listed:
    query = _filtered(_visible(reader, actor), asked)
    total = reader.db.scalar(select(func.count()).select_from(query.subquery())) or 0
    newest = query.order_by(Case.changed_at.desc(), Case.id)
    rows = reader.db.execute(newest.limit(asked.size).offset((asked.page - 1) * asked.size)).all()
    ids = [row.Case.id for row in rows]
    items, waits, left = _open_items(reader, ids), _waits(reader, ids), days_left(reader)
    lines = (_line(reader, row, items.get(row.Case.id, []), waits.get(row.Case.id, ()), left) for row in rows)
    return Listed(tuple(lines), total)


def _visible(reader: Reader, actor: Actor) -> Any:
    posts = people.posts_of(reader.db, actor.person, reader.today)
    own = [f"person:{actor.person}", *(f"post:{post}" for post in posts)]
    asked = (
        select(WorkItem.case_id)
        .outerjoin(Candidate, Candidate.work_item == WorkItem.id)
        .where(or_(Candidate.candidate.in_(own), WorkItem.done_by == actor.person))
    )
    return (
        select(Case, Unit.name.label("unit_name"))
        .join(Unit, Unit.id == Case.unit_id)
        .where(or_(Case.unit_id.in_(people.scope(reader.db, actor)), Case.id.in_(asked)))
    )


def _filtered(query: Any, asked: Asked) -> Any:
    if asked.step:
        query = query.where(or_(*(Case.stage.contains(diagram) for diagram in diagrams_of(asked.step))))
    if asked.level:
        query = query.where(Case.level == asked.level)
    if asked.status:
        query = query.where(Case.status == asked.status)
    if asked.version:
        query = query.where(Case.definition_hash == asked.version, Case.ended_at.is_(None))
    if asked.text:
        found = (
            column.contains(asked.text, autoescape=True) for column in (Case.title, Case.number, Unit.name)
        )
        query = query.where(or_(*found))
    return query


def _open_items(reader: Reader, cases: list[str]) -> dict[str, list[WorkItem]]:
    found: dict[str, list[WorkItem]] = {}
    where = (WorkItem.case_id.in_(cases), WorkItem.status == OPEN)
    for item in reader.db.scalars(select(WorkItem).where(*where).order_by(WorkItem.created_at, WorkItem.id)):
        found.setdefault(item.case_id, []).append(item)
    return found


def _waits(reader: Reader, cases: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for timer in reader.db.scalars(select(Timer).where(Timer.case_id.in_(cases)).order_by(Timer.due_at)):
        found[timer.case_id] = (*found.get(timer.case_id, ()), timer.name or timer.element)
    return found


def _line(reader: Reader, row: Any, items: list[WorkItem], waits: tuple[str, ...], left: Any) -> Line:
    case = row.Case
    first = min((item for item in items if item.due_on), key=lambda item: str(item.due_on), default=None)
    due_on = first.due_on if first else None
    return Line(
        id=case.id,
        number=case.number,
        title=case.title,
        unit=row.unit_name,
        level=case.level,
        status=case.status,
        steps=steps_at(case.stage) if not case.ended_at else (),
        open=tuple(dict.fromkeys(item.name for item in items)),
        waits=waits,
        due_on=due_on,
        due_provisional=bool(first and first.due_provisional),
        days_left=left(due_on),
        started_at=case.started_at,
        ended_at=case.ended_at,
        is_topic=noun(definitions.bundle(reader.db, case.definition_hash).files) == TOPIC,
    )
