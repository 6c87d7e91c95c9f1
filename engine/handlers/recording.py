"""Writes down what a step made of a case: event, state, worklist, timers. Shared by the handlers; decides nothing."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from engine import (
    calendar,
    cases,
    definitions,
    entitlement,
    journal,
    messages,
    procedure,
    subscriptions,
    timers,
    worklist,
)
from engine.bpmn.parse import Model
from engine.bpmn.step import Moment, Step
from engine.cases import Case
from engine.commands import (
    Outcome,
)
from engine.environment import ENVIRONMENT
from engine.errors import Conflict, Refused
from engine.handlers import sending
from engine.handlers.offering import offer
from engine.operations import Live
from engine.records import submissions
from engine.work import Work, signature
from engine.worklist import Done, WorkItem


def record(
    work: Work,
    case: Case,
    type: str,
    step: Step,
    live: Live,
    *,
    actor: Mapping[str, Any] | None = None,
    done: Done | None = None,
    **more: Any,
) -> Outcome:
    event = journal.append(
        work.db,
        case.id,
        case.seq + 1,
        case.hash or journal.GENESIS,
        work.now,
        type,
        actor or signature(work.by),
        definition=case.definition_hash,
        environment={**ENVIRONMENT, "calendar": calendar.current(work.db).version},
        outside=live.asked,
        trace=[[entry.what, entry.path, entry.diagram, entry.flow] for entry in step.trace],
        digest=step.digest,
        **more,
    )
    noted = {
        "timed": timers.sync(work.db, case, step.timers),
        "awaits": subscriptions.sync(work.db, case, step, work.now),
        "stage": cases.stage(model(work, case), step),
    }
    cases.save(work.db, case, step, work.now, seq=event.seq, hash=event.hash, **noted)
    if step.thrown or step.signals or step.unclaimed:
        sending.throw(work, case, step, chain=more.get("source", {}).get("chain", 0))
    opened = worklist.sync(work.db, case, step.items, work.now, partial(offer, work, case), done)
    if step.ended:
        _settle(work, case)
    return Outcome(case.id, event.seq, opened, {"ended": step.ended})


def note(work: Work, case: Case, type: str, item: WorkItem, data: Mapping[str, Any] | None = None) -> Outcome:
    """An event about one task that leaves the flow as it is."""
    task = {"path": item.path, "element": item.element, "name": item.name}
    return note_case(work, case, type, data, task=task)


def note_case(work: Work, case: Case, type: str, data: Mapping[str, Any] | None, **more: Any) -> Outcome:
    """An event about the case itself that leaves the flow as it is."""
    event = journal.append(
        work.db, case.id, case.seq + 1, case.hash, work.now, type, signature(work.by), data=data, **more
    )
    case.seq, case.hash, case.changed_at = event.seq, event.hash, work.now
    return Outcome(case.id, event.seq)


def tell_district(work: Work, told: Mapping[str, Any]) -> Outcome:
    """An event of the district's own stream; `told` names its type."""
    data = dict(told)
    event = journal.append_to_district(work.db, work.now, data.pop("type"), signature(work.by), data=data)
    return Outcome(journal.DISTRICT, event.seq)


def item_for_update(work: Work, work_item: str) -> tuple[WorkItem, Case]:
    held = worklist.lock(work.db, work_item)
    item, case = held.item, held.case
    worklist.check_open(item)
    check_running(case)
    entitlement.check_may_act(work.db, work.by, held.candidates, work.today)
    return item, case


def check_running(case: Case) -> None:
    if case.status == cases.COMPLETED:
        raise Conflict("这一件已经办结", help="如需继续办理，请重新发起。")
    if case.status == cases.SUSPENDED:
        raise Conflict("这一件已暂停办理", help="恢复办理以后再提交。")
    if case.status == cases.INCIDENT:
        raise Conflict("这一件停下来等待运维人员处理", help="处理以后再提交。")
    if case.status == cases.CATCHING_UP:
        raise Conflict("这一件正在依次补办停办期间收到的消息", help="请稍等片刻再提交。")


def stands_still(case: Case) -> bool:
    """Suspended, stopped or behind: until it goes on, what arrives for it is kept."""
    return case.status in (cases.SUSPENDED, cases.INCIDENT, cases.CATCHING_UP)


def check_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("请写明原因", help="原因会记入办理经过，有关人员都能看到。")


def model(work: Work, case: Case) -> Model:
    return definitions.model(work.db, case.definition_hash)


def moment(work: Work, case: Case) -> Moment:
    return Moment(case.id, case.seq + 1, work.now)


def _settle(work: Work, case: Case) -> None:
    """What was raised is answered with the result of its case, in the words of process.toml.

    What is kept for this case alone reaches nobody any more.
    """
    messages.give_up(work.db, case.id, work.now)
    ends = procedure.of(definitions.bundle(work.db, case.definition_hash)).ends
    result = str(ends.get(case.ended, {}).get("title", "已办结"))
    submissions.settle_with_case(work.db, case.id, f"议题“{case.title}”：{result}。", work.now)
