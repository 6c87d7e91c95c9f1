"""Open work items: for whom, until when. Knows posts only as candidate texts; who holds them is people's matter.

A candidate is `post:<id>` or `person:<id>`. Whoever holds the post on the day of acting may act.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import cases
from engine.bpmn.step import OpenItem
from engine.cases import Case
from engine.database import Base
from engine.errors import AlreadyDone, Conflict, NotFound

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


def lock(db: Session, work_item: str) -> tuple[WorkItem, Case]:
    """An item as it is once its case is locked, and the case. Raises NotFound."""
    try:
        case = cases.load_for_update(
            db, select(WorkItem.case_id).where(WorkItem.id == work_item).scalar_subquery()
        )
    except NotFound as cause:
        raise NotFound("没有找到这项待办", help="请回到待办列表重新打开。") from cause
    return db.get_one(WorkItem, work_item, populate_existing=True), case


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


def complete(item: WorkItem, person: str, name: str, at: datetime, seq: int) -> None:
    item.status, item.done_by, item.done_by_name, item.done_at, item.done_seq = DONE, person, name, at, seq


def sync(
    db: Session, case: Case, items: Iterable[OpenItem], now: datetime, offer: Callable[[OpenItem], Offer]
) -> tuple[str, ...]:
    """Make the rows agree with what is open now: new items are offered, vanished ones cancelled.

    One that stays open keeps its offer; another version of the procedure may show it in other words.
    """
    rows = db.scalars(select(WorkItem).where(WorkItem.case_id == case.id, WorkItem.status == OPEN))
    known = {row.path: row for row in rows}
    wanted = {item.path: item for item in items}
    for path, row in known.items():
        if path not in wanted:
            row.status = CANCELLED
        else:
            _show(row, wanted[path])
    fresh = [_row(case, item, now, offer(item)) for path, item in wanted.items() if path not in known]
    db.add_all(row for row, _ in fresh)
    db.flush()
    db.add_all(candidate for _, candidates in fresh for candidate in candidates)
    opened = {**{path: row.id for path, row in known.items()}, **{row.path: row.id for row, _ in fresh}}
    return tuple(opened[path] for path in wanted)


def _show(row: WorkItem, item: OpenItem) -> None:
    row.name, row.form, row.lane_name = item.name, item.form, item.lane_name


def _row(case: Case, item: OpenItem, now: datetime, offer: Offer) -> tuple[WorkItem, list[Candidate]]:
    row = WorkItem(
        id=item_id(case.id, item.path, case.seq),
        case_id=case.id,
        path=item.path,
        element=item.element,
        name=item.name,
        diagram=item.diagram,
        lane=item.lane,
        lane_name=item.lane_name,
        form=item.form,
        label=item.label,
        unit_id=case.unit_id,
        created_at=now,
        due_on=offer.due_on,
        due_provisional=offer.provisional,
    )
    return row, [Candidate(work_item=row.id, candidate=text) for text in dict.fromkeys(offer.candidates)]
