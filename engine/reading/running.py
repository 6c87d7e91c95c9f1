"""Cases as they run, for whoever holds the engine in his hands: a program, the command line. Knows no page.

Every reading is asked through the engine: `engine.read(running.state, case)`. They look at everything and ask nobody
who is looking; pages show what their own readings allow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select

from engine import cases, definitions, entitlement, journal, people
from engine.bpmn import run
from engine.bpmn.step import JSON
from engine.cases import Case
from engine.incidents import Incident, brought, pending, subject
from engine.reading.counted import undone
from engine.work import Reader
from engine.worklist import OPEN, Candidate, WorkItem

ACTIVE, WAITING, SUSPENDED, INCIDENT = "active", "waiting", "suspended", "incident"
CATCHING_UP = cases.CATCHING_UP
COMPLETED, CANCELLED = "completed", "cancelled"
WORDS: Mapping[str, str] = {
    ACTIVE: "正在办理",
    WAITING: "等待时间或消息",
    SUSPENDED: "已暂停",
    INCIDENT: "停下来等待处理",
    CATCHING_UP: "正在补办停办期间收到的消息",
    COMPLETED: "已办结",
    CANCELLED: "已撤销",
}


@dataclass(frozen=True)
class Item:
    """A task that waits for a person. `id` is what SubmitTask and ClaimTask ask for."""

    id: str
    case: str
    element: str  # id as drawn
    path: str  # where in the case: calls from the outside in, `#n` a later round, `[i]` an item
    name: str
    label: str  # of one item of several, "" otherwise
    form: str  # path of its form in the definition, "" for a task that takes any plain names
    who: tuple[str, ...]  # `person:<id>` and `post:<id>` that may act
    claimed_by: str  # id of a person, or ""
    due_on: date | None
    opened_at: datetime  # UTC


@dataclass(frozen=True)
class Wait:
    """What the case waits for besides people: `kind` is timer, message or signal."""

    kind: str
    path: str
    element: str
    name: str  # of the message or signal; what is drawn on a timer
    due: datetime | None = None  # UTC, of a timer
    correlation: Mapping[str, JSON] | None = None  # a message must bring these keys


@dataclass(frozen=True)
class Traced:
    """One drawn element entered, left, cancelled or skipped (`what`), by event `seq` at `at` (UTC).

    `undone`: the case was sent back to before it, so it counts no longer.
    """

    seq: int
    at: datetime
    what: str
    path: str
    element: str
    flow: str  # the sequence flow that led here, "" for none
    undone: bool


@dataclass(frozen=True)
class Stop:
    """An incident: why the case stopped, at which element, and what would help. `closed_at` None: it still stands."""

    seq: int
    path: str
    message: str
    help: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class Pending:
    """What a stopped case could not carry out. `subject` is the name by which CorrectData speaks of it: the task, the
    message or `case`; "" for a timer. `data` is what came with it.
    """

    type: str  # of the event that could not be made
    subject: str
    data: JSON


@dataclass(frozen=True)
class CaseLine:
    """One case in a list."""

    id: str
    process: str
    title: str
    state: str
    started_at: datetime


def open_items(reader: Reader, case: str = "", by: str = "") -> tuple[Item, ...]:
    """Open work items, oldest first: all, those of one case, those that one person may do (`by`: his or a post's id).

    Items of cases that are suspended or stopped are left out unless the case is named.
    """
    query = select(WorkItem).join(Case, Case.id == WorkItem.case_id).where(WorkItem.status == OPEN)
    query = query.where(WorkItem.case_id == case) if case else query.where(Case.status == cases.ACTIVE)
    if by:
        offered = select(Candidate.work_item).where(Candidate.candidate.in_(_own(reader, by)))
        query = query.where(WorkItem.id.in_(offered))
    rows = reader.db.scalars(query.order_by(WorkItem.created_at, WorkItem.case_id, WorkItem.path)).all()
    who = _candidates(reader, query)
    return tuple(_item(row, who.get(row.id, ())) for row in rows)


def state(reader: Reader, case: str) -> str:
    """active, waiting (only for time or messages), suspended, incident, catching_up, completed or cancelled.

    Raises NotFound.
    """
    return _state(reader, cases.load(reader.db, case))


def data(reader: Reader, case: str) -> Mapping[str, JSON]:
    """The latest value of every variable over all branches; personal values are commitments. Raises NotFound.

    Of a case that could not start: the variables that were given along with its start, and what its event brought.
    """
    return data_of(reader, case, revived(reader, case))


def data_of(reader: Reader, case: str, running: run.Running | None) -> Mapping[str, JSON]:
    """The same, of what `revived` gave."""
    return run.data(running) if running else brought(_pending_start(reader, case))


def facts(reader: Reader, case: str) -> Mapping[str, JSON]:
    """What expressions read as `case.…`; of a case that could not start, what it was to begin with. Raises NotFound."""
    row = cases.load(reader.db, case)
    return dict(row.facts if row.state else _pending_start(reader, case).get("data") or {})


def waits(reader: Reader, case: str) -> tuple[Wait, ...]:
    """Timers in the order of their due times, then messages and signals. Raises NotFound.

    A case that could not start waits for nothing.
    """
    return waits_of(revived(reader, case))


def waits_of(running: run.Running | None) -> tuple[Wait, ...]:
    """The same, of what `revived` gave."""
    if running is None:
        return ()
    timers = sorted(run.timers(running), key=lambda timer: (timer.due, timer.path))
    return (
        *(Wait("timer", one.path, one.element, one.rule, due=one.due) for one in timers),
        *(
            Wait("message", one.path, one.element, one.name, correlation=dict(one.correlation))
            for one in run.awaited(running)
        ),
        *(Wait("signal", one.path, one.element, one.name) for one in run.awaited_signals(running)),
    )


def revived(reader: Reader, id: str) -> run.Running | None:
    """None of a case whose first event is an incident: there is no state to revive. Raises NotFound."""
    case = cases.load(reader.db, id)
    if not case.state:
        return None
    return run.revive(definitions.model(reader.db, case.definition_hash), case.state)


def trace(reader: Reader, case: str) -> tuple[Traced, ...]:
    """Everything that was entered and left, in the order of execution. Raises NotFound."""
    cases.load(reader.db, case)
    return trace_of(list(journal.of_case(reader.db, case)))


def trace_of(events: Sequence[journal.Recorded]) -> tuple[Traced, ...]:
    """The same, of events that somebody has read already."""
    gone = undone(events)
    return tuple(
        Traced(event.seq, event.at, what, path, _element(path), flow, event.seq in gone)
        for event in events
        for what, path, _, flow in event.body.get("trace", ())
    )


def incidents(reader: Reader, case: str) -> tuple[Stop, ...]:
    """Those that stand and those that were closed, oldest first. Raises NotFound."""
    cases.load(reader.db, case)
    rows = reader.db.scalars(select(Incident).where(Incident.case_id == case).order_by(Incident.id))
    return tuple(Stop(row.seq, row.path, row.message, row.help, row.opened_at, row.closed_at) for row in rows)


def kept(reader: Reader, case: str) -> Pending | None:
    """What a stopped case carries out at a retry, as last corrected; None of one that runs. Raises NotFound."""
    cases.load(reader.db, case)
    found = pending(reader.db, case)
    return Pending(str(found["type"]), subject(found), found.get("data")) if found else None


def all_cases(reader: Reader, process: str = "") -> tuple[CaseLine, ...]:
    """Cases in the order in which they began: all, or those of one procedure."""
    query = select(Case).order_by(Case.started_at, Case.id)
    rows = reader.db.scalars(query.where(Case.process == process) if process else query)
    return tuple(
        CaseLine(row.id, row.process, row.title, _state(reader, row), row.started_at) for row in rows
    )


def _state(reader: Reader, case: Case) -> str:
    if case.status == cases.COMPLETED:
        return CANCELLED if _is_cancelled(reader, case) else COMPLETED
    if case.status != cases.ACTIVE:
        return case.status
    somebody = select(WorkItem.id).where(WorkItem.case_id == case.id, WorkItem.status == OPEN).limit(1)
    return ACTIVE if reader.db.scalar(somebody) else WAITING


def _is_cancelled(reader: Reader, case: Case) -> bool:
    """An end event may bear the same name as what stands for a cancellation."""
    if case.ended != cases.CANCELLED:
        return False
    last = reader.db.get(journal.Event, (case.id, case.seq))
    return last is not None and last.type == "case_cancelled"


def _pending_start(reader: Reader, case: str) -> Mapping[str, JSON]:
    """The start that failed, as last corrected; of a case that was cancelled since, nothing."""
    return pending(reader.db, case) or {}


def _candidates(reader: Reader, items: Select[WorkItem]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    wanted = items.with_only_columns(WorkItem.id)
    rows = select(Candidate).where(Candidate.work_item.in_(wanted)).order_by(Candidate.candidate)
    for row in reader.db.scalars(rows):
        found[row.work_item] = (*found.get(row.work_item, ()), row.candidate)
    return found


def _own(reader: Reader, by: str) -> set[str]:
    actor = entitlement.actor(reader.db, by, reader.today)
    posts = people.posts_of(reader.db, actor.person, reader.today)
    return {f"person:{actor.person}", *(f"post:{post}" for post in posts)}


def _item(row: WorkItem, who: tuple[str, ...]) -> Item:
    return Item(
        id=row.id,
        case=row.case_id,
        element=row.element,
        path=row.path,
        name=row.name,
        label=row.label,
        form=row.form,
        who=who,
        claimed_by=row.claimed_by,
        due_on=row.due_on,
        opened_at=row.created_at,
    )


def _element(path: str) -> str:
    """The element id at the end of a drawn path."""
    return path.rpartition("/")[2].partition("#")[0].partition("[")[0]
