"""The auditor's view of a case: every event with the diagram that was in force, step by step. Knows events only."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select

from engine import definitions, journal, procedure
from engine.audit import verify
from engine.bpmn import outline
from engine.bpmn.step import Bundle
from engine.clock import SHANGHAI
from engine.database import dumps
from engine.definitions import Release
from engine.directory import Unit
from engine.entitlement import may_read_personal
from engine.errors import NotAllowed
from engine.people import Actor
from engine.personal import sealed_in
from engine.reading import drawings, entries
from engine.reading.answers import Named, Shown
from engine.reading.case import File, files_of, visible
from engine.reading.counted import back_to
from engine.reading.entries import Entry, attachment_ids
from engine.reading.named import namer
from engine.reading.spreadsheet import table
from engine.reexecution import MOVED
from engine.work import Reader

AUDITING = frozenset(("auditor", "supervision", "org_department", "civil_affairs"))
BASIS = {
    "document": "文号",
    "issuer": "发文机关",
    "date": "成文日期",
    "effective_from": "施行日期",
    "approval": "审议",
}
HEADINGS = (
    "序号",
    "时间",
    "事项",
    "办理人",
    "岗位",
    "代为办理",
    "填写内容",
    "流程版本",
    "校验值",
    "上一条校验值",
)


@dataclass(frozen=True)
class Passed:
    """One element entered, left or cancelled; `flow` led into it."""

    diagram: str
    element: str
    what: str
    flow: str


@dataclass(frozen=True)
class Open:
    """An element that is open after an event."""

    diagram: str
    element: str
    name: str


@dataclass(frozen=True)
class Moment:
    """One event as the replay shows it."""

    seq: int
    at: datetime
    type: str
    title: str
    who: str
    post: str
    unit: str
    on_behalf_of: str
    element: str
    diagram: str
    answers: tuple[Shown, ...]
    passed: tuple[Passed, ...]
    active: tuple[Open, ...]
    definition: str  # the version in force after it
    outside: tuple[tuple[str, str, str], ...]  # operation, arguments, result
    sealed: tuple[tuple[str, str], ...]  # path and commitment of personal values
    hash: str
    prev: str
    digest: str
    body: str
    back_to: int  # a return: the case stands as before this event again; else 0
    undone: bool  # a later return went back over it
    by_form: bool  # as in entries.Entry


@dataclass(frozen=True)
class Diagram:
    id: str
    title: str


@dataclass(frozen=True)
class Version:
    """One that a case ran on, with its drawings; number 0 when it was never released."""

    definition: str
    number: int
    released_at: datetime | None
    released_by: str
    note: str
    diagrams: tuple[Diagram, ...]


@dataclass(frozen=True)
class Replay:
    case: str
    title: str
    number: str
    unit_name: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    definition: str
    versions: tuple[Version, ...]  # all that it ran on, in the order in which it came to them
    basis: tuple[tuple[str, str], ...]
    personal: bool  # whether the reader may ask for personal values
    moments: tuple[Moment, ...]
    files: Mapping[str, File]

    @property
    def version(self) -> Version:
        """The present one."""
        return next(version for version in self.versions if version.definition == self.definition)


def replay(reader: Reader, actor: Actor, case: str) -> Replay:
    """Raises NotAllowed for those who do not audit, NotFound for a case that is not the actor's to see."""
    check_may_audit(actor)
    row = visible(reader, actor, case)
    told = procedure.of(definitions.bundle(reader.db, row.definition_hash))
    events = list(journal.of_case(reader.db, row.id))
    moments = _moments(partial(definitions.bundle, reader.db), told, events, namer(reader))
    ran_on = dict.fromkeys((*(moment.definition for moment in moments), row.definition_hash))
    unit = reader.db.get(Unit, row.unit_id)
    return Replay(
        personal=may_read_personal(reader.db, actor, row.unit_id),
        case=row.id,
        title=row.title,
        number=row.number,
        unit_name=unit.name if unit else row.unit_id,
        status=row.status,
        started_at=row.started_at,
        ended_at=row.ended_at,
        definition=row.definition_hash,
        versions=tuple(_version(reader, definition) for definition in ran_on),
        basis=tuple((BASIS.get(key, key), value) for key, value in told.basis.items()),
        moments=moments,
        files=files_of(reader, row, attachment_ids(each.answers for each in moments)),
    )


def drawing(reader: Reader, definition: str, diagram: str) -> bytes:
    """The bytes of a diagram exactly as they were deployed. Raises NotFound."""
    return drawings.content(definitions.bundle(reader.db, definition), diagram)


def verified(reader: Reader, actor: Actor, case: str) -> verify.Verdict:
    """Chain and re-execution of one case. Raises as `replay` does."""
    check_may_audit(actor)
    return verify.verify_case(reader, visible(reader, actor, case).id)


def journal_csv(reader: Reader, actor: Actor, case: str) -> str:
    """The journal as a table for spreadsheets: one line per event, every cell harmless."""
    told = replay(reader, actor, case)
    return table(HEADINGS, (_line(moment) for moment in told.moments))


def may_audit(actor: Actor) -> bool:
    return bool(actor.roles & AUDITING)


def check_may_audit(actor: Actor) -> None:
    """The history of every unit is for those whose office it is."""
    if not may_audit(actor):
        raise NotAllowed("历史回放由审计和督查人员查看", help="您可以在议题页面查看本单位议题的办理经过。")


def _moments(
    versions: entries.Versions, told: procedure.Procedure, events: list[journal.Recorded], named: Named
) -> tuple[Moment, ...]:
    """With what is open after each: what was entered and not left since."""
    at = entries.in_force(versions, events)
    names_in = {bundle.hash: _names(bundle, told) for bundle in at.values()}
    open_ones: dict[str, Open] = {}
    open_after: dict[int, dict[str, Open]] = {0: {}}
    moments = []
    for event, words in zip(events, entries.log(versions, told, events, named), strict=True):
        if back_to(event):
            open_ones = dict(open_after[back_to(event) - 1])
        if event.type == "case_cancelled":
            open_ones = {}
        if event.type == MOVED:  # what is open stays open, under the names of the new version
            names = names_in[at[event.seq].hash]
            open_ones = {path: _renamed(each, names) for path, each in open_ones.items()}
        for what, path, diagram, _flow in event.body.get("trace", ()):
            open_ones.pop(path, None)
            element = drawings.element_of(path)
            name = names_in[at[event.seq].hash].get(diagram, {}).get(element, "")
            if what == "entered" and name:
                open_ones[path] = Open(diagram, element, name)
        open_after[event.seq] = dict(open_ones)
        active = tuple(dict.fromkeys(open_ones.values()))
        moments.append(_moment(words, event, active, at[event.seq].hash))
    return tuple(moments)


def _renamed(open_one: Open, names: Mapping[str, Mapping[str, str]]) -> Open:
    name = names.get(open_one.diagram, {}).get(open_one.element)
    return replace(open_one, name=name or open_one.name)


def _names(bundle: Bundle, told: procedure.Procedure) -> dict[str, Mapping[str, str]]:
    """Of every element by diagram."""
    return {drawn.id: drawn.names for drawn in outline.diagrams(bundle, told.main)}


def _moment(words: Entry, event: journal.Recorded, active: tuple[Open, ...], definition: str) -> Moment:
    body = event.body
    return Moment(
        seq=event.seq,
        at=event.at,
        type=event.type,
        title=words.title,
        who=words.who,
        post=words.post,
        unit=words.unit,
        on_behalf_of=words.on_behalf_of,
        element=words.element,
        diagram=words.diagram,
        answers=words.answers,
        passed=tuple(_passed(trace) for trace in body.get("trace", ())),
        active=active,
        definition=definition,
        outside=tuple((asked, _short(given), _short(got)) for asked, given, got in body.get("outside", ())),
        sealed=tuple(sealed_in(body.get("data") or {})),
        hash=event.hash,
        prev=body["prev"],
        digest=body.get("digest", ""),
        body=dumps(body),
        back_to=back_to(event),
        undone=words.undone,
        by_form=words.by_form,
    )


def _passed(trace: list[str]) -> Passed:
    what, path, diagram, flow = trace
    return Passed(diagram, drawings.element_of(path), what, flow)


def _version(reader: Reader, definition: str) -> Version:
    row = reader.db.scalars(
        select(Release).where(Release.definition_hash == definition).order_by(Release.number).limit(1)
    ).first()
    bundle = definitions.bundle(reader.db, definition)
    drawn = outline.diagrams(bundle, procedure.of(bundle).main)
    shown = tuple(Diagram(diagram.id, diagram.title) for diagram in drawn)
    if row is None:
        return Version(definition, 0, None, "", "", shown)
    return Version(definition, row.number, row.released_at, row.released_by, row.note, shown)


def _short(value: Any) -> str:
    text = dumps(value)
    return text if len(text) <= 400 else text[:400] + "…"


def _line(moment: Moment) -> tuple[str, ...]:
    filled = "；".join(
        f"{answer.title}：{answer.text or '／'.join('，'.join(row) for row in answer.rows)}"
        for answer in moment.answers
    )
    at = moment.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    return (
        str(moment.seq),
        at,
        f"{moment.title}（已退回）" if moment.undone else moment.title,
        moment.who,
        moment.post,
        moment.on_behalf_of,
        filled,
        moment.definition,
        moment.hash,
        moment.prev,
    )
