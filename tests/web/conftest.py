"""The web over the real engine: a furnished district on SQLite, copied for every test. Knows no page."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from engine import definitions
from engine.clock import SHANGHAI, SetClock
from engine.demo import making
from engine.engine import Engine
from engine.settings import Settings
from tests.web.visitor import Visitor
from web.app import create_app

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 4, 9, 0, tzinfo=SHANGHAI)  # a Wednesday


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
def secretary(visitor: Callable[[str], Visitor]) -> Visitor:
    return visitor("u001.secretary")
