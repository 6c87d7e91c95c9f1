"""Running numbers per scope and year, gapless within a transaction's fate. Knows counters, not what they count."""

from functools import cache
from typing import Any

from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from engine.database import Base
from engine.statements import inserting, table


class Counter(Base):
    __tablename__ = "counter"

    scope: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


def allot(db: Session, scope: str) -> int:
    """The next number of `scope`, from 1. The counter's row stays locked until the transaction ends."""
    return int(db.scalar(_counting(db.get_bind().dialect.name), {"scope": scope, "value": 1}) or 0)


@cache
def _counting(dialect: str) -> ReturningInsert[Any]:
    counter = table(Counter)
    count = inserting(dialect, counter).on_conflict_do_update(
        index_elements=[counter.c.scope], set_={"value": counter.c.value + 1}
    )
    return count.returning(counter.c.value)
