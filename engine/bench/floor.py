"""The floor: the least that a durable step of a case can cost. Knows three tables of its own and no case.

One transaction locks the case row, updates one state row of 4 KiB and inserts one history row, through SQLAlchemy
Core (design: Storage and scale). Nothing that keeps a history can be quicker on the same database.
"""

import hashlib
from itertools import count

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, Text, insert, select, update
from sqlalchemy import Engine as Database

from engine.bench.series import Size

STATE, HISTORY = 4096, 1024  # bytes
_METADATA = MetaData()
_CASE = Table("bench_floor_case", _METADATA, Column("id", String, primary_key=True))
_STATE = Table(
    "bench_floor_state",
    _METADATA,
    Column("case_id", String, primary_key=True),
    Column("state", LargeBinary, nullable=False),
)
_HISTORY = Table(
    "bench_floor_history",
    _METADATA,
    Column("case_id", String, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("body", Text, nullable=False),
)


class Floor:
    """A way of doing nothing, durably."""

    def __init__(self, database: Database, case: str) -> None:
        self._database = database
        self._case = case
        self._seq = count(1)
        _METADATA.create_all(database)
        with database.begin() as db:
            db.execute(insert(_CASE).values(id=case))
            db.execute(insert(_STATE).values(case_id=case, state=_noise(case, 0)))

    def prepare(self) -> None:
        self._next = next(self._seq)
        self._state = _noise(self._case, self._next)
        self._body = _noise(self._case, self._next).hex()[:HISTORY]

    def run(self) -> None:
        with self._database.begin() as db:
            db.execute(select(_CASE.c.id).where(_CASE.c.id == self._case).with_for_update()).one()
            db.execute(update(_STATE).where(_STATE.c.case_id == self._case).values(state=self._state))
            db.execute(insert(_HISTORY).values(case_id=self._case, seq=self._next, body=self._body))

    def size(self) -> Size:
        return Size(STATE, HISTORY)


def _noise(case: str, seq: int) -> bytes:
    """Bytes that no database can compress, another lot each time, the same in every run."""
    return hashlib.shake_256(f"{case}/{seq}".encode()).digest(STATE)
