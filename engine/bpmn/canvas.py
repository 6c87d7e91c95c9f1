"""What people see: every node and arrow that runs has its shape, uncovered, and arrows lie where they lead."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from engine.bpmn.drawing import NODES
from engine.bpmn.sheet import Sheet, local
from engine.bpmn.step import Problem

SMALLEST = 10  # px: what is smaller cannot be seen
REACH = 20  # px: how far from its node the end of an arrow may lie
COVERED = 0.6  # part of the smaller of two nodes

_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    def near(self, x: float, y: float) -> bool:
        across = self.x - REACH <= x <= self.x + self.width + REACH
        return across and self.y - REACH <= y <= self.y + self.height + REACH

    def covered(self, other: "Box") -> float:
        """How much of the smaller of the two is common to both."""
        across = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        down = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        smaller = min(self.width * self.height, other.width * other.height)
        return across * down / smaller if across > 0 and down > 0 else 0.0


def problems(sheet: Sheet) -> Iterator[Problem]:
    if sheet.as_drawn and not any(True for _ in sheet.root.iter(f"{_DI}BPMNDiagram")):
        yield Problem(sheet.file, "", "文件里只有流程，没有画面", "照常办理，但看不到流程图", "warning")
        return
    boxes = _boxes(sheet)
    yield from _drawn(sheet)
    yield from _visible(sheet, boxes)
    yield from _arrows(sheet, boxes)


def _drawn(sheet: Sheet) -> Iterator[Problem]:
    drawn = Counter(shape.get("bpmnElement") for shape in _shapes(sheet))
    for node in sheet.all(*NODES, "sequenceFlow", "lane"):
        times = drawn[node.get("id")]
        if times == 0:
            yield sheet.problem(node, f"{sheet.title(node)}没有画在画布上", "画上没有的不能执行，请重画")
        elif times > 1:
            yield sheet.problem(node, f"{sheet.title(node)}在画布上有 {times} 个图形", "请删掉它重画")
    for id_ in drawn:
        if id_ not in sheet.by_id:
            yield sheet.problem("", f"画布上的图形指向不存在的“{id_}”", "请删掉它重画")


def _visible(sheet: Sheet, boxes: Mapping[str, Box]) -> Iterator[Problem]:
    nodes = {node.get("id"): node for node in sheet.all(*NODES) if node.get("id") in boxes}
    for id_ in nodes:
        if min(boxes[id_].width, boxes[id_].height) < SMALLEST:
            yield sheet.problem(id_, f"{sheet.title(id_)}画得太小，看不见", "请放大")
    for one, other in combinations(nodes, 2):
        if boxes[one].covered(boxes[other]) > COVERED and not _belong(nodes[one], nodes[other]):
            yield sheet.problem(
                other, f"{sheet.title(other)}和{sheet.title(one)}盖在一起", "请挪开，使两个都看得见"
            )


def _belong(one: Any, other: Any) -> bool:
    """A boundary event lies on its host, a node in its sub-process; other planes do not share a canvas."""
    if one.getparent() is not other.getparent():
        return True
    return one.get("attachedToRef") == other.get("id") or other.get("attachedToRef") == one.get("id")


def _arrows(sheet: Sheet, boxes: Mapping[str, Box]) -> Iterator[Problem]:
    for edge in sheet.root.iter(f"{_DI}BPMNEdge"):
        flow = sheet.by_id.get(edge.get("bpmnElement"))
        if flow is None or local(flow) != "sequenceFlow":
            continue
        points = [(float(p.get("x")), float(p.get("y"))) for p in edge if local(p) == "waypoint"]
        ends = [(flow.get("sourceRef"), points[0]), (flow.get("targetRef"), points[-1])]
        for id_, point in ends:
            if id_ in boxes and not boxes[id_].near(*point):
                yield sheet.problem(
                    flow, f"连线{sheet.title(flow)}画的不是它连的{sheet.title(id_)}", "请在画布上重新连线"
                )


def _boxes(sheet: Sheet) -> dict[str, Box]:
    """The place of every shape on its canvas."""
    boxes = {}
    for shape in sheet.root.iter(f"{_DI}BPMNShape"):
        for bounds in shape:
            if local(bounds) == "Bounds":
                place = (float(bounds.get(key)) for key in ("x", "y", "width", "height"))
                boxes[shape.get("bpmnElement")] = Box(*place)
    return boxes


def _shapes(sheet: Sheet) -> Iterator[Any]:
    yield from sheet.root.iter(f"{_DI}BPMNShape", f"{_DI}BPMNEdge")
