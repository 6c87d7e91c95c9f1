"""The web over the real engine: a furnished district on SQLite, copied for every test. Knows no page."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from engine import definitions, samples
from engine.clock import SHANGHAI, SetClock
from engine.demo import making
from engine.demo.walk import Plot, Walk
from engine.engine import Engine
from engine.settings import Settings
from tests.web.visitor import Visitor
from web.app import create_app

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 4, 9, 0, tzinfo=SHANGHAI)  # a Wednesday
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)  # one pixel


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with directory, calendar, accounts and the released procedure; no case."""
    file = tmp_path_factory.mktemp("furnished") / "roundtable.db"
    bundle = definitions.from_folders(ROOT / "processes", ROOT / "forms", "roundtable")
    making.stage(f"sqlite:///{file}", bundle)
    return file


@pytest.fixture
def settings(furnished: Path, tmp_path: Path) -> Settings:
    shutil.copyfile(furnished, tmp_path / "roundtable.db")
    return Settings(data=tmp_path, demo=True)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = Engine.open(settings.url, clock=SetClock(NOW), settings=settings)
    yield engine
    engine.database.dispose()


@pytest.fixture
def app(engine: Engine, settings: Settings) -> Flask:
    return create_app(engine, settings)


@pytest.fixture
def visitor(app: Flask) -> Callable[[str], Visitor]:
    """Somebody with a browser of his own, signed in as the holder of a post ("" signs nobody in)."""

    def come(post: str = "") -> Visitor:
        somebody = Visitor(app.test_client())
        if post:
            somebody.step_into(post)
        return somebody

    return come


@dataclass(frozen=True)
class Walked:
    """A case that has got to where a test wants it: the whole database at that moment."""

    file: Path
    case: str
    at: datetime


@pytest.fixture(scope="session")
def untouched(furnished: Path) -> list[str]:
    """Everything that is in a district where nothing has happened yet."""
    return _besides_sessions(furnished)


@pytest.fixture(scope="session")
def walked() -> dict[str, Walked]:
    """Ways that were walked in an untouched district, by where they ended."""
    return {}


@pytest.fixture
def walk(
    engine: Engine,
    settings: Settings,
    untouched: list[str],
    walked: dict[str, Walked],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], str]:
    """Lets a case of the first unit run, as its people would, until it waits at an element; gives its id.

    The same way is walked once: where nothing has happened yet, the next test begins at its end.
    """
    ours = settings.data / "roundtable.db"

    def to(element: str) -> str:
        engine.database.dispose()  # SQLite folds its log into the file
        if _besides_sessions(ours) != untouched:
            return _walk(engine, element)
        if element not in walked:
            case = _walk(engine, element)
            engine.database.dispose()
            kept = tmp_path_factory.mktemp("walked") / "roundtable.db"
            walked[element] = Walked(shutil.copyfile(ours, kept), case, engine.clock.now())
            return case
        engine.clock.at = walked[element].at
        _take_over(walked[element].file, ours)
        return walked[element].case

    return to


def _besides_sessions(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as db:
        return [line for line in db.iterdump() if not line.startswith('INSERT INTO "session"')]


def _take_over(walked: Path, ours: Path) -> None:
    """Whoever has signed in stays so, and nobody else."""
    with closing(sqlite3.connect(ours)) as db:
        signed_in = db.execute("SELECT * FROM session").fetchall()
    shutil.copyfile(walked, ours)
    with closing(sqlite3.connect(ours)) as db:
        db.execute("DELETE FROM session")
        for row in signed_in:
            db.execute(f"INSERT INTO session VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 - only "?"
        db.commit()


def _walk(engine: Engine, element: str) -> str:
    bundle = definitions.from_folders(ROOT / "processes", ROOT / "forms", "roundtable")
    plot = Plot("u001", "3栋楼道照明", NOW.date(), element)
    Walk(engine, engine.clock, samples.read(bundle), "roundtable").until([plot], NOW + timedelta(days=90))
    return plot.case


@pytest.fixture
def secretary(visitor: Callable[[str], Visitor]) -> Visitor:
    return visitor("u001.secretary")
