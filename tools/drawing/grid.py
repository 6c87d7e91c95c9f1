"""Gives every lane, pool and node its rectangle. Columns are common to all lanes, rows belong to a lane."""

from __future__ import annotations

from dataclasses import dataclass, field

from drawing import text
from drawing.diagram import EVENTS, GATEWAYS, Diagram, Node

HEADER = 30
EDGE = 36
TOP = 80
LEFT = 120
POOL_HEIGHT = 60
POOL_GAP = 46
TASK_HEIGHT = 80
WIDEST_LABEL = 8


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.w / 2, self.y + self.h / 2

    def grown(self, by: float) -> Box:
        return Box(self.x - by, self.y - by, self.w + 2 * by, self.h + 2 * by)

    def meets(self, other: Box) -> bool:
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )


@dataclass
class Placed:
    """A diagram's rectangles, by id."""

    pool: Box
    lanes: dict[str, Box]
    outer: dict[str, Box]
    nodes: dict[str, Box]
    labels: dict[str, Box] = field(default_factory=dict)


def size(node: Node) -> tuple[int, int]:
    if node.kind in EVENTS:
        return 36, 36
    if node.kind in GATEWAYS:
        return 50, 50
    return (140, 80) if node.kind == "callActivity" else (text.task_width(node.name), TASK_HEIGHT)


def place(diagram: Diagram) -> Placed:
    above = [pool for pool in diagram.pools if pool.above]
    columns, width = _columns(diagram)
    top = TOP + len(above) * (POOL_HEIGHT + POOL_GAP)
    lanes, rows = _lanes(diagram, top, width)
    pool = Box(LEFT, top, width + 2 * HEADER, sum(box.h for box in lanes.values()))
    placed = Placed(pool, lanes, _outer(diagram, pool), {})
    for node in diagram.nodes.values():
        placed.nodes[node.id] = _box(node, columns, rows, placed.nodes)
    for node in diagram.nodes.values():
        if node.kind in EVENTS + GATEWAYS and node.name:
            placed.labels[node.id] = _label(node, placed.nodes[node.id])
    return placed


def _columns(diagram: Diagram) -> tuple[dict[float, float], float]:
    """Middle of each column, and the width of the lanes' inside."""
    last = max(int(node.col) for node in diagram.nodes.values())
    x: float = LEFT + 2 * HEADER + EDGE
    middles: dict[float, float] = {}
    for col in range(last + 1):
        wide = max((size(node)[0] for node in diagram.nodes.values() if node.col == col), default=0)
        middles[col] = x + wide / 2
        x += wide + (max(diagram.gaps.get(col, diagram.gap), _wanted(diagram, col)) if col < last else 0)
    return middles, x + EDGE - LEFT - 2 * HEADER


def _wanted(diagram: Diagram, col: int) -> int:
    """Room for the names of flows that run straight to the right, and for those that turn into the next column."""
    wanted = [0]
    for flow in diagram.flows:
        source, target = diagram.nodes[flow.source], diagram.nodes[flow.target]
        name = text.outside_box(flow.name, WIDEST_LABEL)[0] if flow.name and source.col == col else 0
        straight = (source.lane, source.row) == (target.lane, target.row) and source.col < target.col
        if name and straight and flow.leave in ("", "right"):
            wanted.append(name + 34)
        elif name and target.col == col + 1 and flow.leave in ("top", "bottom") and flow.enter == "left":
            wanted.append(name + 30 - size(source)[0] // 2)
    return max(wanted)


def _lanes(
    diagram: Diagram, top: float, width: float
) -> tuple[dict[str, Box], dict[tuple[str, float], float]]:
    lanes, rows, y = {}, {}, top
    for lane in diagram.lanes:
        lanes[lane.id] = Box(LEFT + HEADER, y, width + HEADER, sum(lane.rows))
        for number, height in enumerate(lane.rows):
            rows[lane.id, number] = y + height / 2
            y += height
    return lanes, rows


def _outer(diagram: Diagram, pool: Box) -> dict[str, Box]:
    boxes = {}
    for number, outer in enumerate([pool for pool in diagram.pools if pool.above]):
        boxes[outer.id] = Box(pool.x, TOP + number * (POOL_HEIGHT + POOL_GAP), pool.w, POOL_HEIGHT)
    for number, outer in enumerate([pool for pool in diagram.pools if not pool.above]):
        y = pool.bottom + POOL_GAP + number * (POOL_HEIGHT + POOL_GAP)
        boxes[outer.id] = Box(pool.x, y, pool.w, POOL_HEIGHT)
    return boxes


def _box(
    node: Node, columns: dict[float, float], rows: dict[tuple[str, float], float], done: dict[str, Box]
) -> Box:
    w, h = size(node)
    if node.attached_to:
        host = done[node.attached_to]
        return Box(host.right - 34 - w / 2, host.bottom - h / 2, w, h)
    x = _between(columns, node.col)
    low, high = int(node.row), int(-(-node.row // 1))
    y = rows[node.lane, low] + (rows[node.lane, high] - rows[node.lane, low]) * (node.row - low)
    return Box(round(x - w / 2), round(y - h / 2), w, h)


def _between(columns: dict[float, float], col: float) -> float:
    low = int(col)
    return columns[low] if col == low else columns[low] + (columns[low + 1] - columns[low]) * (col - low)


def _label(node: Node, box: Box) -> Box:
    w, h = text.outside_box(node.name, WIDEST_LABEL)
    x, y = box.middle
    spots = {
        "top": (x - w / 2, box.y - h - 6),
        "bottom": (x - w / 2, box.bottom + 6),
        "left": (box.x - w - 6, y - h / 2),
        "right": (box.right + 6, y - h / 2),
        "ne": (x + 8, box.y - h),
        "nw": (x - 8 - w, box.y - h),
        "se": (x + 8, box.bottom),
        "sw": (x - 8 - w, box.bottom),
    }
    return Box(round(spots[node.label][0]), round(spots[node.label][1]), w, h)
