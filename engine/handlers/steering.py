"""Commands that steer a case beside its drawn flow: return, withdraw, suspend, resume, cancel."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from engine import (
    cases,
    definitions,
    entitlement,
    incidents,
    journal,
    messages,
    outbox,
    procedure,
    subscriptions,
    timers,
    worklist,
)
from engine.cases import Case
from engine.commands import (
    CancelCase,
    Outcome,
    ResumeCase,
    ReturnTask,
    SuspendCase,
    WithdrawTask,
)
from engine.errors import Conflict, NotAllowed, Refused
from engine.handlers.catching_up import catch_up
from engine.handlers.putting_back import put_back
from engine.handlers.recording import (
    check_reason,
    check_running,
    item_for_update,
    note_case,
    record,
)
from engine.operations import Live
from engine.records import notices
from engine.reexecution import effective, gone_back, state_before
from engine.work import Work
from engine.worklist import WorkItem


def return_task(work: Work, command: ReturnTask) -> Outcome:
    """退回 to a task that process.toml allows; finished work that is undone stays visible in the history."""
    check_reason(command.reason)
    item, case = item_for_update(work, command.work_item)
    check_running(case)
    _check_target(work, case, item, command.to)
    bodies = bodies_of(work, case)
    done = [body for body in effective(bodies) if body.get("task", {}).get("element") == command.to]
    if not done:
        raise Refused("要退回的任务还没有办理过", help="请从可以退回的任务中选择。")
    data = {"to": command.to, "to_seq": done[-1]["seq"], "reason": command.reason.strip()}
    task = {"path": item.path, "element": item.element, "name": item.name}
    return go_back(work, case, "case_returned", bodies, data, task)


def withdraw_task(work: Work, command: WithdrawTask) -> Outcome:
    """撤回 one's own last step while nobody has acted since."""
    check_reason(command.reason)
    case = cases.load_for_update(work.db, command.case)
    check_running(case)
    bodies = bodies_of(work, case)
    last = effective(bodies)[-1]
    if last["type"] != "task_submitted" or last["actor"]["id"] != work.by.person or last["seq"] != case.seq:
        raise Conflict("已有人接着办理，不能撤回", help="请与正在办理的人联系，由其退回。")
    data = {"to": last["task"]["element"], "to_seq": last["seq"], "reason": command.reason.strip()}
    return go_back(work, case, "task_withdrawn", bodies, data, last["task"])


def suspend_case(work: Work, command: SuspendCase) -> Outcome:
    """Nothing can be done and no timer fires until the case is resumed."""
    check_reason(command.reason)
    case = cases.load_for_update(work.db, command.case)
    entitlement.check_may_steer(work.db, work.by, case.unit_id)
    check_running(case)
    case.status = cases.SUSPENDED
    return note_case(work, case, "case_suspended", {"reason": command.reason.strip()})


def resume_case(work: Work, command: ResumeCase) -> Outcome:
    case = cases.load_for_update(work.db, command.case)
    entitlement.check_may_steer(work.db, work.by, case.unit_id)
    if case.status != cases.SUSPENDED:
        raise Conflict("这一件没有暂停", help="请查看最新状态。")
    case.status = cases.ACTIVE
    resumed = note_case(work, case, "case_resumed", {"reason": command.reason.strip()})
    return catch_up(work, case, resumed)


def cancel_case(work: Work, command: CancelCase) -> Outcome:
    """Before a resolution by the secretary, after it by the level above (R124)."""
    check_reason(command.reason)
    case = cases.load_for_update(work.db, command.case)
    if case.status == cases.COMPLETED:
        raise Conflict("这一件已经办结", help="请查看最新状态。")
    _check_may_cancel(work, case)
    outcome = note_case(work, case, "case_cancelled", {"reason": command.reason.strip()})
    incidents.close(work.db, case.id, work.now)
    _drop_everything(work, case)
    cases.end(case, cases.CANCELLED, work.now)
    return outcome


def go_back(
    work: Work,
    case: Case,
    type: str,
    bodies: Sequence[Mapping[str, Any]],
    data: Mapping[str, Any],
    task: Mapping[str, Any] | None = None,
) -> Outcome:
    """What the undone steps sent or published is taken back; numbers that they allotted stay used.

    What they received is brought again: it has happened, whatever becomes of the work.
    """
    earlier = gone_back(state_before(partial(definitions.model, work.db), bodies, data["to_seq"]))
    case.definition_hash = earlier.definition
    undone = [body for body in effective(bodies) if body["seq"] >= data["to_seq"]]
    asked = {operation for body in undone for operation, _, _ in body["outside"]}
    if "notice/open" in asked:
        notices.withdraw_all(work.db, case.id)
    if "platform/upload" in asked:
        outbox.cancel(work.db, case.id)
    messages.recall(work.db, case.id, data["to_seq"], work.now)
    put_back(work, case, undone)
    live = Live(work, case, case.seq + 1)
    told = dict(task) if task else None
    back = record(work, case, type, earlier.step, live, task=told, data=dict(data))
    return catch_up(work, case, back)


def _check_may_cancel(work: Work, case: Case) -> None:
    """A case that failed before its first task has decided nothing: an operator may clear it away."""
    if not case.state and "operator" in work.by.roles:
        return
    resolved = bool(case.facts.get("resolved"))
    entitlement.check_may_cancel(work.db, work.by, case.unit_id, case.level, resolved, work.today)


def _drop_everything(work: Work, case: Case) -> None:
    worklist.cancel_all(work.db, case.id)
    case.timed = timers.sync(work.db, case, ())
    case.awaits = subscriptions.sync(work.db, case, None, work.now)
    outbox.cancel(work.db, case.id)
    messages.give_up(work.db, case.id, work.now)
    notices.withdraw_all(work.db, case.id)


def _check_target(work: Work, case: Case, item: WorkItem, to: str) -> None:
    allowed = procedure.of(definitions.bundle(work.db, case.definition_hash)).returns.get(item.element, ())
    if to not in allowed:
        raise NotAllowed(
            f"“{item.name}”不能退回到这一步", help="只能退回到流程规定的任务；其他情况请按流程图办理。"
        )


def bodies_of(work: Work, case: Case) -> list[Mapping[str, Any]]:
    return [event.body for event in journal.of_case(work.db, case.id)]
