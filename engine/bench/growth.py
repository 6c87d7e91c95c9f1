"""What a process keeps in memory while it runs case after case. Knows one process of its own; finds no culprit.

Measured in a fresh process, so that nothing else of the bench is counted.
"""

import gc
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from engine.bench import district, ours, procedures
from engine.settings import Settings

_STATUS = Path("/proc/self/statm")


def measured(folder: Path, marks: Sequence[int], tasks: int) -> dict[int, int]:
    """Resident bytes after so many cases of so many tasks each; empty where the system does not tell."""
    if not _STATUS.exists():
        return {}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_grow, folder, tuple(marks), tasks).result()


def _grow(folder: Path, marks: Sequence[int], tasks: int) -> dict[int, int]:
    engine = district.found(f"sqlite:///{folder / 'growth.db'}", Settings(data=folder))
    by = district.secretary(engine)
    resident = {}
    for case in range(1, max(marks) + 1):
        last = ours.start(engine, procedures.LINE, by)
        for _ in range(tasks):
            last = ours.submit(engine, last, by)
        if case in marks:
            resident[case] = _resident()
            print(f"办完{case}件，占用内存{resident[case] >> 20} MiB", file=sys.stderr, flush=True)
    engine.database.dispose()
    return resident


def _resident() -> int:
    gc.collect()  # what is only waiting to be collected is not kept
    return int(_STATUS.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
