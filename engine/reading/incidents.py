"""One stopped case as an operator needs it: which element, why, the data as it stands, what may be corrected.

Personal values are commitments here as everywhere in the history; nobody who mends a case sees them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine import cases, definitions, entitlement, forms, incidents, journal, procedure
from engine.bpmn import run
from engine.bpmn.parse import Model
from engine.bpmn.step import Bundle
from engine.cases import Case
from engine.errors import Conflict, NotFound
from engine.forms import Field, Form
from engine.people import Actor
from engine.reading.answers import Shown, shown
from engine.reading.choices import Choice, for_unit, unit_name
from engine.reading.corrections import facts_in_words
from engine.reading.facts import fact_shown
from engine.reading.named import namer
from engine.reading.steps import noun, title_of
from engine.work import Reader

KINDS = {
    incidents.SCRIPT: "流程图里的脚本、条件或计时算不出来",
    incidents.LIMIT: "超过了运行限度",
    incidents.UNCAUGHT: "流程图里抛出的错误没有人接住",
    incidents.OPERATION: "服务操作没有办成",
    incidents.STUCK: "走到了再也走不下去的地方",
    "": "系统出现没有预料到的错误",
}
PENDING = {
    "case_started": "发起{noun}",
    "task_submitted": "提交",
    "task_skipped": "批准跳过",
    "timer_fired": "到期",
    "message_received": "收到消息",
    "signal_received": "收到信号",
    "calendar_applied": "按新的工作日历重新计算",
}


@dataclass(frozen=True)
class Answered:
    """The answers to one task that are in force in the case; `correctable` when its form has a field to correct."""

    element: str
    name: str
    answers: tuple[Shown, ...]
    correctable: bool


@dataclass(frozen=True)
class Stopped:
    """`pending` says in words what could not be carried out; `submitted` is what a person gave with it.

    `noun` is what a case of its procedure is called.
    """

    case: str
    title: str
    number: str
    process: str
    unit_name: str
    opened_at: datetime
    element: str
    name: str
    step: str
    kind: str
    message: str
    help: str
    rule: str
    pending: str
    by: str
    submitted: Answered | None
    may_give_back: bool
    facts: tuple[Shown, ...]
    data: tuple[Answered, ...]
    attempts: int
    begun: bool
    noun: str


@dataclass(frozen=True)
class Correcting:
    """One form with the fields that may be corrected, as they stand."""

    case: str
    title: str
    element: str
    name: str
    form: Form
    typed: tuple[tuple[str, str], ...]
    answers: Mapping[str, Any]
    choices: Mapping[str, tuple[Choice, ...]]
    noun: str

    def changed(self, posted: list[tuple[str, str]]) -> dict[str, Any]:
        """The fields whose value differs; None for one that was emptied."""
        given = self.form.read(posted)
        keys = [field.key for field in self.form.fields]
        return {key: given.get(key) for key in keys if given.get(key) != self.answers.get(key)}


@dataclass(frozen=True)
class _Standing:
    """A stopped case with what is known of it."""

    row: Case
    bundle: Bundle
    model: Model
    opened: Mapping[str, Any]  # the event that says why
    pending: Mapping[str, Any] | None
    known: Mapping[str, Any]
    events: tuple[journal.Recorded, ...]


def stopped(reader: Reader, actor: Actor, case: str) -> Stopped:
    """Raises NotAllowed for others than operators, Conflict when the case has not stopped."""
    standing = _standing(reader, actor, case)
    row, told = standing.row, standing.opened["data"]
    named = namer(reader)
    pending = standing.pending or {}
    element = told.get("element", "")
    answered = {name: _answered(standing, name, data, named) for name, data in _forms_of(standing)}
    return Stopped(
        case=row.id,
        title=row.title,
        number=row.number,
        process=row.process,
        unit_name=unit_name(reader, row.unit_id),
        opened_at=journal.read_time(standing.opened["at"]),
        element=element,
        name=told.get("name") or told["path"],
        step=title_of(_diagram(standing.model, element)),
        kind=KINDS[told.get("kind", "")],
        message=told["message"],
        help=told["help"],
        rule=told.get("rule", ""),
        pending=_words(pending, noun(standing.bundle.files)),
        by=pending.get("actor", {}).get("name", ""),
        submitted=_submitted(standing, named),
        may_give_back=pending.get("type") == "task_submitted",
        facts=_facts(reader, standing),
        data=tuple(answered.values()),
        attempts=_attempts(standing),
        begun=bool(row.state),
        noun=noun(standing.bundle.files),
    )


def correcting(reader: Reader, actor: Actor, case: str, element: str) -> Correcting:
    """The form of what is pending, or of an earlier task. Raises NotFound when there is nothing to correct."""
    standing = _standing(reader, actor, case)
    answers = dict(_forms_of(standing)).get(element)
    if _pending_task(standing) == element and standing.pending:
        answers = standing.pending["data"]
    path = _form(standing, element)
    if answers is None or not path:
        raise NotFound("没有可以更正的这张表", help="请从停下来的那一件的页面重新打开。")
    form = forms.load(standing.bundle.files, path)
    form = replace(form, fields=tuple(field for field in form.fields if _is_open(field)))
    kept = {field.key: answers[field.key] for field in form.fields if field.key in answers}
    typed = tuple((name, text) for name, text in form.pairs(kept))
    choices = for_unit(reader, standing.row.unit_id)
    name = _names(standing.model).get(element, element)
    called = noun(standing.bundle.files)
    return Correcting(case, standing.row.title, element, name, form, typed, kept, choices, called)


def _standing(reader: Reader, actor: Actor, case: str) -> _Standing:
    entitlement.check_role(actor, "operator")
    row = cases.load(reader.db, case)
    found = next(iter(incidents.standing(reader.db, case)), None)
    if row.status != cases.INCIDENT or found is None:
        raise Conflict("这一件没有停下来", help="请从运行维护的列表重新打开。")
    events = tuple(journal.of_case(reader.db, case))
    opened = next(event.body for event in events if event.seq == found.seq)
    model = definitions.model(reader.db, row.definition_hash)
    pending = incidents.pending(reader.db, case)
    known = run.data(run.revive(model, row.state)) if row.state and pending else {}
    bundle = definitions.bundle(reader.db, row.definition_hash)
    return _Standing(row, bundle, model, opened, pending, known, events)


def _words(pending: Mapping[str, Any], called: str) -> str:
    if not pending:
        return "没有待执行的操作"
    name = pending.get("task", {}).get("name") or pending.get("message") or pending.get("signal") or ""
    what = PENDING.get(pending["type"], pending["type"]).format(noun=called)
    return f"{what}{f'“{name}”' if name else ''}"


def _pending_task(standing: _Standing) -> str:
    pending = standing.pending or {}
    return str(pending["task"]["element"]) if pending.get("type") == "task_submitted" else ""


def _submitted(standing: _Standing, named: Any) -> Answered | None:
    element = _pending_task(standing)
    return _answered(standing, element, (standing.pending or {})["data"], named) if element else None


def _answered(standing: _Standing, element: str, data: Mapping[str, Any], named: Any) -> Answered:
    path = _form(standing, element)
    fields = forms.load(standing.bundle.files, path).fields if path else ()
    return Answered(
        element,
        _names(standing.model).get(element, element),
        shown(standing.bundle.files, path, data, named),
        any(map(_is_open, fields)),
    )


def _forms_of(standing: _Standing) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Earlier tasks with the answers that are in force; those of single items are corrected by doing them again."""
    for name, value in standing.known.items():
        if isinstance(value, Mapping) and _form(standing, name):
            yield name, value


def _facts(reader: Reader, standing: _Standing) -> tuple[Shown, ...]:
    """Facts in the words of their forms where they have any, then variables that no form gave."""
    told = procedure.of(standing.bundle)
    facts = standing.row.facts if standing.row.state else (standing.pending or {}).get("data", {})
    known = {name: facts[name] for name in told.facts if facts.get(name) not in (None, "", [])}
    words = facts_in_words(reader, standing.bundle, standing.row.unit_id, known)
    in_words = {fact.name: Shown(fact.name, fact.title, fact.shown) for fact in words}
    declared = [in_words.get(name) or fact_shown(told, name, value) for name, value in known.items()]
    plain = {name: value for name, value in standing.known.items() if not _form(standing, name)}
    plain |= {} if standing.row.state else incidents.brought(standing.pending or {})
    return (*declared, *(Shown(name, name, _plain(value)) for name, value in plain.items()))


def _plain(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _attempts(standing: _Standing) -> int:
    """How often the case has stopped since it last went on."""
    count = 0
    for event in standing.events:
        if event.type == incidents.OPENED:
            count = count + 1 if "retry" in event.body.get("pending", {}) else 1
    return count


def _form(standing: _Standing, element: str) -> str:
    return next((path for (_, task), path in standing.model.forms.items() if task == element), "")


def _names(model: Model) -> dict[str, str]:
    return {drawn.id: drawn.name or drawn.id for drawn in model.elements.values()}


def _diagram(model: Model, element: str) -> str:
    return next((drawn.diagram for drawn in model.elements.values() if drawn.id == element), "")


def _is_open(field: Field) -> bool:
    """Files come with the person who uploads them, personal values stay with whoever collected them."""
    private = field.personal or any(column.personal for column in field.columns)
    return not private and field.kind != "attachments" and all(c.kind != "attachments" for c in field.columns)
