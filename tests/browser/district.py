"""A demonstration district that is served: `roundtable serve --demo` on a loopback port of its own. Knows no page.

People act in the browser only. `District.engine` looks on: whose turn it is, how the house is judged at the end.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from sqlalchemy import select

from engine import people, worklist
from engine.audit.verify import Verdict, verify_case
from engine.cases import Case
from engine.clock import SHANGHAI, shift_to
from engine.engine import Engine
from engine.settings import Settings
from engine.work import Reader

OPENING = datetime(2026, 9, 16, 9, 0, tzinfo=SHANGHAI)  # a Wednesday before a make-up Sunday and two festivals
SECONDS_TO_START = 60


@dataclass(frozen=True)
class Turn:
    """An open task of a case and the posts whose holders may do it today."""

    work_item: str
    element: str
    name: str
    posts: tuple[str, ...]


@dataclass(frozen=True)
class District:
    address: str
    engine: Engine
    log: Path

    def turns(self, case: str) -> list[Turn]:
        return self.engine.read(_turns, case)

    def only_case(self) -> str:
        return self.engine.read(_only_case)

    def row(self, case: str) -> Case:
        return self.engine.read(lambda reader: reader.db.get_one(Case, case))

    def verdict(self, case: str) -> Verdict:
        return self.engine.read(verify_case, case)


@contextmanager
def served(database: str, folder: Path, opening: datetime = OPENING) -> Iterator[District]:
    """Serve a staged database from `folder`; its clock shows `opening` and runs on."""
    settings = Settings(data=folder, database=database, demo=True)
    engine = Engine.open(settings.url, settings=settings)
    engine.small(shift_to, opening)
    port = _free_port()
    log = folder / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(_command(settings, port), stdout=output, stderr=output, env=_environment())
    try:
        district = District(f"http://127.0.0.1:{port}", engine, log)
        _wait_for(district, process)
        yield district
    finally:
        process.terminate()
        process.wait(timeout=30)
        engine.database.dispose()


def _command(settings: Settings, port: int) -> list[str]:
    told = ["--data", str(settings.data), "--database", settings.url, "--port", str(port), "--demo"]
    return [sys.executable, "-c", "import sys, web.cli; sys.exit(web.cli.main())", "serve", *told]


def _environment() -> dict[str, str]:
    """Ours without the settings of whoever runs the tests."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("ROUNDTABLE_")}
    return {**kept, "PYTHONUTF8": "1"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(district: District, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        assert process.poll() is None, district.log.read_text()
        try:
            urlopen(f"{district.address}/sign-in", timeout=5).close()
            return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError("the server did not start: " + district.log.read_text())


def _turns(reader: Reader, case: str) -> list[Turn]:
    return [
        Turn(item.id, item.element, item.name, _posts(reader, item.id))
        for item in worklist.open_items(reader.db, case)
    ]


def _posts(reader: Reader, work_item: str) -> tuple[str, ...]:
    """Posts into which a visitor may step for this task; a person named himself acts in any of his."""
    posts: list[str] = []
    for candidate in worklist.candidates(reader.db, work_item):
        kind, _, id = candidate.partition(":")
        if kind == "person":
            posts += people.posts_of(reader.db, id, reader.today)
        elif people.holder_of_post(reader.db, id, reader.today):
            posts.append(id)
    return tuple(posts)


def _only_case(reader: Reader) -> str:
    return reader.db.scalars(select(Case.id)).one()


