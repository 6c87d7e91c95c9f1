"""Judges a definition in a process of its own before anything of it is believed here. Knows no database.

A file made to exhaust whoever reads it costs that process and nothing else. What passes there is judged once more
here, by the same `check`: the answer of a process that was taken over cannot let anything in.
"""

import base64
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile
from threading import BoundedSemaphore
from typing import IO, Any

from engine import forms
from engine.bpmn.check import check
from engine.bpmn.step import Bundle, Problem
from engine.operations import PARAMETERS

# What the process may use. Measured: starting it costs 0.6 s and 95 MB, the whole procedure of this house 0.2 s and
# 110 MB.
CPU_SECONDS = 5  # beyond what starting cost
ADDRESS_SPACE = 512 * 1024 * 1024  # bytes
OUTPUT = 4 * 1024 * 1024  # bytes it may write to any file, its answer included
WALL_SECONDS = 30
OUT_OF_MEMORY = 3  # its exit code
AT_ONCE = 2  # judging takes a processor

_HOME = Path(__file__).resolve().parent.parent
_COMMAND = [sys.executable, "-E", "-s", "-B", "-X", "utf8", "-m", "engine.gatehouse"]
_SMALLER = "请核对最近的改动，把图拆小、把表单和规则写简单后再检查"
_places = BoundedSemaphore(AT_ONCE)
log = logging.getLogger(__name__)


class Overrun(Exception):
    """The gatehouse gave no answer. The message says why, in a designer's words."""


def problems(bundle: Bundle) -> tuple[Problem, ...]:
    """Everything that stands against releasing this bundle. Takes about a second: call it outside transactions.

    Some last answers are kept, so that asking again for the same files costs nothing.
    """
    try:
        return _problems(tuple(sorted(bundle.files.items())))
    except Overrun as cause:
        return (Problem("", "", str(cause), _SMALLER),)
    except OSError:
        log.exception("the gatehouse could not be started")
        return (Problem("", "", "现在没有条件检查流程", "请稍后再试；一直这样时请运维人员查看内存和磁盘"),)


@lru_cache(maxsize=16)
def _problems(files: tuple[tuple[str, bytes], ...]) -> tuple[Problem, ...]:
    found = judged(dict(files), PARAMETERS)
    if any(problem.severity == "error" for problem in found):
        return found
    return check(Bundle(dict(files), ""), PARAMETERS, forms.check)


def judged(files: Mapping[str, bytes], operations: Mapping[str, Any]) -> tuple[Problem, ...]:
    """The answer of the gatehouse. Raises Overrun when it gives none within its bounds."""
    encoded = {path: base64.b64encode(content).decode() for path, content in files.items()}
    request = json.dumps({"files": encoded, "operations": operations}).encode()
    with _place(), TemporaryFile() as given, TemporaryFile() as answer, TemporaryFile() as complaint:
        given.write(request)
        given.seek(0)
        code = _run(given, answer, complaint)
        if code:
            log.warning("the gatehouse ended with %s: %s", code, _start_of(complaint)[-2_000:])
            raise Overrun(_reason(code))
        return _read(_start_of(answer))


def _run(given: IO[bytes], answer: IO[bytes], complaint: IO[bytes]) -> int:
    """Files rather than pipes: what the process may write is bounded, and nobody waits for a reader.

    It inherits no environment, so no secret; a group of its own is killed as one.
    """
    process = subprocess.Popen(
        _COMMAND,
        stdin=given,
        stdout=answer,
        stderr=complaint,
        cwd=_HOME,
        env={},
        start_new_session=True,
    )
    try:
        return process.wait(WALL_SECONDS)
    except subprocess.TimeoutExpired:
        return -signal.SIGKILL
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _read(answer: bytes) -> tuple[Problem, ...]:
    try:
        return tuple(Problem(**told) for told in json.loads(answer))
    except (ValueError, TypeError) as cause:
        raise Overrun(_reason(0)) from cause


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=WALL_SECONDS):
        raise Overrun("同时检查的流程太多，这次没有检查")
    try:
        yield
    finally:
        _places.release()


def _start_of(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(OUTPUT)


def _reason(code: int) -> str:
    if code in (-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGALRM):
        return "检查这个流程用的时间超过了限度，已经停止"
    if code in (OUT_OF_MEMORY, -signal.SIGABRT):
        return "检查这个流程用的内存超过了限度，已经停止"
    return "检查这个流程时出了错，没有做完"
