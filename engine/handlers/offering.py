"""To whom an open item is offered, and until when. Knows roles, posts and deadlines; nothing of the flow."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from engine import (
    calendar,
    deadlines,
    definitions,
    people,
    procedure,
    worklist,
)
from engine.bpmn.step import OpenItem
from engine.bpmn.undeclared import STARTER
from engine.cases import Case
from engine.work import Work

Seats = Callable[[str], tuple[str, ...]]  # role → candidates


def offers(work: Work, case: Case) -> Callable[[OpenItem], worklist.Offer]:
    """The offer of an item; however many items one command opens, whoever carries a role is asked for once."""
    seats = cache(lambda role: people.candidates(work.db, role, case.unit_id, work.today))
    return lambda item: _offer(work, case, item, seats)


def _offer(work: Work, case: Case, item: OpenItem, seats: Seats) -> worklist.Offer:
    told = procedure.of(definitions.bundle(work.db, case.definition_hash))
    due = deadlines.due(calendar.current(work.db), work.today, item.due)
    candidates = _candidates(case, told.role_of(item.lane), item.performer, seats)
    if not candidates:
        candidates = _owners(case, told, seats)
    return worklist.Offer(candidates, due.on if due else None, bool(due and due.provisional))


def _candidates(case: Case, role: str, performer: str, seats: Seats) -> tuple[str, ...]:
    """Posts or persons for a role; parties without an account answer through the unit's own people."""
    if performer:
        return (performer if ":" in performer else f"post:{performer}",)
    if role == "chair":
        return (f"person:{case.facts['chair']}",) if case.facts.get("chair") else ()
    if role == "committee":
        members = case.facts.get("committee") or []
        return tuple(f"person:{member['person']}" for member in members if _judges(member))
    return seats(role) if role else ()


def _owners(case: Case, told: procedure.Procedure, seats: Seats) -> tuple[str, ...]:
    """Where nobody else acts: whoever may start; where no role is named, who has started, else the operators."""
    if told.start_roles:
        return seats(told.start_roles[0])
    starter = case.facts.get(STARTER)
    if isinstance(starter, str) and starter:
        return (f"person:{starter}",)
    return seats("operator")


def _judges(member: Mapping[str, Any]) -> bool:
    """Whoever carries out the work sits on the committee, but does not inspect or accept it himself."""
    return bool(member.get("person")) and member.get("party") != "executing"
