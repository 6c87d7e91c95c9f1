"""A case that cannot go on by itself: it stops with its state intact until an operator has looked at it.

The event `incident_opened` names the element and the refusal and keeps the pending command: what was accepted and
could not be carried out. Re-execution tries it again and must fail in the same way; a retry executes it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import journal
from engine.cases import INCIDENT, Case
from engine.database import Base
from engine.errors import DeadEnd, Failed, LimitExceeded, NobodyCatches, Place, Refused, ScriptFailed
from engine.people import Actor
from engine.work import signature

WHAT_HELPS = "请运维人员排除原因后，让它继续办理。"
OPENED, CLOSED = "incident_opened", "incident_closed"
PENDING_CORRECTED, GIVEN_BACK = "pending_corrected", "submission_given_back"
LIMIT, UNCAUGHT, SCRIPT, OPERATION, STUCK = "limit", "uncaught", "script", "operation", "stuck"
_KINDS: Mapping[type[Refused], str] = {
    NobodyCatches: UNCAUGHT,
    LimitExceeded: LIMIT,
    ScriptFailed: SCRIPT,
    DeadEnd: STUCK,
}


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


def kind_of(refusal: Refused) -> str:
    """What failed: a bound, an error that nobody catches, a text of the diagram, or else a service operation.

    Or nothing has, and the case could only stand there for ever.
    """
    return next((kind for failure, kind in _KINDS.items() if isinstance(refusal, failure)), OPERATION)


def close(db: Session, case: str, now: datetime) -> None:
    """An operator has looked at it and lets the case try again."""
    for row in standing(db, case):
        row.closed_at = now


def stop(
    db: Session, case: Case, failed: Failed, pending: Mapping[str, Any], now: datetime, **more: Any
) -> None:
    """Stop the case before a command whose automatic step failed. Call with the case locked.

    `more` are definition, environment and digest of the case as it stands.
    """
    refusal, place = failed.refusal, failed.refusal.place or Place("", "", "")
    told = _told(refusal, place.path)
    data = {"element": place.element, "name": place.name, "kind": kind_of(refusal), "asked": failed.asked}
    _open(db, case, {**told, **data}, pending["actor"], now, pending=pending, **more)


def open_incident(db: Session, case: Case, path: str, refusal: Refused, by: Actor, now: datetime) -> None:
    """Stop the case for a mistake of ours, of which nothing is pending. Call with the case locked."""
    _open(db, case, _told(refusal, path), signature(by), now)


def why(db: Session, case: str) -> str:
    """The message of the open incident, "" when there is none."""
    return next((row.message for row in standing(db, case)), "")


def pending(db: Session, case: str) -> Mapping[str, Any] | None:
    """The command that could not be carried out, as it was last recorded; `incident` is the event that did."""
    since = next((row.seq for row in standing(db, case)), None)
    found = None
    for event in journal.of_case(db, case):
        if since is not None and event.seq >= since and event.body.get("pending"):
            found = {**event.body["pending"], "incident": since}
    return found


def subject(pending: Mapping[str, Any]) -> str:
    """By what name an operator speaks of what is pending; "" for a timer, which says nothing."""
    if pending["type"] == "case_started":
        return "case"
    return str(pending.get("task", {}).get("element") or pending.get("message") or "")


def brought(pending: Mapping[str, Any]) -> dict[str, Any]:
    """What came with a start that failed, by the names under which it is corrected: variables, or what its event
    brought by the id of that event."""
    start = pending.get("start") or {}
    payload = {start["event"]: start["payload"]} if start.get("payload") is not None else {}
    return {**(pending.get("variables") or {}), **payload}


def standing(db: Session, case: str) -> list[Incident]:
    """Those that nobody has closed, the newest first."""
    query = select(Incident).where(Incident.case_id == case, Incident.closed_at.is_(None))
    return list(db.scalars(query.order_by(Incident.seq.desc())))


def _told(refusal: Refused, path: str) -> dict[str, Any]:
    return {
        "path": path,
        "message": refusal.message,
        "help": refusal.help or WHAT_HELPS,
        "rule": refusal.rule,
    }


def _open(
    db: Session, case: Case, data: Mapping[str, Any], actor: Mapping[str, Any], now: datetime, **more: Any
) -> None:
    event = journal.append(
        db, case.id, case.seq + 1, case.hash or journal.GENESIS, now, OPENED, actor, data=data, **more
    )
    case.seq, case.hash, case.status, case.changed_at = event.seq, event.hash, INCIDENT, now
    db.add(
        Incident(
            case_id=case.id,
            seq=event.seq,
            path=data["path"],
            message=data["message"],
            help=data["help"],
            opened_at=now,
        )
    )
