"""What is between the cases: messages and signals that have not arrived, and cases that will begin by themselves.

For operators and programs, like `running`: it looks at everything and asks nobody who is looking.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from engine import routing
from engine.bpmn.step import JSON
from engine.messages import DELIVERED, EXPIRED, KEPT, MISSED, RECALLED, STOPPED, UNDER_WAY, Message
from engine.start_timers import StartTimer
from engine.work import Reader

WORDS: Mapping[str, str] = {
    UNDER_WAY: "等待送达",
    KEPT: "暂存，等办件来接收",
    DELIVERED: "已送达",
    EXPIRED: "过期，没有办件接收",
    RECALLED: "已随退回撤回",
    MISSED: "送到时已不再等待",
    STOPPED: "连续自动往来过多，已停止",
}
NOBODY_S = "暂存，现行的流程都不接收它"
NOT_ARRIVED = (UNDER_WAY, KEPT, EXPIRED, STOPPED)


@dataclass(frozen=True)
class Line:
    """One message or signal. `to` is its case or procedure where that is decided; `case` and `seq` where it arrived."""

    id: str
    kind: str  # message | signal
    name: str
    status: str
    words: str  # the status in words
    correlation: Mapping[str, JSON]
    from_case: str
    to: str
    sent_at: datetime
    next_at: datetime  # when it is tried again, or given up
    attempts: int
    error: str
    case: str
    seq: int


@dataclass(frozen=True)
class NextStart:
    """A case that begins by itself. `left`: how many more after it."""

    process: str
    element: str
    name: str
    rule: str
    due_at: datetime
    left: int
    error: str


def messages(reader: Reader, *status: str, limit: int = 200) -> tuple[Line, ...]:
    """The newest first; without a status, those that have not arrived."""
    wanted = Message.status.in_(status) if status else _not_arrived()
    query = select(Message).where(wanted).order_by(Message.sent_at.desc(), Message.id).limit(limit)
    rows = reader.db.scalars(query).all()
    return tuple(_lines(reader, rows))


def message(reader: Reader, id: str) -> Line | None:
    """What became of one message."""
    row = reader.db.get(Message, id)
    return next(_lines(reader, [row])) if row else None


def starts(reader: Reader) -> tuple[NextStart, ...]:
    """In the order of their time."""
    rows = select(StartTimer).order_by(StartTimer.due_at, StartTimer.process, StartTimer.element)
    return tuple(
        NextStart(row.process, row.element, row.name, row.rule, row.due_at, row.left, row.error)
        for row in reader.db.scalars(rows)
    )


def _not_arrived() -> ColumnElement[bool]:
    """Also what was lost, where somebody should know why; a signal that nobody waited for any more is not."""
    return Message.status.in_(NOT_ARRIVED) | ((Message.status == MISSED) & (Message.error != ""))


def _lines(reader: Reader, rows: Sequence[Message]) -> Iterator[Line]:
    """What no release in force takes in is called so: somebody may have mistaken the name."""
    kept = [row for row in rows if row.status == KEPT and not row.to_case]
    known = {what: routing.known(reader.db, *what) for what in {(row.kind, row.name) for row in kept}}
    strange = {row.id for row in kept if not known[row.kind, row.name]}
    return (_line(row, NOBODY_S if row.id in strange else WORDS[row.status]) for row in rows)


def _line(row: Message, words: str) -> Line:
    return Line(
        row.id,
        row.kind,
        row.name,
        row.status,
        words,
        row.keys,
        row.from_case,
        row.to_case or row.to_process,
        row.sent_at,
        row.next_at,
        row.attempts,
        row.error,
        row.in_case,
        row.in_seq,
    )
