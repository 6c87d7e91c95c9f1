"""跳过: one person asks with a reason, another of the role that process.toml names decides. No hard gate is named."""

from engine import definitions, entitlement, procedure, skips, worklist
from engine.commands import DecideSkip, Outcome, RequestSkip
from engine.errors import NotAllowed
from engine.handlers.progress import go_on
from engine.handlers.recording import check_reason, check_running, item_for_update, note
from engine.reexecution import SKIPPED
from engine.work import Work, signature


def request_skip(work: Work, command: RequestSkip) -> Outcome:
    """Whoever may do the task may ask; until it is decided the task can still be done."""
    check_reason(command.reason)
    item, case = item_for_update(work, command.work_item)
    role = procedure.of(definitions.bundle(work.db, case.definition_hash)).skips.get(item.element)
    if role is None:
        raise NotAllowed(
            f"“{item.name}”不能跳过", help="只有流程写明可以跳过的任务才能申请；其他任务请照图办理。"
        )
    reason = command.reason.strip()
    skips.ask(work.db, item, case.seq + 1, role, reason, work.by, work.now)
    return note(work, case, "skip_requested", item, {"reason": reason, "role": role})


def decide_skip(work: Work, command: DecideSkip) -> Outcome:
    """Approved, the task is left without answers: its fields read as those of a task that was never done."""
    check_reason(command.reason)
    held = worklist.lock(work.db, command.work_item)
    item, case = held.item, held.case
    worklist.check_open(item)
    check_running(case)
    request = skips.asked(work.db, item)
    entitlement.check_may_approve(work.db, work.by, request.role, case.unit_id, request.asked_by, work.today)
    asked = {"seq": request.seq, "by": request.asked_by_name, "reason": request.reason}
    data = {"reason": command.reason.strip(), "asked": asked}
    request.status = skips.APPROVED if command.approved else skips.REFUSED
    if not command.approved:
        return note(work, case, "skip_refused", item, data)
    task = {"path": item.path, "element": item.element, "name": item.name, "label": item.label or None}
    return go_on(work, case, {"type": SKIPPED, "actor": signature(work.by), "task": task, "data": data})
