"""How often somebody may do the same within an hour: one row a time, forgotten afterwards. Knows no what and no who.

Who it was is kept as a hash only, and no longer than it is needed: an address is personal.
"""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base
from engine.errors import TooOften

WITHIN = timedelta(hours=1)


class Braked(Base):
    """One time. `what` is the hash of what was done by whom."""

    __tablename__ = "braked"

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(index=True)


def count(db: Session, what: str, most: int, now: datetime) -> None:
    """One time more. Raises TooOften when there were `most` within the hour."""
    db.execute(delete(Braked).where(Braked.at <= now - WITHIN))
    before = db.scalar(select(func.count()).select_from(Braked).where(Braked.what == _hash(what))) or 0
    if before >= most:
        raise TooOften(
            f"一小时内最多提交{most}次，请稍后再试", help="请过一小时再提交，或者到社区(村)当面反映。"
        )
    db.add(Braked(what=_hash(what), at=now))


def take_back(db: Session, what: str) -> None:
    """The last time counted came to nothing."""
    last = select(func.max(Braked.id)).where(Braked.what == _hash(what)).scalar_subquery()
    db.execute(delete(Braked).where(Braked.id == last))


def _hash(what: str) -> str:
    return hashlib.sha256(what.encode()).hexdigest()
