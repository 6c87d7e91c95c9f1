"""Puts shapes on the canvas of a drawing made by `sketch`: one node beside the other, arrows straight. No beauty."""

from xml.etree import ElementTree

from tests.engine.bpmn.reference.drawing import NODES

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_HEAD = (
    '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" '
    'id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="{}">{}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
)


def painted(drawing: bytes) -> bytes:
    root = ElementTree.fromstring(drawing)
    nodes = [one.get("id") for one in root.iter() if one.tag.removeprefix(_BPMN) in NODES]
    places = {id_: number * 100 for number, id_ in enumerate(nodes)}
    shapes = "".join(_shape(id_, x) for id_, x in places.items())
    shapes += "".join(_edge(flow, places) for flow in root.iter(f"{_BPMN}sequenceFlow"))
    plane = root.find(f"{_BPMN}collaboration")
    plane = root.find(f"{_BPMN}process") if plane is None else plane
    end = b"</bpmn:definitions>"
    return drawing.replace(end, _HEAD.format(plane.get("id"), shapes).encode() + end)


def _shape(id_, x):
    bounds = f'<dc:Bounds x="{x}" y="0" width="50" height="50"/>'
    return f'<bpmndi:BPMNShape id="{id_}_di" bpmnElement="{id_}">{bounds}</bpmndi:BPMNShape>'


def _edge(flow, places):
    ends = "".join(f'<di:waypoint x="{places[flow.get(end)]}" y="25"/>' for end in ("sourceRef", "targetRef"))
    return (
        f'<bpmndi:BPMNEdge id="{flow.get("id")}_di" bpmnElement="{flow.get("id")}">{ends}</bpmndi:BPMNEdge>'
    )
