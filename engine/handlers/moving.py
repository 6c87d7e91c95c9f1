"""A running case goes on under another version of its procedure. One case is one command; nobody's work is lost."""

from engine import cases, definitions, entitlement, moving
from engine.bpmn import move, run
from engine.commands import MoveCase, Outcome
from engine.errors import Conflict, Refused
from engine.handlers.recording import check_reason, model, record
from engine.operations import Live
from engine.reexecution import MOVED, moves_of
from engine.work import Work


def move_case(work: Work, command: MoveCase) -> Outcome:
    """Refused with the first reason when the plan refuses; the plan was for a case that may have changed since."""
    check_reason(command.reason)
    entitlement.check_may_move(work.by)
    case = cases.load_for_update(work.db, command.case)
    release = moving.target(work.db, case.process, command.to)
    plan = moving.plan(work.db, case, release.definition_hash)
    if plan.refusals:
        kind = Refused if case.status == cases.ACTIVE else Conflict
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
