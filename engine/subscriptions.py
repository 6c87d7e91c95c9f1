"""Which case waits for which message or signal: one row per waiting event. Knows names and keys, no payload.

The rows follow the case's state within its own command. `fresh` marks a row that no message kept earlier has been
held against yet.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.bpmn.step import Step
from engine.cases import ACTIVE, Case
from engine.database import Base, dumps
from engine.statements import later, table

MESSAGE, SIGNAL = "message", "signal"


class Subscription(Base):
    """A waiting event. `keys` are those of its conversation: a message with other values is not caught there."""

    __tablename__ = "subscription"
    __table_args__ = (Index(None, "name", "kind"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # message | signal
    name: Mapped[str]
    keys: Mapped[dict[str, Any]] = mapped_column(default=dict)
    since: Mapped[datetime]
    fresh: Mapped[bool] = mapped_column(default=True, index=True)


@dataclass(frozen=True)
class Waiting:
    """A subscription beside what decides whether it may be served."""

    case: str
    process: str
    definition: str
    unit: str
    keys: Mapping[str, Any]
    since: datetime
    goes_on: bool  # neither suspended nor stopped in an incident


def sync(db: Session, case: Case, step: Step | None, now: datetime) -> str:
    """Make the rows agree with what the case waits for; no query when that has not changed. None: for nothing.

    One that waits as it did keeps its row. What the case is to note of it, for next time: its `awaits`.
    """
    wanted = awaited(step) if step else {}
    mark = mark_of(wanted)
    if mark != case.awaits:
        known = _known(db, case)
        stale = [path for path, told in known.items() if wanted.get(path) != told]
        fresh = {path: told for path, told in wanted.items() if known.get(path) != told}
        later(db, _DROP, *({"this_case": case.id, "this_path": path} for path in stale))
        later(db, _ADD, *(_row(case.id, path, told, now) for path, told in fresh.items()))
    return mark


def mark_of(wanted: Mapping[str, list[Any]]) -> str:
    return dumps(wanted) if wanted else ""


def mark_before(mark: str) -> str:
    """The same as releases wrote it that only wanted to know whether it had changed."""
    return hashlib.sha256(mark.encode()).hexdigest() if mark else ""


def awaited(step: Step) -> dict[str, list[Any]]:
    """What a case waits for after a step: path → kind, name, keys."""
    found = {one.path: [MESSAGE, one.name, dict(one.correlation)] for one in step.awaited}
    return found | {one.path: [SIGNAL, one.name, {}] for one in step.awaited_signals}


def of_case(db: Session, case: str) -> dict[str, list[Any]]:
    """The same, as the rows have it."""
    rows = db.scalars(select(Subscription).where(Subscription.case_id == case))
    return {row.path: [row.kind, row.name, row.keys] for row in rows}


def renew(db: Session, case: str) -> None:
    """The case goes on after a stop: what was kept meanwhile is held against it again."""
    db.execute(update(Subscription).where(Subscription.case_id == case).values(fresh=True))


def waiting_for(db: Session, kind: str, name: str) -> list[Waiting]:
    """Who waits for it, the longest first."""
    query = (
        select(
            Case.id,
            Case.process,
            Case.definition_hash,
            Case.unit_id,
            Subscription.keys,
            Subscription.since,
            Case.status == ACTIVE,
        )
        .join(Case, Case.id == Subscription.case_id)
        .where(Subscription.name == name, Subscription.kind == kind)
        .order_by(Subscription.since, Case.id, Subscription.path)
    )
    return [Waiting(*row) for row in db.execute(query)]


def any_for(db: Session, kind: str, name: str) -> bool:
    query = select(Subscription.case_id).where(Subscription.name == name, Subscription.kind == kind)
    return db.scalars(query.limit(1)).first() is not None


def any_fresh(db: Session) -> bool:
    return db.scalars(select(Subscription.case_id).where(Subscription.fresh).limit(1)).first() is not None


def take_fresh(db: Session, limit: int = 500) -> set[tuple[str, str, str]]:
    """Kind, name and case of rows that were new until now; they are new no longer."""
    query = select(Subscription).where(Subscription.fresh).limit(limit).with_for_update(skip_locked=True)
    rows = list(db.scalars(query))
    for row in rows:
        row.fresh = False
    return {(row.kind, row.name, row.case_id) for row in rows}


def _known(db: Session, case: Case) -> dict[str, list[Any]]:
    """What the rows say: the case knows, unless it was last saved by a release before it did."""
    if not case.awaits or case.awaits.startswith("{"):
        return dict(json.loads(case.awaits or "{}"))
    return of_case(db, case.id)


def _row(case: str, path: str, told: list[Any], now: datetime) -> dict[str, Any]:
    kind, name, keys = told
    row = {"case_id": case, "path": path, "kind": kind, "name": name, "keys": keys}
    return {**row, "since": now, "fresh": True}


# Built once: building them costs more than running them.
_SUBSCRIPTION = table(Subscription)
_DROP = delete(_SUBSCRIPTION).where(
    _SUBSCRIPTION.c.case_id == bindparam("this_case"), _SUBSCRIPTION.c.path == bindparam("this_path")
)
_ADD = insert(_SUBSCRIPTION)
