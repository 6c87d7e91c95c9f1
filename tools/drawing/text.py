"""How wide Chinese text is and where bpmn-js will break it. Knows no diagram."""

from __future__ import annotations

from itertools import pairwise

INSIDE = 12
OUTSIDE = 11
LINE = 1.2
NOT_AT_START = "，。、；：？！）)”》…"
NOT_AT_END = "（(“《"


def width(text: str, size: int) -> float:
    return sum(size if ord(letter) > 0x2000 else size * 0.56 for letter in text)


def broken(text: str, room: float, size: int) -> list[str]:
    """The lines as bpmn-js lays them: as many letters as fit, less a rounding."""
    lines = []
    while width(text, size) > room and len(text) > 1:
        fit = text
        while width(fit, size) > room and len(fit) > 1:
            fit = fit[: max(round(len(fit) * room / width(fit, size) - 1), 1)]
        lines.append(fit)
        text = text[len(fit) :].strip()
    return [*lines, text]


def outside_box(text: str, longest: int) -> tuple[int, int]:
    """Width and height of an external label: few lines, evenly filled, no mark stranded at an edge."""
    best = min(range(2, longest + 1), key=lambda letters: _badness(text, letters))
    lines = broken(text, best * OUTSIDE + 8, OUTSIDE)
    wide = max(width(line, OUTSIDE) for line in lines)
    # one line may keep its own width; several need the room that makes bpmn-js break them here
    room = wide + 4 if len(lines) == 1 else best * OUTSIDE + 8
    return round(room), round(len(lines) * OUTSIDE * LINE) + 1


def _badness(text: str, letters: int) -> float:
    lines = broken(text, letters * OUTSIDE + 8, OUTSIDE)
    stranded = _stranded(lines)
    ragged = max(len(line) for line in lines) - len(lines[-1])
    return (
        stranded * 100 + len(lines) * 10 + ragged * 2 + (5 if len(lines[-1]) == 1 and len(lines) > 1 else 0)
    )


def task_width(name: str) -> int:
    """Wide enough that the name breaks well."""
    return min(range(120, 145, 6), key=lambda wide: (_inside_badness(name, wide), wide))


def _inside_badness(name: str, wide: int) -> int:
    lines = broken(name, wide - 14, INSIDE)
    orphan = len(lines) > 1 and len(lines[-1]) < 3
    return _stranded(lines) + orphan + max(0, len(lines) - 3)


def _stranded(lines: list[str]) -> int:
    """Marks at the wrong edge of a line, and numbers torn apart."""
    return sum(
        before[-1] in NOT_AT_END or after[0] in NOT_AT_START or (before[-1].isascii() and after[0].isascii())
        for before, after in pairwise(lines)
    )
