"""Commands that set right what a case knows: its facts, and while it is stopped earlier answers and what is pending.

A gate is passed by doing the work, never by a correction: only facts that process.toml calls correctable, and of
answers only what their form with all its gates accepts again. What fails here is refused, and nothing changes.
"""

from collections.abc import Mapping
from typing import Any

from engine import cases, context, definitions, entitlement, forms, incidents, personal, procedure
from engine.bpmn import run
from engine.cases import Case
from engine.commands import CorrectData, CorrectFacts, Outcome
from engine.errors import Conflict, Refused
from engine.handlers.acceptance import corrected, form_of
from engine.handlers.recording import check_reason, model, moment, note_case, record
from engine.handlers.sending import REGISTERED_MESSAGES, plain
from engine.handlers.stopping import act_of, stopped_case
from engine.operations import Live
from engine.reexecution import CORRECTED, check_goes_on, moved
from engine.work import Work, signature

Act = Mapping[str, Any]


def correct_facts(work: Work, command: CorrectFacts) -> Outcome:
    """Only declared facts; the correction is executed by the kernel, so that verification sees it too."""
    check_reason(command.reason)
    entitlement.check_role(work.by, "operator")
    case = cases.load_for_update(work.db, command.case)
    if case.status == cases.COMPLETED:
        raise Conflict("这一件已经办结，不能更正", help="如需继续办理，请重新发起。")
    _check_facts(_procedure(work, case), command.facts)
    data = {"facts": dict(command.facts), "reason": command.reason.strip()}
    return _amended(work, case, {"type": "facts_corrected", "actor": signature(work.by), "data": data})


def correct_data(work: Work, command: CorrectData) -> Outcome:
    """What is pending is corrected where it lies; earlier answers in the state, by the kernel."""
    check_reason(command.reason)
    case = stopped_case(work, command.case)
    pending = incidents.pending(work.db, case.id)
    if pending and list(command.data) == [incidents.subject(pending)]:
        act = {**act_of(pending), "data": _pending(work, case, pending, *command.data.values())}
        return _noted(work, case, command, act)
    if not case.state:
        return _noted(work, case, command, _begun_otherwise(work, case, pending or {}, command.data))
    values = {name: _answers(work, case, name, change) for name, change in command.data.items()}
    data = {"data": values, "reason": command.reason.strip()}
    return _amended(work, case, {"type": CORRECTED, "actor": signature(work.by), "data": data})


def _noted(work: Work, case: Case, command: CorrectData, act: Act) -> Outcome:
    """What is pending now reads `act`; nothing is executed before a retry."""
    told = {"data": dict(command.data), "reason": command.reason.strip()}
    return note_case(work, case, incidents.PENDING_CORRECTED, told, pending=dict(act))


def _begun_otherwise(work: Work, case: Case, pending: Act, changes: Mapping[str, Any]) -> Act:
    """A start that failed, with what its event brought corrected, or the variables that were given along."""
    start = pending.get("start") or {}
    drawn = next((one for one in model(work, case).starts if one.id == start.get("event")), None)
    if drawn is None or drawn.event.kind not in ("message", "signal") or list(changes) != [drawn.id]:
        return {**act_of(pending), "variables": _variables(pending, changes)}
    before, change = start["payload"], changes[drawn.id]
    after = {**before, **change} if isinstance(before, Mapping) and isinstance(change, Mapping) else change
    told = {**start, "payload": plain(after)}
    if start.get("correlation") is not None:
        told["correlation"] = _keys(work, case, drawn.event.name, told["payload"], start)
    return {**act_of(pending), "start": told}


def _keys(work: Work, case: Case, name: str, payload: Any, start: Act) -> dict[str, Any]:
    """The keys of its conversation: those that were read from what is corrected now are read again."""
    drawn = model(work, case)
    try:
        before = run.keys(drawn, name, start["payload"])
    except Refused:
        return dict(start["correlation"])
    read = run.keys(drawn, name, payload)
    return {**start["correlation"], **{key: new for key, new in read.items() if before.get(key) != new}}


def _variables(pending: Act, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What was given along with a start that failed, with some of it changed: nothing else is known yet."""
    if not changes:
        raise Refused("没有写明要更正什么", help='请写成 {"名称": 值}，只写要改的几项。')
    given = pending.get("variables") or {}
    unknown = sorted(str(name) for name in changes if name not in given)
    if unknown:
        able = "、".join(incidents.brought(pending)) or "没有"
        raise Refused(
            f"这一件还没有开始，不能更正“{'、'.join(unknown)}”",
            help=f"可以更正的：{able}；流程图有错的，请撤销它，发布改好的版本后重新发起。",
        )
    return forms.accepted_freely({**given, **changes}).answers


def _amended(work: Work, case: Case, act: Act) -> Outcome:
    if not case.state:
        raise Refused("这一件还没有开始，只能更正发起时的事实", help="也可以撤销它，重新发起。")
    live = Live(work, case, case.seq + 1)
    step = moved(run.revive(model(work, case), case.state), act, moment(work, case), live)
    check_goes_on(model(work, case), step)
    return record(work, case, step=step, live=live, **act)


def _pending(work: Work, case: Case, pending: Act, changes: Any) -> dict[str, Any]:
    """The data of the pending command with some of it changed."""
    if not isinstance(changes, Mapping):
        raise Refused("更正的内容没有写明是哪几项", help='请写成 {"名称": 值}，只写要改的几项。')
    if pending["type"] == "task_submitted":
        task = pending["task"]
        known = context.of_task(work.db, case.id, run.revive(model(work, case), case.state), task["path"])
        return corrected(work, case, form_of(work, case, task["element"]), known, pending["data"], changes)
    if pending["type"] == "case_started":
        _check_facts(_procedure(work, case), changes)
    elif pending.get("message") in REGISTERED_MESSAGES or not isinstance(pending.get("data"), Mapping):
        raise Refused("这条消息以登记为准，不在这里更正", help="请更正其他数据后重试。")
    return {**pending["data"], **changes}


def _answers(work: Work, case: Case, name: str, change: Any) -> Any:
    """The corrected answers to a task, or the corrected value of a variable where answers are kept flat."""
    running = run.revive(model(work, case), case.state)
    known = run.data(running)
    form = form_of(work, case, name)
    if form and isinstance(change, Mapping) and isinstance(known.get(name), Mapping):
        around = {**known, "case": run.facts(running)}
        return corrected(work, case, form, around, known[name], change)
    if form or not model(work, case).flat or any(personal.sealed_in(known.get(name))):
        raise Refused(
            f"“{name}”不能直接更正",
            help="请更正所依据的填报内容：一次一张表，写明要改的几项；逐项办理的表请退回重办。",
        )
    return change


def _procedure(work: Work, case: Case) -> procedure.Procedure:
    return procedure.of(definitions.bundle(work.db, case.definition_hash))


def _check_facts(told: procedure.Procedure, facts: Mapping[str, Any]) -> None:
    """Only what process.toml calls correctable, and only its values."""
    fixed = sorted(name for name in facts if not told.facts.get(name, {}).get("correctable"))
    if fixed or not facts:
        raise Refused(
            f"“{'、'.join(fixed)}”不能更正", help="只更正流程规定可以更正的项目；其他内容请退回重办。"
        )
    for name, value in facts.items():
        allowed = told.facts[name].get("values")
        if allowed and value not in tuple(allowed):
            title = told.facts[name].get("title", name)
            raise Refused(f"“{value}”不是{title}的取值", help=f"可选：{'、'.join(allowed)}。")
