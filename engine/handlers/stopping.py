"""Commands of an operator on a case that has stopped: retry what is pending, or give it back."""

from collections.abc import Mapping
from typing import Any

from engine import cases, context, entitlement, incidents, timers, worklist
from engine.bpmn import run
from engine.cases import Case
from engine.commands import GiveBackSubmission, Outcome, RetryIncident
from engine.errors import Conflict, Refused
from engine.handlers.acceptance import corrected, form_hash
from engine.handlers.catching_up import catch_up
from engine.handlers.progress import go_on
from engine.handlers.recording import check_reason, model, note_case
from engine.work import Work, signature
from engine.worklist import Held, WorkItem

Act = Mapping[str, Any]


def retry_incident(work: Work, command: RetryIncident) -> Outcome:
    """What was pending is executed now, in the name of who asked for it; a failure opens another incident.

    A timer that a correction has moved ahead is not due any more, and after a mistake of ours nothing is pending:
    then the case goes on waiting.
    """
    check_reason(command.reason)
    case = stopped_case(work, command.case)
    pending = incidents.pending(work.db, case.id)
    _go_on_waiting(work, case)
    if pending is None or _is_no_longer_due(work, case, pending):
        closed = note_case(work, case, incidents.CLOSED, {"reason": command.reason.strip()})
        return catch_up(work, case, closed)
    retry = {"by": signature(work.by), "reason": command.reason.strip(), "incident": pending["incident"]}
    act: Act = {**act_of(pending), "retry": retry}
    held = _held(work, case, act)
    act = act if held is None else _accepted_again(work, case, act, held.item)
    return catch_up(work, case, go_on(work, case, act, held=held))


def give_back(work: Work, command: GiveBackSubmission) -> Outcome:
    """Nothing is executed: the task is open as it was, and the draft of who submitted it is still there."""
    check_reason(command.reason)
    case = stopped_case(work, command.case)
    pending = incidents.pending(work.db, case.id)
    if pending is None or pending["type"] != "task_submitted":
        raise Refused("停下来的不是办理人的提交，没有可以交还的", help="请更正后重试，或者按规定撤销。")
    _go_on_waiting(work, case)
    told = {"reason": command.reason.strip()}
    return catch_up(work, case, note_case(work, case, incidents.GIVEN_BACK, told, task=dict(pending["task"])))


def stopped_case(work: Work, id: str) -> Case:
    """Locked. Raises NotAllowed for others than operators, Conflict when the case has not stopped."""
    entitlement.check_role(work.by, "operator")
    case = cases.load_for_update(work.db, id)
    if case.status != cases.INCIDENT:
        raise Conflict("这一件没有停下来", help="请查看最新状态。")
    return case


def act_of(pending: Act) -> dict[str, Any]:
    """What is to be executed, without what was noted about it since."""
    return {key: value for key, value in pending.items() if key not in ("incident", "retry")}


def _go_on_waiting(work: Work, case: Case) -> None:
    incidents.close(work.db, case.id, work.now)
    case.status = cases.ACTIVE


def _is_no_longer_due(work: Work, case: Case, pending: Act) -> bool:
    if pending["type"] != "timer_fired":
        return False
    timer = timers.find(work.db, case.id, pending["task"]["path"])
    return timer is None or timer.due_at > work.now


def _accepted_again(work: Work, case: Case, act: Act, item: WorkItem) -> Act:
    """The case may have gone to a version with another form meanwhile: then that one must accept the answers."""
    hash = form_hash(work, case, item)
    if hash == act.get("form"):
        return act
    running = run.revive(model(work, case), case.state)
    known = context.of_task(work.db, case.id, running, item.path)
    return {**act, "form": hash, "data": corrected(work, case, item.form, known, act["data"], {})}


def _held(work: Work, case: Case, act: Act) -> Held | None:
    """The work item that was submitted: it has stayed open."""
    if act["type"] != "task_submitted":
        return None
    return worklist.held(work.db, case, act["task"]["path"])
