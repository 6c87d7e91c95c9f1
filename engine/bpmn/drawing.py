"""What is drawn: the elements of a BPMN file as plain frozen data. Reads XML, runs nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
_NAMES = {"b": BPMN, "s": SPIFF}
_EVENT = "EventDefinition"
BY_PEOPLE = frozenset({"userTask", "manualTask"})  # the tasks that have forms
BOOLEANS = frozenset(
    "cancelActivity cancelRemainingInstances instantiate isClosed isCollection isExecutable isForCompensation "
    "isImmediate isInterrupting isRequired isSequential isUnlimited parallelMultiple testBefore triggeredByEvent "
    "waitForCompletion".split()
)
# What names another element of the file, as the schema has it (xsd:QName): in attributes, and as text of an element.
REFERENCES = frozenset(
    "activityRef attachedToRef bpmnElement calledElement correlationPropertyRef dataObjectRef dataStoreRef default "
    "errorRef escalationRef inMessageRef messageRef operationRef outMessageRef parentSignalRef participantRef "
    "processRef signalRef sourceRef targetRef".split()
)
REFERRING = frozenset(
    "correlationPropertyRef flowNodeRef inMessageRef incoming loopDataInputRef loopDataOutputRef messageRef "
    "outMessageRef outgoing participantRef source sourceRef target targetRef".split()
)
AS_WORDS = {"1": "true", "0": "false"}  # XML Schema lets a truth be written either way; here it is a word


@dataclass(frozen=True)
class Flow:
    id: str
    source: str
    target: str
    condition: str  # expression, or "" for a flow without one
    default: bool


@dataclass(frozen=True)
class Event:
    kind: str  # "none", "message", "timer", "signal", "error", "escalation", "terminate" …
    name: str = ""  # of the message or signal; the code of an error or escalation
    payload: str = ""  # expression of what is thrown
    variable: str = ""  # where a caught payload is stored
    timer: str = ""  # "timeDate", "timeDuration" or "timeCycle"
    rule: str = ""  # the text of a timer as drawn


@dataclass(frozen=True)
class Repetition:
    """A loop or multi-instance marker. Expressions are "" when not drawn."""

    kind: str  # "loop", "parallel" or "sequential"
    condition: str = ""  # of a loop: go on while true
    before: bool = False  # a loop that tests first
    maximum: int | None = None
    items: str = ""  # expression that gives the list
    count: str = ""  # or expression that gives a number
    item: str = ""  # name under which an instance sees its item
    output: str = ""  # name of an instance's result
    outputs: str = ""  # name of the list of results
    completion: str = ""  # expression: enough


@dataclass(frozen=True)
class Operation:
    id: str
    parameters: tuple[tuple[str, str], ...]  # (name, expression) in drawn order
    result: str  # variable, or ""


@dataclass(frozen=True)
class Drawn:
    """One flow node. `scope` is the id of the process or sub-process that holds it."""

    id: str
    name: str
    kind: str  # local name of its tag
    scope: str
    diagram: str  # BPMN process id
    lane: str = ""
    lane_name: str = ""
    instructions: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    flows: tuple[Flow, ...] = ()  # leaving, in document order
    tried: tuple[Flow, ...] = ()  # the same in the order in which their conditions are evaluated
    boundary: tuple[str, ...] = ()  # ids of the events attached to it
    interrupting: bool = True  # of a boundary event or event sub-process
    triggered: bool = False  # an event sub-process; its event is that of its start
    event: Event = Event("none")
    repetition: Repetition | None = None
    operation: Operation | None = None
    decision: str = ""  # id of the decision table of a business rule task
    writes: tuple[tuple[str, str], ...] = ()  # (data object, transformation or "") of each arrow to one
    script: str = ""  # as drawn, with its line breaks and indentation


NODES = frozenset(
    "startEvent endEvent intermediateCatchEvent intermediateThrowEvent boundaryEvent task userTask manualTask "
    "scriptTask serviceTask businessRuleTask sendTask receiveTask callActivity subProcess adHocSubProcess "
    "transaction exclusiveGateway inclusiveGateway parallelGateway eventBasedGateway complexGateway".split()
)


def read(root: Any) -> Iterator[Drawn]:
    """Every flow node of every process in a definitions element."""
    messages = _names_of(root, "message", "name")
    references = {
        "message": messages,
        "signal": _names_of(root, "signal", "name"),
        "error": _names_of(root, "error", "errorCode"),
        "escalation": _names_of(root, "escalation", "escalationCode"),
    }
    for process in root.iterfind(f"{{{BPMN}}}process"):
        lanes = _lanes(process)
        yield from _scope(process, process.get("id"), ("", ""), lanes, references)


def _scope(
    scope: Any, diagram: str, outer: tuple[str, str], lanes: dict[str, tuple[str, str]], references: Any
) -> Iterator[Drawn]:
    flows = [_flow(scope, node) for node in scope.iterfind(f"{{{BPMN}}}sequenceFlow")]
    attached: dict[str, list[str]] = {}
    for event in scope.iterfind(f"{{{BPMN}}}boundaryEvent"):
        attached.setdefault(event.get("attachedToRef"), []).append(event.get("id"))
    for node in scope:
        if _local(node) not in NODES:
            continue
        lane = lanes.get(node.get("id"), outer)
        yield _node(node, diagram, lane, flows, attached, references)
        if _local(node) == "subProcess":
            yield from _scope(node, diagram, lane, lanes, references)


def _node(
    node: Any,
    diagram: str,
    lane: tuple[str, str],
    flows: list[Flow],
    attached: Mapping[str, list[str]],
    references: Mapping[str, Mapping[str, str]],
) -> Drawn:
    id_ = node.get("id")
    leaving = tuple(flow for flow in flows if flow.source == id_)
    triggered = node.get("triggeredByEvent", "false") == "true"
    trigger = node.find(f"{{{BPMN}}}startEvent") if triggered else None
    happening = node if trigger is None else trigger
    return Drawn(
        id=id_,
        name=node.get("name", ""),
        kind=_local(node),
        scope=node.getparent().get("id"),
        diagram=diagram,
        lane=lane[0],
        lane_name=lane[1],
        instructions=_extension(node, "instructionsForEndUser"),
        properties=_properties(node),
        flows=leaving,
        tried=_tried(node, leaving),
        boundary=tuple(attached.get(id_, ())),
        interrupting=happening.get("isInterrupting" if triggered else "cancelActivity", "true") == "true",
        triggered=triggered,
        event=_event(happening, references),
        repetition=_repetition(node),
        operation=_operation(node),
        decision=_extension(node, "calledDecisionId"),
        writes=_writes(node),
        script=node.findtext(f"{{{BPMN}}}script") or "",
    )


def _flow(scope: Any, node: Any) -> Flow:
    source = node.get("sourceRef")
    defaults = {child.get("default") for child in scope if child.get("id") == source}
    return Flow(
        node.get("id"),
        source,
        node.get("targetRef"),
        _child_text(node, "conditionExpression"),
        node.get("id") in defaults,
    )


def _tried(node: Any, flows: tuple[Flow, ...]) -> tuple[Flow, ...]:
    """`outgoing` is ordered (BPMN 2.0.2, 8.4.13); editors that exchange two arrows change nothing else.

    Where it does not list every flow it is no order of them, and that of the file counts.
    """
    listed = [(one.text or "").strip() for one in node.iterfind(f"{{{BPMN}}}outgoing")]
    if {flow.id for flow in flows} != set(listed):
        return flows
    return tuple(sorted(flows, key=lambda flow: listed.index(flow.id)))


def _lanes(process: Any) -> dict[str, tuple[str, str]]:
    """Element id → (id, name) of its innermost lane. Document order puts nested lanes after their outer one."""
    return {
        (ref.text or "").strip(): (lane.get("id"), lane.get("name", ""))
        for lane in process.iter(f"{{{BPMN}}}lane")
        for ref in lane.iterfind(f"{{{BPMN}}}flowNodeRef")
    }


def _event(node: Any, references: Mapping[str, Mapping[str, str]]) -> Event:
    if _local(node) in ("sendTask", "receiveTask") and node.get("messageRef"):
        return _named(node, "message", node.get("messageRef"), references)
    for child in node:
        kind = _local(child).removesuffix(_EVENT)
        if kind == _local(child):
            continue
        if kind == "timer":
            return _timer(child)
        if kind == "link":
            return Event("link", child.get("name", ""))
        return _named(child, kind, child.get(f"{kind}Ref"), references)
    return Event("none")


def _named(node: Any, kind: str, reference: str | None, references: Mapping[str, Mapping[str, str]]) -> Event:
    """The Spiff tools keep payload and variable of a message on the message, those of a signal on the event."""
    places = (
        node,
        *(each for each in node.getroottree().iter(f"{{{BPMN}}}{kind}") if each.get("id") == reference),
    )
    return Event(
        kind,
        references.get(kind, {}).get(reference or "", ""),
        payload=_first(places, "messagePayload", "payloadExpression"),
        variable=_first(places, "messageVariable", "variableName"),
    )


def _first(places: Iterable[Any], *names: str) -> str:
    return next((text for place in places for name in names if (text := _extension(place, name))), "")


def _timer(node: Any) -> Event:
    for child in node:
        if _local(child) in ("timeDate", "timeDuration", "timeCycle"):
            return Event("timer", timer=_local(child), rule=(child.text or "").strip())
    return Event("timer")


def _repetition(node: Any) -> Repetition | None:
    loop = node.find(f"{{{BPMN}}}standardLoopCharacteristics")
    if loop is not None:
        return Repetition(
            "loop",
            condition=_child_text(loop, "loopCondition"),
            before=loop.get("testBefore", "false") == "true",
            maximum=int(loop.get("loopMaximum")) if loop.get("loopMaximum") else None,
        )
    many = node.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
    if many is None:
        return None
    return Repetition(
        "sequential" if many.get("isSequential") == "true" else "parallel",
        items=_child_text(many, "loopDataInputRef"),
        count=_child_text(many, "loopCardinality"),
        item=_child_name(many, "inputDataItem"),
        output=_child_name(many, "outputDataItem"),
        outputs=_child_text(many, "loopDataOutputRef"),
        completion=_child_text(many, "completionCondition"),
    )


def _operation(node: Any) -> Operation | None:
    drawn = node.find(f"b:extensionElements/{{{SPIFF}}}serviceTaskOperator", _NAMES)
    if drawn is None:
        return None
    parameters = drawn.iterfind("s:parameters/s:parameter", _NAMES)
    return Operation(
        drawn.get("id", ""),
        tuple((parameter.get("id", ""), parameter.get("value", "")) for parameter in parameters),
        drawn.get("resultVariable", ""),
    )


def _properties(node: Any) -> Mapping[str, str]:
    drawn = node.iterfind("b:extensionElements/s:properties/s:property", _NAMES)
    return {one.get("name", ""): one.get("value", "") for one in drawn}


def _writes(node: Any) -> tuple[tuple[str, str], ...]:
    references = node.getroottree().iter(f"{{{BPMN}}}dataObjectReference")
    objects = {one.get("id"): one.get("dataObjectRef", "") for one in references}
    return tuple(
        (objects.get(target, target), _child_text(arrow, "transformation"))
        for arrow in node.iterfind(f"{{{BPMN}}}dataOutputAssociation")
        if (target := _child_text(arrow, "targetRef"))
    )


def pools(root: Any) -> Iterator[Drawn]:
    """The executable processes of one drawn collaboration, as participants; their event is that of their start."""
    processes = {one.get("id"): one for one in root.iterfind(f"{{{BPMN}}}process")}
    starts = {one.scope: one for one in read(root) if one.kind == "startEvent"}
    for participant in root.iterfind(f"{{{BPMN}}}collaboration/{{{BPMN}}}participant"):
        process = processes.get(participant.get("processRef"))
        if process is not None and process.get("isExecutable") == "true" and process.get("id") in starts:
            id_ = process.get("id")
            name = participant.get("name", "")
            yield Drawn(id_, name, "participant", "", id_, interrupting=False, event=starts[id_].event)


def correlations(root: Any) -> dict[str, tuple[tuple[str, str], ...]]:
    """Message name → (correlation property, expression over the payload)."""
    messages = _names_of(root, "message", "name")
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for drawn in root.iter(f"{{{BPMN}}}correlationProperty"):
        for way in drawn.iterfind(f"{{{BPMN}}}correlationPropertyRetrievalExpression"):
            name = messages.get(way.get("messageRef", ""), "")
            found[name] = (*found.get(name, ()), (drawn.get("id"), _child_text(way, "messagePath")))
    return found


def _extension(node: Any, name: str) -> str:
    return (node.findtext(f"b:extensionElements/s:{name}", "", _NAMES) or "").strip()


def _child_text(node: Any, name: str) -> str:
    return (node.findtext(f"{{{BPMN}}}{name}") or "").strip()


def _child_name(node: Any, name: str) -> str:
    """The name where it can be one of a variable, else the id."""
    child = node.find(f"{{{BPMN}}}{name}")
    if child is None:
        return ""
    called = child.get("name", "")
    return called if called.isidentifier() else child.get("id", "")


def _names_of(root: Any, tag: str, attribute: str) -> dict[str, str]:
    return {node.get("id"): node.get(attribute, "") for node in root.iterfind(f"{{{BPMN}}}{tag}")}


def _local(node: Any) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""
