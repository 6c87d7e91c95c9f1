"""Reads BPMN XML into nodes, flows and scopes. Knows what is drawn, not what it does."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
_EVENT = "EventDefinition"
NODES = frozenset(
    """startEvent endEvent intermediateCatchEvent intermediateThrowEvent boundaryEvent task userTask manualTask
    scriptTask serviceTask businessRuleTask sendTask receiveTask callActivity subProcess exclusiveGateway
    parallelGateway inclusiveGateway eventBasedGateway""".split()
)
ACTIVITIES = frozenset(kind for kind in NODES if kind.endswith(("Task", "task", "Activity", "Process")))


@dataclass(frozen=True)
class Flow:
    id: str
    source: str
    target: str
    condition: str


@dataclass(frozen=True)
class Event:
    """`kind` is none, message, timer, signal, error, escalation, terminate or link; `name` what it meets by."""

    kind: str
    name: str = ""
    payload: str = ""
    variable: str = ""
    timer: str = ""  # timeDate, timeDuration or timeCycle
    text: str = ""


@dataclass
class Node:
    id: str
    kind: str
    element: ElementTree.Element
    event: Event
    default: str = ""
    incoming: list[Flow] = field(default_factory=list)
    outgoing: list[Flow] = field(default_factory=list)
    boundaries: list["Node"] = field(default_factory=list)
    inner: "Scope | None" = None

    @property
    def interrupting(self) -> bool:
        start = self.kind == "startEvent"
        return self.element.get("isInterrupting" if start else "cancelActivity", "true") == "true"

    @property
    def loop(self) -> ElementTree.Element | None:
        return self.element.find(f"{_BPMN}standardLoopCharacteristics")

    @property
    def many(self) -> ElementTree.Element | None:
        return self.element.find(f"{_BPMN}multiInstanceLoopCharacteristics")


@dataclass
class Scope:
    """A process, an embedded sub-process or an event sub-process."""

    id: str
    nodes: dict[str, Node] = field(default_factory=dict)
    handlers: list[Node] = field(default_factory=list)  # event sub-processes
    objects: tuple[str, ...] = ()
    shapes: dict[str, str] = field(default_factory=dict)  # data object reference → data object

    @property
    def starts(self) -> list[Node]:
        return [node for node in self.nodes.values() if node.kind == "startEvent"]


@dataclass
class Drawing:
    """All files of a definition: processes by id, pools of the main one, correlation properties."""

    main: str
    processes: dict[str, Scope] = field(default_factory=dict)
    pools: tuple[str, ...] = ()
    correlations: dict[str, dict[str, str]] = field(default_factory=dict)  # property → message → path
    tables: dict[str, ElementTree.Element] = field(default_factory=dict)
    arrows: dict[str, list[str]] = field(default_factory=dict)  # message flows: node → where they lead
    participants: dict[str, str] = field(default_factory=dict)  # pool → its process, "" of a black box

    def caught(self) -> set[str]:
        """Names of messages that some node can catch in a case that runs: not those that begin one."""
        begins = self.processes[self.main].starts
        nodes = [n for process in self.processes.values() for n in every_node(process) if n not in begins]
        kinds = {"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"}
        return {node.event.name for node in nodes if node.kind in kinds and node.event.kind == "message"}


def every_node(scope: Scope) -> Iterator[Node]:
    for node in [*scope.nodes.values(), *scope.handlers]:
        yield node
        if node.inner:
            yield from every_node(node.inner)


_TRUTHS = {
    "cancelActivity",
    "isInterrupting",
    "isSequential",
    "testBefore",
    "triggeredByEvent",
    "isExecutable",
}


def _truth(text: str) -> str:
    """XML Schema 2, 3.2.2: true and 1, false and 0, with any space around."""
    return "true" if text.strip() in ("true", "1") else "false"


def read(files: dict[str, bytes], main: str) -> Drawing:
    drawing = Drawing(main)
    for path, data in sorted(files.items()):
        if path.endswith(".bpmn"):
            root = ElementTree.fromstring(data)
            for element in root.iter():
                element.attrib |= {
                    key: _truth(element.attrib[key]) for key in _TRUTHS & element.attrib.keys()
                }
            _add_file(drawing, root)
        elif path.endswith(".dmn"):
            root = ElementTree.fromstring(data)
            drawing.tables |= {one.get("id", ""): one for one in root if one.tag.endswith("}decision")}
    return drawing


def text_of(element: ElementTree.Element | None, tag: str) -> str:
    """The text of a child of BPMN's, or "" without one."""
    found = None if element is None else element.find(_BPMN + tag)
    return "" if found is None or found.text is None else found.text.strip()


def name_of(element: ElementTree.Element, tag: str) -> str:
    found = element.find(_BPMN + tag)
    return "" if found is None else found.get("name", "")


def extension(element: ElementTree.Element, tag: str) -> ElementTree.Element | None:
    return element.find(f"{_BPMN}extensionElements/{_SPIFF}{tag}")


def parameters(operator: ElementTree.Element) -> dict[str, str]:
    return {one.get("id", ""): one.get("value", "") for one in operator.iter(f"{_SPIFF}parameter")}


def outputs(node: Node) -> list[tuple[str, str]]:
    """Shapes of data objects that a node writes, each with its transformation or ""."""
    arrows = node.element.findall(f"{_BPMN}dataOutputAssociation")
    return [(text_of(one, "targetRef"), text_of(one, "transformation")) for one in arrows]


def _add_file(drawing: Drawing, root: ElementTree.Element) -> None:
    names = {
        one.get("id", ""): one.get("name") or one.get("errorCode") or one.get("escalationCode") or ""
        for one in root
        if one.tag.removeprefix(_BPMN) in ("message", "signal")
    } | {
        one.get("id", ""): one.get("errorCode") or one.get("escalationCode") or ""
        for one in root
        if one.tag.removeprefix(_BPMN) in ("error", "escalation")
    }
    for one in root.iter(f"{_BPMN}correlationProperty"):
        ways = one.findall(f"{_BPMN}correlationPropertyRetrievalExpression")
        drawing.correlations[one.get("id", "")] = {
            names[way.get("messageRef", "")]: text_of(way, "messagePath") for way in ways
        }
    pictures = _pictures(root)
    for process in root.findall(f"{_BPMN}process"):
        if process.get("id") in pictures:
            continue
        drawing.processes[process.get("id", "")] = _scope(process, names)
    for one in root.iter(f"{_BPMN}messageFlow"):
        drawing.arrows.setdefault(one.get("sourceRef", ""), []).append(one.get("targetRef", ""))
    drawing.participants |= {
        one.get("id", ""): one.get("processRef", "") for one in root.iter(f"{_BPMN}participant")
    }
    drawing.participants |= {node: "" for pool in pictures.values() for node in pool}
    pools = [one.get("processRef", "") for one in root.iter(f"{_BPMN}participant")]
    if drawing.main in pools:
        drawing.pools = tuple(one for one in pools if one and one not in (drawing.main, *pictures))


def _pictures(root: ElementTree.Element) -> dict[str, set[str]]:
    """Processes of pools that say they are not executable (10.2), with whatever a message flow may lead to in them."""
    pools = {one.get("processRef"): one.get("id", "") for one in root.iter(f"{_BPMN}participant")}
    return {
        process.get("id", ""): {pools[process.get("id")]} | {one.get("id") for one in process.iter()} - {None}
        for process in root.findall(f"{_BPMN}process")
        if process.get("id") in pools and process.get("isExecutable") == "false"
    }


def _scope(element: ElementTree.Element, names: dict[str, str]) -> Scope:
    scope = Scope(element.get("id", ""))
    for child in element:
        kind = child.tag.removeprefix(_BPMN)
        if kind in NODES:
            _add_node(scope, child, kind, names)
    for flow in element.findall(f"{_BPMN}sequenceFlow"):
        drawn = Flow(flow.get("id", ""), flow.get("sourceRef", ""), flow.get("targetRef", ""),
                     text_of(flow, "conditionExpression"))  # fmt: skip
        scope.nodes[drawn.source].outgoing.append(drawn)
        scope.nodes[drawn.target].incoming.append(drawn)
    for node in scope.nodes.values():
        _order(node)
        if node.kind == "boundaryEvent":
            scope.nodes[node.element.get("attachedToRef", "")].boundaries.append(node)
    scope.objects = tuple(one.get("id", "") for one in element.findall(f"{_BPMN}dataObject"))
    scope.shapes = {one.get("id", ""): one.get("dataObjectRef", "")
                    for one in element.findall(f"{_BPMN}dataObjectReference")}  # fmt: skip
    return scope


def _order(node: Node) -> None:
    """FlowNode.outgoing is an ordered collection (BPMN 2.0.2, 8.4.13): as the node lists it, if whole."""
    listed = [(one.text or "").strip().split(":")[-1] for one in node.element.findall(f"{_BPMN}outgoing")]
    if {flow.id for flow in node.outgoing} == set(listed):
        node.outgoing.sort(key=lambda flow: listed.index(flow.id))


def _add_node(scope: Scope, element: ElementTree.Element, kind: str, names: dict[str, str]) -> None:
    node = Node(element.get("id", ""), kind, element, _event(element, names), element.get("default", ""))
    if kind == "subProcess":
        node.inner = _scope(element, names)
    if element.get("triggeredByEvent") == "true":
        scope.handlers.append(node)
    else:
        scope.nodes[node.id] = node


def _event(element: ElementTree.Element, names: dict[str, str]) -> Event:
    if element.tag in (f"{_BPMN}sendTask", f"{_BPMN}receiveTask"):
        return _message(element, names)
    for child in element:
        kind = child.tag.removeprefix(_BPMN).removesuffix(_EVENT)
        if not child.tag.endswith(_EVENT):
            continue
        if kind == "message":
            return _message(child, names)
        if kind == "timer":
            when = child.find("*")
            assert when is not None
            return Event(kind, timer=when.tag.removeprefix(_BPMN), text=(when.text or "").strip())
        return Event(kind, child.get("name") or names.get(child.get(f"{kind}Ref", ""), ""))
    return Event("none")


def _message(element: ElementTree.Element, names: dict[str, str]) -> Event:
    payload, variable = extension(element, "messagePayload"), extension(element, "messageVariable")
    return Event("message", names.get(element.get("messageRef", ""), ""),
                 payload="" if payload is None else payload.text or "",
                 variable="" if variable is None else variable.text or "")  # fmt: skip
