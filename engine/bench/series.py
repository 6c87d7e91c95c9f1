"""Times several ways of doing the same, taking turns, so that what disturbs the machine disturbs all. Knows no way."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from statistics import median
from typing import Protocol

from sqlalchemy import Engine as Database

from engine.bench.counting import counted

_Run = tuple[float, float, int, int]
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
    """Seconds of each run; the median of what this process computed; the most statements and commits of a run.

    What is computed hardly depends on how busy disk and machine are.
    """

    seconds: Sequence[float]
    computing: float
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
    taken: dict[str, list[_Run]] = {name: [] for name in ways}
    names = list(ways)
    for turn in range(-WARM_UP, turns):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            ways[name].prepare()
            run = _timed(ways[name].run, database)
            if turn >= 0:
                taken[name].append(run)
    return {name: _measured(runs, ways[name].size()) for name, runs in taken.items()}


def _timed(run: Callable[[], None], database: Database) -> _Run:
    with counted(database) as count:
        began, computed = time.perf_counter(), time.thread_time()
        run()
        took, computing = time.perf_counter() - began, time.thread_time() - computed
    return took, computing, count.statements, count.commits


def _measured(runs: Sequence[_Run], size: Size) -> Measured:
    seconds, computing, statements, commits = zip(*runs, strict=True)
    return Measured(seconds, median(computing), max(statements), max(commits), size)
