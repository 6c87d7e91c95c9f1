"""Commands on registers: objections, submissions, home visits."""

from dataclasses import replace

from engine import (
    cases,
    definitions,
    entitlement,
    forms,
    people,
)
from engine.commands import (
    Outcome,
    RaiseObjection,
    RegisterSubmission,
    RegisterVisit,
    SettleSubmission,
)
from engine.handlers.acceptance import REGISTERS, apart, check_attachments, register_form
from engine.handlers.progress import deliver
from engine.records import notices, submissions, visits
from engine.work import Work


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
        sealed=apart(work, case, accepted),
        made_at=work.now,
    )
    work.db.add(objection)
    payload = {"objection": objection.id, "content": objection.content}
    outcome = deliver(work, case, "objection_received", payload)
    return replace(outcome, detail={**outcome.detail, "objection": objection.id})


def register_submission(work: Work, command: RegisterSubmission) -> Outcome:
    """R089: every channel ends in the unit's one inbox, in the words in which it was raised (R087)."""
    entitlement.check_may_register(work.db, work.by, command.unit)
    form = register_form(work, "submission-schema.json")
    accepted = form.accept(command.answers, {}, {})
    check_attachments(work, command.unit, form, accepted.answers)
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
    accepted = register_form(work, "visit-schema.json").accept(command.answers, {}, {})
    row = visits.add(work.db, command.unit, accepted, work.by, work.now)
    return Outcome("", 0, detail={"visit": row.id})
