"""Writes a laid-out diagram as BPMN 2.0 with diagram interchange and SpiffWorkflow's extensions. Lays nothing out."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree

from drawing.diagram import Diagram, Event, Flow, Node
from drawing.grid import Box, Placed
from drawing.routes import Point

NAMES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "spiffworkflow": "http://spiffworkflow.org/bpmn/schema/1.0/core",
}
Element = ElementTree.Element
for _prefix, _uri in NAMES.items():
    ElementTree.register_namespace(_prefix, _uri)


def written(
    diagram: Diagram, placed: Placed, ways: Mapping[str, list[Point]], flow_labels: Mapping[str, Box]
) -> bytes:
    """The bytes of the file; the same input gives the same bytes."""
    root = Element(_tag("bpmn:definitions"), {"id": f"definitions_{diagram.id}"})
    root.set("targetNamespace", "urn:happiness-roundtable")
    root.set("exporter", "tools/draw_roundtable.py")
    _lists(root, diagram)
    messages = _messages(root, diagram)
    _collaboration(root, diagram)
    _process(root, diagram, messages)
    _drawing(root, diagram, placed, ways, flow_labels)
    ElementTree.indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, "utf-8") + b"\n"


def _tag(name: str) -> str:
    prefix, local = name.split(":")
    return f"{{{NAMES[prefix]}}}{local}"


def _add(parent: Element, name: str, text: str = "", /, **attributes: str) -> Element:
    child = ElementTree.SubElement(parent, _tag(name), {k: v for k, v in attributes.items() if v})
    child.text = text or None
    return child


def _lists(root: Element, diagram: Diagram) -> None:
    """What each loopDataInputRef leads to: bpmn-js drops a reference that leads nowhere when it saves."""
    for node in diagram.nodes.values():
        if node.items:
            _add(root, "bpmn:itemDefinition", id=node.items.over, isCollection="true")


def _messages(root: Element, diagram: Diagram) -> dict[str, str]:
    """Declares each message once; its id by its name."""
    events = [node.event for node in diagram.nodes.values() if node.event and node.event.message]
    ids = {event.message: f"message_{event.message}_{diagram.id}" for event in events}
    for name, id in ids.items():
        _add(root, "bpmn:message", id=id, name=name)
    return ids


def _collaboration(root: Element, diagram: Diagram) -> None:
    collaboration = _add(root, "bpmn:collaboration", id=f"collaboration_{diagram.id}")
    own = {"id": f"pool_{diagram.id}", "name": diagram.name, "processRef": diagram.id}
    _add(collaboration, "bpmn:participant", **own)
    for pool in diagram.pools:
        _add(collaboration, "bpmn:participant", id=pool.id, name=pool.name)
    for flow in diagram.message_flows:
        ends = {"sourceRef": flow.source, "targetRef": flow.target}
        _add(collaboration, "bpmn:messageFlow", id=flow.id, name=flow.name, **ends)


def _process(root: Element, diagram: Diagram, messages: Mapping[str, str]) -> None:
    process = _add(root, "bpmn:process", id=diagram.id, name=diagram.name, isExecutable="true")
    _add(process, "bpmn:documentation", diagram.documentation)
    lanes = _add(process, "bpmn:laneSet", id=f"lanes_{diagram.id}")
    for lane in diagram.lanes:
        element = _add(lanes, "bpmn:lane", id=lane.id, name=lane.name)
        for node in diagram.nodes.values():
            if node.lane == lane.id:
                _add(element, "bpmn:flowNodeRef", node.id)
    for node in diagram.nodes.values():
        _node(process, diagram, node, messages)
    for flow in diagram.flows:
        _flow(process, flow)


def _node(process: Element, diagram: Diagram, node: Node, messages: Mapping[str, str]) -> None:
    element = _add(process, f"bpmn:{node.kind}", id=node.id, name=node.name, **_attributes(diagram, node))
    if node.documentation:
        _add(element, "bpmn:documentation", node.documentation)
    _extensions(element, node)
    for flow in diagram.flows:
        if flow.target == node.id:
            _add(element, "bpmn:incoming", flow.id)
    for flow in diagram.flows:
        if flow.source == node.id:
            _add(element, "bpmn:outgoing", flow.id)
    _repetition(element, node)
    if node.script:
        _add(element, "bpmn:script", node.script)
    if node.event:
        _event(element, node.event, node.id, messages)


def _attributes(diagram: Diagram, node: Node) -> dict[str, str]:
    default = next((flow.id for flow in diagram.flows if flow.source == node.id and flow.default), "")
    boundary = {"attachedToRef": node.attached_to, "cancelActivity": "true"} if node.attached_to else {}
    script = {"scriptFormat": "text/x-python"} if node.script else {}
    return {"default": default, "calledElement": node.called} | boundary | script


def _extensions(element: Element, node: Node) -> None:
    if not (node.properties or node.instructions or node.operation):
        return
    extensions = _add(element, "bpmn:extensionElements")
    if node.instructions:
        _add(extensions, "spiffworkflow:instructionsForEndUser", node.instructions)
    if node.properties:
        properties = _add(extensions, "spiffworkflow:properties")
        for name, value in node.properties.items():
            _add(properties, "spiffworkflow:property", name=name, value=value)
    if node.operation:
        _operator(extensions, node)


def _operator(extensions: Element, node: Node) -> None:
    operator = _add(
        extensions, "spiffworkflow:serviceTaskOperator", id=node.operation, resultVariable=node.result
    )
    parameters = _add(operator, "spiffworkflow:parameters")
    for name, value in node.parameters.items():
        _add(parameters, "spiffworkflow:parameter", id=name, type="any", value=value)


def _repetition(element: Element, node: Node) -> None:
    if node.items:
        many = _add(element, "bpmn:multiInstanceLoopCharacteristics", isSequential="false")
        _add(many, "bpmn:loopDataInputRef", node.items.over)
        _add(many, "bpmn:inputDataItem", id=node.items.item, name=node.items.item)
    if node.loop:
        loop = _add(element, "bpmn:standardLoopCharacteristics", testBefore="false")
        _expression(loop, "bpmn:loopCondition", node.loop)


def _event(element: Element, event: Event, node: str, messages: Mapping[str, str]) -> None:
    id = f"event_{node}"
    if event.message:
        definition = _add(element, "bpmn:messageEventDefinition", id=id, messageRef=messages[event.message])
        if event.variable:
            variable = _add(definition, "bpmn:extensionElements")
            _add(variable, "spiffworkflow:messageVariable", event.variable)
    if event.date:
        _expression(_add(element, "bpmn:timerEventDefinition", id=id), "bpmn:timeDate", event.date)


def _flow(process: Element, flow: Flow) -> None:
    ends = {"sourceRef": flow.source, "targetRef": flow.target}
    element = _add(process, "bpmn:sequenceFlow", id=flow.id, name=flow.name, **ends)
    if flow.when:
        _expression(element, "bpmn:conditionExpression", flow.when)


def _expression(parent: Element, name: str, text: str) -> None:
    _add(parent, name, text).set(_tag("xsi:type"), "bpmn:tFormalExpression")


def _drawing(
    root: Element,
    diagram: Diagram,
    placed: Placed,
    ways: Mapping[str, list[Point]],
    flow_labels: Mapping[str, Box],
) -> None:
    drawing = _add(root, "bpmndi:BPMNDiagram", id=f"diagram_{diagram.id}")
    collaboration = f"collaboration_{diagram.id}"
    plane = _add(drawing, "bpmndi:BPMNPlane", id=f"plane_{diagram.id}", bpmnElement=collaboration)
    for id, box in ({f"pool_{diagram.id}": placed.pool} | placed.lanes | placed.outer).items():
        _shape(plane, id, box, isHorizontal="true")
    for node in diagram.nodes.values():
        marker = "true" if node.kind == "exclusiveGateway" else ""
        _shape(plane, node.id, placed.nodes[node.id], placed.labels.get(node.id), isMarkerVisible=marker)
    for id, way in ways.items():
        _edge(plane, id, way, flow_labels.get(id))


def _shape(plane: Element, id: str, box: Box, label: Box | None = None, **attributes: str) -> None:
    shape = _add(plane, "bpmndi:BPMNShape", id=f"{id}_di", bpmnElement=id, **attributes)
    _bounds(shape, box)
    if label:
        _bounds(_add(shape, "bpmndi:BPMNLabel"), label)


def _edge(plane: Element, id: str, way: list[Point], label: Box | None) -> None:
    edge = _add(plane, "bpmndi:BPMNEdge", id=f"{id}_di", bpmnElement=id)
    for x, y in way:
        _add(edge, "di:waypoint", x=_number(x), y=_number(y))
    if label:
        _bounds(_add(edge, "bpmndi:BPMNLabel"), label)


def _bounds(parent: Element, box: Box) -> None:
    values = {"x": box.x, "y": box.y, "width": box.w, "height": box.h}
    _add(parent, "dc:Bounds", **{name: _number(value) for name, value in values.items()})


def _number(value: float) -> str:
    return f"{value:g}" if value != int(value) else str(int(value))
