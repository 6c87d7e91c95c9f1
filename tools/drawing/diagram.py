"""What a diagram consists of, before it has coordinates. Knows neither geometry nor XML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

EVENTS = ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent")
GATEWAYS = ("exclusiveGateway", "parallelGateway", "eventBasedGateway")


@dataclass(frozen=True)
class Lane:
    """A lane and the heights of its rows, from above."""

    id: str
    name: str
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Pool:
    """A black-box pool above or below the executable one."""

    id: str
    name: str
    above: bool


@dataclass(frozen=True)
class Event:
    """The definition inside an event: a message by its name, or a timer's date expression."""

    message: str = ""
    variable: str = ""
    date: str = ""


@dataclass(frozen=True)
class Items:
    """Parallel multi-instance over a list."""

    over: str
    item: str


@dataclass
class Node:
    """A flow node. `row` may lie between two rows (0.5); `label` says where the name of an event or gateway goes."""

    id: str
    kind: str
    name: str
    lane: str
    col: float
    row: float = 0
    label: str = ""
    documentation: str = ""
    instructions: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    operation: str = ""
    result: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    script: str = ""
    called: str = ""
    loop: str = ""
    items: Items | None = None
    event: Event | None = None
    attached_to: str = ""


@dataclass
class Flow:
    """A sequence flow. `leave` and `enter` name a side where the router's own choice does not read well."""

    id: str
    source: str
    target: str
    name: str = ""
    when: str = ""
    default: bool = False
    leave: str = ""
    enter: str = ""


@dataclass
class MessageFlow:
    """Between a pool and an activity; `shift` moves it off the middle of the activity."""

    id: str
    source: str
    target: str
    name: str
    shift: int


class Diagram:
    """One BPMN file with one executable pool."""

    def __init__(self, id: str, name: str, documentation: str, gap: int = 44, gaps: Mapping[int, int] = {}):
        self.id = id
        self.name = name
        self.documentation = documentation
        self.gap = gap
        self.gaps = dict(gaps)
        self.lanes: list[Lane] = []
        self.pools: list[Pool] = []
        self.nodes: dict[str, Node] = {}
        self.flows: list[Flow] = []
        self.message_flows: list[MessageFlow] = []

    def lane(self, id: str, name: str, *rows: int) -> None:
        self.lanes.append(Lane(id, name, rows or (130,)))

    def pool(self, id: str, name: str, above: bool) -> None:
        self.pools.append(Pool(id, name, above))

    def start(self, id: str, name: str, at: tuple[str, float, float], label: str = "bottom") -> None:
        self._put(Node(id, "startEvent", name, *at, label=label))

    def end(self, id: str, name: str, at: tuple[str, float, float], label: str = "bottom") -> None:
        self._put(Node(id, "endEvent", name, *at, label=label))

    def user(
        self,
        id: str,
        name: str,
        at: tuple[str, float, float],
        instructions: str,
        basis: str,
        items: Items | None = None,
        **properties: str,
    ) -> None:
        """`properties`: due, performer, item_label; the form is named after the task."""
        form = {"formJsonSchemaFilename": f"{id}-schema.json"}
        node = Node(id, "userTask", name, *at, instructions=instructions, documentation=basis)
        node.properties = form | properties
        node.items = items
        self._put(node)

    def service(
        self,
        id: str,
        name: str,
        at: tuple[str, float, float],
        operation: str,
        result: str = "",
        documentation: str = "",
        **parameters: str,
    ) -> None:
        node = Node(id, "serviceTask", name, *at, documentation=documentation)
        node.operation, node.result, node.parameters = operation, result, parameters
        self._put(node)

    def script(self, id: str, name: str, at: tuple[str, float, float], script: str) -> None:
        self._put(Node(id, "scriptTask", name, *at, script=script))

    def call(
        self,
        id: str,
        name: str,
        at: tuple[str, float, float],
        called: str,
        loop: str = "",
        documentation: str = "",
    ) -> None:
        self._put(Node(id, "callActivity", name, *at, called=called, loop=loop, documentation=documentation))

    def gateway(self, id: str, name: str, at: tuple[str, float, float], label: str = "top") -> None:
        self._put(Node(id, "exclusiveGateway", name, *at, label=label))

    def parallel(self, id: str, name: str, at: tuple[str, float, float], label: str = "top") -> None:
        self._put(Node(id, "parallelGateway", name, *at, label=label))

    def await_first(self, id: str, name: str, at: tuple[str, float, float], label: str = "top") -> None:
        self._put(Node(id, "eventBasedGateway", name, *at, label=label))

    def catch(
        self, id: str, name: str, at: tuple[str, float, float], event: Event, label: str = "bottom"
    ) -> None:
        self._put(Node(id, "intermediateCatchEvent", name, *at, label=label, event=event))

    def throw(
        self, id: str, name: str, at: tuple[str, float, float], event: Event, label: str = "bottom"
    ) -> None:
        self._put(Node(id, "intermediateThrowEvent", name, *at, label=label, event=event))

    def boundary(self, id: str, name: str, on: str, event: Event, label: str = "sw") -> None:
        """An interrupting boundary event on the lower right of an activity."""
        host = self.nodes[on]
        node = Node(id, "boundaryEvent", name, host.lane, host.col, host.row, label=label, event=event)
        node.attached_to = on
        self._put(node)

    def flow(self, source: str, target: str, name: str = "", when: str = "", **more: str | bool) -> None:
        """`when` empty with a name from an exclusive gateway: the default flow."""
        default = self.nodes[source].kind == "exclusiveGateway" and not when
        id = f"flow_{source}_to_{target}"
        self.flows.append(Flow(id, source, target, name, when, default, **more))  # type: ignore[arg-type]

    def chain(self, *ids: str) -> None:
        for source, target in pairwise(ids):
            self.flow(source, target)

    def message(self, source: str, target: str, name: str, shift: int) -> None:
        id = f"message_{source}_to_{target}"
        self.message_flows.append(MessageFlow(id, source, target, name, shift))

    def _put(self, node: Node) -> None:
        if node.id in self.nodes:
            raise ValueError(f"{self.id}: {node.id} is drawn twice")
        self.nodes[node.id] = node
