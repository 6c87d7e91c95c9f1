"""Messages and signals set out, sent by somebody or thrown by a case. Delivering them is a command of its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine import definitions, entitlement, messages, procedure, routing, subscriptions, timers
from engine.bpmn import run
from engine.bpmn.arrows import ANEW, BEYOND
from engine.bpmn.step import Step
from engine.bpmn.values import copied_in, copied_out
from engine.cases import SUSPENDED, Case
from engine.commands import Outcome, PublishMessage, SendSignal
from engine.entitlement import SYSTEM
from engine.errors import NotAllowed, NotFound
from engine.messages import Sent
from engine.records import numbers
from engine.subscriptions import MESSAGE, SIGNAL
from engine.work import Work, signature

# These come from registers of their own, to one case, and are sent by nobody else.
REGISTERED_MESSAGES = frozenset(("objection_received", "receipt_cloud_received", "receipt_service_received"))


def publish_message(work: Work, command: PublishMessage) -> Outcome:
    """To nobody in particular: who waits for it is found when it is delivered."""
    unit = _check(work, MESSAGE, command.name, command.unit)
    keys, payload = plain(dict(command.correlation)), plain(command.payload)
    routing.check_keys(work.db, command.name, payload, keys)
    sent = Sent(MESSAGE, command.name, payload, keys, unit, signature(work.by))
    id = f"sent-{command.key or work.new_id()}"
    messages.put(work.db, id, sent, work.now)
    return Outcome("", 0, detail={"message": id})


def send_signal(work: Work, command: SendSignal) -> Outcome:
    """To all who wait for it now, and nobody who comes later."""
    unit = _check(work, SIGNAL, command.name, command.unit)
    sent = Sent(SIGNAL, command.name, plain(command.payload), {}, unit, signature(work.by))
    ids = _broadcast(work, f"sent-{command.key or work.new_id()}", sent)
    return Outcome("", 0, detail={"messages": ids})


def hold(work: Work, case: Case, name: str, given: Any, correlation: Mapping[str, Any] | None) -> Outcome:
    """A message to a case that stands still: it is kept, and delivered as soon as the case goes on.

    Whoever sends it learns at once when its keys cannot be read, and when they are of another case, unless the case
    will have moved before it gets there: only then will be known whose it is.
    """
    model = definitions.model(work.db, case.definition_hash)
    run.check_catches(model, name)
    keys = run.keys(model, name, given) if correlation is None else correlation
    if not _moves_before(work, case):
        run.check_belongs(run.revive(model, case.state), name, keys)
    sent = Sent(MESSAGE, name, given, keys, case.unit_id, signature(work.by))
    number = numbers.allot(work.db, f"held/{case.id}")
    row = messages.put(work.db, f"{case.id}-held-{number:05d}", sent, work.now, to_case=case.id)
    messages.hold(row, work.now)
    return Outcome(case.id, case.seq, detail={"message": row.id})


def _moves_before(work: Work, case: Case) -> bool:
    """Whether a case does anything once it goes on, before it gets what is sent to it now."""
    if case.status != SUSPENDED or messages.held_for(work.db, case.id, limit=1):
        return True
    return timers.first_due(work.db, case.id, work.now) is not None


def throw(work: Work, case: Case, step: Step, chain: int) -> None:
    """What event `case.seq` of a case threw and nobody inside it caught. Signals go to all others as well.

    At its end also what was thrown before and has waited in it in vain, unless process.toml says it is for the case.
    """
    origin = (case.unit_id, signature(SYSTEM), case.id, case.seq, chain)
    declared = procedure.of(definitions.bundle(work.db, case.definition_hash)).messages
    late = [one for one in step.unclaimed if one.name not in declared]
    for number, thrown in enumerate((*step.thrown, *late)):
        not_for = case.process if thrown.to == BEYOND else ""
        sent = Sent(MESSAGE, thrown.name, thrown.payload, thrown.correlation, *origin, not_for)
        to_process = case.process if thrown.to == ANEW else ""
        messages.put(work.db, f"{case.id}-{case.seq}-{number}", sent, work.now, to_process=to_process)
    for number, signal in enumerate(step.signals):
        sent = Sent(SIGNAL, signal.name, signal.payload, {}, *origin)
        _broadcast(work, f"{case.id}-{case.seq}-s{number}", sent)


def _broadcast(work: Work, id: str, sent: Sent) -> list[str]:
    """One row for each who gets it. Another unit learns that it happened, not what was said."""
    found = []
    for to, unit in _listeners(work, sent):
        told = sent if sent.unit in ("", unit) else Sent(**{**vars(sent), "payload": None})
        found.append(messages.put(work.db, f"{id}-{to}", told, work.now, to_case=to).id)
    for start in routing.starts(work.db, SIGNAL, sent.name):
        row = messages.put(work.db, f"{id}-{start.process}", sent, work.now, to_process=start.process)
        found.append(row.id)
    return found


def _listeners(work: Work, sent: Sent) -> Iterator[tuple[str, str]]:
    """Case and unit, each once; the case that threw it has heard it already."""
    waiting = subscriptions.waiting_for(work.db, SIGNAL, sent.name)
    yield from {one.case: one.unit for one in waiting if one.case != sent.from_case}.items()


def plain(payload: Any) -> Any:
    """What a case could take in, now that somebody is there to be told. Raises ScriptFailed."""
    return copied_out(copied_in(payload))


def _check(work: Work, kind: str, name: str, unit: str) -> str:
    """On behalf of which unit it may be sent. Raises NotAllowed, NotFound."""
    word = "消息" if kind == MESSAGE else "信号"
    if name in REGISTERED_MESSAGES:
        raise NotAllowed(f"{word}“{name}”不能直接发送", help="回执请在上传管理登记，异议请在公示页面提出。")
    if not routing.known(work.db, kind, name):
        raise NotFound(f"没有流程等待{word}“{name}”", help=f"请核对{word}名称，或先发布等待它的流程。")
    releases = definitions.in_force(work.db)
    told = [procedure.of(definitions.bundle(work.db, one.definition_hash)) for one in releases]
    roles = {role for one in told for role in one.senders(name)}
    return entitlement.check_may_publish(work.db, work.by, unit, roles, f"{word}“{name}”")
