"""To whom an open item is offered, and until when. Knows roles, posts and deadlines; nothing of the flow."""

from collections.abc import Callable
from functools import cache

from engine import (
    calendar,
    deadlines,
    definitions,
    people,
    procedure,
    worklist,
)
from engine.bpmn.step import OpenItem
from engine.cases import Case
from engine.nomination import Seats, nominated
from engine.work import Work


def offers(work: Work, case: Case) -> Callable[[OpenItem], worklist.Offer]:
    """The offer of an item; however many items one command opens, whoever carries a role is asked for once."""
    seats = cache(lambda role: people.candidates(work.db, role, case.unit_id, work.today))
    return lambda item: _offer(work, case, item, seats)


def _offer(work: Work, case: Case, item: OpenItem, seats: Seats) -> worklist.Offer:
    told = procedure.of(definitions.bundle(work.db, case.definition_hash))
    due = deadlines.due(calendar.current(work.db), work.today, item.due)
    candidates = nominated(told, case.facts, item, seats)
    return worklist.Offer(candidates, due.on if due else None, bool(due and due.provisional))
