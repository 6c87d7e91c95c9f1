"""Finds an orthogonal way for every flow: around shapes and labels, few bends, few crossings.

Dijkstra over the lines that run through ports and between rows and columns. All flows are routed three times, each
time seeing the others, so the order in which they are written matters little. Knows rectangles only.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from drawing.grid import Box

CLEAR = 12  # no flow comes nearer to a foreign shape
STUB = 18
BEND, CROSSING, CLOSE, SHARED_PORT, BACKWARDS = 45, 160, 30, 260, 90
ROUNDS = 3
SIDES = {"right": (1, 0), "bottom": (0, 1), "left": (-1, 0), "top": (0, -1)}
Point = tuple[float, float]


@dataclass(frozen=True)
class Wish:
    """One flow to route. `leave` and `enter` fix a side."""

    id: str
    source: str
    target: str
    leave: str = ""
    enter: str = ""


@dataclass
class Field:
    """The obstacles and lines of one diagram."""

    nodes: dict[str, Box]
    labels: dict[str, Box]
    inside: Box
    fences: tuple[float, ...]  # y of the lane borders: no flow runs along them
    hosts: dict[str, str] = field(default_factory=dict)  # boundary event → its activity


def route(field: Field, wishes: list[Wish], fixed: dict[str, list[Point]]) -> dict[str, list[Point]]:
    """Way points by flow id; `fixed` ways are there already. Raises ValueError when there is no way."""
    xs, ys = _lines(field)
    blocked = _Blocked(field, xs, ys)
    found = dict(fixed)
    standing = [Wish(id, "", "") for id in fixed]
    for _ in range(ROUNDS):
        for wish in wishes:
            others = [other for other in (*standing, *wishes) if other.id in found and other.id != wish.id]
            found[wish.id] = _Search(field, blocked, xs, ys, wish, others, found).best()
    return found


def port(box: Box, side: str) -> Point:
    x, y = box.middle
    return {"right": (box.right, y), "left": (box.x, y), "top": (x, box.y), "bottom": (x, box.bottom)}[side]


def _lines(field: Field) -> tuple[list[float], list[float]]:
    xs: set[float] = set()
    ys: set[float] = set()
    for box in field.nodes.values():
        x, y = box.middle
        xs |= {x, box.x - STUB, box.right + STUB}
        ys |= {y, box.y - STUB, box.bottom + STUB}
    for fence in (*field.fences, field.inside.y, field.inside.bottom):
        ys |= {fence - 10, fence + 10}
    xs |= set(_halfway(sorted((box.x, box.right) for box in field.nodes.values())))
    return sorted(x for x in xs if field.inside.x < x < field.inside.right), sorted(
        y for y in ys if field.inside.y < y < field.inside.bottom
    )


def _halfway(spans: list[tuple[float, float]]) -> Iterable[float]:
    """The middle of each gap between columns."""
    reach = spans[0][1]
    for start, end in spans[1:]:
        if start > reach:
            yield (reach + start) / 2
        reach = max(reach, end)


class _Blocked:
    """Which steps of the net run into a shape or a label."""

    def __init__(self, field: Field, xs: list[float], ys: list[float]):
        walls = [box.grown(CLEAR) for box in field.nodes.values()]
        walls += [box.grown(3) for box in field.labels.values()]
        self.across = {
            (i, j)
            for i, (a, b) in enumerate(pairwise(xs))
            for j, y in enumerate(ys)
            if _hit(walls, a, y, b, y)
        }
        self.down = {
            (i, j)
            for i, x in enumerate(xs)
            for j, (a, b) in enumerate(pairwise(ys))
            if _hit(walls, x, a, x, b)
        }
        self.labels = [box.grown(1) for box in field.labels.values()]


def _hit(walls: list[Box], ax: float, ay: float, bx: float, by: float) -> bool:
    return any(wall.x < bx and ax < wall.right and wall.y < by and ay < wall.bottom for wall in walls)


class _Search:
    """The cheapest way of one flow, the ways of the others given."""

    def __init__(
        self,
        field: Field,
        blocked: _Blocked,
        xs: list[float],
        ys: list[float],
        wish: Wish,
        others: list[Wish],
        found: dict[str, list[Point]],
    ):
        self.field, self.blocked, self.xs, self.ys, self.wish = field, blocked, xs, ys, wish
        self.column = {x: i for i, x in enumerate(xs)}
        self.line = {y: j for j, y in enumerate(ys)}
        self.ports = [(other, found[other.id][0], found[other.id][-1]) for other in others]
        self.runs = [
            (a, b, other.source == wish.source, other.target == wish.target)
            for other in others
            for a, b in pairwise(found[other.id])
        ]
        self.memo: dict[tuple[int, int, bool], float] = {}

    def best(self) -> list[Point]:
        goals = {
            (self._at(stub), side): (end, cost)
            for side, end, stub, cost in self._ends(self.wish.target, False)
        }
        starts = self._ends(self.wish.source, True)
        heap: list[tuple[float, int, tuple[int, int], str, tuple]] = []
        serial = 0
        for side, first, stub, cost in starts:
            heap.append((cost, serial, self._at(stub), side, ((), first)))
            serial += 1
        heapq.heapify(heap)
        seen: dict[tuple[tuple[int, int], str], float] = {}
        while heap:
            cost, _, place, heading, trail = heapq.heappop(heap)
            if heading == "done":
                return _straightened(_points(trail))
            if seen.get((place, heading), float("inf")) <= cost:
                continue
            seen[place, heading] = cost
            for side, (end, extra) in [(s, g) for (p, s), g in goals.items() if p == place]:
                turn = 0 if side == heading else BEND if _square(side, heading) else None
                if turn is not None:
                    serial += 1
                    last = ((trail, self._point(place)), end)
                    heapq.heappush(heap, (cost + extra + turn, serial, place, "done", last))
            for side, (dx, dy) in SIDES.items():
                if side != heading and not _square(side, heading):
                    continue
                step = self._step(place, dx, dy)
                if step is not None:
                    serial += 1
                    to = (place[0] + dx, place[1] + dy)
                    turn = 0 if side == heading else BEND
                    heapq.heappush(heap, (cost + step + turn, serial, to, side, (trail, self._point(place))))
        raise ValueError(f"no way for {self.wish.id}")

    def _ends(self, node: str, leaving: bool) -> list[tuple[str, Point, Point, float]]:
        """(heading, port, stub, cost) for each side that may be used."""
        fixed = self.wish.leave if leaving else self.wish.enter
        box = self.field.nodes[node]
        result = []
        for side, (dx, dy) in SIDES.items():
            end = port(box, side)
            stub = (end[0] + dx * STUB, end[1] + dy * STUB)
            if (fixed and side != fixed) or stub[0] not in self.column or stub[1] not in self.line:
                continue
            if node in self.field.hosts and side == "top":
                continue
            if self._crosses_label(end, stub):
                continue
            heading = side if leaving else _opposite(side)
            result.append((heading, end, stub, STUB + self._port_cost(node, end, side, leaving)))
        return result

    def _crosses_label(self, a: Point, b: Point) -> bool:
        low, high = (min(a[0], b[0]), min(a[1], b[1])), (max(a[0], b[0]), max(a[1], b[1]))
        return _hit(self.blocked.labels, low[0], low[1], high[0], high[1])

    def _port_cost(self, node: str, end: Point, side: str, leaving: bool) -> float:
        cost = BACKWARDS if side == ("left" if leaving else "right") else 0
        cost += 20 if side in ("top", "bottom") else 0
        for other, first, last in self.ports:
            if (other.source == node and first == end) != (other.target == node and last == end):
                same_way = (other.source == node) == leaving and (other.source == self.wish.source) == leaving
                cost += (60 if leaving else 10) if same_way else SHARED_PORT * 3
        return cost

    def _step(self, place: tuple[int, int], dx: int, dy: int) -> float | None:
        i, j = place[0] + min(dx, 0), place[1] + min(dy, 0)
        flat = dx != 0
        if not (0 <= place[0] + dx < len(self.xs) and 0 <= place[1] + dy < len(self.ys)):
            return None
        if (i, j) in (self.blocked.across if flat else self.blocked.down):
            return None
        if (i, j, flat) not in self.memo:
            self.memo[i, j, flat] = self._price(i, j, flat)
        return self.memo[i, j, flat]

    def _price(self, i: int, j: int, flat: bool) -> float:
        a = (self.xs[i], self.ys[j])
        b = (self.xs[i + 1], self.ys[j]) if flat else (self.xs[i], self.ys[j + 1])
        cost = (b[0] - a[0]) + (b[1] - a[1])
        if flat and any(abs(a[1] - fence) < 9 for fence in self.field.fences):
            cost *= 8
        for start, end, same_source, same_target in self.runs:
            cost += _conflict(a, b, start, end, same_source or same_target)
        return cost

    def _at(self, point: Point) -> tuple[int, int]:
        return self.column[point[0]], self.line[point[1]]

    def _point(self, place: tuple[int, int]) -> Point:
        return self.xs[place[0]], self.ys[place[1]]


def _conflict(a: Point, b: Point, c: Point, d: Point, related: bool) -> float:
    """What it costs to step from a to b beside or across the run from c to d."""
    k = 0 if a[1] == b[1] else 1  # the axis along which the step runs
    c, d = (c, d) if (c[0], c[1]) <= (d[0], d[1]) else (d, c)
    along = c[1 - k] == d[1 - k]
    if along:
        shared = min(b[k], d[k]) - max(a[k], c[k])
        apart = abs(a[1 - k] - c[1 - k])
        if shared <= 0 or apart >= 10:
            return 0
        return 0 if related and apart == 0 else CLOSE * shared / 4 + CROSSING
    crosses = a[k] <= c[k] < b[k] and c[1 - k] <= a[1 - k] <= d[1 - k]
    return (20 if related else CROSSING) if crosses else 0


def _square(one: str, other: str) -> bool:
    return (SIDES[one][0] == 0) != (SIDES[other][0] == 0)


def _opposite(side: str) -> str:
    return {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}[side]


def _points(trail: tuple) -> list[Point]:
    points: list[Point] = []
    while trail:
        trail, point = trail
        points.append(point)
    return points[::-1]


def _straightened(points: list[Point]) -> list[Point]:
    kept = [points[0]]
    for here, after in zip(points[1:], [*points[2:], None], strict=True):
        before = kept[-1]
        if here == before:
            continue
        if after is None or not (before[0] == here[0] == after[0] or before[1] == here[1] == after[1]):
            kept.append(here)
    return kept
