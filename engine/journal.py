"""Append-only events, the truth. Knows the shape of an event and its chain; nothing of what a command means.

One event per command per case; streams that belong to no case (directory, calendar, releases) have their own
name in place of the case. Events are never updated or deleted: triggers refuse it (migrations).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Text, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, dumps
from engine.statements import later, table

VERSION = 1
DISTRICT = "district"  # the stream of directory, calendar and release events
GENESIS = "0" * 64


class Event(Base):
    """One fact. `body` is the canonical JSON whose SHA-256 is `hash`."""

    __tablename__ = "event"

    case_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    type: Mapped[str]
    hash: Mapped[str]
    body: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True)
class Recorded:
    """An event as it is read back."""

    seq: int
    at: datetime
    type: str
    hash: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Appended:
    """The end of a stream: what the next event goes on from."""

    seq: int
    hash: str


def append(
    db: Session,
    stream: str,
    seq: int,
    prev: str,
    at: datetime,
    type: str,
    actor: Mapping[str, Any],
    **more: Any,
) -> Appended:
    """Append event `seq` (from 1) to a stream. `prev` is the hash of the event before, `GENESIS` for the first.

    `more` are the further parts that design.md section 6 names: task, form, data, outside, definition,
    environment, trace, digest. Whoever calls holds the stream's lock.
    """
    body = dumps(
        {
            "v": VERSION,
            "case": stream,
            "seq": seq,
            "at": written(at),
            "type": type,
            "actor": dict(actor),
            "prev": prev,
            **{key: value for key, value in more.items() if value is not None},
        }
    )
    hash = digest(body)
    later(db, _APPEND, {"case_id": stream, "seq": seq, "at": at, "type": type, "hash": hash, "body": body})
    return Appended(seq, hash)


_APPEND = insert(table(Event))


def append_to_district(
    db: Session, at: datetime, type: str, actor: Mapping[str, Any], **more: Any
) -> Appended:
    """Append to the district's own stream. Its first event is the lock that keeps seq gapless.

    The last event would not do: who waits for it gets it when it is no longer the last.
    """
    stream = select(Event).where(Event.case_id == DISTRICT)
    db.execute(stream.where(Event.seq == 1).with_for_update())
    last = db.scalars(stream.order_by(Event.seq.desc()).limit(1)).first()
    seq, prev = (last.seq + 1, last.hash) if last else (1, GENESIS)
    return append(db, DISTRICT, seq, prev, at, type, actor, **more)


def of_case(db: Session, case: str) -> Iterator[Recorded]:
    """All events of a stream in order."""
    for event in db.scalars(select(Event).where(Event.case_id == case).order_by(Event.seq)):
        yield Recorded(event.seq, event.at, event.type, event.hash, json.loads(event.body))


def of_cases(db: Session, cases: Iterable[str]) -> Iterator[tuple[str, Recorded]]:
    """All events of several cases, each case's in order."""
    query = select(Event).where(Event.case_id.in_(tuple(cases))).order_by(Event.case_id, Event.seq)
    for event in db.scalars(query):
        yield event.case_id, Recorded(event.seq, event.at, event.type, event.hash, json.loads(event.body))


def digest(body: str) -> str:
    """Hex SHA-256 of a canonical body."""
    return hashlib.sha256(body.encode()).hexdigest()


def written(at: datetime) -> str:
    """A UTC time as events write it: always with microseconds, so that texts sort like times."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_time(text: str) -> datetime:
    """The time that `written` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
