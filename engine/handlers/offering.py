"""To whom an open item is offered, and until when. Knows roles, posts and deadlines; nothing of the flow."""

from collections.abc import Mapping
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


def offer(work: Work, case: Case, item: OpenItem) -> worklist.Offer:
    told = procedure.of(definitions.bundle(work.db, case.definition_hash))
    due = deadlines.due(calendar.current(work.db), work.today, item.due)
    candidates = _candidates(work, case, told.role_of(item.lane), item.performer)
    if not candidates:
        candidates = _owners(work, case, told)
    return worklist.Offer(candidates, due.on if due else None, bool(due and due.provisional))


def _candidates(work: Work, case: Case, role: str, performer: str) -> tuple[str, ...]:
    """Posts or persons for a role; parties without an account answer through the unit's own people."""
    if performer:
        return (performer if ":" in performer else f"post:{performer}",)
    if role == "chair":
        return (f"person:{case.facts['chair']}",) if case.facts.get("chair") else ()
    if role == "committee":
        members = case.facts.get("committee") or []
        return tuple(f"person:{member['person']}" for member in members if _judges(member))
    return people.candidates(work.db, role, case.unit_id, work.today) if role else ()


def _owners(work: Work, case: Case, told: procedure.Procedure) -> tuple[str, ...]:
    """Where nobody else acts: whoever may start; where no role is named, who has started, else the operators."""
    if told.start_roles:
        return people.candidates(work.db, told.start_roles[0], case.unit_id, work.today)
    starter = case.facts.get(STARTER)
    if isinstance(starter, str) and starter:
        return (f"person:{starter}",)
    return people.candidates(work.db, "operator", case.unit_id, work.today)


def _judges(member: Mapping[str, Any]) -> bool:
    """Whoever carries out the work sits on the committee, but does not inspect or accept it himself."""
    return bool(member.get("person")) and member.get("party") != "executing"
