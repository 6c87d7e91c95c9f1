"""What a run found, as plain data and as JSON, so that runs can be compared. Knows no database and no judgement."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from engine.bench.crowd import Crowd
from engine.bench.machine import Machine
from engine.bench.rows import Row
from engine.bench.series import Measured

VERSION = 1


@dataclass(frozen=True)
class Plan:
    """How much is measured. `cases`: at how many cases the memory is looked at, each of `tasks` tasks."""

    rounds: Sequence[int]
    turns: int
    crowds: int
    cases: Sequence[int]
    tasks: int


@dataclass(frozen=True)
class OnDatabase:
    """`name` as in addresses; `version` as it is shown."""

    name: str
    version: str
    rows: Sequence[Row]
    crowd: Crowd


@dataclass(frozen=True)
class Report:
    """`resident`: bytes that one process holds after so many cases. A database that was not there is `absent`."""

    at: datetime
    machine: Machine
    plan: Plan
    databases: Sequence[OnDatabase]
    resident: Mapping[int, int]
    absent: Sequence[str] = field(default=())


def as_json(report: Report, promises: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "v": VERSION,
        "at": report.at.isoformat(),
        "machine": asdict(report.machine),
        "plan": asdict(report.plan),
        "databases": {one.name: _database(one) for one in report.databases},
        "absent": list(report.absent),
        "resident_bytes": {str(cases): size for cases, size in report.resident.items()},
        "promises": list(promises),
    }


def _database(one: OnDatabase) -> dict[str, Any]:
    return {
        "version": one.version,
        "rows": [_row(row) for row in one.rows],
        "crowd": {**asdict(one.crowd), "seconds": list(one.crowd.seconds)},
    }


def _row(row: Row) -> dict[str, Any]:
    ways = {name: _measured(way) for name, way in row.ways.items()}
    return {"kind": row.kind, "round": row.round, "lost_after": row.lost, "ways": ways}


def _measured(way: Measured) -> dict[str, Any]:
    return {
        "runs": len(way.seconds),
        "median_ms": round(way.median * 1000, 3),
        "p99_ms": round(way.p99 * 1000, 3),
        "computing_ms": round(way.computing * 1000, 3),
        "statements": way.statements,
        "commits": way.commits,
        "state_bytes": way.size.state,
        "history_bytes": way.size.history,
    }
