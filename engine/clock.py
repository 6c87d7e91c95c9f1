"""What time it is. The engine reads it once per command; a demonstration's clock can be moved, a real one cannot."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from math import ceil
from typing import Protocol

from sqlalchemy import Engine as Database
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, reading

# China has kept one zone without summer time since 1991: a fixed offset needs no zone data on the machine.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


class Clock(Protocol):
    def now(self) -> datetime:
        """The time now, UTC, aware."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class SetClock:
    """A clock that stands still until it is set: for stories, tests and the making of the demonstration."""

    at: datetime

    def now(self) -> datetime:
        return self.at


class ClockShift(Base):
    """How far the demonstration's clock is ahead of the machine's. One row; a real deployment has none."""

    __tablename__ = "clock_shift"

    id: Mapped[int] = mapped_column(primary_key=True)
    seconds: Mapped[int]


class KeptClock:
    """The clock that a database keeps: the machine's, shifted by what `ClockShift` says. Real ones have no shift.

    Whoever opens a database without being told what it is (the command line) goes by it: in a demonstration nothing
    falls due at another time because it was asked for from a terminal.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self) -> datetime:
        with reading(self._database) as db:
            row = db.get(ClockShift, 1)
        return datetime.now(UTC) + timedelta(seconds=row.seconds if row else 0)


class MovableClock(KeptClock):
    """The demonstration's clock: may be moved."""


def shift_to(db: Session, to: datetime) -> None:
    """Let the movable clock show `to` from now on: never earlier, and less than a second later."""
    row = db.get(ClockShift, 1) or ClockShift(id=1, seconds=0)
    row.seconds = ceil((to - datetime.now(UTC)).total_seconds())
    db.add(row)


def local_date(at: datetime) -> date:
    """The day in China on which `at` falls."""
    return at.astimezone(SHANGHAI).date()
