"""The worklist of one person: what he may do, what his post has, what he may claim, what he has done."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from engine import definitions, people
from engine.cases import ACTIVE, Case
from engine.directory import Person, Unit
from engine.people import Actor
from engine.reading.due import days_left
from engine.reading.steps import TOPIC, diagrams_of, noun, step_of
from engine.work import Reader
from engine.worklist import DONE, OPEN, Candidate, WorkItem

TABS = {"mine": "我的待办", "post": "本岗位待办", "claimable": "可认领", "done": "已办"}
_claimer = aliased(Person)
_offers = (
    select(func.count())
    .select_from(Candidate)
    .where(Candidate.work_item == WorkItem.id)
    .correlate(WorkItem)
    .scalar_subquery()
)
_SORTS: dict[str, Any] = {
    "due": (WorkItem.due_on.is_(None), WorkItem.due_on, WorkItem.created_at, WorkItem.id),
    "created": (WorkItem.created_at.desc(), WorkItem.id),
    "unit": (Unit.id, WorkItem.due_on.is_(None), WorkItem.due_on, WorkItem.id),
    "done": (WorkItem.done_at.desc(), WorkItem.id),
}
SORTS = {"due": "到期时间", "created": "送达时间", "unit": "单位"}


@dataclass(frozen=True)
class Asked:
    """What a person asks of the list; unknown values ask for nothing."""

    tab: str = "mine"
    step: str = ""
    level: str = ""
    overdue: bool = False
    text: str = ""
    sort: str = "due"
    page: int = 1
    size: int = 20


@dataclass(frozen=True)
class Entry:
    id: str
    name: str
    label: str
    step: str
    case: str
    case_title: str
    case_number: str
    level: str
    unit: str
    lane: str
    created_at: datetime
    due_on: date | None
    due_provisional: bool
    days_left: int | None
    claimed_by: str  # display name
    claimed_by_me: bool
    claimable: bool
    done_at: datetime | None
    withdrawable: bool  # one's own last step, and nobody has acted since
    is_topic: bool  # else its procedure knows neither our steps nor levels


@dataclass(frozen=True)
class Worklist:
    entries: tuple[Entry, ...]
    total: int
    counts: dict[str, int]
    overdue: int  # of my own


def worklist(reader: Reader, actor: Actor, asked: Asked) -> Worklist:
    tabs = _tabs(reader, actor)
    wanted = _filtered(_listed(tabs[asked.tab]), reader, asked)
    total = reader.db.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    sort = "done" if asked.tab == "done" else asked.sort
    rows = reader.db.execute(
        wanted.order_by(*_SORTS[sort]).limit(asked.size).offset((asked.page - 1) * asked.size)
    )
    left = days_left(reader)
    entries = tuple(_entry(reader, row, actor, left(row.WorkItem.due_on)) for row in rows)
    counts = {tab: _count(reader, where) for tab, where in tabs.items()}
    return Worklist(entries, total, counts, _count(reader, and_(tabs["mine"], _overdue(reader.today))))


def _tabs(reader: Reader, actor: Actor) -> dict[str, ColumnElement[bool]]:
    posts = people.posts_of(reader.db, actor.person, reader.today)
    own = [f"person:{actor.person}", *(f"post:{post}" for post in posts)]
    free = WorkItem.claimed_by == ""
    is_open = WorkItem.status == OPEN
    return {
        "mine": and_(is_open, _offered(own), or_(free, WorkItem.claimed_by == actor.person)),
        "post": and_(is_open, _offered([f"post:{actor.post}"])),
        "claimable": and_(is_open, _offered(own), free, _offers > 1),
        "done": and_(WorkItem.status == DONE, WorkItem.done_by == actor.person),
    }


def _offered(candidates: list[str]) -> ColumnElement[bool]:
    return exists().where(Candidate.work_item == WorkItem.id, Candidate.candidate.in_(candidates))


def _listed(where: ColumnElement[bool]) -> Any:
    return (
        select(
            WorkItem,
            Case.title.label("case_title"),
            Case.number.label("case_number"),
            Case.level.label("level"),
            Case.definition_hash.label("definition"),
            and_(Case.status == ACTIVE, Case.seq == WorkItem.done_seq).label("last"),
            Unit.name.label("unit_name"),
            _claimer.name.label("claimer"),
            _offers.label("offers"),
        )
        .join(Case, Case.id == WorkItem.case_id)
        .join(Unit, Unit.id == WorkItem.unit_id)
        .outerjoin(_claimer, _claimer.id == WorkItem.claimed_by)
        .where(where)
    )


def _filtered(query: Any, reader: Reader, asked: Asked) -> Any:
    if asked.step:
        query = query.where(WorkItem.diagram.in_(diagrams_of(asked.step)))
    if asked.level:
        query = query.where(Case.level == asked.level)
    if asked.overdue:
        query = query.where(_overdue(reader.today))
    if asked.text:
        found = (
            column.contains(asked.text, autoescape=True)
            for column in (Case.title, Case.number, WorkItem.name, WorkItem.label, Unit.name)
        )
        query = query.where(or_(*found))
    return query


def _overdue(today: date) -> ColumnElement[bool]:
    return and_(WorkItem.due_on.is_not(None), WorkItem.due_on < today)


def _count(reader: Reader, where: ColumnElement[bool]) -> int:
    return reader.db.scalar(select(func.count()).select_from(WorkItem).where(where)) or 0


def _entry(reader: Reader, row: Any, actor: Actor, left: int | None) -> Entry:
    item, step = row.WorkItem, step_of(row.WorkItem.diagram)
    return Entry(
        id=item.id,
        name=item.name,
        label=item.label,
        step=step.title if step else "",
        case=item.case_id,
        case_title=row.case_title,
        case_number=row.case_number,
        level=row.level,
        unit=row.unit_name,
        lane=item.lane_name,
        created_at=item.created_at,
        due_on=item.due_on,
        due_provisional=item.due_provisional,
        days_left=left,
        claimed_by=row.claimer or "",
        claimed_by_me=item.claimed_by == actor.person,
        claimable=item.status == OPEN and not item.claimed_by and row.offers > 1,
        done_at=item.done_at,
        withdrawable=bool(row.last) and item.status == DONE and item.done_by == actor.person,
        is_topic=noun(definitions.bundle(reader.db, row.definition).files) == TOPIC,
    )
