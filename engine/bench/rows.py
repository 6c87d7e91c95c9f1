"""What is measured on one database: starting, completing in a line, in a loop at late rounds. Judges nothing.

Each row takes turns between the bare transaction, the plain library in memory, the plain library saved whole, and us.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.bench import ours, procedures, whole_state
from engine.bench.floor import Floor
from engine.bench.plain_library import PlainLibrary, rounds_before_loss
from engine.bench.series import Measured, Way, measure
from engine.engine import Engine

FLOOR, MEMORY, SAVED, OURS, OURS_EARLY = "floor", "memory", "saved", "ours", "ours_early"
START, LINE, TIMED, LOOP = "start", "line", "timed", "loop"
TITLES = {START: "发起", LINE: "直线办理", TIMED: "直线办理，每项带计时"}
Say = Callable[[str], None]


@dataclass(frozen=True)
class Row:
    """One kind of work. `round` is that of a loop, else 0; `lost` the round after which the plain library lost it."""

    kind: str
    round: int
    ways: Mapping[str, Measured]
    lost: int | None = None

    @property
    def title(self) -> str:
        return title(self.kind, self.round)

    def ratio(self, way: str, other: str) -> float | None:
        """How many times as long the median of one way takes as that of another."""
        if way not in self.ways or other not in self.ways:
            return None
        return self.ways[way].median / self.ways[other].median


class Bench:
    """Measures rows on the database of one engine."""

    def __init__(self, engine: Engine, turns: int, say: Say) -> None:
        self._engine = engine
        self._database = engine.database
        self._turns = turns
        self._say = say

    def start(self) -> Row:
        library = _library(procedures.LINE)
        ways: dict[str, Way] = {
            MEMORY: whole_state.StartInMemory(library),
            SAVED: whole_state.StartSaved(library, self._database),
            OURS: ours.Start(self._engine, procedures.LINE),
        }
        return self._row(START, 0, ways)

    def line(self, kind: str, procedure: str, tasks: int) -> Row:
        """Every place in the line in turn."""
        return self._row(kind, 0, self._ways(procedure, done=0, window=tasks))

    def loop(self, round: int, *, early: int = 0) -> Row:
        """A window of rounds around `round`; `early` adds us at that round, in the same minutes."""
        done, window = _window(round)
        ways = self._ways(procedures.LOOP, done, window)
        if early:
            ways[OURS_EARLY] = ours.Complete(self._engine, procedures.LOOP, *_window(early))
        lost = None if SAVED in ways else lost_after(done + window)
        return self._row(LOOP, round, ways, lost)

    def _ways(self, procedure: str, done: int, window: int) -> dict[str, Way]:
        """The plain library's only where it still has the case at the end of the window."""
        library = _library(procedure)
        ways: dict[str, Way] = {}
        text = _instance(procedure, done)
        if text is not None and _instance(procedure, done + window) is not None:
            ways[MEMORY] = whole_state.CompleteInMemory(library, text, done, window)
            ways[SAVED] = whole_state.CompleteSaved(library, self._database, text, done, window)
        return {**ways, OURS: ours.Complete(self._engine, procedure, done, window)}

    def _row(self, kind: str, round: int, ways: Mapping[str, Way], lost: int | None = None) -> Row:
        self._say(f"{self._database.dialect.name}：{title(kind, round)}")
        floor = Floor(self._database, f"{kind}-{round}")
        return Row(kind, round, measure({FLOOR: floor, **ways}, self._database, self._turns), lost)


def title(kind: str, round: int) -> str:
    return TITLES.get(kind) or f"循环第{round:,}轮"


def lost_after(limit: int) -> int | None:
    """After how many rounds of the loop the plain library loses the case, None if not within `limit`."""
    return rounds_before_loss(_library(procedures.LOOP).begin(), procedures.answers, limit)


@lru_cache
def _instance(procedure: str, done: int) -> str | None:
    """Made once for all databases: the plain library needs seconds for 300 rounds."""
    return whole_state.at_round(_library(procedure), done)


@lru_cache
def _library(procedure: str) -> PlainLibrary:
    return PlainLibrary(procedure, procedures.diagram(procedure))


def _window(round: int) -> tuple[int, int]:
    """Rounds done before it, and rounds in it: a tenth of the rounds, centred, at least ten."""
    window = max(10, round // 10)
    return max(round - window // 2 - 1, 0), window
