"""Finds a place for the name of every flow: beside its own part of the line, near its source, on nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from drawing import text
from drawing.grid import Box
from drawing.routes import Point

AWAY = 4
LONGEST = 8
Run = tuple[Point, Point]


@dataclass
class Page:
    """What names must keep off: shapes and other names, all lines, the borders of lanes."""

    taken: list[Box]
    lines: dict[str, list[Run]]
    fences: tuple[float, ...]

    def is_free(self, box: Box) -> bool:
        if any(box.meets(other) for other in self.taken):
            return False
        if any(box.y - 3 < fence < box.bottom + 3 for fence in self.fences):
            return False
        return not any(_on(box, run) for runs in self.lines.values() for run in runs)


def beside(
    ways: dict[str, list[Point]], names: dict[str, str], taken: list[Box], fences: tuple[float, ...]
) -> dict[str, Box]:
    """Boxes by flow id. Raises ValueError where a name finds no room."""
    page = Page(list(taken), {id: list(pairwise(way)) for id, way in ways.items()}, fences)
    placed: dict[str, Box] = {}
    for id, name in names.items():
        free = next((box for box in _spots(page, id, name) if page.is_free(box)), None)
        if free is None:
            raise ValueError(f"no room for the name of {id}")
        placed[id] = free
        page.taken.append(free.grown(2))
    return placed


def _spots(page: Page, id: str, name: str) -> Iterable[Box]:
    """The best first: on the flow's own runs, few lines, close to the source, above or to the right."""
    boxes = sorted({text.outside_box(name, letters) for letters in (LONGEST, 5, 4)}, key=_lines_first)
    own, shared = _own_first(page, id)
    for runs in (own, shared):
        for w, h in boxes:
            for (ax, ay), (bx, by) in runs:
                yield from _flat(ax, bx, ay, w, h) if ay == by else _upright(ax, ay, by, w, h)


def _lines_first(box: tuple[int, int]) -> tuple[int, int]:
    return box[1], box[0]


def _own_first(page: Page, id: str) -> tuple[list[Run], list[Run]]:
    others = [run for other, runs in page.lines.items() if other != id for run in runs]
    own, shared = [], []
    for run in page.lines[id]:
        (shared if any(_overlap(run, other) for other in others) else own).append(run)
    return own, shared


def _overlap(one: Run, other: Run) -> bool:
    for k in (0, 1):
        if len({one[0][k], one[1][k], other[0][k], other[1][k]}) == 1:
            along = 1 - k
            first, second = sorted((one[0][along], one[1][along])), sorted((other[0][along], other[1][along]))
            return min(first[1], second[1]) > max(first[0], second[0])
    return False


def _flat(ax: float, bx: float, y: float, w: int, h: int) -> Iterable[Box]:
    for along in (17, 12, 8, 26, 40):
        x = ax + along if bx > ax else ax - along - w
        if min(ax, bx) <= x and x + w <= max(ax, bx):
            yield Box(round(x), round(y - h - AWAY), w, h)
            yield Box(round(x), round(y + AWAY), w, h)


def _upright(x: float, ay: float, by: float, w: int, h: int) -> Iterable[Box]:
    for along in (16, 10, 5, 24, 36, 52):
        y = ay + along if by > ay else ay - along - h
        if min(ay, by) <= y and y + h <= max(ay, by):
            yield Box(round(x + AWAY + 1), round(y), w, h)
            yield Box(round(x - AWAY - 1 - w), round(y), w, h)


def _on(box: Box, run: Run) -> bool:
    (ax, ay), (bx, by) = run
    return (
        box.x - 2 < max(ax, bx)
        and min(ax, bx) < box.right + 2
        and box.y - 1 < max(ay, by)
        and min(ay, by) < box.bottom + 1
    )
