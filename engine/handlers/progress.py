"""Lets a case go on by one command, or stops it where an automatic step fails. Shared by the handlers; judges nobody.

A failed step must leave nothing behind (no number allotted, no notice opened), so its transaction is rolled back.
The engine then does the command again, up to here, and what was accepted is recorded as the pending command of an
incident: nothing that a person typed is lost, and an operator retries it once the cause is mended.
"""

from collections.abc import Mapping
from typing import Any

from engine import calendar, drafts, incidents
from engine.bpmn import run
from engine.cases import Case
from engine.commands import Outcome
from engine.environment import ENVIRONMENT
from engine.errors import CalendarUnknown, Failed, Refused
from engine.handlers import sending
from engine.handlers.recording import check_running, model, moment, record, stands_still
from engine.operations import Live
from engine.reexecution import begun, bringing, check_goes_on, moved
from engine.work import Work, signature
from engine.worklist import Done, Held

# What moves a case, as its event keeps it: type, actor, data, and task, form or message.
Act = Mapping[str, Any]


def go_on(
    work: Work, case: Case, act: Act, running: run.Running | None = None, held: Held | None = None
) -> Outcome:
    """Execute and record `act`; what is `held` is then done. Raises Failed when an automatic step fails.

    A refusal without a place is one of the command itself and passes through: nothing of the case has failed.
    """
    if work.failed and work.failed.after == case.seq:
        return _stop(work, case, act, work.failed)
    live = Live(work, case, case.seq + 1)
    try:
        step = _step(work, case, act, running, live)
        check_goes_on(model(work, case), step)
    except Refused as refusal:
        if refusal.place is None or _is_for_the_person(act, refusal):
            raise
        raise Failed(case.seq, refusal, live.asked) from refusal
    if held is None:
        return record(work, case, step=step, live=live, **act)
    drafts.drop(work.db, act["actor"]["id"], held.item.id)
    done = Done(held, act["actor"]["id"], act["actor"]["name"], work.now, case.seq + 1)
    return record(work, case, step=step, live=live, done=done, **act)


def deliver(
    work: Work, case: Case, name: str, payload: Any, correlation: Mapping[str, Any] | None = None
) -> Outcome:
    """A message from outside to this case, with its keys; None: they are read from the payload.

    While the case stands still it is kept: nothing that anybody sent is lost for that.
    """
    given, keys = sending.plain(payload), None if correlation is None else sending.plain(dict(correlation))
    if stands_still(case):
        return sending.hold(work, case, name, given, keys)
    check_running(case)
    act = {"type": "message_received", "actor": signature(work.by), "message": name, **bringing(given)}
    return go_on(work, case, act if keys is None else {**act, "correlation": keys})


def stopped(outcome: Outcome) -> bool:
    """Has the command opened an incident in place of what it was to do?"""
    return "incident" in outcome.detail


def _step(work: Work, case: Case, act: Act, running: run.Running | None, live: Live) -> Any:
    if act["type"] == "case_started":
        return begun(model(work, case), act, moment(work, case), live)
    running = running or run.revive(model(work, case), case.state)
    return moved(running, act, moment(work, case), live)


def _is_for_the_person(act: Act, refusal: Refused) -> bool:
    """A statutory window into a year without calendar: a posting whose end nobody can count is none (R120).

    Whoever submits it has done nothing yet that could stand, and may wait or choose another day. Where nobody
    sits before the screen, or an operator retries, it is an incident like any other.
    """
    return isinstance(refusal, CalendarUnknown) and act["type"] == "task_submitted" and "retry" not in act


def _stop(work: Work, case: Case, act: Act, failed: Failed) -> Outcome:
    standing = run.standing(run.revive(model(work, case), case.state)).digest if case.state else None
    incidents.stop(
        work.db,
        case,
        failed,
        act,
        work.now,
        definition=case.definition_hash,
        environment={**ENVIRONMENT, "calendar": calendar.current(work.db).version},
        digest=standing,
    )
    return Outcome(case.id, case.seq, (), {"incident": failed.refusal.message})
