"""A served district for every journey, and a browser that somebody watches. Knows no step of the procedure."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from engine import definitions, samples
from engine.bpmn.step import Bundle
from engine.demo import making
from tests import chromium as chrome
from tests.browser.district import District, live_in, served
from tests.browser.inspection import Inspection, watched
from tests.browser.journey import Journey
from tests.postgres import Server


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    return definitions.from_folders(making.ROOT / "processes", making.ROOT / "forms", "roundtable")


@pytest.fixture(scope="session")
def told(bundle: Bundle) -> Mapping[str, Any]:
    """Sample answers to every form."""
    return samples.read(bundle)


@pytest.fixture(scope="session")
def staged_sqlite(tmp_path_factory: pytest.TempPathFactory, bundle: Bundle) -> Path:
    file = tmp_path_factory.mktemp("staged") / "roundtable.db"
    making.stage(f"sqlite:///{file}", bundle)
    return file


@pytest.fixture(scope="session")
def staged_template(postgres_server: Server, bundle: Bundle) -> str:
    name = postgres_server.create_database()
    making.stage(postgres_server.url(name), bundle)
    return name


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.prove)])
def staged_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with calendar, directory and release; on PostgreSQL too in the long proof."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("staged_sqlite"), tmp_path / "roundtable.db")
        yield f"sqlite:///{tmp_path / 'roundtable.db'}"
        return
    server: Server = request.getfixturevalue("postgres_server")
    name = server.create_database(template=request.getfixturevalue("staged_template"))
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def district(staged_url: str, tmp_path: Path) -> Iterator[District]:
    with served(staged_url, tmp_path) as district:
        yield district
        log = district.log.read_text()
        print(log)
    assert "Traceback" not in log, "the server stumbled"


@pytest.fixture(scope="session")
def office(
    staged_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, told: Mapping[str, Any]
) -> Iterator[District]:
    """A district with work at several steps, shared by tests that each bring a case of their own."""
    folder = tmp_path_factory.mktemp("office")
    url = f"sqlite:///{shutil.copyfile(staged_sqlite, folder / 'roundtable.db')}"
    live_in(url, folder, told)
    with served(url, folder) as district:
        yield district
        log = district.log.read_text()
        print(log)
    assert "Traceback" not in log, "the server stumbled"


@pytest.fixture(scope="session")
def inspection(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Inspection:
    """Looks at every kind of page once in the whole run, however many share it."""
    ours = tmp_path_factory.getbasetemp()
    seen = (ours if worker_id == "master" else ours.parent) / "seen"
    seen.mkdir(exist_ok=True)
    return Inspection(seen)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole cases are walked first: of two who share the tests nobody waits for the other's longest at the end."""
    items.sort(key=lambda item: item.path.name != "test_three_levels.py")


Come = Callable[..., Journey]


@pytest.fixture
def come(
    chromium: Browser, bundle: Bundle, told: Mapping[str, Any], inspection: Inspection
) -> Iterator[Come]:
    """Somebody with a browser of his own comes into a district; what his console complains of fails the test."""
    with ExitStack() as stack:

        def arrive(
            district: District, size: dict[str, int] = chrome.DESKTOP, *, scripts: bool = True
        ) -> Journey:
            context = chrome.new_context(chromium, size, scripts=scripts)
            stack.callback(context.close)
            stack.enter_context(watched(context, inspection))
            context.grant_permissions(["clipboard-read", "clipboard-write"])  # rosters are pasted
            looking = inspection if scripts else Inspection(scripts=False)
            return Journey(context.new_page(), district, bundle, told, looking)

        yield arrive


@pytest.fixture
def journey(come: Come, district: District) -> Journey:
    return come(district)


@pytest.fixture
def visitor(come: Come, office: District) -> Journey:
    """Somebody in the office, with a case of his own that has just begun."""
    visitor = come(office)
    visitor.case = office.begin_case()
    return visitor
