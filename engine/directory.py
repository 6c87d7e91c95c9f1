"""The directory of the district: units, posts, people and dated appointments. Knows no case and no right.

Every change gives the body of an event for the district's stream, or "who was entitled then" could not be
derived later. Nothing is deleted: an appointment ends, a post is closed on a day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy import ForeignKey, Index, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base
from engine.errors import Conflict, NotFound, Refused

KINDS = {
    "district": "区",
    "street": "街道",
    "town": "镇",
    "village": "行政村",
    "community": "社区",
    "family_committee": "家委会",
    "district_department": "区直单位",
    "assisting_unit": "挂点帮扶单位",
}
GRASS_ROOTS = ("village", "community", "family_committee")
STREETS = ("street", "town")
T = TypeVar("T", bound=Base)


class Unit(Base):
    """`parent_id` is the street of a community, the district of a street; `host_id` see D12 in `people`."""

    __tablename__ = "unit"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(index=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    host_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))


class Person(Base):
    __tablename__ = "person"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class Post(Base):
    """A chair that people hold for a time. `role` is the one that lanes name; `closed_on` its first day without."""

    __tablename__ = "post"
    __table_args__ = (Index("ix_post_unit_role", "unit_id", "role"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    role: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    closed_on: Mapped[date | None]


class Appointment(Base):
    """In office from `from_date` up to and including `until_date`. `acting`: stands in, the holder keeps the post."""

    __tablename__ = "appointment"

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("post.id"), index=True)
    from_date: Mapped[date]
    until_date: Mapped[date | None]
    acting: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True)
class Directory:
    """Many rows at once, each with the column names of its table: a first import, a demonstration."""

    units: Sequence[Mapping[str, Any]] = field(default=())
    people: Sequence[Mapping[str, Any]] = field(default=())
    posts: Sequence[Mapping[str, Any]] = field(default=())
    appointments: Sequence[Mapping[str, Any]] = field(default=())


def import_all(db: Session, directory: Directory) -> dict[str, Any]:
    """Insert everything, parents before children. The event lists appointments, from which rights derive."""
    for table, rows in (
        (Unit, directory.units),
        (Person, directory.people),
        (Post, directory.posts),
        (Appointment, directory.appointments),
    ):
        if rows:
            db.execute(insert(table), list(rows))
    return {
        "type": "directory_imported",
        "units": [[row["id"], row["name"], row["kind"]] for row in directory.units],
        "posts": [[row["id"], row["unit_id"], row["role"]] for row in directory.posts],
        "appointments": [
            [row["person_id"], row["post_id"], row["from_date"].isoformat(), _iso(row.get("until_date"))]
            for row in directory.appointments
        ],
    }


def add_unit(
    db: Session, id: str, name: str, kind: str, *, parent: str | None = None, host: str | None = None
) -> dict[str, Any]:
    if kind not in KINDS:
        raise Refused(f"没有“{kind}”这种单位类别", help="可选：" + "、".join(KINDS.values()))
    _check_new(db, Unit, id)
    db.add(Unit(id=id, name=name, kind=kind, parent_id=parent, host_id=host))
    db.flush()
    return {"type": "unit_added", "unit": id, "name": name, "kind": kind, "parent": parent, "host": host}


def add_person(db: Session, id: str, name: str) -> dict[str, Any]:
    _check_new(db, Person, id)
    db.add(Person(id=id, name=name))
    db.flush()
    return {"type": "person_added", "person": id, "name": name}


def add_post(db: Session, id: str, unit: str, role: str, title: str) -> dict[str, Any]:
    find_unit(db, unit)
    _check_new(db, Post, id)
    db.add(Post(id=id, unit_id=unit, role=role, title=title))
    db.flush()
    return {"type": "post_added", "post": id, "unit": unit, "role": role, "title": title}


def close_post(db: Session, post: str, on: date) -> dict[str, Any]:
    """From `on` nobody holds the post, and nothing new is offered to it."""
    find_post(db, post).closed_on = on
    for appointment in _in_office(db, post, on):
        appointment.until_date = on - timedelta(days=1)
    return {"type": "post_closed", "post": post, "on": on.isoformat()}


def appoint(
    db: Session,
    person: str,
    post: str,
    from_date: date,
    *,
    until_date: date | None = None,
    acting: bool = False,
) -> dict[str, Any]:
    """Appoint; the holder before ends the day before, unless the new one only acts for him.

    Raises Conflict when somebody is appointed to the post from the same day or a later one.
    """
    find_person(db, person)
    if find_post(db, post).closed_on is not None:
        raise Conflict("这个岗位已经撤销，不能再任职", help="请另选岗位，或先新设岗位。")
    if until_date is not None and until_date < from_date:
        raise Refused("任职截止日期早于开始日期", help="请核对任职起止日期。")
    ended = [] if acting else _end_before(db, post, from_date)
    appointment = Appointment(
        id=appointment_id(person, post, from_date),
        person_id=person,
        post_id=post,
        from_date=from_date,
        until_date=until_date,
        acting=acting,
    )
    _check_new(db, Appointment, appointment.id)
    db.add(appointment)
    db.flush()
    return {
        "type": "appointment_made",
        "appointment": appointment.id,
        "person": person,
        "post": post,
        "from": from_date.isoformat(),
        "until": _iso(until_date),
        "acting": acting,
        "ended": ended,
    }


def end_appointment(db: Session, appointment: str, until_date: date) -> dict[str, Any]:
    row = _find(db, Appointment, appointment, "任职记录")
    if until_date < row.from_date - timedelta(days=1):
        raise Refused("任职截止日期早于开始日期", help="请核对任职起止日期。")
    row.until_date = until_date
    return {"type": "appointment_ended", "appointment": appointment, "until": until_date.isoformat()}


def appointment_id(person: str, post: str, from_date: date) -> str:
    return f"{post}:{person}:{from_date.isoformat()}"


def find_unit(db: Session, id: str) -> Unit:
    """Raises NotFound."""
    return _find(db, Unit, id, "单位")


def find_person(db: Session, id: str) -> Person:
    """Raises NotFound."""
    return _find(db, Person, id, "人员")


def find_post(db: Session, id: str) -> Post:
    """Raises NotFound."""
    return _find(db, Post, id, "岗位")


def units(db: Session, kinds: Sequence[str] = GRASS_ROOTS) -> tuple[Unit, ...]:
    return tuple(db.scalars(select(Unit).where(Unit.kind.in_(kinds)).order_by(Unit.id)))


def root(db: Session) -> str:
    """The district, or what is at the top of a directory without one. Raises NotFound when it is empty."""
    top = select(Unit.id).where(Unit.parent_id.is_(None))
    found = db.scalars(top.order_by(Unit.kind != "district", Unit.id).limit(1)).first()
    if found is None:
        raise NotFound("名录里还没有单位", help="请先导入名录。")
    return found


def _end_before(db: Session, post: str, from_date: date) -> list[str]:
    """End who holds the post on `from_date`; returns their appointments' ids."""
    ended = []
    for row in _in_office(db, post, from_date):
        if row.acting:
            continue
        if row.from_date >= from_date:
            raise Conflict(
                f"该岗位自{row.from_date.isoformat()}起已有任职安排",
                help="请把任职开始日期改在其后，或先终止原任职安排。",
            )
        row.until_date = from_date - timedelta(days=1)
        ended.append(row.id)
    return ended


def _in_office(db: Session, post: str, on: date) -> list[Appointment]:
    """Appointments of a post that reach `on` or a later day, locked."""
    open_ended = Appointment.until_date.is_(None) | (Appointment.until_date >= on)
    query = select(Appointment).where(Appointment.post_id == post, open_ended).order_by(Appointment.from_date)
    return list(db.scalars(query.with_for_update()))


def _find(db: Session, table: type[T], id: str, word: str) -> T:
    row = db.get(table, id)
    if row is None:
        raise NotFound(f"没有找到{word}“{id}”", help="请从名录中选择。")
    return row


def _check_new(db: Session, table: type[Base], id: str) -> None:
    if db.get(table, id) is not None:
        raise Conflict(f"编号“{id}”已经使用", help="请换一个编号。")


def _iso(on: date | None) -> str | None:
    return on.isoformat() if on else None
