"""To whom an open item is offered, and until when. Knows roles, posts and deadlines; nothing of the flow."""

from functools import partial

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
from engine.nomination import nominated
from engine.work import Work


def offer(work: Work, case: Case, item: OpenItem) -> worklist.Offer:
    """To whom an item that opens is offered."""
    told = procedure.of(definitions.bundle(work.db, case.definition_hash))
    due = deadlines.due(calendar.current(work.db), work.today, item.due)
    seats = partial(people.candidates, work.db, unit=case.unit_id, on=work.today)
    candidates = nominated(told, case.facts, item, seats)
    return worklist.Offer(candidates, due.on if due else None, bool(due and due.provisional))
