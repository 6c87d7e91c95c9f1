"""What somebody has typed and not yet submitted. Knows nothing of forms: a draft is kept exactly as typed."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base
from engine.statements import later, table


class Draft(Base):
    """One person's draft of one form: a work item, or a register such as `submission`."""

    __tablename__ = "draft"

    person_id: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)  # work item id or register name
    typed: Mapped[list[Any]]  # [[name, value], …] as the browser sent them
    saved_at: Mapped[datetime]


def save(db: Session, person: str, subject: str, typed: list[list[str]], now: datetime) -> None:
    row = db.get(Draft, (person, subject)) or Draft(person_id=person, subject=subject)
    row.typed, row.saved_at = typed, now
    db.add(row)


def find(db: Session, person: str, subject: str) -> Draft | None:
    return db.get(Draft, (person, subject))


def drop(db: Session, person: str, subject: str) -> None:
    later(db, _DROP, {"person": person, "subject": subject})


_DRAFT = table(Draft)
_DROP = delete(_DRAFT).where(
    _DRAFT.c.person_id == bindparam("person"), _DRAFT.c.subject == bindparam("subject")
)
