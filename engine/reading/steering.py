"""What the actor may do to a case beside its drawn flow, and where it may be sent back to. Asks, changes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Concatenate, ParamSpec

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import cases, entitlement, moving
from engine.cases import Case
from engine.errors import NotAllowed, NotFound
from engine.journal import Event, Recorded
from engine.people import Actor
from engine.procedure import Procedure
from engine.reading.counted import undone
from engine.reexecution import MOVED
from engine.work import Reader
from engine.worklist import DONE, WorkItem

P = ParamSpec("P")


@dataclass(frozen=True)
class Target:
    """An earlier task to which an open one may be sent back: by whom and when it was done last."""

    element: str
    name: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Steering:
    """`withdraws` names the actor's own last step while nobody has acted since, else it is ""."""

    withdraws: str
    may_suspend: bool
    may_resume: bool
    may_cancel: bool
    resolved: bool
    may_correct: bool
    may_undo_move: bool = False

    @property
    def anything(self) -> bool:
        return any(
            (
                self.withdraws,
                self.may_suspend,
                self.may_resume,
                self.may_cancel,
                self.may_correct,
                self.may_undo_move,
            )
        )


def targets(told: Procedure, element: str, events: Sequence[Recorded]) -> tuple[Target, ...]:
    """Those of process.toml that were done in this case and still count, in its order."""
    gone = undone(events)
    done = {
        event.body["task"]["element"]: Target(
            event.body["task"]["element"], event.body["task"]["name"], event.body["actor"]["name"], event.at
        )
        for event in events
        if event.type == "task_submitted" and event.seq not in gone
    }
    return tuple(done[to] for to in told.returns.get(element, ()) if to in done)


def of_case(reader: Reader, actor: Actor, row: Case) -> Steering:
    runs, resolved = row.status != cases.COMPLETED, bool(row.facts.get("resolved"))
    steers = runs and _may(entitlement.check_may_steer, reader.db, actor, row.unit_id)
    return Steering(
        withdraws=_last_own(reader, actor, row),
        may_suspend=steers and row.status == cases.ACTIVE,
        may_resume=steers and row.status == cases.SUSPENDED,
        may_cancel=runs and _may_cancel(reader, actor, row, resolved),
        resolved=resolved,
        may_correct=runs and bool(row.state) and "operator" in actor.roles,
        may_undo_move=row.status not in moving.STANDING and _was_moved_last(reader, actor, row),
    )


def _was_moved_last(reader: Reader, actor: Actor, row: Case) -> bool:
    if not actor.roles & {"designer", "operator"}:
        return False
    last = select(Event.type).where(Event.case_id == row.id, Event.seq == row.seq)
    return reader.db.scalar(last) == MOVED


def _may_cancel(reader: Reader, actor: Actor, row: Case, resolved: bool) -> bool:
    """A case that failed before its first task is an operator's to clear away."""
    if not row.state and "operator" in actor.roles:
        return True
    return _may(
        entitlement.check_may_cancel, reader.db, actor, row.unit_id, row.level, resolved, reader.today
    )


def _last_own(reader: Reader, actor: Actor, row: Case) -> str:
    """The last event of the case is the actor's own step: what `WithdrawTask` asks for."""
    if row.status != cases.ACTIVE:
        return ""
    last = select(WorkItem.name).where(
        WorkItem.case_id == row.id,
        WorkItem.status == DONE,
        WorkItem.done_by == actor.person,
        WorkItem.done_seq == row.seq,
    )
    return reader.db.scalar(last) or ""


def _may(
    check: Callable[Concatenate[Session, P], None], db: Session, *args: P.args, **named: P.kwargs
) -> bool:
    try:
        check(db, *args, **named)
    except (NotAllowed, NotFound):
        return False
    return True
