"""Commands on one task: submit, claim, release, delegate."""

from engine import (
    drafts,
    entitlement,
    worklist,
)
from engine.bpmn import run
from engine.commands import (
    ClaimTask,
    DelegateTask,
    Outcome,
    ReleaseTask,
    SubmitTask,
)
from engine.errors import Conflict
from engine.handlers.acceptance import accepted, form_hash, sealed, typed
from engine.handlers.progress import go_on, stopped
from engine.handlers.recording import check_running, item_for_update, model, note
from engine.work import Work, signature


def submit_task(work: Work, command: SubmitTask) -> Outcome:
    """One task, one form, one event. Of two people at once exactly one wins."""
    held = worklist.lock(work.db, command.work_item)
    item, case = held.item, held.case
    worklist.check_open(item)
    worklist.check_claim(item, work.by.person)
    check_running(case)
    by = entitlement.check_may_act(work.db, work.by, held.candidates, work.today)
    running = run.revive(model(work, case), case.state)
    answers = sealed(work, case, accepted(work, case, item, running, command.answers))
    act = {
        "type": "task_submitted",
        "actor": signature(by, command.on_behalf_of),
        "task": {"path": item.path, "element": item.element, "name": item.name, "label": item.label or None},
        "form": form_hash(work, case, item),
        "data": answers,
    }
    outcome = go_on(work, case, act, running, held)
    if stopped(outcome):
        drafts.save(work.db, work.by.person, item.id, typed(work, case, item, command.answers), work.now)
    return outcome


def claim_task(work: Work, command: ClaimTask) -> Outcome:
    item, case = item_for_update(work, command.work_item)
    worklist.check_claim(item, work.by.person)
    item.claimed_by = work.by.person
    return note(work, case, "task_claimed", item)


def release_task(work: Work, command: ReleaseTask) -> Outcome:
    item, case = item_for_update(work, command.work_item)
    if item.claimed_by != work.by.person:
        raise Conflict("这项待办不是由您认领的", help="只有认领人可以退回认领。")
    item.claimed_by = ""
    return note(work, case, "task_released", item)


def delegate_task(work: Work, command: DelegateTask) -> Outcome:
    item, case = item_for_update(work, command.work_item)
    entitlement.check_same_unit(work.db, work.by, command.to, work.today)
    worklist.offer_to(work.db, item, f"person:{command.to}")
    item.claimed_by = command.to
    return note(work, case, "task_delegated", item, data={"to": command.to, "reason": command.reason})
