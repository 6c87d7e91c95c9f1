"""Idempotency keys: the same key gets the stored answer again. Knows keys and answers, nothing of commands."""

import json
from datetime import datetime

from sqlalchemy import Text, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.commands import Outcome
from engine.database import Base, dumps
from engine.errors import Conflict
from engine.statements import later, table


class Answered(Base):
    """The stored answer to one key of one person."""

    __tablename__ = "answered"

    key: Mapped[str] = mapped_column(primary_key=True)
    command: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    outcome: Mapped[str] = mapped_column(Text)


def recall(db: Session, key: str, command: str) -> Outcome | None:
    """The answer given to this key before. Raises Conflict when the key was used for something else."""
    row = db.get(Answered, key) if key else None
    if row is None:
        return None
    if row.command != command:
        raise Conflict("这个提交编号已用于另一项操作", help="请换一个编号再提交；在网页上请刷新页面。")
    stored = json.loads(row.outcome)
    return Outcome(stored["case"], stored["seq"], tuple(stored["opened"]), stored["detail"])


def remember(db: Session, key: str, command: str, outcome: Outcome, now: datetime) -> None:
    """Keep the answer to a key. Raises IntegrityError when the key has an answer: the same was sent twice."""
    if key:
        kept = {
            "case": outcome.case,
            "seq": outcome.seq,
            "opened": list(outcome.opened),
            "detail": dict(outcome.detail),
        }
        later(db, _REMEMBER, {"key": key, "command": command, "at": now, "outcome": dumps(kept)})


_REMEMBER = insert(table(Answered))
