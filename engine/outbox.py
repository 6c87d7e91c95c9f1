"""What leaves the house after commit: rows written in the command's transaction, sent by a worker at least once.

Knows attempts, leases and receipts; nothing of the platforms (connectors/) and nothing of HTTP.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, insert, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base
from engine.errors import Conflict, NotFound
from engine.patience import wait_after
from engine.statements import later, table

WAITING, SENT, RECEIPTED, FAILED, CANCELLED = "waiting", "sent", "receipted", "failed", "cancelled"
LEASE = timedelta(seconds=60)


class Outgoing(Base):
    """One thing to send. `id` is the idempotency key that the platform sees: <case>-<seq>-<target>[-<epoch>]."""

    __tablename__ = "outgoing"

    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(index=True)
    target: Mapped[str]  # party_cloud | service_365 | …
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(default=WAITING, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(index=True)
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    receipt: Mapped[str] = mapped_column(default="")
    error: Mapped[str] = mapped_column(default="")


class Attempt(Base):
    """One attempt to send: when, and how it ended. Without an end, its sender has died or still waits."""

    __tablename__ = "outgoing_attempt"

    outgoing_id: Mapped[str] = mapped_column(ForeignKey("outgoing.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")


def put(db: Session, id: str, case: str, target: str, payload: dict[str, Any], now: datetime) -> None:
    row = {"id": id, "case_id": case, "target": target, "payload": payload, "created_at": now, "next_at": now}
    later(db, _PUT, {**row, "status": WAITING, "attempts": 0, "receipt": "", "error": ""})


_PUT = insert(table(Outgoing))


def find(db: Session, id: str) -> Outgoing:
    """Raises NotFound."""
    row = db.get(Outgoing, id)
    if row is None:
        raise NotFound("没有找到这次上传", help="请从上传管理页面重新打开。")
    return row


def cancel(db: Session, case: str) -> None:
    """What waits to be sent for a case is not sent any more."""
    for row in db.scalars(select(Outgoing).where(Outgoing.case_id == case, Outgoing.status == WAITING)):
        row.status = CANCELLED


def lease(db: Session, targets: tuple[str, ...], now: datetime, limit: int = 10) -> list[Outgoing]:
    """Rows that may be sent now, leased to the caller; the attempt number fences a late sender."""
    rows = db.scalars(
        select(Outgoing)
        .where(
            Outgoing.status == WAITING,
            Outgoing.target.in_(targets),
            Outgoing.next_at <= now,
            or_(Outgoing.leased_until.is_(None), Outgoing.leased_until < now),
        )
        .order_by(Outgoing.next_at, Outgoing.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.attempts, row.leased_until = row.attempts + 1, now + LEASE
        db.add(Attempt(outgoing_id=row.id, number=row.attempts, at=now))
    return list(rows)


def attempts(db: Session, id: str) -> list[Attempt]:
    """Every attempt to send, in order."""
    return list(db.scalars(select(Attempt).where(Attempt.outgoing_id == id).order_by(Attempt.number)))


def ended(db: Session, id: str, attempt: int, error: str, now: datetime) -> None:
    """Note how an attempt ended; an error puts the next one off."""
    row = db.get_one(Attempt, (id, attempt))
    row.ended_at, row.error = now, error[:500]
    if error:
        failed(db.get_one(Outgoing, id, with_for_update=True), attempt, error, now)


def failed(row: Outgoing, attempt: int, error: str, now: datetime) -> None:
    """Try again later, ever more slowly, up to a day; a stale attempt changes nothing."""
    if row.attempts != attempt or row.status != WAITING:
        return
    row.error, row.next_at, row.leased_until = error[:500], now + wait_after(attempt), None


def receipted(row: Outgoing, receipt: str, now: datetime) -> bool:
    """Keep the receipt; False when it was known already. Raises Conflict when another one is recorded.

    Call with the case locked and the row fresh.
    """
    if row.status == RECEIPTED and row.receipt != receipt:
        raise Conflict(f"这次上传已登记回执号{row.receipt}", help="请核对平台上的回执号。")
    if row.status == RECEIPTED:
        return False
    row.status, row.receipt, row.sent_at, row.error = RECEIPTED, receipt, row.sent_at or now, ""
    return True
