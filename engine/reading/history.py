"""The auditor's view of a case: every event with the diagram that was in force, step by step. Knows events only."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select

from engine import definitions, incidents, journal, procedure
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
from engine.reading.elements import title_of
from engine.reading.entries import Entry, attachment_ids
from engine.reading.named import namer
from engine.reading.spreadsheet import table
from engine.reading.steps import noun
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
    stopped: bool  # after it the case waits for an operator


@dataclass(frozen=True)
class Diagram:
    """`elements` (id, title) are listed where nobody can draw the file: it has no shapes."""

    id: str
    title: str
    elements: tuple[tuple[str, str], ...] = ()


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
    noun: str  # what a case of this procedure is called
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


@dataclass(frozen=True)
class _Sheet:
    """The drawings of one version: process → diagram, (diagram, element) → what it is called."""

    home: Mapping[str, str]
    names: Mapping[tuple[str, str], str]


def replay(reader: Reader, actor: Actor, case: str) -> Replay:
    """Raises NotAllowed for those who do not audit, NotFound for a case that is not the actor's to see."""
    check_may_audit(actor)
    row = visible(reader, actor, case)
    bundle = definitions.bundle(reader.db, row.definition_hash)
    told = procedure.of(bundle)
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
        noun=noun(bundle.files),
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
        raise NotAllowed("历史回放由审计和督查人员查看", help="您可以在各件办理的页面查看本单位的办理经过。")


def _moments(
    versions: entries.Versions, told: procedure.Procedure, events: list[journal.Recorded], named: Named
) -> tuple[Moment, ...]:
    """With what is open after each: what was entered and not left since."""
    at = entries.in_force(versions, events)
    sheets = {bundle.hash: _sheet(bundle, told) for bundle in at.values()}
    halted = frozenset(_stopped(events))
    open_ones: dict[str, Open] = {}
    open_after: dict[int, dict[str, Open]] = {0: {}}
    moments = []
    for event, words in zip(events, entries.log(versions, told, events, named), strict=True):
        sheet = sheets[at[event.seq].hash]
        if back_to(event):
            open_ones = dict(open_after[back_to(event) - 1])
        if event.type == "case_cancelled":
            open_ones = {}
        if event.type == MOVED:  # what is open stays open, under the names of the new version
            open_ones = {path: _renamed(each, sheet.names) for path, each in open_ones.items()}
        passed = _passed(event, sheet.home)
        for path, one in passed:
            open_ones.pop(path, None)
            if one.what == "entered" and (one.diagram, one.element) in sheet.names:
                open_ones[path] = Open(one.diagram, one.element, sheet.names[one.diagram, one.element])
        open_after[event.seq] = dict(open_ones)
        active = tuple(dict.fromkeys(open_ones.values()))
        moment = _moment(words, event, active, at[event.seq].hash, tuple(one for _, one in passed))
        moments.append(replace(moment, stopped=event.seq in halted))
    return tuple(moments)


def _stopped(events: Iterable[journal.Recorded]) -> Iterator[int]:
    """Events after which the case stands still: from an incident until it moves, is mended or ends."""
    standing = False
    for event in events:
        ends = event.type in (incidents.CLOSED, incidents.GIVEN_BACK, "case_cancelled") or back_to(event)
        standing = event.type == incidents.OPENED or (standing and not ends and not event.body.get("trace"))
        if standing:
            yield event.seq


def _sheet(bundle: Bundle, told: procedure.Procedure) -> _Sheet:
    """A gateway that nobody has named is no work: it is left out while it waits for its branches."""
    drawn = outline.diagrams(bundle, told.main)
    named = (
        (one, element)
        for one in drawn
        for element in one.elements
        if element.name or not element.kind.endswith("Gateway")
    )
    return _Sheet(outline.homes(drawn), {(one.id, element.id): title_of(element) for one, element in named})


def _renamed(open_one: Open, names: Mapping[tuple[str, str], str]) -> Open:
    return replace(open_one, name=names.get((open_one.diagram, open_one.element), open_one.name))


def _passed(event: journal.Recorded, home: Mapping[str, str]) -> tuple[tuple[str, Passed], ...]:
    """With the path of each; `home` says in which diagram a process is drawn."""
    return tuple(
        (path, Passed(home.get(process, process), drawings.element_of(path), what, flow))
        for what, path, process, flow in event.body.get("trace", ())
    )


def _moment(
    words: Entry,
    event: journal.Recorded,
    active: tuple[Open, ...],
    definition: str,
    passed: tuple[Passed, ...],
) -> Moment:
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
        passed=passed,
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
        stopped=False,
    )


def _version(reader: Reader, definition: str) -> Version:
    row = reader.db.scalars(
        select(Release).where(Release.definition_hash == definition).order_by(Release.number).limit(1)
    ).first()
    bundle = definitions.bundle(reader.db, definition)
    drawn = outline.diagrams(bundle, procedure.of(bundle).main)
    shown = tuple(Diagram(diagram.id, diagram.title, _listed(diagram)) for diagram in drawn)
    if row is None:
        return Version(definition, 0, None, "", "", shown)
    return Version(definition, row.number, row.released_at, row.released_by, row.note, shown)


def _listed(drawn: outline.Diagram) -> tuple[tuple[str, str], ...]:
    return () if drawn.shapes else tuple((element.id, title_of(element)) for element in drawn.elements)


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
