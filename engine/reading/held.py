"""Posts as they are held on a day: the query that readings about people share."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.directory import Appointment, Person, Post, Unit


def held(on: date) -> Any:
    """Posts held on a day, with holder and unit; whoever stands in comes first."""
    in_office = (Appointment.from_date <= on) & (
        Appointment.until_date.is_(None) | (Appointment.until_date >= on)
    )
    return (
        select(
            Post.id.label("post_id"),
            Post.title,
            Post.role,
            Person.id.label("person_id"),
            Person.name,
            Unit.id.label("unit_id"),
            Unit.name.label("unit_name"),
        )
        .join(Appointment, Appointment.post_id == Post.id)
        .join(Person, Person.id == Appointment.person_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(in_office, Post.closed_on.is_(None) | (Post.closed_on > on))
        .order_by(Post.id, Appointment.acting.desc())
    )


def lines(db: Session, unit: str) -> list[str]:
    """The unit, the one that hosts it, and its street."""
    own = db.get_one(Unit, unit)
    return [id for id in (own.id, own.host_id, own.parent_id) if id]
