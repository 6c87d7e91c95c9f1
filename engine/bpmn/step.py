"""The shapes that pass between the kernel and the rooms around it. Holds no behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

JSON = Any  # None, bool, int, str, list or dict of these; never a float


@dataclass(frozen=True)
class Bundle:
    """All files of one definition: path → bytes as uploaded.

    Paths are relative: `process.toml`, `rules.toml`, `<diagram>.bpmn`, `<table>.dmn`, `<name>.story.toml`,
    `forms/<diagram>/<task>-schema.json`, `forms/<diagram>/<task>-uischema.json`.
    """

    files: Mapping[str, bytes]
    hash: str  # hex SHA-256 over the canonical list of (path, SHA-256 of bytes)


@dataclass(frozen=True)
class Moment:
    """One command on one case: the kernel's only clock and its only source of ids."""

    case: str
    seq: int  # number of the event that this command will append
    at: datetime  # UTC, aware
    utc_months: bool = False  # months of timers are counted in UTC, as histories of the first kit did


class Outside(Protocol):
    """The only way to the world. Live it asks rooms and records; on re-execution it plays back."""

    def ask(self, operation: str, arguments: Mapping[str, JSON]) -> JSON:
        """Answer `operation` (such as `calendar/notice_end`). Raises `engine.errors.OperationFailed`."""


@dataclass(frozen=True)
class OpenItem:
    """A user or manual task that waits for a person."""

    path: str  # drawn path with round and item, unique in the case for ever
    element: str
    name: str
    diagram: str  # BPMN process id of the diagram that draws it, such as `step5_publicity`
    lane: str  # innermost lane id, or ""
    lane_name: str
    form: str  # bundle path of the schema, or "" for a task without a form
    instructions: str  # Markdown
    due: str  # "" | "3 working days" | ISO date, expressions already evaluated
    performer: str  # evaluated `performer` property, or ""
    label: str  # evaluated `item_label` property of a multi-instance item, or ""
    item: JSON = None  # the item of a multi-instance task
    round: int = 1


@dataclass(frozen=True)
class WaitingTimer:
    """A timer that will fire when `due` has come."""

    path: str
    element: str
    name: str
    due: datetime  # UTC
    rule: str  # the drawn text, so that a page can say why


@dataclass(frozen=True)
class AwaitedMessage:
    path: str
    element: str
    name: str  # message name
    correlation: Mapping[str, JSON] = field(default_factory=dict)  # only a message with these keys is caught


@dataclass(frozen=True)
class AwaitedSignal:
    path: str
    element: str
    name: str  # signal name


@dataclass(frozen=True)
class TraceEntry:
    """One drawn element entered or left, in the order of execution; skipped is left without having been done."""

    path: str
    element: str
    diagram: str
    what: str  # "entered" | "left" | "cancelled" | "skipped"
    flow: str = ""  # on "entered": the sequence flow that led here, if one did


@dataclass(frozen=True)
class Thrown:
    """A message thrown that nobody in the case can catch: for other cases or the outbox."""

    name: str
    payload: JSON
    correlation: Mapping[str, JSON] = field(
        default_factory=dict
    )  # key → value: which conversation it belongs to
    to: str = ""  # whoever waits for it; "anew": it begins another case of this procedure; "beyond": cases of others


@dataclass(frozen=True)
class ThrownSignal:
    """A signal thrown: who waits for it in the case has it already, other cases have not."""

    name: str
    payload: JSON


@dataclass(frozen=True)
class Step:
    """What one command made of a case."""

    frozen: bytes  # compact state, opaque to everybody but `run.revive`
    items: tuple[OpenItem, ...]
    timers: tuple[WaitingTimer, ...]
    awaited: tuple[AwaitedMessage, ...]
    trace: tuple[TraceEntry, ...]
    data: Mapping[str, JSON]  # latest value of every variable over all branches, single items left out
    facts: Mapping[str, JSON]
    digest: str  # hex SHA-256 of the logical state
    ended: str = ""  # id of the end event reached at the outermost level, "" while the case runs
    thrown: tuple[Thrown, ...] = ()
    awaited_signals: tuple[AwaitedSignal, ...] = ()
    signals: tuple[ThrownSignal, ...] = ()
    unclaimed: tuple[Thrown, ...] = ()  # of a case that has ended: thrown at any time, and never caught in it


@dataclass(frozen=True)
class Problem:
    """Something that stands against a deployment, in a designer's words."""

    file: str
    element: str  # id, or "" when it concerns the file
    message: str  # Chinese: what is wrong
    help: str  # Chinese: what to draw or write instead
    severity: str = "error"  # "error" refuses the deployment, "warning" does not
    line: int = 0
    column: int = 0


@dataclass(frozen=True)
class Lane:
    id: str
    name: str
    elements: tuple[str, ...] = field(default=())
