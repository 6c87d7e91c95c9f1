"""What is where: process instances, and the nodes that a token is at. Holds state; `play.py` moves it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.engine.bpmn.reference.data import Clock, Data
from tests.engine.bpmn.reference.drawing import Event, Flow, Node, Scope


@dataclass(eq=False)
class Action:
    """Something that may happen next, and what is seen of it."""

    text: Callable[[], str]
    do: Callable[[], None]
    owner: Instance | Presence | None  # goes with it when that is cancelled
    token: Flow | Node | None = None  # where a token is until this happens
    within: Instance | None = None
    data: Data | None = None  # what that token carries
    optional: bool = False
    blocked: Callable[[], bool] = lambda: False

    @property
    def path(self) -> str:
        return self.text()[1:].split(" ")[0]


@dataclass(eq=False)
class Race:
    """The alternatives behind one passing of an event-based gateway."""

    entered: list[Presence] = field(default_factory=list)
    won: bool = False


@dataclass(eq=False)
class Armed:
    """An event that somebody waits for: a node where a token is, a boundary event, an event sub-process, a pool."""

    event: Event
    node: Node
    instance: Instance
    path: str
    occur: Callable[[str, Any], None]  # with its path and what it brings
    owner: Instance | Presence | None
    due: datetime | None = None
    period: str = ""
    left: int = 1
    stays: bool = False  # not interrupting: may occur again
    since: int = 0  # the command that it has been waiting from


@dataclass(eq=False)
class Instance:
    """A running process, sub-process or event sub-process."""

    scope: Scope
    prefix: str
    clock: Clock
    host: Body | None = None
    process: Instance | None = None  # whose conversation this is part of
    present: list[Presence] = field(default_factory=list)
    joins: dict[str, dict[str, list[Data]]] = field(default_factory=dict)
    fired: Counter[str] = field(default_factory=Counter)
    rounds: Counter[str] = field(default_factory=Counter)
    objects: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    triggered: int = 0  # handlers that an event has called and that have not begun
    doomed: bool = False  # an interrupting handler has been called
    last_end: str = ""
    ended: Data = field(init=False)

    def __post_init__(self) -> None:
        self.ended = Data(self.clock)
        self.objects = dict.fromkeys(self.scope.objects)

    @property
    def conversation(self) -> Instance:
        return self.process or self

    def path(self, element: str, number: int) -> str:
        return self.prefix + element + (f"#{number}" if number > 1 else "")

    def coming(self, element: str) -> str:
        """The path of its next round."""
        return self.path(element, self.rounds[element] + 1)

    def enter(self, element: str) -> str:
        path = self.coming(element)
        self.rounds[element] += 1
        return path

    def arriving(self, flow: Flow) -> str:
        """The path of a joining gateway for a token on one of its flows; one to spare is told of like the first."""
        return self.path(flow.target, self.fired[flow.target] + 1)

    def level_data(self) -> Data:
        """The same without what is inside of its activities, and without tokens on their way over a flow."""
        waiting = [data for join in self.joins.values() for queue in join.values() for data in queue]
        return self.ended.copy().take([*waiting, *(one.data for one in self.present)])

    def all_data(self) -> Data:
        """The latest of everything that its tokens carry, and that those carried which came to their end."""
        waiting = [data for join in self.joins.values() for queue in join.values() for data in queue]
        return self.ended.copy().take([*waiting, *(one.all_data() for one in self.present)])


@dataclass(eq=False)
class Presence:
    """A node that was entered and not left. `race` holds the alternatives of an event-based gateway."""

    node: Node
    instance: Instance
    path: str
    data: Data
    race: Race | None = None
    bodies: list[Body] = field(default_factory=list)
    triggered: int = 0  # boundary events that occurred and were not entered
    doomed: bool = False  # an interrupting one occurred
    items: list[Any] = field(default_factory=list)
    done: dict[int, Body] = field(default_factory=dict)
    rounds: int = 0

    def all_data(self) -> Data:
        if self.node.many is not None:
            return self.data
        return self.data.copy().take(
            one
            for body in self.bodies
            for one in [body.data, *([body.inner.all_data()] if body.inner else [])]
        )


@dataclass(eq=False)
class Body:
    """One execution of an activity: the whole of it, a round of a loop, or an item."""

    activity: Presence
    path: str
    data: Data
    index: int = -1
    inner: Instance | None = None
    waits: bool = False  # for a person
    leaving: bool = False
    answers: Any = None


def around(instance: Instance) -> Iterator[Instance]:
    """An instance and those around it whose data objects it sees: not across a call."""
    while True:
        yield instance
        if instance.host is None or instance.host.activity.node.inner is None:
            return
        instance = instance.host.activity.instance


def conversation(instance: Instance) -> dict[str, Any]:
    """The keys of a process and of those that call it."""
    outer = instance.host.activity.instance if instance.host else None
    inherited = conversation(outer) if outer is not None and outer.scope.id != "case" else {}
    return {**inherited, **instance.conversation.keys}
