"""The process in which one definition is judged: `python -m engine.gatehouse`, started by `gatekeeping`.

Reads a bundle from its input, writes the problems to its output, both JSON. It binds itself before it reads the
first foreign byte; it knows no database, no secret and no setting.
"""

import base64
import json
import math
import resource
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from engine import forms
from engine.bpmn.check import check
from engine.bpmn.step import Bundle, Problem
from engine.gatekeeping import ADDRESS_SPACE, CPU_SECONDS, OUT_OF_MEMORY, OUTPUT, WALL_SECONDS

TOLD = 1_000  # problems


def main() -> None:
    _bind()
    try:
        answer = json.dumps([asdict(problem) for problem in _gravest(_judged(json.load(sys.stdin.buffer)))])
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    sys.stdout.write(answer)


def _judged(request: Any) -> Sequence[Problem]:
    files = {path: base64.b64decode(content) for path, content in request["files"].items()}
    return check(Bundle(files, ""), request["operations"], forms.check)


def _gravest(found: Sequence[Problem]) -> Sequence[Problem]:
    """Nobody reads a thousand problems; what refuses is never left out for what only warns."""
    if len(found) <= TOLD:
        return found
    return sorted(found, key=lambda problem: problem.severity != "error")[:TOLD]


def _bind() -> None:
    """No more time, memory, files, processes or cores than judging needs, from here to the end."""
    _lower(resource.RLIMIT_CPU, math.ceil(time.process_time()) + CPU_SECONDS)
    with suppress(ValueError):  # macOS knows no such bound
        _lower(resource.RLIMIT_AS, ADDRESS_SPACE)
    _lower(resource.RLIMIT_FSIZE, OUTPUT)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NPROC, 0)  # does not bind root
    signal.alarm(WALL_SECONDS)  # ends this process even when nobody is left to kill it


def _lower(kind: int, bound: int) -> None:
    """Whoever started the house may have bound it more tightly: never loosen."""
    hard = resource.getrlimit(kind)[1]
    lowest = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
    resource.setrlimit(kind, (lowest, lowest))


if __name__ == "__main__":
    main()
