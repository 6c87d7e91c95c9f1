"""Our own ways: commands through the engine's only door, each one cold. Knows the bench's procedures, times nothing."""

from itertools import count

from sqlalchemy import func, select

from engine import cases
from engine.bench import procedures
from engine.bench.district import UNIT, secretary
from engine.bench.series import Size
from engine.commands import Outcome, StartCase, SubmitTask
from engine.database import dumps, octets
from engine.engine import Engine
from engine.journal import Event
from engine.people import Actor
from engine.work import Reader

_KEYS = count(1)


class Start:
    """Starts one case after another."""

    def __init__(self, engine: Engine, procedure: str) -> None:
        self._engine = engine
        self._by = secretary(engine)
        self._procedure = procedure

    def prepare(self) -> None:
        """Nothing: a case begins with its first command."""

    def run(self) -> None:
        self.case = start(self._engine, self._procedure, self._by).case

    def size(self) -> Size:
        return self._engine.read(size_of, self.case)


class Complete:
    """Completes task after task of a case, from the task after `done` on; after `window` tasks, of another case."""

    def __init__(self, engine: Engine, procedure: str, done: int, window: int) -> None:
        self._engine = engine
        self._by = secretary(engine)
        self._procedure = procedure
        self._done, self._window = done, window
        self._left = 0

    def prepare(self) -> None:
        """Another case is walked to where the window begins: every step is the same real command."""
        if self._left:
            return
        self._last = start(self._engine, self._procedure, self._by)
        for _ in range(self._done):
            self.run()
        self._left = self._window

    def run(self) -> None:
        self._last = submit(self._engine, self._last, self._by)
        self._left -= 1

    def size(self) -> Size:
        return self._engine.read(size_of, self._last.case)


def start(engine: Engine, procedure: str, by: Actor) -> Outcome:
    command = StartCase(procedure, UNIT, "测速议题", channel="hotline", key=_key())
    return engine.handle(command, by=by)


def submit(engine: Engine, last: Outcome, by: Actor) -> Outcome:
    """Complete the first item that the last command left open."""
    return engine.handle(SubmitTask(last.opened[0], procedures.answers(last.seq), key=_key()), by=by)


def size_of(reader: Reader, case: str) -> Size:
    """State and facts of a case; the mean size of its events."""
    state, facts = reader.db.execute(
        select(func.length(cases.Case.state), cases.Case.facts).where(cases.Case.id == case)
    ).one()
    events = reader.db.scalar(
        select(func.avg(func.length(octets(reader.db, Event.body)))).where(Event.case_id == case)
    )
    return Size(state + len(dumps(facts).encode()), round(events or 0))


def is_completed(reader: Reader, case: str) -> bool:
    return cases.load(reader.db, case).status == cases.COMPLETED


def _key() -> str:
    return f"bench-{next(_KEYS)}"
