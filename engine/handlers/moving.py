"""A running case goes on under another version of its procedure. One case is one command; nobody's work is lost."""

from engine import cases, definitions, entitlement, moving
from engine.bpmn import move, run
from engine.commands import MoveCase, Outcome, UndoMove
from engine.errors import Conflict, Refused
from engine.handlers.recording import check_reason, model, record
from engine.handlers.steering import bodies_of, go_back
from engine.operations import Live
from engine.reexecution import MOVE_UNDONE, MOVED, effective, moves_of
from engine.work import Work


def undo_move(work: Work, command: UndoMove) -> Outcome:
    """While nobody has acted since: the state before the move, had by executing the history again."""
    check_reason(command.reason)
    entitlement.check_may_move(work.by)
    case = cases.load_for_update(work.db, command.case)
    if case.status in moving.STANDING:
        message, help = moving.STANDING[case.status]
        raise Conflict(message, help=help)
    bodies = bodies_of(work, case)
    last = effective(bodies)[-1:]
    if [body["type"] for body in last] != [MOVED]:
        raise Conflict("换版本以后已经有人办理，不能撤销", help="需要时请再换到原来的版本。")
    data = {"to_seq": last[0]["seq"], "to": last[0]["data"]["from"], "reason": command.reason.strip()}
    return go_back(work, case, MOVE_UNDONE, bodies, data)


def move_case(work: Work, command: MoveCase) -> Outcome:
    """Refused with the first reason when the plan refuses; the plan was for a case that may have changed since."""
    check_reason(command.reason)
    entitlement.check_may_move(work.by)
    case = cases.load_for_update(work.db, command.case)
    release = moving.target(work.db, case.process, command.to)
    plan = moving.plan(work.db, case, release.definition_hash)
    if plan.refusals:
        kind = Conflict if case.status in moving.STANDING else Refused
        raise kind(f"不能换到第{release.number}版：{plan.refusals[0].message}", help=plan.refusals[0].help)
    live = Live(work, case, case.seq + 1)
    running = run.revive(model(work, case), case.state)
    step = move.move(running, definitions.model(work.db, release.definition_hash))
    data = {
        "from": case.definition_hash,
        "to": release.definition_hash,
        "moves": moves_of(plan),
        "reason": command.reason.strip(),
    }
    case.definition_hash = release.definition_hash
    return record(work, case, MOVED, step, live, data=data)
