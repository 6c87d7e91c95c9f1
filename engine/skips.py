"""Tasks that somebody has asked to skip, and what was decided. Knows requests; nothing of what skipping does."""

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import worklist
from engine.cases import Case
from engine.database import Base
from engine.errors import Conflict
from engine.people import Actor
from engine.worklist import WorkItem

OPEN, APPROVED, REFUSED = "open", "approved", "refused"


class SkipRequest(Base):
    """One person's request, with a reason; `role` is the one that process.toml names to decide."""

    __tablename__ = "skip_request"

    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)  # the event that recorded it
    work_item: Mapped[str] = mapped_column(index=True)
    role: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]
    asked_by: Mapped[str]  # person id
    asked_by_name: Mapped[str]
    asked_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(default=OPEN, index=True)


def ask(db: Session, item: WorkItem, seq: int, role: str, reason: str, by: Actor, now: datetime) -> None:
    """Raises Conflict when a request for the same task is still open."""
    if _open(db, item.id) is not None:
        raise Conflict(f"“{item.name}”已经申请跳过，正等待批准", help="批准或退回以后再办理。")
    db.add(
        SkipRequest(
            case_id=item.case_id,
            seq=seq,
            work_item=item.id,
            role=role,
            reason=reason,
            asked_by=by.person,
            asked_by_name=by.name,
            asked_at=now,
            status=OPEN,
        )
    )


def asked(db: Session, item: WorkItem) -> SkipRequest:
    """The open request for a task. Raises Conflict when there is none."""
    found = _open(db, item.id)
    if found is None:
        raise Conflict(f"没有等待批准的申请：跳过“{item.name}”", help="请查看最新状态。")
    return found


def of_items(db: Session, items: list[str]) -> dict[str, SkipRequest]:
    """Work item → its open request."""
    query = select(SkipRequest).where(SkipRequest.work_item.in_(items), SkipRequest.status == OPEN)
    return {row.work_item: row for row in db.scalars(query)}


def open_requests(db: Session) -> list[tuple[SkipRequest, WorkItem, Case]]:
    """Everything that waits for a decision and can still be done, oldest first."""
    query = (
        select(SkipRequest, WorkItem, Case)
        .join(WorkItem, WorkItem.id == SkipRequest.work_item)
        .join(Case, Case.id == SkipRequest.case_id)
        .where(SkipRequest.status == OPEN, WorkItem.status == worklist.OPEN)
        .order_by(SkipRequest.asked_at, SkipRequest.seq)
    )
    return [(request, item, case) for request, item, case in db.execute(query)]


def _open(db: Session, item: str) -> SkipRequest | None:
    return of_items(db, [item]).get(item)
