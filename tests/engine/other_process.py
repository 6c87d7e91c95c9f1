"""Commands run in a process of their own, which may be killed at any line. Knows how to die, not what is checked.

Started from a fork server that has imported the engine once and holds no connection and no thread.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any

import sqlalchemy

import engine
from engine import gatekeeping
from engine.audit import recorded, verify
from engine.bpmn.step import Bundle, Problem
from engine.clock import SetClock
from engine.engine import Engine
from engine.errors import Refused
from engine.settings import Settings
from engine.waking.dispatcher import Dispatcher
from tests.golden.histories import FOLDERS

HOUSE = str(Path(engine.__file__).parent)
LIBRARY = str(Path(sqlalchemy.__file__).parent)
MEMORY_ONLY = (f"{HOUSE}/bpmn/", f"{HOUSE}/forms/")
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.engine.other_process", "engine.handlers", "web.cli"])


def start(target: Callable[..., Any], *args: Any) -> tuple[BaseProcess, Connection]:
    """Run `target(pipe, *args)` in a new process."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=target, args=(theirs, *args), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def answers(running: tuple[BaseProcess, Connection]) -> Iterator[Any]:
    """What the process sends until it ends, however it ends."""
    process, pipe = running
    try:
        while True:
            yield pipe.recv()
    except EOFError:
        process.join(30)
    finally:
        pipe.close()


def obey(
    pipe: Connection, url: str, at: datetime, data: Path, orders: tuple[Any, Any], by: str, die_at: int
) -> None:
    """Handle the second order; die by SIGKILL at line `die_at`. The first is refused and only warms up.

    What is released here has been judged by whoever started this: judging touches no database and takes seconds.

    Sends the outcome, then the numbers of our own lines, then how many lines there were in all.
    """
    gatekeeping.problems = judged_before
    house = Engine.open(url, clock=SetClock(at), settings=Settings(data=data))
    with suppress(Refused):
        house.handle(orders[0], by=by)
    lines = Lines(die_at)
    sys.settrace(lines.enter)
    outcome = house.handle(orders[1], by=by)
    sys.settrace(None)
    pipe.send(outcome)
    pipe.send(lines.own)
    pipe.send(lines.count)
    house.database.dispose()


def judged_before(bundle: Bundle) -> tuple[Problem, ...]:
    return () if bundle.files else (Problem("", "", "没有文件", "请写流程文件"),)


def killed_or_done(engine, url, orders, by, die_at):
    """Run a command in a process that dies at a line; what it still answered."""
    running = start(obey, url, engine.now(), engine.settings.data, orders, by, die_at)
    told = list(answers(running))
    assert running[0].exitcode in (0, -signal.SIGKILL)
    return told


def sparse(own, lines):
    """Some lines of our own, and closer together where the transaction commits."""
    return sorted({*own[:: len(own) // 6], *range(lines - 300, lines + 1, 60)})


def thorough(own, lines):
    """Every eighth line of our own, every 200th of the library's, nearly every one around the commit."""
    return sorted({*own[::8], *range(1, lines + 1, 200), *range(lines - 600, lines + 1, 5)})


class Lines:
    """Counts the lines run in the house and in the library that talks to the database."""

    def __init__(self, die_at: int) -> None:
        self.count = 0
        self.own: list[int] = []
        self._die_at = die_at

    def enter(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        file = frame.f_code.co_filename
        if file.startswith(MEMORY_ONLY) or not file.startswith((HOUSE, LIBRARY)):
            return None  # nothing there touches the database
        return self._line

    def _line(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            self.count += 1
            if frame.f_code.co_filename.startswith(HOUSE):
                self.own.append(self.count)
            if self.count == self._die_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return self._line


def compete(pipe: Connection, url: str, at: datetime, data: Path, orders: list[tuple[Any, str]]) -> None:
    """Handle each command when told to (any message); sends the outcome, or the refusal's class and message."""
    house = Engine.open(url, clock=SetClock(at), settings=Settings(data=data))
    house.read(lambda reader: None)
    pipe.send("ready")
    for order, by in orders:
        pipe.recv()
        try:
            pipe.send(house.handle(order, by=by))
        except Exception as refusal:
            pipe.send((type(refusal).__name__, str(refusal), getattr(refusal, "by", "")))
    house.database.dispose()


def send_once(pipe: Connection, url: str, at: datetime, data: Path, addresses: dict[str, str]) -> None:
    """A worker that looks once; sends its process id before, and how many uploads arrived after."""
    house = Engine.open(url, clock=SetClock(at), settings=Settings(data=data))
    pipe.send(os.getpid())
    pipe.send(Dispatcher(house, addresses).once())
    house.database.dispose()


def verified(url: str) -> Iterator[str]:
    """What becomes of every history there, and of every recorded one, in this process."""
    house = Engine.open(url)
    for case in house.read(verify.all_cases):
        verdict = house.read(verify.verify_case, case)
        yield f"{verdict.case} {verdict.sound} {verdict.executed} {verdict.head}"
    for folder in FOLDERS:
        yield f"{folder.name} {recorded.check(recorded.read(folder))}"


if __name__ == "__main__":
    print(*verified(*sys.argv[1:]), sep="\n")
