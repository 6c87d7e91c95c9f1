"""The web over the real engine: a furnished district on SQLite, copied for every test. Knows no page."""

import shutil
from collections.abc import Callable, Iterator
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


@pytest.fixture
def walk(engine: Engine) -> Callable[[str], str]:
    """Lets a case of the first unit run, as its people would, until it waits at an element; gives its id."""

    def to(element: str) -> str:
        bundle = definitions.from_folders(ROOT / "processes", ROOT / "forms", "roundtable")
        plot = Plot("u001", "3栋楼道照明", NOW.date(), element)
        Walk(engine, engine.clock, samples.read(bundle), "roundtable").until([plot], NOW + timedelta(days=90))
        return plot.case

    return to


@pytest.fixture
def secretary(visitor: Callable[[str], Visitor]) -> Visitor:
    return visitor("u001.secretary")
