"""Open tasks that the procedure lets be skipped: who may ask, what was asked, who decides. Asks, changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from engine import cases, entitlement, people, skips, worklist
from engine.cases import Case
from engine.errors import NotAllowed
from engine.people import Actor
from engine.procedure import Procedure
from engine.skips import SkipRequest
from engine.work import Reader
from engine.worklist import WorkItem


@dataclass(frozen=True)
class Skip:
    """One open task; `asked_by` is "" until somebody has asked. `role` decides."""

    work_item: str
    name: str
    role: str
    may_ask: bool
    may_decide: bool
    asked_by: str = ""
    reason: str = ""
    asked_at: datetime | None = None


def of_case(reader: Reader, actor: Actor, row: Case, told: Procedure) -> tuple[Skip, ...]:
    """Those that the actor may ask for or decide, and those that wait for a decision."""
    if not told.skips or row.status != cases.ACTIVE:
        return ()
    items = [item for item in worklist.open_items(reader.db, row.id) if item.element in told.skips]
    asked = skips.of_items(reader.db, [item.id for item in items])
    found = (_skip(reader, actor, row, told, item, asked.get(item.id)) for item in items)
    return tuple(skip for skip in found if skip.may_ask or skip.asked_by)


def waiting(reader: Reader, actor: Actor) -> tuple[tuple[str, Skip], ...]:
    """Case and request of everything that waits for the actor's decision."""
    return tuple(_waiting(reader, actor))


def _waiting(reader: Reader, actor: Actor) -> Iterator[tuple[str, Skip]]:
    for request, item, row in skips.open_requests(reader.db):
        if row.status == cases.ACTIVE and _may_decide(reader, actor, row, request):
            yield row.id, _asked(item, request, may_decide=True)


def _skip(
    reader: Reader, actor: Actor, row: Case, told: Procedure, item: WorkItem, request: SkipRequest | None
) -> Skip:
    if request is not None:
        return _asked(item, request, may_decide=_may_decide(reader, actor, row, request))
    offered = worklist.candidates(reader.db, item.id)
    mine = people.may_act(reader.db, actor.person, offered, reader.today) is not None
    role = told.skips[item.element]
    return Skip(item.id, _named(item), people.ROLES.get(role, role), may_ask=mine, may_decide=False)


def _asked(item: WorkItem, request: SkipRequest, *, may_decide: bool) -> Skip:
    return Skip(
        item.id,
        _named(item),
        people.ROLES.get(request.role, request.role),
        may_ask=False,
        may_decide=may_decide,
        asked_by=request.asked_by_name,
        reason=request.reason,
        asked_at=request.asked_at,
    )


def _named(item: WorkItem) -> str:
    return f"{item.name}（{item.label}）" if item.label else item.name


def _may_decide(reader: Reader, actor: Actor, row: Case, request: SkipRequest) -> bool:
    try:
        entitlement.check_may_approve(
            reader.db, actor, request.role, row.unit_id, request.asked_by, reader.today
        )
    except NotAllowed:
        return False
    return True
