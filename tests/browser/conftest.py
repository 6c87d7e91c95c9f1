"""A served district for every journey, and a browser that somebody watches. Knows no step of the procedure."""

import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from engine import definitions, samples
from engine.bpmn.step import Bundle
from engine.demo import making
from tests import chromium as chrome
from tests.browser.district import District, served
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
    making.stage(f"sqlite:///{file}", bundle, in_office_from=date(2026, 1, 1))
    return file


@pytest.fixture(scope="session")
def staged_template(postgres_server: Server, bundle: Bundle) -> str:
    name = postgres_server.create_database()
    making.stage(postgres_server.url(name), bundle, in_office_from=date(2026, 1, 1))
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
def inspection() -> Inspection:
    """Looks at every kind of page once in the whole run."""
    return Inspection()


@pytest.fixture
def screen(chromium: Browser, inspection: Inspection) -> Iterator[Page]:
    """A page on a desktop screen; whatever it complains of in its console fails the test."""
    context = chrome.new_context(chromium)
    context.grant_permissions(["clipboard-read", "clipboard-write"])  # rosters are pasted from a spreadsheet
    with watched(context, inspection):
        yield context.new_page()
    context.close()


@pytest.fixture
def journey(
    screen: Page, district: District, bundle: Bundle, told: Mapping[str, Any], inspection: Inspection
) -> Journey:
    return Journey(screen, district, bundle, told, inspection)
