"""Times several ways of doing the same, taking turns, so that what disturbs the machine disturbs all. Knows no way."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from statistics import median
from typing import Protocol

from sqlalchemy import Engine as Database

from engine.bench.counting import counted

WARM_UP = 3  # turns that are not counted: statements compile, diagrams are parsed


class Way(Protocol):
    """One way of doing something, again and again."""

    def prepare(self) -> None:
        """Whatever must be there before the next `run`; not timed."""

    def run(self) -> None:
        """What is timed."""

    def size(self) -> "Size":
        """What a case takes in the database now."""


@dataclass(frozen=True)
class Size:
    """Bytes of one case: its state, and what one command adds to its history."""

    state: int | None = None
    history: int | None = None


@dataclass(frozen=True)
class Measured:
    """Seconds of each run; statements and commits are the most that a run took."""

    seconds: Sequence[float]
    statements: int
    commits: int
    size: Size = field(default_factory=Size)

    @property
    def median(self) -> float:
        return median(self.seconds)

    @property
    def p99(self) -> float:
        """By nearest rank: of fewer than 100 runs it is the slowest."""
        return sorted(self.seconds)[ceil(len(self.seconds) * 0.99) - 1]


def measure(ways: Mapping[str, Way], database: Database, turns: int) -> dict[str, Measured]:
    """Each turn runs every way once, beginning with another one each time."""
    taken: dict[str, list[tuple[float, int, int]]] = {name: [] for name in ways}
    names = list(ways)
    for turn in range(-WARM_UP, turns):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            ways[name].prepare()
            run = _timed(ways[name].run, database)
            if turn >= 0:
                taken[name].append(run)
    return {name: _measured(runs, ways[name].size()) for name, runs in taken.items()}


def _timed(run: Callable[[], None], database: Database) -> tuple[float, int, int]:
    with counted(database) as count:
        began = time.perf_counter()
        run()
        took = time.perf_counter() - began
    return took, count.statements, count.commits


def _measured(runs: Sequence[tuple[float, int, int]], size: Size) -> Measured:
    seconds, statements, commits = zip(*runs, strict=True)
    return Measured(seconds, max(statements), max(commits), size)
