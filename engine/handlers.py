"""One straight function per command: look up, check, do, record, tell. The only place that knows the order of rooms."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from engine import (
    attachments,
    calendar,
    cases,
    deadlines,
    definitions,
    designs,
    directory,
    drafts,
    entitlement,
    forms,
    journal,
    outbox,
    people,
    personal,
    procedure,
    timers,
    worklist,
)
from engine.bpmn import run
from engine.bpmn.check import check
from engine.bpmn.parse import Model
from engine.bpmn.questions import questions
from engine.bpmn.step import Bundle, Moment, OpenItem, Step
from engine.cases import Case
from engine.clock import SHANGHAI
from engine.commands import (
    AmendCalendar,
    ApplyCalendar,
    Appoint,
    ClaimTask,
    DelegateTask,
    Deploy,
    FireTimer,
    Outcome,
    RaiseObjection,
    RecordReceipt,
    RegisterSubmission,
    RegisterVisit,
    ReleaseDesign,
    ReleaseTask,
    SaveDesign,
    SendMessage,
    SettleSubmission,
    StartCase,
    SubmitTask,
)
from engine.environment import ENVIRONMENT
from engine.errors import Conflict, DeploymentRefused, FieldProblem, FormRejected, NotAllowed
from engine.operations import OPERATIONS, Live
from engine.records import notices, submissions, visits
from engine.work import Work, signature
from engine.worklist import WorkItem

RECEIPT_MESSAGES = {"party_cloud": "receipt_cloud_received", "service_365": "receipt_service_received"}
REGISTERS = "forms/registers/"
PERSONAL = "$personal"  # the key under which an event holds the commitment of a personal value


def start_case(work: Work, command: StartCase) -> Outcome:
    """R011: only the unit's Party organisation starts a case, from one or several submissions."""
    release = definitions.current(work.db, command.process)
    told = procedure.of(definitions.bundle(work.db, release.definition_hash))
    entitlement.check_may_start(work.db, work.by, told.start_roles, command.unit)
    taken = submissions.take_into_case(work.db, command.submissions, command.unit)
    case = _new_case(work, command, release.definition_hash)
    live = Live(work, case, seq=1)
    step = run.start(_model(work, case), _moment(work, case), live, _first_facts(command, taken))
    outcome = _record(work, case, "case_started", step, live, data=_first_facts(command, taken))
    submissions.link_to_case(work.db, command.submissions, case.id, work.now)
    return outcome


def submit_task(work: Work, command: SubmitTask) -> Outcome:
    """One task, one form, one event. Of two people at once exactly one wins."""
    item = worklist.find(work.db, command.work_item)
    case = cases.load_for_update(work.db, item.case_id)
    work.db.refresh(item)
    worklist.check_open(item)
    worklist.check_claim(item, work.by.person)
    _check_running(case)
    by = entitlement.check_may_act(work.db, work.by, worklist.candidates(work.db, item.id), work.today)
    running = run.revive(_model(work, case), case.state)
    answers = _sealed(work, case, _accepted(work, case, item, running, command.answers))
    live = Live(work, case, case.seq + 1)
    step = run.complete(running, item.path, answers, _moment(work, case), live)
    worklist.complete(item, work.by.person, work.by.name, work.now, case.seq + 1)
    drafts.drop(work.db, work.by.person, item.id)
    return _record(
        work,
        case,
        "task_submitted",
        step,
        live,
        actor=signature(by, command.on_behalf_of),
        task={"path": item.path, "element": item.element, "name": item.name, "label": item.label or None},
        form=_form_hash(work, case, item),
        data=answers,
    )


def claim_task(work: Work, command: ClaimTask) -> Outcome:
    item, case = _item_for_update(work, command.work_item)
    worklist.check_claim(item, work.by.person)
    item.claimed_by = work.by.person
    return _note(work, case, "task_claimed", item)


def release_task(work: Work, command: ReleaseTask) -> Outcome:
    item, case = _item_for_update(work, command.work_item)
    if item.claimed_by != work.by.person:
        raise Conflict("这项待办不是由您认领的", help="只有认领人可以退回认领。")
    item.claimed_by = ""
    return _note(work, case, "task_released", item)


def delegate_task(work: Work, command: DelegateTask) -> Outcome:
    item, case = _item_for_update(work, command.work_item)
    entitlement.check_same_unit(work.db, work.by, command.to, work.today)
    worklist.offer_to(work.db, item, f"person:{command.to}")
    item.claimed_by = command.to
    return _note(work, case, "task_delegated", item, data={"to": command.to, "reason": command.reason})


def send_message(work: Work, command: SendMessage) -> Outcome:
    case = cases.load_for_update(work.db, command.case)
    _check_running(case)
    return _deliver(work, case, command.name, command.payload)


def fire_timer(work: Work, command: FireTimer) -> Outcome:
    case = cases.load_for_update(work.db, command.case)
    _check_running(case)
    timer = timers.find(work.db, case.id, command.path)
    if timer is None or timer.due_at > work.now:
        raise Conflict("这个计时还没有到期，或者已经处理")
    live = Live(work, case, case.seq + 1)
    running = run.revive(_model(work, case), case.state)
    step = run.fire(running, timer.path, _moment(work, case), live)
    task = {"path": timer.path, "element": timer.element, "name": timer.name}
    return _record(
        work, case, "timer_fired", step, live, task=task, data={"due": journal.written(timer.due_at)}
    )


def record_receipt(work: Work, command: RecordReceipt) -> Outcome:
    """R125, R126: the receipt of a platform, from its connector or entered by hand."""
    found = outbox.find(work.db, command.outbox)
    case = cases.load_for_update(work.db, found.case_id)
    work.db.refresh(found)
    if command.manual:
        entitlement.check_may_operate(work.db, work.by, case.unit_id)
    if not outbox.receipted(found, command.receipt.strip(), work.now):
        return Outcome(case.id, case.seq)
    payload = {"receipt": found.receipt, "outbox": found.id, "manual": command.manual}
    return _deliver(work, case, RECEIPT_MESSAGES[found.target], payload)


def raise_objection(work: Work, command: RaiseObjection) -> Outcome:
    """R121: anybody may object while the notice runs; every objection gets a written reply."""
    notice = notices.find(work.db, command.notice)
    case = cases.load_for_update(work.db, notice.case_id)
    work.db.refresh(notice)
    notices.check_running(notice, work.now)
    form = forms.load(
        definitions.bundle(work.db, case.definition_hash).files, REGISTERS + "objection-schema.json"
    )
    accepted = form.accept(command.answers, {}, {})
    objection = notices.Objection(
        id=work.new_id(),
        notice_number=notice.number,
        content=str(accepted.answers["content"]),
        sealed=_apart(work, case, accepted),
        made_at=work.now,
    )
    work.db.add(objection)
    payload = {"objection": objection.id, "content": objection.content}
    outcome = _deliver(work, case, "objection_received", payload)
    return replace(outcome, detail={**outcome.detail, "objection": objection.id})


def register_submission(work: Work, command: RegisterSubmission) -> Outcome:
    """R089: every channel ends in the unit's one inbox, in the words in which it was raised (R087)."""
    entitlement.check_may_register(work.db, work.by, command.unit)
    form = _register_form(work, "submission-schema.json")
    accepted = form.accept(command.answers, {}, {})
    _check_attachments(work, command.unit, form, accepted.answers)
    row = submissions.add(work.db, command.unit, accepted, work.by, work.now, visit=command.visit)
    return Outcome("", 0, detail={"submission": row.id, "number": row.number})


def settle_submission(work: Work, command: SettleSubmission) -> Outcome:
    """R015: an individual claim, a thing settled at once or one put off is answered, never dropped."""
    row = submissions.find(work.db, command.submission, people.scope(work.db, work.by))
    entitlement.check_may_register(work.db, work.by, row.unit_id)
    status = submissions.DEFERRED if command.defer else submissions.REPLIED
    submissions.settle(row, command.reply, work.now, status=status)
    return Outcome("", 0, detail={"submission": row.id, "number": row.number})


def register_visit(work: Work, command: RegisterVisit) -> Outcome:
    """R022, R078: a leader's home visit, which can be turned into a submission."""
    entitlement.check_may_register(work.db, work.by, command.unit)
    accepted = _register_form(work, "visit-schema.json").accept(command.answers, {}, {})
    row = visits.add(work.db, command.unit, accepted, work.by, work.now)
    return Outcome("", 0, detail={"visit": row.id})


def deploy(work: Work, command: Deploy) -> Outcome:
    """A definition is whole or absent: refused with all its problems, or stored and released in one transaction."""
    return _release(work, definitions.bundle_of(command.files), command.note)


def save_design(work: Work, command: SaveDesign) -> Outcome:
    entitlement.check_role(work.by, "designer")
    saved = designs.save(
        work.db, command.process, command.path, command.content, command.expected, work.by.name, work.now
    )
    return Outcome("", 0, detail={"hash": saved})


def release_design(work: Work, command: ReleaseDesign) -> Outcome:
    entitlement.check_role(work.by, "designer")
    outcome = _release(work, definitions.bundle_of(designs.files(work.db, command.process)), command.note)
    designs.clear(work.db, command.process)
    return outcome


def appoint(work: Work, command: Appoint) -> Outcome:
    entitlement.check_role(work.by, "operator")
    told = directory.appoint(
        work.db, command.person, command.post, command.from_date, until_date=command.until_date
    )
    return _tell_district(work, told)


def amend_calendar(work: Work, command: AmendCalendar) -> Outcome:
    """Adopt a new version; running notices are counted again case by case (`apply_calendar`)."""
    entitlement.check_role(work.by, "operator")
    arrangement = calendar.read_toml(command.text)
    told = calendar.adopt(work.db, arrangement, note=command.note, at=work.now)
    if told is None:
        raise Conflict("工作日历没有变化", help="请核对要录入的日期。")
    return _tell_district(work, told)


def apply_calendar(work: Work, command: ApplyCalendar) -> Outcome:
    """R120: an amended calendar moves the end of a running notice, with an event that says so."""
    case = cases.load_for_update(work.db, command.case)
    _check_running(case)
    days = calendar.current(work.db)
    notice = notices.running_of(work.db, case.id)
    counted = work.settings.count_posting_day
    ends = days.notice_end(notice.posted_on, notice.working_days, count_posting_day=counted)
    notice.calendar = days.version
    if ends == notice.ends_at:
        return Outcome(case.id, case.seq)
    notice.ends_at = ends
    live = Live(work, case, case.seq + 1)
    facts = {"notice_ends": ends.astimezone(SHANGHAI).isoformat()}
    step = run.amend(run.revive(_model(work, case), case.state), facts, _moment(work, case), live)
    return _record(work, case, "calendar_applied", step, live, data=facts)


HANDLERS: dict[type, Callable[[Work, Any], Outcome]] = {
    StartCase: start_case,
    SubmitTask: submit_task,
    ClaimTask: claim_task,
    ReleaseTask: release_task,
    DelegateTask: delegate_task,
    SendMessage: send_message,
    FireTimer: fire_timer,
    RecordReceipt: record_receipt,
    RaiseObjection: raise_objection,
    RegisterSubmission: register_submission,
    SettleSubmission: settle_submission,
    RegisterVisit: register_visit,
    Deploy: deploy,
    SaveDesign: save_design,
    ReleaseDesign: release_design,
    Appoint: appoint,
    AmendCalendar: amend_calendar,
    ApplyCalendar: apply_calendar,
}


def _record(
    work: Work,
    case: Case,
    type: str,
    step: Step,
    live: Live,
    *,
    actor: Mapping[str, Any] | None = None,
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
    case.seq, case.hash = event.seq, event.hash
    cases.save(case, step, _stage(work, case, step), work.now)
    work.db.flush()
    opened = worklist.sync(work.db, case, step.items, work.now, lambda item: _offer(work, case, item))
    timers.sync(work.db, case, step.timers)
    if step.ended:
        _settle(work, case)
    return Outcome(case.id, event.seq, opened, {"ended": step.ended})


def _settle(work: Work, case: Case) -> None:
    """What was raised is answered with the result of its case, in the words of process.toml."""
    ends = procedure.of(definitions.bundle(work.db, case.definition_hash)).ends
    result = str(ends.get(case.ended, {}).get("title", "已办结"))
    submissions.settle_with_case(work.db, case.id, f"议题“{case.title}”：{result}。", work.now)


def _stage(work: Work, case: Case, step: Step) -> str:
    """Where the case stands: diagrams in which somebody has something to do, else those in which it waits."""
    if step.items:
        return " ".join(dict.fromkeys(item.diagram for item in step.items))
    drawn_in = {drawn.id: drawn.diagram for drawn in _model(work, case).elements.values()}
    waits = [*(timer.element for timer in step.timers), *(awaited.element for awaited in step.awaited)]
    return " ".join(dict.fromkeys(drawn_in.get(element, "") for element in waits))


def _note(
    work: Work, case: Case, type: str, item: WorkItem, data: Mapping[str, Any] | None = None
) -> Outcome:
    """An event that leaves the flow as it is."""
    task = {"path": item.path, "element": item.element, "name": item.name}
    event = journal.append(
        work.db, case.id, case.seq + 1, case.hash, work.now, type, signature(work.by), task=task, data=data
    )
    case.seq, case.hash, case.changed_at = event.seq, event.hash, work.now
    return Outcome(case.id, event.seq)


def _tell_district(work: Work, told: Mapping[str, Any]) -> Outcome:
    """An event of the district's own stream; `told` names its type."""
    data = dict(told)
    event = journal.append_to_district(work.db, work.now, data.pop("type"), signature(work.by), data=data)
    return Outcome(journal.DISTRICT, event.seq)


def _deliver(work: Work, case: Case, name: str, payload: Mapping[str, Any]) -> Outcome:
    live = Live(work, case, case.seq + 1)
    running = run.revive(_model(work, case), case.state)
    step = run.message(running, name, dict(payload), _moment(work, case), live)
    return _record(work, case, "message_received", step, live, message=name, data=dict(payload))


def _release(work: Work, bundle: Bundle, note: str) -> Outcome:
    problems = check(bundle, operations=frozenset(OPERATIONS), forms=forms.check)
    if any(problem.severity == "error" for problem in problems):
        raise DeploymentRefused("流程没有通过检查，运行中的版本没有改变", problems)
    told = procedure.of(bundle)
    definitions.store(work.db, told.id, bundle)
    released = definitions.release(work.db, told.id, bundle.hash, work.now, work.by.name, note, told.basis)
    data = {"process": told.id, "number": released.number, "note": note, "basis": dict(told.basis)}
    event = journal.append_to_district(
        work.db, work.now, "definition_released", signature(work.by), definition=bundle.hash, data=data
    )
    return Outcome(journal.DISTRICT, event.seq, detail={"number": released.number, "hash": bundle.hash})


def _new_case(work: Work, command: StartCase, definition: str) -> Case:
    case = Case(
        id=work.new_id(),
        process=command.process,
        definition_hash=definition,
        unit_id=command.unit,
        title=command.title,
        seq=0,
        hash="",
        facts={},
        number="",
        level="",
        status=cases.ACTIVE,
        started_at=work.now,
        changed_at=work.now,
    )
    work.db.add(case)
    return case


def _first_facts(command: StartCase, taken: submissions.Taken) -> dict[str, Any]:
    return {
        "unit": command.unit,
        "title": command.title,
        "submissions": list(command.submissions),
        "mentions": max(command.mentions, taken.mentions),
        "channel": command.channel or taken.channel,
        "direction": submissions.direction_of(command.channel or taken.channel),
    }


def _model(work: Work, case: Case) -> Model:
    return definitions.model(work.db, case.definition_hash)


def _moment(work: Work, case: Case) -> Moment:
    return Moment(case.id, case.seq + 1, work.now)


def _check_running(case: Case) -> None:
    if case.status == cases.COMPLETED:
        raise Conflict("这件议题已经办结", help="如需继续办理，请重新登记诉求。")
    if case.status != cases.ACTIVE:
        raise Conflict("这件议题暂停办理，等待运维人员处理", help="您填写的内容已保存为草稿。")


def _item_for_update(work: Work, work_item: str) -> tuple[WorkItem, Case]:
    item = worklist.find(work.db, work_item)
    case = cases.load_for_update(work.db, item.case_id)
    work.db.refresh(item)
    worklist.check_open(item)
    entitlement.check_may_act(work.db, work.by, worklist.candidates(work.db, item.id), work.today)
    return item, case


def _accepted(
    work: Work, case: Case, item: WorkItem, running: run.Running, answers: Mapping[str, Any]
) -> forms.Accepted:
    """Answers checked against the form of the version that the case runs on."""
    if not item.form:
        raise NotAllowed("这项任务没有表单，不能提交", help="请流程设计人员为任务补上表单。")
    form = forms.load(definitions.bundle(work.db, case.definition_hash).files, item.form)
    context = {**run.data(running, item.path), "case": run.facts(running)}
    accepted = form.accept(answers, context, questions(work.now, Live(work, case, case.seq + 1)))
    _check_attachments(work, case.unit_id, form, accepted.answers)
    return accepted


def _check_attachments(work: Work, unit: str, form: forms.Form, answers: Mapping[str, Any]) -> None:
    """An answer may name only files of its own unit: nobody sees another unit's papers through a form."""
    named = {
        id: field for field in form.fields if field.kind == "attachments" for id in answers.get(field.key, ())
    }
    known = attachments.of_unit(work.db, unit, named)
    problems = [
        FieldProblem(field.key, f"“{field.title}”里有一个附件不属于本单位，请重新上传。")
        for id, field in named.items()
        if id not in known
    ]
    if problems:
        raise FormRejected(problems)


def _sealed(work: Work, case: Case, accepted: forms.Accepted) -> dict[str, Any]:
    """What the event and the kernel see: personal values replaced by commitments."""
    sealed = {path: {PERSONAL: commitment} for path, commitment in _apart(work, case, accepted).items()}
    return forms.replaced(accepted.answers, sealed)


def _apart(work: Work, case: Case, accepted: forms.Accepted) -> dict[str, str]:
    """Path → commitment of the personal values of answers that no event will hold."""
    values = {path: forms.at(accepted.answers, path) for path in accepted.personal_paths}
    return personal.seal(work.db, case.id, values, work.now)


def _form_hash(work: Work, case: Case, item: WorkItem) -> str:
    content = definitions.bundle(work.db, case.definition_hash).files[item.form]
    return hashlib.sha256(content).hexdigest()


def _register_form(work: Work, name: str) -> forms.Form:
    release = definitions.current(work.db, "roundtable")
    return forms.load(definitions.bundle(work.db, release.definition_hash).files, REGISTERS + name)


def _offer(work: Work, case: Case, item: OpenItem) -> worklist.Offer:
    told = procedure.of(definitions.bundle(work.db, case.definition_hash))
    due = deadlines.due(calendar.current(work.db), work.today, item.due)
    candidates = _candidates(work, case, told.role_of(item.lane), item.performer)
    if not candidates:
        candidates = people.candidates(work.db, told.start_roles[0], case.unit_id, work.today)
    return worklist.Offer(candidates, due.on if due else None, bool(due and due.provisional))


def _candidates(work: Work, case: Case, role: str, performer: str) -> tuple[str, ...]:
    """Posts or persons for a role; parties without an account answer through the unit's own people."""
    if performer:
        return (performer if ":" in performer else f"post:{performer}",)
    if role == "chair":
        return (f"person:{case.facts['chair']}",) if case.facts.get("chair") else ()
    if role == "committee":
        members = case.facts.get("committee") or []
        return tuple(f"person:{member['person']}" for member in members if member.get("person"))
    return people.candidates(work.db, role, case.unit_id, work.today)
