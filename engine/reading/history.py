"""The auditor's view of a case: every event with the diagram that was in force, step by step. Knows events only."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import definitions, journal, procedure
from engine.bpmn import outline
from engine.clock import SHANGHAI
from engine.database import dumps
from engine.errors import NotAllowed, NotFound
from engine.people import Actor
from engine.reading.answers import Shown
from engine.reading.case import entry, visible
from engine.work import Reader

AUDITING = frozenset(("auditor", "supervision", "org_department", "civil_affairs"))


@dataclass(frozen=True)
class Passed:
    """One element entered, left or cancelled; `flow` led into it."""

    diagram: str
    element: str
    what: str
    flow: str


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
    answers: tuple[Shown, ...]
    passed: tuple[Passed, ...]
    outside: tuple[tuple[str, str, str], ...]  # operation, arguments, result
    hash: str
    prev: str
    digest: str
    body: str


@dataclass(frozen=True)
class Diagram:
    id: str
    title: str


@dataclass(frozen=True)
class Replay:
    case: str
    title: str
    number: str
    unit: str
    definition: str
    basis: tuple[tuple[str, str], ...]
    moments: tuple[Moment, ...]
    diagrams: tuple[Diagram, ...]


def replay(reader: Reader, actor: Actor, case: str) -> Replay:
    """Raises NotFound for a case that is not the actor's to see."""
    row = visible(reader, actor, case)
    bundle = definitions.bundle(reader.db, row.definition_hash)
    told = procedure.of(bundle)
    return Replay(
        case=row.id,
        title=row.title,
        number=row.number,
        unit=row.unit_id,
        definition=row.definition_hash,
        basis=tuple((key, value) for key, value in told.basis.items()),
        moments=tuple(_moment(bundle, told, event) for event in journal.of_case(reader.db, row.id)),
        diagrams=tuple(Diagram(drawn.id, drawn.title) for drawn in outline.diagrams(bundle, told.main)),
    )


def drawing(reader: Reader, actor: Actor, definition: str, diagram: str) -> bytes:
    """The bytes of a diagram exactly as they were deployed. Raises NotFound."""
    bundle = definitions.bundle(reader.db, definition)
    content = bundle.files.get(f"{diagram}.bpmn")
    if content is None:
        raise NotFound("没有找到这张流程图", help="请从议题页面重新打开。")
    return content


def journal_csv(reader: Reader, actor: Actor, case: str) -> str:
    """The journal as a table for spreadsheets: one line per event, every cell harmless."""
    told = replay(reader, actor, case)
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(
        (
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
    )
    for moment in told.moments:
        table.writerow([_cell(value) for value in _line(told, moment)])
    return "\ufeff" + written.getvalue()


def check_may_audit(actor: Actor) -> None:
    """The history of every unit is for those whose office it is."""
    if not actor.roles & AUDITING:
        raise NotAllowed("历史回放由审计和督查人员查看", help="您可以在议题页面查看本单位议题的办理经过。")


def _moment(bundle: Any, told: procedure.Procedure, event: journal.Recorded) -> Moment:
    words, body = entry(bundle, told, event), event.body
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
        answers=words.answers,
        passed=tuple(_passed(trace) for trace in body.get("trace", ())),
        outside=tuple((asked, _short(given), _short(got)) for asked, given, got in body.get("outside", ())),
        hash=event.hash,
        prev=body["prev"],
        digest=body.get("digest", ""),
        body=dumps(body),
    )


def _passed(trace: list[str]) -> Passed:
    what, path, diagram, flow = trace
    return Passed(diagram, path.rsplit("/", 1)[-1].split("#")[0].split("[")[0], what, flow)


def _short(value: Any) -> str:
    text = dumps(value)
    return text if len(text) <= 400 else text[:400] + "…"


def _line(told: Replay, moment: Moment) -> tuple[str, ...]:
    filled = "；".join(
        f"{answer.title}：{answer.text or '／'.join('，'.join(row) for row in answer.rows)}"
        for answer in moment.answers
    )
    at = moment.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    return (
        str(moment.seq),
        at,
        moment.title,
        moment.who,
        moment.post,
        moment.on_behalf_of,
        filled,
        told.definition,
        moment.hash,
        moment.prev,
    )


def _cell(value: str) -> str:
    """A spreadsheet must not take what somebody typed for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
