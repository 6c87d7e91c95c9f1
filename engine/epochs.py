"""Which life of the database this is: 0 as it was founded, one more after each restore. Knows who looked, nothing else.

After a restore the world outside may know what this database has forgotten. Until an operator has compared both,
nothing leaves the house (`paused`); and what is sent from then on bears the epoch in its key, so that no key of the
lost future is used for anything else.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base
from engine.errors import Conflict
from engine.statements import recall


class Epoch(Base):
    """One life: why it began, and which operator has seen to it that sending may go on."""

    __tablename__ = "epoch"

    number: Mapped[int] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime]
    why: Mapped[str]
    resumed_at: Mapped[datetime | None]
    resumed_by: Mapped[str] = mapped_column(default="")  # person id


_LATEST = select(func.max(Epoch.number).label("number"))


def current(db: Session) -> int:
    return recall(db, _LATEST)[0].number or 0


def paused(db: Session) -> Epoch | None:
    """The epoch that nobody has looked at yet; None: what waits is sent."""
    return db.scalars(select(Epoch).where(Epoch.resumed_at.is_(None)).order_by(Epoch.number.desc())).first()


def begin(db: Session, why: str, now: datetime) -> dict[str, Any]:
    """Nothing is sent from now on. Returns the event that tells it."""
    epoch = Epoch(number=current(db) + 1, begun_at=now, why=why)
    db.add(epoch)
    db.flush()
    return {"type": "uploads_paused", "epoch": epoch.number, "reason": why}


def resume(db: Session, by: str, reason: str, now: datetime) -> dict[str, Any]:
    """What waits is sent again. Returns the event that tells it. Raises Conflict when nothing is paused."""
    waiting = db.scalars(select(Epoch).where(Epoch.resumed_at.is_(None)).with_for_update()).all()
    if not waiting:
        raise Conflict("上传没有暂停", help="请查看最新状态。")
    for epoch in waiting:
        epoch.resumed_at, epoch.resumed_by = now, by
    return {"type": "uploads_resumed", "epoch": current(db), "reason": reason}
