"""Who may do an open item: its performer, the role of its lane, else whose case it is. Knows no row of a case.

The same facts and the same directory name the same people, so that an audit can ask again.
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine.bpmn.step import OpenItem
from engine.bpmn.undeclared import STARTER
from engine.procedure import Procedure

Facts = Mapping[str, Any]
Seats = Callable[[str], tuple[str, ...]]  # role → candidates


def nominated(told: Procedure, facts: Facts, item: OpenItem, seats: Seats) -> tuple[str, ...]:
    """Candidate texts, `post:…` or `person:…`."""
    return _candidates(facts, told.role_of(item.lane), item.performer, seats) or _owners(facts, told, seats)


def _candidates(facts: Facts, role: str, performer: str, seats: Seats) -> tuple[str, ...]:
    """Posts or persons for a role; parties without an account answer through the unit's own people."""
    if performer:
        return (performer if ":" in performer else f"post:{performer}",)
    if role == "chair":
        return (f"person:{facts['chair']}",) if facts.get("chair") else ()
    if role == "committee":
        members = facts.get("committee") or []
        return tuple(f"person:{member['person']}" for member in members if _judges(member))
    if role == "performer":  # named with the item, or a party without an account
        return ()
    return seats(role) if role else ()


def _owners(facts: Facts, told: Procedure, seats: Seats) -> tuple[str, ...]:
    """Where nobody else acts: whoever may start; where no role is named, who has started, else the operators."""
    if told.start_roles:
        return seats(told.start_roles[0])
    starter = facts.get(STARTER)
    if isinstance(starter, str) and starter:
        return (f"person:{starter}",)
    return seats("operator")


def _judges(member: Mapping[str, Any]) -> bool:
    """Whoever carries out the work sits on the committee, but does not inspect or accept it himself."""
    return bool(member.get("person")) and member.get("party") != "executing"
