"""Reads a BPMN file as it is drawn, for the tests beside it: shapes, edges, labels. Knows no drawing script."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

FOLDER = Path(__file__).parents[2] / "processes" / "roundtable"
FILES = sorted(FOLDER.glob("*.bpmn"))
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
FLOW_NODES = ("Event", "Gateway", "Task", "callActivity")
Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def holds(self, other: Box) -> bool:
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom

    def is_touched_by(self, point: Point) -> bool:
        x, y = point
        inside = self.left <= x <= self.right and self.top <= y <= self.bottom
        return inside and (x in (self.left, self.right) or y in (self.top, self.bottom))

    def is_crossed_by(self, a: Point, b: Point) -> bool:
        across = self.left < max(a[0], b[0]) and min(a[0], b[0]) < self.right
        return across and self.top < max(a[1], b[1]) and min(a[1], b[1]) < self.bottom


@dataclass
class Drawing:
    """One file: its elements by id, and where they are drawn."""

    root: Any
    elements: dict[str, Any] = field(default_factory=dict)
    shapes: dict[str, Box] = field(default_factory=dict)
    ways: dict[str, list[Point]] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)

    @property
    def nodes(self) -> dict[str, Box]:
        return {id: self.shapes[id] for id in self.node_ids if id in self.shapes}

    @property
    def node_ids(self) -> list[str]:
        process = self.root.find(f"{BPMN}process")
        return [node.get("id") for node in process if name(node).endswith(FLOW_NODES)]

    @property
    def lanes(self) -> dict[str, list[str]]:
        lanes = self.root.iter(f"{BPMN}lane")
        return {lane.get("id"): [ref.text for ref in lane.iter(f"{BPMN}flowNodeRef")] for lane in lanes}

    @property
    def flows(self) -> list[Any]:
        return [*self.root.iter(f"{BPMN}sequenceFlow"), *self.root.iter(f"{BPMN}messageFlow")]

    def texts(self, *names: str) -> list[str]:
        return [node.text for wanted in names for node in self.root.iter(f"{BPMN}{wanted}")]


def read(path: Path) -> Drawing:
    drawing = Drawing(etree.parse(path).getroot())
    drawing.elements = {node.get("id"): node for node in drawing.root.iter("*") if node.get("id")}
    for shape in drawing.root.iter(f"{BPMNDI}BPMNShape"):
        drawing.shapes[shape.get("bpmnElement")] = _box(shape.find(f"{DC}Bounds"))
    for edge in drawing.root.iter(f"{BPMNDI}BPMNEdge"):
        points = [(float(p.get("x")), float(p.get("y"))) for p in edge.iter(f"{DI}waypoint")]
        drawing.ways[edge.get("bpmnElement")] = points
    for label in drawing.root.iter(f"{BPMNDI}BPMNLabel"):
        drawing.labels[label.getparent().get("bpmnElement")] = _box(label.find(f"{DC}Bounds"))
    return drawing


def name(node: Any) -> str:
    return etree.QName(node).localname


def _box(bounds: Any) -> Box:
    x, y, w, h = (float(bounds.get(key)) for key in ("x", "y", "width", "height"))
    return Box(x, y, x + w, y + h)
