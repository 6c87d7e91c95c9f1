"""Public notices of plan books and the objections against them (R120–R122). Knows the register, not the flow."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base
from engine.errors import Conflict, NotFound

OPEN, WITHDRAWN, CLOSED = "open", "withdrawn", "closed"
RECEIVED, SUSTAINED, REJECTED = "received", "sustained", "rejected"


class Notice(Base):
    """One public notice. `plan` is the plan book as published, without personal fields."""

    __tablename__ = "notice"

    number: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(index=True)
    unit_id: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    posted_on: Mapped[date]
    working_days: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(default=OPEN, index=True)
    plan: Mapped[dict[str, Any]]
    calendar: Mapped[str] = mapped_column(default="")  # version of the working-day calendar used


class Objection(Base):
    """One objection. `name` and `contact` are commitments (personal.py)."""

    __tablename__ = "objection"

    id: Mapped[str] = mapped_column(primary_key=True)
    notice_number: Mapped[str] = mapped_column(ForeignKey("notice.number"), index=True)
    content: Mapped[str]
    sealed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(default=RECEIVED)
    reply: Mapped[str] = mapped_column(default="")
    replied_at: Mapped[datetime | None]


def find(db: Session, number: str) -> Notice:
    """Raises NotFound."""
    notice = db.get(Notice, number)
    if notice is None:
        raise _no_notice()
    return notice


def check_running(notice: Notice, now: datetime) -> None:
    """Raises Conflict when objections can no longer be made."""
    if notice.status != OPEN or now >= notice.ends_at:
        raise Conflict("公示期已结束，不再受理公示异议", rule="R121", help="您可以通过诉求登记继续反映。")


def running_of(db: Session, case: str) -> Notice:
    """The notice of a case that is open. Raises NotFound."""
    notice = db.scalars(select(Notice).where(Notice.case_id == case, Notice.status == OPEN)).first()
    if notice is None:
        raise NotFound("这件议题没有正在进行的公示", help="请从议题页面查看公示情况。")
    return notice


def withdraw_all(db: Session, case: str) -> None:
    """What is published of a case and still runs is withdrawn."""
    for notice in db.scalars(select(Notice).where(Notice.case_id == case, Notice.status == OPEN)):
        notice.status = WITHDRAWN


def counted_otherwise(db: Session, calendar: str, now: datetime) -> tuple[str, ...]:
    """Cases whose running notice was counted on another version of the calendar."""
    open_ones = (Notice.status == OPEN) & (Notice.ends_at > now)
    rows = db.scalars(select(Notice.case_id).where(open_ones, Notice.calendar != calendar))
    return tuple(sorted(rows))


def end(db: Session, number: str, status: str) -> None:
    """Raises NotFound."""
    changing = update(Notice).where(Notice.number == number).values(status=status)
    if db.scalar(changing.returning(Notice.number)) is None:
        raise _no_notice()


def objections(db: Session, number: str) -> list[Objection]:
    return list(
        db.scalars(select(Objection).where(Objection.notice_number == number).order_by(Objection.made_at))
    )


def reply(db: Session, objection: str, text: str, sustained: bool, now: datetime) -> None:
    """Keep the written reply to an objection (R121). Raises NotFound."""
    told = {"status": SUSTAINED if sustained else REJECTED, "reply": text, "replied_at": now}
    changing = update(Objection).where(Objection.id == objection).values(told)
    if db.scalar(changing.returning(Objection.id)) is None:
        raise NotFound("没有找到这条公示异议", help="请从公示页面重新打开。")


def _no_notice() -> NotFound:
    return NotFound("没有找到这份公示", help="请从公示栏重新打开。")
