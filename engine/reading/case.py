"""One case as its page shows it: where it stands, who did what when, what is open, what was published.

Knows tables and the definition in force; nothing of a workflow object.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import select

from engine import attachments, cases, definitions, entitlement, journal, people, procedure, worklist
from engine.bpmn.step import Bundle
from engine.cases import Case
from engine.directory import Unit
from engine.errors import NotFound
from engine.incidents import Incident
from engine.operations import PLATFORMS
from engine.outbox import Outgoing
from engine.people import Actor
from engine.reading import entries, matter, skipping, steering
from engine.reading.drawings import ACTIVE, DONE, Drawing, drawings
from engine.reading.due import days_left
from engine.reading.entries import Entry, attachment_ids
from engine.reading.ledger import is_listed
from engine.reading.named import namer
from engine.reading.skipping import Skip
from engine.reading.steering import Steering
from engine.reading.steps import STEPS, TOPIC, StepName, noun, step_of
from engine.records.notices import Notice
from engine.records.submissions import Submission
from engine.timers import Timer
from engine.work import Reader

TODO = "todo"
PLAIN_FACTS = ("chair_name", "meeting_on", "filing_number", "receipt_cloud", "receipt_service")


@dataclass(frozen=True)
class StepState:
    """One of the seven steps: `state` is done, active or todo."""

    diagram: str
    number: int
    title: str
    state: str


@dataclass(frozen=True)
class OpenTask:
    id: str
    element: str
    name: str
    label: str
    lane_name: str
    who: tuple[str, ...]
    mine: bool
    due_on: date | None
    due_provisional: bool
    days_left: int | None


@dataclass(frozen=True)
class Wait:
    """A timer the case waits for."""

    name: str
    element: str
    due_at: datetime


@dataclass(frozen=True)
class Upload:
    id: str
    platform: str
    status: str
    attempts: int
    receipt: str
    error: str
    created_at: datetime


@dataclass(frozen=True)
class NoticeLine:
    number: str
    posted_on: date
    ends_at: datetime
    status: str


@dataclass(frozen=True)
class File:
    id: str
    name: str
    size: int


@dataclass(frozen=True)
class Document:
    """A file of the case: in which step, with which entry, by whom it came."""

    file: File
    step: str
    entry: str
    who: str
    at: datetime


@dataclass(frozen=True)
class Raised:
    """A submission behind the case."""

    id: str
    number: str
    wording: str
    received_on: date
    mentions: int


@dataclass(frozen=True)
class Chapter:
    """What was done in one step, newest first; `step` is None for what belongs to none."""

    step: StepName | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class CasePage:
    """`inside`: the case is of the actor's own units, not only one in which he takes part.

    `noun` is what a case of its procedure is called. Only a 议题 has `steps`; any other has its `matter`. `declared`
    are the facts that its procedure knows.
    """

    id: str
    number: str
    title: str
    unit_name: str
    street_name: str
    inside: bool
    in_ledger: bool
    level: str
    chair: str
    status: str
    result: str
    started_at: datetime
    ended_at: datetime | None
    events: int
    definition: str
    procedure: str  # its title
    release: int
    steps: tuple[StepState, ...]
    tasks: tuple[OpenTask, ...]
    waits: tuple[Wait, ...]
    log: tuple[Chapter, ...]
    drawings: tuple[Drawing, ...]
    documents: tuple[Document, ...]
    files: Mapping[str, File]
    raised: tuple[Raised, ...]
    notices: tuple[NoticeLine, ...]
    uploads: tuple[Upload, ...]
    incident: str
    facts: tuple[tuple[str, str], ...]
    steering: Steering
    skips: tuple[Skip, ...]
    may_read_personal: bool
    noun: str
    declared: frozenset[str]
    matter: matter.Matter | None


def page(reader: Reader, actor: Actor, case: str) -> CasePage:
    """Raises NotFound when the case is not there or not the actor's to see."""
    row = visible(reader, actor, case)
    bundle = definitions.bundle(reader.db, row.definition_hash)
    told = procedure.of(bundle)
    bodies = list(journal.of_case(reader.db, row.id))
    named = namer(reader)
    log = entries.log(partial(definitions.bundle, reader.db), told, bodies, named)
    drawn = drawings(bundle, bodies, log)
    files = files_of(reader, row, attachment_ids(each.answers for each in log))
    unit = reader.db.get(Unit, row.unit_id)
    street = reader.db.get(Unit, unit.parent_id) if unit and unit.parent_id else None
    called = noun(bundle.files)
    return CasePage(
        id=row.id,
        number=row.number,
        title=row.title,
        unit_name=unit.name if unit else row.unit_id,
        street_name=street.name if street else "",
        inside=row.unit_id in people.scope(reader.db, actor),
        in_ledger=is_listed(row.facts),
        level=row.level,
        chair=str(row.facts.get("chair_name") or ""),
        status=row.status,
        result=str(told.ends.get(row.ended, {}).get("title", "")),
        started_at=row.started_at,
        ended_at=row.ended_at,
        events=row.seq,
        definition=row.definition_hash,
        procedure=told.title,
        release=_release_number(reader, row.definition_hash),
        steps=steps(drawn),
        tasks=_tasks(reader, actor, row.id),
        waits=_waits(reader, row.id),
        log=_chapters(log),
        drawings=drawn,
        documents=_documents(log, files),
        files=files,
        raised=_raised(reader, row.id),
        notices=_notices(reader, row.id),
        uploads=uploads(reader, row.id),
        incident=_incident(reader, row),
        facts=_facts(told, row.facts),
        steering=steering.of_case(reader, actor, row),
        skips=skipping.of_case(reader, actor, row, told),
        may_read_personal=_keeps_personal(bundle)
        and entitlement.may_read_personal(reader.db, actor, row.unit_id),
        noun=called,
        declared=frozenset(told.facts),
        matter=None if called == TOPIC else matter.of_case(reader, row, bodies),
    )


def visible(reader: Reader, actor: Actor, case: str) -> Case:
    """The case if the actor may see it: of his units, or one in which he has or had a task."""
    row = cases.load(reader.db, case)
    if row.unit_id in people.scope(reader.db, actor) or _takes_part(reader, actor, case):
        return row
    raise NotFound("没有找到这一件", help="请从列表重新打开。")


def noun_of(reader: Reader, case: str) -> str:
    """What this case is called: 议题 or 事项. Raises NotFound."""
    return noun(definitions.bundle(reader.db, cases.load(reader.db, case).definition_hash).files)


def steps(drawn: tuple[Drawing, ...]) -> tuple[StepState, ...]:
    """The seven steps as the main diagram has them: 6 and 7 may be active side by side. None where none is drawn."""
    states = {drawing.diagram: _state(drawing) for drawing in drawn}
    called = {
        drawn[0].calls[mark.element]: mark.state for mark in drawn[0].marks if mark.element in drawn[0].calls
    }
    return tuple(
        StepState(step.id, step.number, step.title, called.get(step.id, states.get(step.id, TODO)))
        for step in STEPS
        if step.id in states
    )


def _keeps_personal(bundle: Bundle) -> bool:
    """Whether any of its forms asks for what is kept sealed."""
    return any(
        b'"x-personal"' in content for path, content in bundle.files.items() if path.startswith("forms/")
    )


def uploads(reader: Reader, case: str) -> tuple[Upload, ...]:
    rows = reader.db.scalars(select(Outgoing).where(Outgoing.case_id == case).order_by(Outgoing.created_at))
    return tuple(
        Upload(
            row.id,
            PLATFORMS.get(row.target, row.target),
            row.status,
            row.attempts,
            row.receipt,
            row.error,
            row.created_at,
        )
        for row in rows
    )


def _state(drawing: Drawing) -> str:
    if drawing.active:
        return ACTIVE
    return DONE if drawing.entered else TODO


def files_of(reader: Reader, row: Case, ids: Iterable[str]) -> dict[str, File]:
    """Names and sizes of files of the case's unit; unknown ids are left out."""
    found = attachments.of_unit(reader.db, row.unit_id, ids)
    return {id: File(id, file.name, file.size) for id, file in found.items()}


def _chapters(log: tuple[Entry, ...]) -> tuple[Chapter, ...]:
    """The log by steps, the step with the newest entry first."""
    found: dict[StepName | None, list[Entry]] = {}
    for each in reversed(log):
        found.setdefault(step_of(each.diagram), []).append(each)
    return tuple(Chapter(step, tuple(entries)) for step, entries in found.items())


def _documents(log: tuple[Entry, ...], files: Mapping[str, File]) -> tuple[Document, ...]:
    """Every file once, where it came in first, in the order of the steps."""
    found: dict[str, Document] = {}
    for told in log:
        step = step_of(told.diagram)
        where = f"{step.number} {step.title}" if step else ""
        for id in attachment_ids((told.answers,)):
            if id in files and id not in found:
                title = told.title.removeprefix("办理：")
                found[id] = Document(files[id], where, title, told.who, told.at)
    return tuple(sorted(found.values(), key=lambda document: (document.step, document.at)))


def _raised(reader: Reader, case: str) -> tuple[Raised, ...]:
    rows = reader.db.scalars(select(Submission).where(Submission.case_id == case).order_by(Submission.number))
    return tuple(
        Raised(row.id, row.number, row.original_wording, row.received_on, row.mentions) for row in rows
    )


def _tasks(reader: Reader, actor: Actor, case: str) -> tuple[OpenTask, ...]:
    left = days_left(reader)
    return tuple(
        _task(reader, actor, item, left(item.due_on)) for item in worklist.open_items(reader.db, case)
    )


def _task(reader: Reader, actor: Actor, item: worklist.WorkItem, left: int | None) -> OpenTask:
    offered = worklist.candidates(reader.db, item.id)
    return OpenTask(
        id=item.id,
        element=item.element,
        name=item.name,
        label=item.label,
        lane_name=item.lane_name,
        who=people.named(reader.db, offered, reader.today),
        mine=people.may_act(reader.db, actor.person, offered, reader.today) is not None,
        due_on=item.due_on,
        due_provisional=item.due_provisional,
        days_left=left,
    )


def _waits(reader: Reader, case: str) -> tuple[Wait, ...]:
    rows = reader.db.scalars(select(Timer).where(Timer.case_id == case).order_by(Timer.due_at))
    return tuple(Wait(row.name or row.element, row.element, row.due_at) for row in rows)


def _notices(reader: Reader, case: str) -> tuple[NoticeLine, ...]:
    rows = reader.db.scalars(select(Notice).where(Notice.case_id == case).order_by(Notice.number))
    return tuple(NoticeLine(row.number, row.posted_on, row.ends_at, row.status) for row in rows)


def _incident(reader: Reader, row: Case) -> str:
    if row.status != cases.INCIDENT:
        return ""
    found = reader.db.scalars(
        select(Incident).where(Incident.case_id == row.id).order_by(Incident.id.desc())
    ).first()
    return f"{found.message} {found.help}" if found else ""


def _facts(told: procedure.Procedure, facts: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Facts that read as a line: numbers, names, dates."""
    return tuple(
        (str(declared.get("title", name)), str(facts[name]))
        for name, declared in told.facts.items()
        if isinstance(facts.get(name), str) and facts[name] and name in PLAIN_FACTS
    )


def _takes_part(reader: Reader, actor: Actor, case: str) -> bool:
    rows = reader.db.scalars(select(worklist.WorkItem).where(worklist.WorkItem.case_id == case))
    return any(
        row.done_by == actor.person
        or people.may_act(reader.db, actor.person, worklist.candidates(reader.db, row.id), reader.today)
        is not None
        for row in rows
    )


def _release_number(reader: Reader, definition: str) -> int:
    found = reader.db.scalars(
        select(definitions.Release.number)
        .where(definitions.Release.definition_hash == definition)
        .order_by(definitions.Release.number)
    ).first()
    return found or 0
