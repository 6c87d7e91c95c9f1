"""A district with a released procedure, a clock that stands still, and somebody who walks cases. Knows no test."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from engine import calendar, cases, definitions, people, samples, worklist
from engine.bpmn.step import Bundle
from engine.clock import SetClock
from engine.commands import Outcome, StartCase, SubmitTask
from engine.demo import making
from engine.demo.walk import attach
from engine.engine import Engine
from engine.settings import Settings
from tests.conftest import BOTH_KINDS
from tests.engine import invariants
from web.cli import main

MONDAY = datetime(2026, 9, 14, 1, 0, tzinfo=UTC)  # 09:00 in China; its week has a make-up Sunday, the 20th
UNIT = "u001"


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    return definitions.from_folders(making.ROOT / "processes", making.ROOT / "forms", "roundtable")


@pytest.fixture(scope="session")
def staged_sqlite(tmp_path_factory: pytest.TempPathFactory, bundle: Bundle) -> Path:
    file = tmp_path_factory.mktemp("staged") / "roundtable.db"
    making.stage(f"sqlite:///{file}", bundle)
    return file


@pytest.fixture(scope="session")
def staged_template(request: pytest.FixtureRequest, bundle: Bundle) -> str:
    server = request.getfixturevalue("postgres_server")
    name: str = server.create_database()
    making.stage(server.url(name), bundle)
    return name


@pytest.fixture(params=BOTH_KINDS)
def staged_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with calendar, district and release, on both kinds."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("staged_sqlite"), tmp_path / "roundtable.db")
        yield f"sqlite:///{tmp_path / 'roundtable.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create_database(template=request.getfixturevalue("staged_template"))
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(MONDAY)


@pytest.fixture
def engine(staged_url: str, clock: SetClock, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine.open(staged_url, clock=clock, settings=Settings(data=tmp_path))
    yield engine
    engine.database.dispose()


@pytest.fixture
def engine_on_sqlite(migrated_sqlite: Path, clock: SetClock, tmp_path: Path) -> Iterator[Engine]:
    """Founded for one person, on one kind of database, for what does not depend on it."""
    shutil.copyfile(migrated_sqlite, tmp_path / "own.db")
    engine = Engine.open(f"sqlite:///{tmp_path / 'own.db'}", clock=clock, settings=Settings(data=tmp_path))
    engine.found("anna")
    yield engine
    engine.database.dispose()


@pytest.fixture
def sound(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test did to an engine, the invariants hold when it is over: every case re-executes to the same end.

    A module asks for it: `pytestmark = pytest.mark.usefixtures("sound")`.
    """
    engine = request.getfixturevalue("engine") if "engine" in request.fixturenames else None
    yield
    if engine:
        invariants.check(engine)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Runs a command on a database of the test's own; its exit code and what it printed."""

    def run(*words: Any) -> tuple[int, str]:
        code = main([*map(str, words), "--data", str(tmp_path / "data")])
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


@dataclass
class Walker:
    """Does what is open with the sample answers, changed where a test says so."""

    engine: Engine
    told: Any
    files: Any
    case: str = ""

    def start(self, title: str = "楼道照明损坏", **more: Any) -> Outcome:
        outcome = self.engine.handle(
            StartCase("roundtable", UNIT, title, channel="hotline", **more), by=f"{UNIT}.secretary"
        )
        self.case = outcome.case
        return outcome

    def open(self) -> list[str]:
        """Elements that are open, by path."""
        return [item.element for item in self.items()]

    def items(self) -> list[worklist.WorkItem]:
        return self.engine.read(lambda reader: worklist.open_items(reader.db, self.case))

    def item(self, element: str) -> worklist.WorkItem:
        return next(item for item in self.items() if item.element == element)

    def facts(self) -> Any:
        return self.engine.read(lambda reader: cases.load(reader.db, self.case).facts)

    def answers(self, element: str, **changes: Any) -> dict[str, Any]:
        """The sample of a task, in the case that is walked."""
        return self.filled(element, **changes)

    def filled(self, element: str, **changes: Any) -> dict[str, Any]:
        def fill(reader: Any) -> dict[str, Any]:
            facts = cases.load(reader.db, self.case).facts if self.case else {}
            setting = samples.Setting(reader.today, calendar.current(reader.db), facts, self.files)
            filled: dict[str, Any] = samples.filled({**self.told.get(element, {}), **changes}, setting)
            return filled

        return self.engine.read(fill)

    def who(self, item: worklist.WorkItem) -> str:
        def first(reader: Any) -> str:
            for text in worklist.candidates(reader.db, item.id):
                kind, _, id = text.partition(":")
                if kind == "person" or people.holder_of_post(reader.db, id, reader.today):
                    return id
            raise LookupError(item.element)

        return self.engine.read(first)

    def do(self, element: str, *, by: str = "", key: str = "", **changes: Any) -> Outcome:
        item = self.item(element)
        command = SubmitTask(item.id, self.answers(element, **changes), key=key)
        return self.engine.handle(command, by=by or self.who(item))

    def to(self, element: str, **plans: dict[str, Any]) -> None:
        """Do the first open task again and again until `element` is open; time passes when nothing can be done."""
        for _ in range(120):
            if element in self.open():
                return
            first = next(iter(self.items()), None)
            if first is None:
                self.pass_time()
                continue
            if first.element == "record_attendance":
                self.until(self.facts()["meeting_on"])
            if first.element == "carry_out_item" and "form_committee" in self.open():
                self.do("form_committee")
                continue
            self.do(first.element, **plans.get(first.element, {}))
        raise AssertionError(f"{element} never opened; open: {self.open()}")

    def until(self, day: str) -> None:
        at = datetime.fromisoformat(f"{day}T09:00:00+08:00")
        self.engine.clock.at = max(self.engine.clock.at, at.astimezone(UTC))

    def pass_time(self) -> None:
        due = self.engine.next_due()
        assert due is not None, "nothing is open and nothing waits"
        self.engine.clock.at = max(self.engine.clock.at, due)
        self.engine.tick()


@pytest.fixture
def walker(engine: Engine, bundle: Bundle) -> Walker:
    told = samples.read(bundle)
    return Walker(engine, told, attach(engine, UNIT, told))


@pytest.fixture
def together() -> Callable[..., list[Any]]:
    """Run functions at the same moment in threads of their own; results or exceptions in order."""

    def run(*functions: Callable[[], Any]) -> list[Any]:
        barrier = Barrier(len(functions))

        def one(function: Callable[[], Any]) -> Any:
            barrier.wait()
            try:
                return function()
            except Exception as failure:
                return failure

        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(one, functions))

    return run
