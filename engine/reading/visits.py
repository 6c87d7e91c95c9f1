"""Home visits (民情家访) as pages show them, within the actor's units, with what became of them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from engine import people
from engine.people import Actor
from engine.reading.choices import unit_name
from engine.records import visits
from engine.records.visits import Visit
from engine.work import Reader


@dataclass(frozen=True)
class VisitLine:
    id: str
    number: str
    visited_on: date
    visitor: str
    visitor_post: str
    compound: str
    wishes: str
    unit_name: str
    submission: str
    submission_number: str


def listed(reader: Reader, actor: Actor, page: int, size: int) -> tuple[tuple[VisitLine, ...], int]:
    where = Visit.unit_id.in_(people.scope(reader.db, actor))
    total = reader.db.scalar(select(func.count()).select_from(Visit).where(where)) or 0
    newest = select(Visit).where(where).order_by(Visit.visited_on.desc(), Visit.number.desc())
    rows = reader.db.scalars(newest.limit(size).offset((page - 1) * size))
    return tuple(_visit(reader, row) for row in rows), total


def _visit(reader: Reader, row: Visit) -> VisitLine:
    became = visits.submission_of(reader.db, row.id)
    return VisitLine(
        row.id,
        row.number,
        row.visited_on,
        row.visitor,
        row.visitor_post,
        row.compound,
        row.wishes,
        unit_name(reader, row.unit_id),
        became.id if became else "",
        became.number if became else "",
    )
