"""One case as its page shows it: where it stands, who did what when, what is open, what was published.

Knows tables and the definition in force; nothing of a workflow object.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from engine import cases, definitions, journal, people, procedure, timers, worklist
from engine.bpmn import outline
from engine.bpmn.step import Bundle
from engine.cases import Case
from engine.directory import Unit
from engine.errors import NotFound
from engine.incidents import Incident
from engine.outbox import Outgoing
from engine.people import Actor
from engine.reading.answers import Shown, shown
from engine.records.notices import Notice
from engine.timers import Timer
from engine.work import Reader

DONE, ACTIVE, CANCELLED = "done", "active", "cancelled"
STEPS = (
    ("step1_topic", "确定议题"),
    ("step2_opinions", "征求意见"),
    ("step3_analysis", "分析研判"),
    ("step4_meeting", "协商议事"),
    ("step5_publicity", "项目公示"),
    ("step6_implementation", "项目实施"),
    ("step7_supervision", "监督执行"),
)
EVENT_TITLES = {
    "case_started": "发起议题",
    "task_submitted": "办理",
    "task_claimed": "认领",
    "task_released": "退回认领",
    "task_delegated": "转交",
    "timer_fired": "到期",
    "message_received": "收到",
    "incident_opened": "暂停办理，等待处理",
}
STATUS_TITLES = {
    cases.ACTIVE: "办理中",
    cases.SUSPENDED: "暂停",
    cases.INCIDENT: "等待运维处理",
    cases.COMPLETED: "已办结",
}


@dataclass(frozen=True)
class StepState:
    """One of the seven steps: `state` is done, active or todo."""

    diagram: str
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
    provisional: bool


@dataclass(frozen=True)
class Wait:
    """A timer the case waits for."""

    name: str
    element: str
    due_at: datetime


@dataclass(frozen=True)
class Entry:
    """One event in words."""

    seq: int
    at: datetime
    title: str
    who: str
    post: str
    unit: str
    on_behalf_of: str
    element: str
    answers: tuple[Shown, ...]
    hash: str


@dataclass(frozen=True)
class Mark:
    """How an element of a diagram is to be marked."""

    element: str
    state: str


@dataclass(frozen=True)
class Drawing:
    """One diagram of the definition and its marks; `calls` maps call activities to the diagrams they call."""

    diagram: str
    title: str
    marks: tuple[Mark, ...]
    calls: Mapping[str, str]


@dataclass(frozen=True)
class Upload:
    id: str
    target: str
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
class CasePage:
    id: str
    number: str
    title: str
    unit: str
    unit_name: str
    street_name: str
    level: str
    level_title: str
    status: str
    status_title: str
    result: str
    started_at: datetime
    ended_at: datetime | None
    events: int
    definition: str
    release: int
    steps: tuple[StepState, ...]
    tasks: tuple[OpenTask, ...]
    waits: tuple[Wait, ...]
    log: tuple[Entry, ...]
    drawings: tuple[Drawing, ...]
    notices: tuple[NoticeLine, ...]
    uploads: tuple[Upload, ...]
    incident: str
    facts: tuple[tuple[str, str], ...]


def page(reader: Reader, actor: Actor, case: str) -> CasePage:
    """Raises NotFound when the case is not there or not the actor's to see."""
    row = visible(reader, actor, case)
    bundle = definitions.bundle(reader.db, row.definition_hash)
    told = procedure.of(bundle)
    bodies = list(journal.of_case(reader.db, row.id))
    unit = reader.db.get(Unit, row.unit_id)
    street = reader.db.get(Unit, unit.parent_id) if unit and unit.parent_id else None
    return CasePage(
        id=row.id,
        number=row.number,
        title=row.title,
        unit=row.unit_id,
        unit_name=unit.name if unit else row.unit_id,
        street_name=street.name if street else "",
        level=row.level,
        level_title=level_title(told, row.level),
        status=row.status,
        status_title=STATUS_TITLES[row.status],
        result=str(told.ends.get(row.ended, {}).get("title", "")),
        started_at=row.started_at,
        ended_at=row.ended_at,
        events=row.seq,
        definition=row.definition_hash,
        release=_release_number(reader, row.definition_hash),
        steps=steps(row, bodies),
        tasks=_tasks(reader, actor, row.id),
        waits=_waits(reader, row.id),
        log=tuple(entry(bundle, told, event) for event in reversed(bodies)),
        drawings=drawings(bundle, bodies),
        notices=_notices(reader, row.id),
        uploads=uploads(reader, row.id),
        incident=_incident(reader, row),
        facts=_facts(told, row.facts),
    )


def visible(reader: Reader, actor: Actor, case: str) -> Case:
    """The case if the actor may see it: of his units, or one in which he has or had a task."""
    row = cases.load(reader.db, case)
    if row.unit_id in people.scope(reader.db, actor) or _takes_part(reader, actor, case):
        return row
    raise NotFound("没有找到这件议题", help="请从议题列表重新打开。")


def level_title(told: procedure.Procedure, level: str) -> str:
    values = told.facts.get("level", {}).get("values", {})
    return str(values.get(level, "")) or "尚未核定"


def steps(row: Case, bodies: list[journal.Recorded]) -> tuple[StepState, ...]:
    """Done steps are those that were entered and where nothing is open; 6 and 7 run side by side."""
    entered = {trace[2] for event in bodies for trace in event.body.get("trace", ())}
    here = set(row.stage.split()) | ({"step7_supervision"} if "supervision_round" in row.stage else set())
    furthest = max((n for n, (id, _) in enumerate(STEPS) if id in entered), default=0)
    return tuple(
        StepState(id, title, _step_state(row, id, n, here, entered, furthest))
        for n, (id, title) in enumerate(STEPS)
    )


def entry(bundle: Bundle, told: procedure.Procedure, event: journal.Recorded) -> Entry:
    """One event in words, with the answers on the form that was in force."""
    body, actor = event.body, event.body["actor"]
    task = body.get("task", {})
    return Entry(
        seq=event.seq,
        at=event.at,
        title=_title(told, event),
        who=actor.get("name", ""),
        post=actor.get("title", ""),
        unit=actor.get("unit", ""),
        on_behalf_of=actor.get("on_behalf_of", ""),
        element=task.get("element", ""),
        answers=_answers(bundle, body),
        hash=event.hash,
    )


def drawings(bundle: Bundle, bodies: list[journal.Recorded]) -> tuple[Drawing, ...]:
    """Every diagram of the definition, the main one first, marked with where the case is and has been."""
    marks = marks_after(bodies)
    return tuple(
        Drawing(
            drawn.id,
            drawn.title,
            tuple(Mark(element, state) for element, state in marks.get(drawn.id, {}).items()),
            drawn.calls,
        )
        for drawn in outline.diagrams(bundle, procedure.of(bundle).main)
    )


def marks_after(bodies: list[journal.Recorded]) -> dict[str, dict[str, str]]:
    """Diagram → element → state after these events, from their traces alone."""
    marks: dict[str, dict[str, str]] = {}
    for event in bodies:
        for what, _path, diagram, flow, element in map(_traced, event.body.get("trace", ())):
            state = {"entered": ACTIVE, "left": DONE, "cancelled": CANCELLED}[what]
            marks.setdefault(diagram, {})[element] = state
            if flow:
                marks[diagram][flow] = DONE
    return marks


def uploads(reader: Reader, case: str) -> tuple[Upload, ...]:
    rows = reader.db.scalars(select(Outgoing).where(Outgoing.case_id == case).order_by(Outgoing.created_at))
    return tuple(
        Upload(row.id, row.target, row.status, row.attempts, row.receipt, row.error, row.created_at)
        for row in rows
    )


def _traced(trace: list[str]) -> tuple[str, str, str, str, str]:
    what, path, diagram, flow = trace
    return what, path, diagram, flow, path.rsplit("/", 1)[-1].split("#")[0].split("[")[0]


def _step_state(row: Case, id: str, n: int, here: set[str], entered: set[str], furthest: int) -> str:
    if row.status != cases.COMPLETED and id in here:
        return ACTIVE
    if id in entered and (n < furthest or row.status == cases.COMPLETED or n >= 5):
        return DONE
    return DONE if n < furthest else "todo"


def _title(told: procedure.Procedure, event: journal.Recorded) -> str:
    words = EVENT_TITLES.get(event.type, event.type)
    if event.type == "message_received":
        name = event.body.get("message", "")
        return words + str(told.messages.get(name, {}).get("title", name)).removeprefix("收到")
    name = event.body.get("task", {}).get("name", "")
    label = event.body.get("task", {}).get("label") or ""
    return f"{words}：{name}{f'（{label}）' if label else ''}" if name else words


def _answers(bundle: Bundle, body: Mapping[str, Any]) -> tuple[Shown, ...]:
    data = body.get("data") or {}
    path = form_path(bundle, body)
    if body["type"] == "task_submitted" and path:
        return shown(bundle.files, path, data)
    if body["type"] == "incident_opened":
        return (
            Shown("message", "原因", data.get("message", "")),
            Shown("help", "办法", data.get("help", "")),
        )
    return ()


def form_path(bundle: Bundle, body: Mapping[str, Any]) -> str:
    """The form of a submitted task; forms are named after their task."""
    element = body.get("task", {}).get("element", "")
    return next((path for path in bundle.files if path.endswith(f"/{element}-schema.json")), "")


def _tasks(reader: Reader, actor: Actor, case: str) -> tuple[OpenTask, ...]:
    found = []
    for item in worklist.open_items(reader.db, case):
        offered = worklist.candidates(reader.db, item.id)
        mine = people.may_act(reader.db, actor.person, offered, reader.today) is not None
        found.append(
            OpenTask(
                item.id,
                item.element,
                item.name,
                item.label,
                item.lane_name,
                people.named(reader.db, offered, reader.today),
                mine,
                item.due_on,
                item.due_provisional,
            )
        )
    return tuple(found)


def _waits(reader: Reader, case: str) -> tuple[Wait, ...]:
    rows = reader.db.scalars(select(Timer).where(timers.Timer.case_id == case).order_by(Timer.due_at))
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


PLAIN_FACTS = (
    "number",
    "chair_name",
    "meeting_on",
    "filing_number",
    "notice",
    "receipt_cloud",
    "receipt_service",
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
