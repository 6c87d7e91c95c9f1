"""Commands of the command line in a process of their own, without the seconds that it takes to begin one from nothing.

Knows no command. As people type them, language and all, `typed` runs them.
"""

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from tests.engine.other_process import answers, start
from web.cli import main


@dataclass(frozen=True)
class Said:
    returncode: int
    stdout: str
    stderr: str


def commanded(*words: object) -> Said:
    """Run in a process that has loaded the house and nothing else; it remembers nothing and leaves nothing behind."""
    (said,) = answers(start(_command, [str(word) for word in words]))
    assert isinstance(said, Said)
    return said


def typed(*words: object) -> Said:
    """Run by the program that was installed, in no language at all."""
    program = Path(sys.executable).with_name("roundtable")
    done = subprocess.run(
        [program, *map(str, words)],
        env={**os.environ, "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def _command(pipe: Connection, words: list[str]) -> None:
    with redirect_stdout(io.StringIO()) as told, redirect_stderr(io.StringIO()) as warned:
        code = main(words)
    pipe.send(Said(code, told.getvalue(), warned.getvalue()))
