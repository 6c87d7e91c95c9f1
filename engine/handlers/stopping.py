"""Commands of an operator on a case that has stopped: retry what is pending, with the cause mended."""

from collections.abc import Mapping
from typing import Any

from engine import cases, entitlement, incidents, timers, worklist
from engine.cases import Case
from engine.commands import Outcome, RetryIncident
from engine.errors import Conflict
from engine.handlers.progress import go_on
from engine.handlers.recording import check_reason, note_case
from engine.work import Work, signature
from engine.worklist import WorkItem


def retry_incident(work: Work, command: RetryIncident) -> Outcome:
    """What was pending is executed now, in the name of who asked for it; a failure opens another incident.

    A timer that a correction has moved ahead is not due any more, and after a mistake of ours nothing is pending:
    then the case goes on waiting.
    """
    check_reason(command.reason)
    case = stopped_case(work, command.case)
    pending = incidents.pending(work.db, case.id)
    incidents.close(work.db, case.id, work.now)
    case.status = cases.ACTIVE
    if pending is None or _is_no_longer_due(work, case, pending):
        return note_case(work, case, incidents.CLOSED, {"reason": command.reason.strip()})
    retry = {"by": signature(work.by), "reason": command.reason.strip(), "incident": pending["incident"]}
    act = {key: value for key, value in pending.items() if key != "incident"} | {"retry": retry}
    return go_on(work, case, act, item=_item(work, case, act))


def stopped_case(work: Work, id: str) -> Case:
    """Locked. Raises NotAllowed for others than operators, Conflict when the case has not stopped."""
    entitlement.check_role(work.by, "operator")
    case = cases.load_for_update(work.db, id)
    if case.status != cases.INCIDENT:
        raise Conflict("这件议题没有停下来", help="请刷新页面查看最新状态。")
    return case


def _is_no_longer_due(work: Work, case: Case, pending: Mapping[str, Any]) -> bool:
    if pending["type"] != "timer_fired":
        return False
    timer = timers.find(work.db, case.id, pending["task"]["path"])
    return timer is None or timer.due_at > work.now


def _item(work: Work, case: Case, act: Mapping[str, Any]) -> WorkItem | None:
    """The work item that was submitted: it has stayed open."""
    if act["type"] != "task_submitted":
        return None
    return next(item for item in worklist.open_items(work.db, case.id) if item.path == act["task"]["path"])
