"""Running numbers per scope and year, gapless within a transaction's fate. Knows counters, not what they count."""

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base


class Counter(Base):
    __tablename__ = "counter"

    scope: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


def allot(db: Session, scope: str) -> int:
    """The next number of `scope`, from 1. The counter's row stays locked until the transaction ends."""
    row = db.scalars(select(Counter).where(Counter.scope == scope).with_for_update()).first()
    if row is None:
        row = Counter(scope=scope, value=0)
        db.add(row)
    row.value += 1
    db.flush()
    return row.value
