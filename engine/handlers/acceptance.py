"""Answers on their way in: checked by the form of the version a case runs on, files known, personal values sealed."""

import hashlib
from collections.abc import Mapping
from typing import Any

from engine import (
    attachments,
    context,
    definitions,
    forms,
    personal,
    procedure,
)
from engine.bpmn import run
from engine.bpmn.questions import questions
from engine.cases import Case
from engine.errors import FieldProblem, FormRejected, NotAllowed, Refused
from engine.forms.foreign import ForeignForm
from engine.operations import Live
from engine.work import Work
from engine.worklist import WorkItem

REGISTERS = "forms/registers/"


def accepted(
    work: Work, case: Case, item: WorkItem, running: run.Running, answers: Mapping[str, Any]
) -> forms.Accepted:
    """Answers checked against the form of the version that the case runs on; without a form any plain names."""
    bundle = definitions.bundle(work.db, case.definition_hash)
    if not item.form:
        if procedure.of(bundle).basis:
            raise NotAllowed("这项任务没有表单，不能提交", help="请流程设计人员为任务补上表单。")
        return forms.accepted_freely(answers)
    form = forms.load(bundle.files, item.form)
    known = context.of_task(work.db, case.id, running, item.path, form.gates_read)
    accepted = form.accept(answers, known, questions(work.now, Live(work, case, case.seq + 1)))
    check_attachments(work, case.unit_id, form, accepted.answers)
    return accepted


def corrected(
    work: Work,
    case: Case,
    path: str,
    known: Mapping[str, Any],
    answers: Mapping[str, Any],
    changes: Mapping[str, Any],
) -> dict[str, Any]:
    """Recorded answers with some fields changed, which the form accepts again with all its gates; sealed.

    Personal values stay as they are and nobody sees them: they are corrected by whoever collected them.
    """
    bundle = definitions.bundle(work.db, case.definition_hash)
    if not path:
        return forms.accepted_freely({**answers, **changes}).answers
    apart = dict(personal.sealed_in(answers))
    form = forms.load(bundle.files, path)
    if isinstance(form, ForeignForm):  # its validator alone knows its fields; nothing in it is personal
        asked = questions(work.now, Live(work, case, case.seq + 1))
        return form.accept({**answers, **changes}, known, asked).answers
    _check_correctable(form, changes)
    values = personal.opened(work.db, apart.values())
    open = forms.replaced(answers, {at: values.get(seal, personal.REDACTED) for at, seal in apart.items()})
    given = {key: value for key, value in {**open, **changes}.items() if value is not None}
    accepted = form.accept(given, known, questions(work.now, Live(work, case, case.seq + 1)))
    check_attachments(work, case.unit_id, form, accepted.answers)
    return forms.replaced(
        accepted.answers, {at: {personal.SEALED: apart[at]} for at in accepted.personal_paths}
    )


def form_of(work: Work, case: Case, element: str) -> str:
    """The form of a task in the version that the case runs on, "" when it has none."""
    forms = definitions.model(work.db, case.definition_hash).forms
    return next((path for (_, task), path in forms.items() if task == element), "")


def sealed(work: Work, case: Case, accepted: forms.Accepted) -> dict[str, Any]:
    """What the event and the kernel see: personal values replaced by commitments."""
    sealed = {path: {personal.SEALED: commitment} for path, commitment in apart(work, case, accepted).items()}
    return forms.replaced(accepted.answers, sealed)


def apart(work: Work, case: Case, accepted: forms.Accepted) -> dict[str, str]:
    """Path → commitment of the personal values of answers that no event will hold."""
    values = {path: forms.at(accepted.answers, path) for path in accepted.personal_paths}
    return personal.seal(work.db, case.id, values, work.now)


def register_form(work: Work, name: str) -> forms.Form:
    release = definitions.current(work.db, "roundtable")
    return forms.load(definitions.bundle(work.db, release.definition_hash).files, REGISTERS + name)


def form_hash(work: Work, case: Case, item: WorkItem) -> str | None:
    """None for a task without a form."""
    if not item.form:
        return None
    content = definitions.bundle(work.db, case.definition_hash).files[item.form]
    return hashlib.sha256(content).hexdigest()


def typed(work: Work, case: Case, item: WorkItem, answers: Mapping[str, Any]) -> list[list[str]]:
    """The answers as a browser would send them: what a draft keeps. A task without a form has no draft."""
    if not item.form:
        return []
    form = forms.load(definitions.bundle(work.db, case.definition_hash).files, item.form)
    return [list(pair) for pair in form.pairs(answers)]


def _check_correctable(form: forms.Form, changes: Mapping[str, Any]) -> None:
    titles = {field.key: field.title for field in form.fields}
    unknown = sorted(changes.keys() - titles.keys())
    if unknown:
        raise Refused(
            f"这张表没有“{'、'.join(unknown)}”这一项", help=f"可以更正：{'、'.join(titles.values())}。"
        )
    private = [
        field.title
        for field in form.fields
        if field.key in changes and (field.personal or any(column.personal for column in field.columns))
    ]
    if private:
        raise Refused(f"“{'、'.join(private)}”是个人信息，不在这里更正", help="请交还办理人重新填报。")


def check_attachments(work: Work, unit: str, form: forms.Form, answers: Mapping[str, Any]) -> None:
    """An answer may name only files of its own unit: nobody sees another unit's papers through a form."""
    named = {
        id: field for field in form.fields if field.kind == "attachments" for id in answers.get(field.key, ())
    }
    known = attachments.of_unit(work.db, unit, named) if named else {}
    problems = [
        FieldProblem(field.key, f"“{field.title}”里有一个附件不属于本单位，请重新上传。")
        for id, field in named.items()
        if id not in known
    ]
    if problems:
        raise FormRejected(problems)
