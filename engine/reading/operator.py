"""What an operator watches: uploads that wait, cases that stopped, timers that are due, releases and calendar."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from engine import calendar, cases, timers
from engine.accounts import Account
from engine.cases import Case
from engine.directory import Person, Unit
from engine.incidents import Incident
from engine.operations import PLATFORMS
from engine.outbox import RECEIPTED, Outgoing
from engine.people import Actor, scope
from engine.work import Reader


@dataclass(frozen=True)
class UploadLine:
    id: str
    case: str
    title: str
    unit_name: str
    platform: str
    status: str
    attempts: int
    receipt: str
    error: str
    created_at: datetime


@dataclass(frozen=True)
class Stopped:
    case: str
    title: str
    message: str
    help: str
    opened_at: datetime


@dataclass(frozen=True)
class AccountLine:
    login: str
    name: str
    disabled: bool
    locked_until: datetime | None


@dataclass(frozen=True)
class Health:
    """`calendar_until` is the last year with working-day data."""

    active: int
    stopped: int
    waiting_uploads: int
    due_timers: int
    next_timer: datetime | None
    calendar_version: str
    calendar_until: int


def health(reader: Reader) -> Health:
    days = calendar.current(reader.db)
    return Health(
        active=_count(reader, Case, Case.status == cases.ACTIVE),
        stopped=_count(reader, Case, Case.status == cases.INCIDENT),
        waiting_uploads=_count(reader, Outgoing, Outgoing.status != RECEIPTED),
        due_timers=len(timers.due(reader.db, reader.now)),
        next_timer=timers.next_due(reader.db),
        calendar_version=days.version,
        calendar_until=max(days.years, default=0),
    )


def uploads(reader: Reader, actor: Actor, *, waiting: bool = True) -> tuple[UploadLine, ...]:
    """Uploads of the actor's units, those without a receipt first; operators see all."""
    query = (
        select(Outgoing, Case.title, Unit.name)
        .join(Case, Case.id == Outgoing.case_id)
        .join(Unit, Unit.id == Case.unit_id)
        .order_by(Outgoing.created_at.desc())
        .limit(200)
    )
    query = query.where((Outgoing.status != RECEIPTED) if waiting else (Outgoing.status == RECEIPTED))
    if "operator" not in actor.roles:
        query = query.where(Case.unit_id.in_(scope(reader.db, actor)))
    return tuple(_upload(row, title, unit) for row, title, unit in reader.db.execute(query))


def package(reader: Reader, actor: Actor, upload: str) -> tuple[str, dict[str, object]] | None:
    """File name and content of one upload package, None when it is not the actor's to see."""
    row = reader.db.get(Outgoing, upload)
    if row is None:
        return None
    case = cases.load(reader.db, row.case_id)
    if "operator" not in actor.roles and case.unit_id not in scope(reader.db, actor):
        return None
    return f"{case.number or case.id}-{row.target}.json", dict(row.payload)


def stopped(reader: Reader) -> tuple[Stopped, ...]:
    rows = reader.db.execute(
        select(Incident, Case.title)
        .join(Case, Case.id == Incident.case_id)
        .where(Incident.closed_at.is_(None), Case.status == cases.INCIDENT)
        .order_by(Incident.opened_at.desc())
    )
    return tuple(Stopped(row.case_id, title, row.message, row.help, row.opened_at) for row, title in rows)


def accounts(reader: Reader, limit: int = 500) -> tuple[AccountLine, ...]:
    rows = reader.db.execute(
        select(Account, Person.name)
        .join(Person, Person.id == Account.person_id)
        .order_by(Account.login)
        .limit(limit)
    )
    return tuple(AccountLine(row.login, name, row.disabled, row.locked_until) for row, name in rows)


def _upload(row: Outgoing, title: str, unit: str) -> UploadLine:
    return UploadLine(
        row.id,
        row.case_id,
        title,
        unit,
        PLATFORMS.get(row.target, row.target),
        row.status,
        row.attempts,
        row.receipt,
        row.error,
        row.created_at,
    )


def _count(reader: Reader, table: type, condition: object) -> int:
    return reader.db.scalar(select(func.count()).select_from(table).where(condition)) or 0  # type: ignore[arg-type]
