"""A district that is served: `roundtable serve`, mostly with `--demo`, on a loopback port of its own. Knows no page.

People act in the browser only. `District.engine` looks on: whose turn it is, how the house is judged at the end.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.request import urlopen

from sqlalchemy import select

from engine import people, worklist
from engine.audit.verify import Verdict, verify_case
from engine.cases import Case
from engine.clock import SHANGHAI, SetClock, shift_to
from engine.commands import StartCase
from engine.demo.plots import plots
from engine.demo.walk import Walk
from engine.engine import Engine
from engine.journal import Event
from engine.settings import Settings
from engine.work import Reader
from engine.worklist import OPEN, WorkItem

OPENING = datetime(
    2026, 9, 16, 9, 0, tzinfo=SHANGHAI
)  # a Wednesday before a make-up Sunday and two festivals
SECONDS_TO_START = 240  # on a machine that also builds


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

    def begin_case(self, title: str = "3栋楼道照明损坏") -> str:
        """What a test is given: a case at its first task."""
        command = StartCase("roundtable", "u001", title, channel="hotline")
        return self.engine.handle(command, by="u001.secretary").case

    def case_at(self, element: str) -> str:
        """A case in which a task is open."""
        return self.engine.read(_case_at, element)

    def events(self, case: str) -> list[str]:
        return self.engine.read(_events, case)

    def turns(self, case: str) -> list[Turn]:
        return self.engine.read(_turns, case)

    def only_case(self) -> str:
        return self.engine.read(_only_case)

    def row(self, case: str) -> Case:
        return self.engine.read(lambda reader: reader.db.get_one(Case, case))

    def verdict(self, case: str) -> Verdict:
        return self.engine.read(verify_case, case)


def live_in(url: str, folder: Path, told: Mapping[str, Any], opening: datetime = OPENING) -> None:
    """Let a few cases of the demonstration run before the district is served, as its people would."""
    clock = SetClock(opening)
    engine = Engine.open(url, clock=clock, settings=Settings(data=folder))
    chosen = [plot for plot in plots() if plot.unit == "u001" or plot.stop == "record_visits"]
    clock.at = datetime.combine(min(plot.start for plot in chosen), time(9), SHANGHAI)
    Walk(engine, clock, told, "roundtable").until(chosen, opening)
    engine.database.dispose()


@contextmanager
def served(
    database: str, folder: Path, opening: datetime = OPENING, *, demo: bool = True
) -> Iterator[District]:
    """Serve a staged database from `folder`; the clock of a demonstration shows `opening` and runs on."""
    settings = Settings(data=folder, database=database, demo=demo)
    engine = Engine.open(settings.url, settings=settings)
    if demo:
        engine.small(shift_to, opening)
    port = _free_port()
    log = folder / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(_serving(settings, port), stdout=output, stderr=output, env=_environment())
    try:
        district = District(f"http://127.0.0.1:{port}", engine, log)
        _wait_for(district, process)
        yield district
    finally:
        process.terminate()
        process.wait(timeout=SECONDS_TO_START)
        engine.database.dispose()


def run(*arguments: str, typed: str = "") -> str:
    """A command of `roundtable` as an operator gives it, with what he types; what it prints."""
    done = subprocess.run(
        _roundtable(*arguments),
        input=typed,
        capture_output=True,
        text=True,
        env=_environment(),
        start_new_session=True,  # without a terminal, passwords are read from what is typed here
        timeout=SECONDS_TO_START,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _serving(settings: Settings, port: int) -> list[str]:
    # A killed test run leaves no server behind.
    tied = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
    told = ["--data", str(settings.data), "--database", settings.url, "--port", str(port)]
    return [*tied, *_roundtable("serve", *told, *(["--demo"] if settings.demo else []))]


def _roundtable(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "import sys, web.cli; sys.exit(web.cli.main())", *arguments]


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
    until = monotonic() + SECONDS_TO_START
    while monotonic() < until:
        assert process.poll() is None, district.log.read_text()
        try:
            urlopen(f"{district.address}/sign-in", timeout=SECONDS_TO_START).close()
            return
        except OSError:
            sleep(0.1)
    raise AssertionError("the server did not start: " + district.log.read_text())


def _turns(reader: Reader, case: str) -> list[Turn]:
    return [
        Turn(item.id, item.element, item.name, _posts(reader, item.id))
        for item in worklist.open_items(reader.db, case)
    ]


def _case_at(reader: Reader, element: str) -> str:
    waiting = select(WorkItem.case_id).where(WorkItem.element == element, WorkItem.status == OPEN)
    return reader.db.scalars(waiting).first() or ""


def _events(reader: Reader, case: str) -> list[str]:
    return list(reader.db.scalars(select(Event.type).where(Event.case_id == case).order_by(Event.seq)))


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
