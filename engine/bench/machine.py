"""What a run was measured on, so that two runs can be told apart. Knows the machine; measures only one thing on it."""

import os
import platform
import sqlite3
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from sqlalchemy import Engine as Database

_WRITES = 50


@dataclass(frozen=True)
class Machine:
    """`sync_seconds`: how long the disk beneath the bench takes to keep 4 KiB; near zero, durability costs nothing."""

    cores: int
    system: str
    python: str
    library: str
    sync_seconds: float


def machine(folder: Path) -> Machine:
    return Machine(
        cores=os.cpu_count() or 1,
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        library=version("SpiffWorkflow"),
        sync_seconds=_sync_seconds(folder / "sync"),
    )


def database_version(database: Database) -> str:
    """Name, version, and whether what is committed is on disk."""
    if database.dialect.name == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}（文件，WAL，synchronous=FULL）"
    with database.connect() as db:
        shown = {
            name: db.exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in ("server_version", "fsync", "synchronous_commit")
        }
    return (
        f"PostgreSQL {shown['server_version']}（fsync={shown['fsync']}，"
        f"synchronous_commit={shown['synchronous_commit']}）"
    )


def _sync_seconds(file: Path) -> float:
    taken = []
    with file.open("wb", buffering=0) as out:
        for _ in range(_WRITES):
            began = time.perf_counter()
            out.write(bytes(4096))
            os.fsync(out.fileno())
            taken.append(time.perf_counter() - began)
    return median(taken)
