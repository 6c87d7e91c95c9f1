"""A case that cannot go on by itself: it stops with its state intact until an operator has looked at it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import journal
from engine.cases import INCIDENT, Case
from engine.database import Base
from engine.errors import Refused
from engine.people import Actor
from engine.work import signature

WHAT_HELPS = "请运维人员排除原因后，让这件议题继续办理。"


class Incident(Base):
    """Why a case stopped: the element and the refusal, in words an operator can act on."""

    __tablename__ = "incident"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(index=True)
    seq: Mapped[int]
    path: Mapped[str]
    message: Mapped[str]
    help: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


def close(db: Session, case: str, now: datetime) -> None:
    """An operator has looked at it and lets the case try again."""
    for row in db.scalars(select(Incident).where(Incident.case_id == case, Incident.closed_at.is_(None))):
        row.closed_at = now


def open_incident(db: Session, case: Case, path: str, refusal: Refused, by: Actor, now: datetime) -> None:
    """Stop the case and say why, as an event of its history. Call with the case locked."""
    help = refusal.help or WHAT_HELPS
    data = {"path": path, "message": refusal.message, "help": help, "rule": refusal.rule}
    event = journal.append(
        db, case.id, case.seq + 1, case.hash, now, "incident_opened", signature(by), data=data
    )
    case.seq, case.hash, case.status, case.changed_at = event.seq, event.hash, INCIDENT, now
    db.add(
        Incident(
            case_id=case.id,
            seq=event.seq,
            path=path,
            message=refusal.message,
            help=help,
            opened_at=now,
        )
    )
