"""Open work items: for whom, until when. Knows posts only as candidate texts; who holds them is people's matter.

A candidate is `post:<id>` or `person:<id>`. Whoever holds the post on the day of acting may act.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, ForeignKey, Index, and_, bindparam, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import calendar, cases
from engine.bpmn.step import OpenItem
from engine.cases import Case
from engine.database import Base
from engine.errors import AlreadyDone, Conflict, NotFound
from engine.statements import as_read, ask, later, table, upsert

OPEN, DONE, CANCELLED = "open", "done", "cancelled"


class WorkItem(Base):
    """One task of one case that waits, waited or was cancelled."""

    __tablename__ = "work_item"
    __table_args__ = (Index("ix_work_item_case_open", "case_id", "status"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"))
    path: Mapped[str]
    element: Mapped[str]
    name: Mapped[str]
    diagram: Mapped[str]
    lane: Mapped[str]
    lane_name: Mapped[str]
    form: Mapped[str]  # bundle path of the schema, in the definition of the case
    label: Mapped[str]  # of a multi-instance item
    unit_id: Mapped[str] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(default=OPEN, index=True)
    claimed_by: Mapped[str] = mapped_column(default="")  # person id
    created_at: Mapped[datetime]
    due_on: Mapped[date | None] = mapped_column(index=True)
    due_provisional: Mapped[bool] = mapped_column(default=False)
    done_by: Mapped[str] = mapped_column(default="")  # person id
    done_by_name: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]
    done_seq: Mapped[int | None]


class Candidate(Base):
    """One candidate of one work item."""

    __tablename__ = "work_item_candidate"

    work_item: Mapped[str] = mapped_column(ForeignKey("work_item.id"), primary_key=True)
    candidate: Mapped[str] = mapped_column(primary_key=True, index=True)


@dataclass(frozen=True)
class Offer:
    """To whom an open item is offered, and until when."""

    candidates: tuple[str, ...]
    due_on: date | None = None
    provisional: bool = False


def item_id(case: str, path: str, seq: int) -> str:
    """Not guessable from outside. A path opens again after a return, so the event that opened it counts too."""
    return hashlib.sha256(f"{case}/{seq}/{path}".encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Held:
    """A work item with its case locked: until the transaction ends, nobody else changes what is open in it.

    `item` may be done or cancelled; `open` are all items of the case that are open, itself among them if it is.
    """

    item: WorkItem
    case: Case
    candidates: tuple[str, ...]
    open: tuple[WorkItem, ...]


@dataclass(frozen=True)
class Done:
    """Who did the item that is held, when, by which event."""

    held: Held
    person: str
    name: str
    at: datetime
    seq: int


def lock(db: Session, work_item: str) -> Held:
    """An item as it is once its case is locked. Raises NotFound."""
    try:
        case = cases.lock(db, _LOCK, work_item=work_item)
    except NotFound as cause:
        raise NotFound("没有找到这项待办", help="请回到待办列表重新打开。") from cause
    rows = ask(db, _AT_HAND, case=case.id, work_item=work_item)
    columns = {row.id: dict(zip(_COLUMNS, row, strict=False)) for row in rows}
    open = {id: as_read(db, WorkItem, told) for id, told in columns.items()}
    if rows:
        calendar.is_in_force(db, rows[0].calendar)
    item = open.get(work_item) or db.get_one(WorkItem, work_item, populate_existing=True)
    return Held(
        item, case, tuple(sorted(row.candidate for row in rows if row.candidate)), tuple(open.values())
    )


def held(db: Session, case: Case, path: str) -> Held:
    """What is open at a path of a case that is locked already."""
    open = tuple(open_items(db, case.id))
    return Held(next(row for row in open if row.path == path), case, (), open)


def find(db: Session, work_item: str) -> WorkItem:
    """Raises NotFound."""
    found = db.get(WorkItem, work_item)
    if found is None:
        raise NotFound("没有找到这项待办", help="请回到待办列表重新打开。")
    return found


def check_open(item: WorkItem) -> None:
    """Raises AlreadyDone (by whom, when) or Conflict. Call with the case locked and the item fresh."""
    if item.status == DONE:
        at = item.done_at.isoformat() if item.done_at else ""
        raise AlreadyDone(
            f"“{item.name}”已由{item.done_by_name}办理",
            by=item.done_by_name,
            at=at,
            help="您填写的内容没有丢失，请核对后决定是否需要联系对方。",
        )
    if item.status == CANCELLED:
        raise Conflict(f"“{item.name}”因流程变化已不需要办理", help="请回到待办列表查看最新待办。")


def check_claim(item: WorkItem, person: str) -> None:
    """Raises Conflict when somebody else has taken the item upon himself."""
    if item.claimed_by not in ("", person):
        raise Conflict(f"“{item.name}”已被其他人认领", help="请与认领人联系，由其退回认领后再办理。")


def candidates(db: Session, work_item: str) -> tuple[str, ...]:
    """Candidate texts of a work item, sorted."""
    found = db.scalars(select(Candidate.candidate).where(Candidate.work_item == work_item))
    return tuple(sorted(found))


def open_items(db: Session, case: str) -> list[WorkItem]:
    """What is open in a case, in drawn order of paths."""
    rows = db.scalars(select(WorkItem).where(WorkItem.case_id == case, WorkItem.status == OPEN))
    return sorted(rows, key=lambda row: row.path)


def cancel_all(db: Session, case: str) -> None:
    """Nothing of the case is to be done any more."""
    for row in open_items(db, case):
        row.status = CANCELLED


def offer_to(db: Session, item: WorkItem, candidate: str) -> None:
    """Add a candidate: those to whom it was offered before keep it."""
    if db.get(Candidate, (item.id, candidate)) is None:
        db.add(Candidate(work_item=item.id, candidate=candidate))


def sync(
    db: Session,
    case: Case,
    items: Iterable[OpenItem],
    now: datetime,
    offer: Callable[[OpenItem], Offer],
    done: Done | None = None,
) -> tuple[str, ...]:
    """Make the rows agree with what is open now: new items are offered, vanished ones cancelled.

    `done` is what has just been done, with its case locked. One that stays open keeps its offer; another version
    of the procedure may show it in other words. The ids of what is open, in the order of `items`.
    """
    rows = done.held.open if done else _open_before(db, case)
    known = {row.path: row for row in rows if done is None or row is not done.held.item}
    wanted = {item.path: item for item in items}
    offers = {path: offer(item) for path, item in wanted.items() if path not in known}
    fresh = {path: _fresh(case, wanted[path], now, offered) for path, offered in offers.items()}
    standing = [changed for row in known.values() if (changed := _changed(row, wanted.get(row.path)))]
    finished = [_finished(done)] if done else []
    upsert(db, _WORK_ITEM, [*finished, *standing, *fresh.values()], _CHANGING)
    _nominate(db, {fresh[path]["id"]: offered for path, offered in offers.items()})
    return tuple(known[path].id if path in known else fresh[path]["id"] for path in wanted)


def _open_before(db: Session, case: Case) -> list[WorkItem]:
    """What was open in a case before its last event: nothing, if that was its first."""
    return open_items(db, case.id) if case.seq > 1 else []


def _nominate(db: Session, offers: Mapping[str, Offer]) -> None:
    named = [
        {"work_item": id, "candidate": text}
        for id, offered in offers.items()
        for text in dict.fromkeys(offered.candidates)
    ]
    later(db, _NOMINATE, *named)


def _finished(done: Done) -> dict[str, Any]:
    told = {"done_by": done.person, "done_by_name": done.name, "done_at": done.at, "done_seq": done.seq}
    return {**_as_it_is(done.held.item), "status": DONE, **told}


def _changed(row: WorkItem, item: OpenItem | None) -> dict[str, Any] | None:
    """The row of an item that is not open any more, or is shown in other words; None when nothing has changed."""
    if item is None:
        return {**_as_it_is(row), "status": CANCELLED}
    shown = {"name": item.name, "form": item.form, "lane_name": item.lane_name}
    same = all(getattr(row, name) == value for name, value in shown.items())
    return None if same else {**_as_it_is(row), **shown}


def _as_it_is(row: WorkItem) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COLUMNS}


def _fresh(case: Case, item: OpenItem, now: datetime, offer: Offer) -> dict[str, Any]:
    return {
        "id": item_id(case.id, item.path, case.seq),
        "case_id": case.id,
        "path": item.path,
        "element": item.element,
        "name": item.name,
        "diagram": item.diagram,
        "lane": item.lane,
        "lane_name": item.lane_name,
        "form": item.form,
        "label": item.label,
        "unit_id": case.unit_id,
        "status": OPEN,
        "claimed_by": "",
        "created_at": now,
        "due_on": offer.due_on,
        "due_provisional": offer.provisional,
        "done_by": "",
        "done_by_name": "",
        "done_at": None,
        "done_seq": None,
    }


# Built once: building them costs more than running them.
_WORK_ITEM = table(WorkItem)
_COLUMNS = tuple(_WORK_ITEM.columns.keys())
_CHANGING = ("status", "name", "form", "lane_name", "done_by", "done_by_name", "done_at", "done_seq")
_NOMINATE = insert(table(Candidate))
_ITEM: BindParameter[str] = bindparam("work_item")
_LOCK = cases.locking(select(WorkItem.case_id).where(WorkItem.id == _ITEM).scalar_subquery())
_CANDIDATE = table(Candidate)
_AT_HAND = (
    # The calendar comes with it: every task asks for it, and a question of its own costs more than the answer.
    select(*_WORK_ITEM.c, _CANDIDATE.c.candidate, calendar.IN_FORCE_NOW.scalar_subquery().label("calendar"))
    .outerjoin(_CANDIDATE, and_(_CANDIDATE.c.work_item == _WORK_ITEM.c.id, _WORK_ITEM.c.id == _ITEM))
    .where(_WORK_ITEM.c.case_id == bindparam("case"), _WORK_ITEM.c.status == OPEN)
)
