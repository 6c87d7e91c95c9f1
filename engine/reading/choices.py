"""People and posts to pick from in a form: those of the unit, of its street, and of the district's offices."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import or_, select

from engine.directory import GRASS_ROOTS, STREETS, Unit
from engine.reading.held import held, lines
from engine.work import Reader


@dataclass(frozen=True)
class Choice:
    value: str
    title: str
    group: str = ""


def for_unit(reader: Reader, unit: str) -> dict[str, tuple[Choice, ...]]:
    """Choices by field kind: `person` (person ids) and `performer` (candidate texts)."""
    near = or_(Unit.id.in_(lines(reader.db, unit)), Unit.kind.not_in((*GRASS_ROOTS, *STREETS)))
    rows = reader.db.execute(held(reader.today).where(near)).all()
    people = {
        row.person_id: Choice(row.person_id, f"{row.name}（{row.title}）", row.unit_name)
        for row in reversed(rows)
    }
    posts = {
        row.post_id: Choice(
            f"post:{row.post_id}", f"{row.unit_name} {row.title}（{row.name}）", row.unit_name
        )
        for row in reversed(rows)
    }
    return {"person": _grouped(people.values()), "performer": _grouped(posts.values())}


def unit_name(reader: Reader, unit: str) -> str:
    return reader.db.scalar(select(Unit.name).where(Unit.id == unit)) or unit


def _grouped(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    return tuple(sorted(choices, key=lambda choice: (choice.group, choice.title)))
