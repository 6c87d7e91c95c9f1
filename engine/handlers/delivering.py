"""Brings what is under way to one case, or begins one by it; begins those whose start time has come.

Each delivery is a command of its own. The case is locked before the message, so that neither waits for the other.
"""

from collections.abc import Mapping
from typing import Any

from engine import (
    cases,
    definitions,
    directory,
    entitlement,
    journal,
    messages,
    procedure,
    routing,
    start_timers,
)
from engine.bpmn import run
from engine.bpmn.step import AwaitedMessage
from engine.bpmn.undeclared import STARTER
from engine.cases import Case
from engine.commands import DeliverMessage, FireStartTimer, Outcome
from engine.entitlement import SYSTEM
from engine.errors import Conflict
from engine.handlers.beginning import Beginning, begin, own_facts
from engine.handlers.progress import go_on
from engine.handlers.recording import model, stands_still
from engine.messages import DELIVERED, LONGEST_CHAIN, MISSED, Message
from engine.reexecution import bringing
from engine.routing import Start
from engine.subscriptions import MESSAGE
from engine.work import Work, signature

NOTHING = Outcome("", 0)  # no case was touched


def deliver_message(work: Work, command: DeliverMessage) -> Outcome:
    """To the case that waits for it; else a case begins by it; else it is kept until somebody waits."""
    entitlement.check_may_carry(work.by)
    message = messages.find(work.db, command.message)
    if message.chain >= LONGEST_CHAIN:
        messages.stop(messages.lock(work.db, message.id), work.now)
        return NOTHING
    to = "" if message.to_process else routing.recipient(work.db, message)
    if to:
        return hand_over(work, cases.load_for_update(work.db, to), messages.lock(work.db, message.id))
    message = messages.lock(work.db, message.id)
    if not message.to_process and routing.recipient(work.db, message):
        return NOTHING  # somebody has begun to wait meanwhile; it stays under way
    starts = routing.begun_by(work.db, message)
    if starts:
        return _begin(work, message, starts)
    messages.keep(message, work.now)
    return NOTHING


def hand_over(work: Work, case: Case, message: Message) -> Outcome:
    """To a case that is locked; while it stands still, the message is kept for it.

    So is a signal that it has heard before, in what was undone since, until it waits for it again.
    """
    if message.to_case not in ("", case.id):
        raise Conflict("这条消息刚刚已经归另一件")  # which has taken it in and gone back to before that
    if stands_still(case):
        messages.hold(message, work.now)
        return NOTHING
    act = _act(work, case, message)
    if act is None and case.status == cases.ACTIVE and messages.was_taken_in(message):
        messages.hold(message, work.now)
        return NOTHING
    if act is None and message.to_case:
        messages.end(message, MISSED, work.now)
        return NOTHING
    if act is None:
        raise Conflict("这一件刚刚往前走了，不再等这条消息")
    messages.end(message, DELIVERED, work.now, case=case.id, seq=case.seq + 1)
    return go_on(work, case, act)


def fire_start_timer(work: Work, command: FireStartTimer) -> Outcome:
    """A case begins because its time has come."""
    entitlement.check_may_carry(work.by)
    row = start_timers.take(work.db, command.process, command.element, work.now)
    drawn = definitions.model(work.db, row.definition_hash).starts
    start = Start(row.process, row.definition_hash, next(one for one in drawn if one.id == row.element))
    source = {"due": journal.written(row.due_at)}
    start_timers.happened(work.db, row)
    return begin(work, _beginning(work, start, ""), signature(work.by), source=source)


def _act(work: Work, case: Case, message: Message) -> dict[str, Any] | None:
    """What the event will tell; None when the case waits for it no longer."""
    if case.status != cases.ACTIVE:
        return None
    running = run.revive(model(work, case), case.state)
    common = {"actor": message.sender, "source": _source(message), **bringing(message.payload)}
    if message.kind != MESSAGE:
        waits = any(one.name == message.name for one in run.awaited_signals(running))
        return {"type": "signal_received", "signal": message.name, **common} if waits else None
    told = {"type": "message_received", "message": message.name, **common}
    if message.to_case:  # sent to this case, which keeps what comes early
        source = {**_source(message), "sent_at": journal.written(message.sent_at)}
        return {**told, "correlation": message.keys, "source": source}
    keys = routing.keys_for(work.db, case.definition_hash, message)
    if keys is None or not any(_catches(one, message.name, keys) for one in run.awaited(running)):
        return None
    return {**told, "correlation": dict(keys)}


def _catches(awaited: AwaitedMessage, name: str, keys: Mapping[str, Any]) -> bool:
    mine = awaited.correlation
    return awaited.name == name and all(mine.get(key, value) == value for key, value in keys.items())


def _begin(work: Work, message: Message, starts: list[Start]) -> Outcome:
    """One case of the first procedure; for every other one the message goes on by itself."""
    first, *others = starts
    for other in others:
        messages.copy(work.db, message, other.process, work.now)
    keys = routing.keys_for(work.db, first.definition, message) if message.kind == MESSAGE else None
    what = _beginning(work, first, message.unit_id, message, keys)
    outcome = begin(work, what, message.sender, source=_source(message))
    messages.end(message, DELIVERED, work.now, case=outcome.case, seq=1)
    return outcome


def _beginning(
    work: Work, start: Start, unit: str, message: Message | None = None, keys: Mapping[str, Any] | None = None
) -> Beginning:
    told = procedure.of(definitions.bundle(work.db, start.definition))
    unit = unit or told.start_unit or directory.root(work.db)
    title = start.drawn.name or told.title
    facts = own_facts(work, start.definition, unit, title, _starter(work, message))
    return Beginning(
        start.process,
        start.definition,
        unit,
        title,
        facts,
        start.drawn.id,
        message.payload if message else None,
        keys,
    )


def _starter(work: Work, message: Message | None) -> str:
    """Who is behind it: whoever sent it, or whoever started the case that threw it."""
    if message is None:
        return ""
    if message.from_case:
        return str(cases.load(work.db, message.from_case).facts.get(STARTER) or "")
    return "" if message.sender["id"] == SYSTEM.person else str(message.sender["id"])


def _source(message: Message) -> dict[str, Any]:
    again = {"again": message.in_seq} if messages.was_taken_in(message) else {}
    return {"message": message.id, "case": message.from_case, "chain": message.chain + 1, **again}
