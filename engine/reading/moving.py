"""What would become of running cases under another version of their procedure: a dry run. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from engine import cases, definitions, entitlement, moving, procedure
from engine.cases import Case
from engine.definitions import Release
from engine.directory import Unit
from engine.people import Actor
from engine.work import Reader


@dataclass(frozen=True)
class Refusal:
    message: str
    help: str


@dataclass(frozen=True)
class Line:
    """One case; `waiting` are the open tasks in the words of the new version. Version 0 was never released."""

    case: str
    title: str
    number: str
    unit_name: str
    version: int
    allowed: bool
    waiting: tuple[str, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True)
class DryRun:
    """The running cases that are not on version `to` yet, `more` left out; `numbers` are all versions, newest first."""

    process: str
    title: str
    to: int
    numbers: tuple[int, ...]
    lines: tuple[Line, ...]
    more: int = 0

    @property
    def allowed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.allowed)


def dry_run(
    reader: Reader, actor: Actor, process: str, to: int = 0, case: str = "", limit: int | None = None
) -> DryRun:
    """Of one case, or of all that run, oldest first; `to` 0 is the version in force. Raises NotAllowed, NotFound."""
    entitlement.check_may_move(actor)
    in_force = definitions.current(reader.db, process)
    release = moving.target(reader.db, process, to) if to else in_force
    numbers = _numbers(reader, process)
    rows = [cases.load(reader.db, case)] if case else _elsewhere(reader, process, release.definition_hash)
    return DryRun(
        process=process,
        title=procedure.of(definitions.bundle(reader.db, release.definition_hash)).title,
        to=release.number,
        numbers=tuple(sorted(set(numbers.values()), reverse=True)),
        lines=tuple(_line(reader, row, release, numbers) for row in rows[:limit]),
        more=len(rows) - len(rows[:limit]),
    )


def _elsewhere(reader: Reader, process: str, definition: str) -> Sequence[Case]:
    query = select(Case).where(
        Case.process == process, Case.status != cases.COMPLETED, Case.definition_hash != definition
    )
    return reader.db.scalars(query.order_by(Case.started_at, Case.id)).all()


def _line(reader: Reader, row: Case, release: Release, numbers: dict[str, int]) -> Line:
    plan = moving.plan(reader.db, row, release.definition_hash)
    unit = reader.db.get(Unit, row.unit_id)
    return Line(
        case=row.id,
        title=row.title,
        number=row.number,
        unit_name=unit.name if unit else row.unit_id,
        version=numbers.get(row.definition_hash, 0),
        allowed=not plan.refusals,
        waiting=tuple(dict.fromkeys(move.name for move in plan.moves)),
        refusals=tuple(Refusal(refusal.message, refusal.help) for refusal in plan.refusals),
    )


def _numbers(reader: Reader, process: str) -> dict[str, int]:
    """Definition → number of its latest release."""
    query = select(Release.definition_hash, Release.number).where(Release.process == process)
    found: dict[str, int] = dict(reader.db.execute(query.order_by(Release.number)).all())
    return found
