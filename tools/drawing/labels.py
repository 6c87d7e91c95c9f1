"""Finds a place for the name of every flow: beside its line, near its source, on nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from drawing import text
from drawing.grid import Box
from drawing.routes import Point

AWAY = 4


def beside(ways: dict[str, list[Point]], names: dict[str, str], taken: list[Box], longest: int) -> dict[str, Box]:
    """Boxes by flow id. Raises ValueError where a name finds no room."""
    placed: dict[str, Box] = {}
    lines = [(a, b) for way in ways.values() for a, b in pairwise(way)]
    for id, name in names.items():
        spots = list(_spots(ways[id], name, longest))
        free = [box for box in spots if _is_free(box, taken, lines)]
        if not free:
            raise ValueError(f"no room for the name of {id}")
        placed[id] = free[0]
        taken = [*taken, free[0].grown(2)]
    return placed


def _spots(way: list[Point], name: str, longest: int) -> Iterable[Box]:
    """The best first: close to the source, above a line or to the right of it."""
    boxes = {text.outside_box(name, letters) for letters in (longest, 5, 4)}
    for w, h in sorted(boxes, key=lambda box: (box[1], box[0])):
        for (ax, ay), (bx, by) in pairwise(way):
            yield from _flat(ax, bx, ay, w, h) if ay == by else _upright(ax, ay, by, w, h)


def _flat(ax: float, bx: float, y: float, w: int, h: int) -> Iterable[Box]:
    if abs(bx - ax) < w + 8:
        return
    for along in (7, 16, 28, 44):
        x = ax + along if bx > ax else ax - along - w
        if min(ax, bx) <= x and x + w <= max(ax, bx):
            yield Box(round(x), round(y - h - AWAY + 1), w, h)
            yield Box(round(x), round(y + AWAY), w, h)


def _upright(x: float, ay: float, by: float, w: int, h: int) -> Iterable[Box]:
    if abs(by - ay) < h + 4:
        return
    for along in (5, 12, 20, 32, 50):
        y = ay + along if by > ay else ay - along - h
        if min(ay, by) <= y and y + h <= max(ay, by):
            yield Box(round(x + AWAY + 1), round(y), w, h)
            yield Box(round(x - AWAY - 1 - w), round(y), w, h)


def _is_free(box: Box, taken: list[Box], lines: list[tuple[Point, Point]]) -> bool:
    return not any(box.meets(other) for other in taken) and not any(_on(box, a, b) for a, b in lines)


def _on(box: Box, a: Point, b: Point) -> bool:
    return (
        box.x - 2 < max(a[0], b[0])
        and min(a[0], b[0]) < box.right + 2
        and box.y - 1 < max(a[1], b[1])
        and min(a[1], b[1]) < box.bottom + 1
    )
