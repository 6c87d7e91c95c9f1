"""What every test may ask for: a database of its own, on SQLite and PostgreSQL, and a Chromium. Knows no rule."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Page

from engine import migrate
from engine.database import open_database
from tests import chromium as chrome
from tests.postgres import Server, running_server

# The same examples on every run, and no stopwatch on a machine shared with a browser; `make prove` looks further.
settings.register_profile(
    "test", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "prove", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("test")

MEMORY = Path("/dev/shm")
ROOM = 2 * 1024**3  # bytes; a container may have a few megabytes only


def is_roomy(folder: Path) -> bool:
    """Whether there is room, and programs may be run from there: PostgreSQL's are sometimes copied."""
    if not os.access(folder, os.W_OK):
        return False
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize >= ROOM and not disk.f_flag & os.ST_NOEXEC


# What a test writes is thrown away at its end. In memory a database is made ten times as quickly as on a disk, and
# no test waits until a disk has turned. Whoever names a folder himself gets it.
if "TMPDIR" not in os.environ and is_roomy(MEMORY):
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)

BOTH_KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH_KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of the test's own, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'roundtable.db'}"
        return
    server: Server = request.getfixturevalue("postgres_server")
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture(params=BOTH_KINDS)
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Like `database_url`, with the tables of this release: a copy of one that was migrated once."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), tmp_path / "roundtable.db")
        yield f"sqlite:///{tmp_path / 'roundtable.db'}"
        return
    server: Server = request.getfixturevalue("postgres_server")
    name = server.create_database(template=request.getfixturevalue("migrated_template"))
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of an empty SQLite database, for tests that need only one kind."""
    return f"sqlite:///{tmp_path / 'roundtable.db'}"


@pytest.fixture
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """The address of an empty PostgreSQL database; mark the test `postgres`."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "roundtable.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_template(postgres_server: Server) -> str:
    name = postgres_server.create_database()
    _migrate(postgres_server.url(name))
    return name


def _migrate(url: str) -> None:
    database = open_database(url)
    migrate.upgrade(database)
    database.dispose()  # SQLite folds its log into the file; PostgreSQL copies only what nobody is connected to


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with chrome.running_chromium() as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page on a desktop screen, with cookies of its own."""
    context = chrome.new_context(chromium)
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A page on a phone, 390 px wide, with cookies of its own."""
    context = chrome.new_context(chromium, chrome.PHONE)
    yield context.new_page()
    context.close()
