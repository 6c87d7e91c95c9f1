"""What an operator watches: uploads that wait, cases that stopped, timers that are due, releases and calendar."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select

from engine import calendar, cases, entitlement, epochs, timers
from engine.accounts import Account
from engine.calendar import CalendarVersion
from engine.cases import Case
from engine.directory import Person, Unit
from engine.errors import NotAllowed, NotFound
from engine.incidents import Incident
from engine.operations import PLATFORMS
from engine.outbox import RECEIPTED, WAITING, Outgoing
from engine.people import Actor, scope
from engine.reading.held import held
from engine.work import Reader
from engine.working_days import KINDS


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
class Paused:
    """Nothing is sent to the platforms: since when, why, how much waits, and whether the asker may let it go on."""

    since: datetime
    why: str
    waiting: int
    may_resume: bool


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
    posts: tuple[str, ...]
    disabled: bool
    locked_until: datetime | None
    has_password: bool
    made_at: datetime


Accounts = tuple[AccountLine, ...]


@dataclass(frozen=True)
class CalendarLine:
    number: int
    title: str
    made_at: datetime
    note: str
    id: str


@dataclass(frozen=True)
class CalendarPage:
    """`exceptions` are the holidays and make-up days of `year`: day, kind, name."""

    years: tuple[int, ...]
    versions: tuple[CalendarLine, ...]
    year: int
    exceptions: tuple[tuple[date, str, str], ...]


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


def paused(reader: Reader, actor: Actor) -> Paused | None:
    """None: what waits is sent."""
    epoch = epochs.paused(reader.db)
    if epoch is None:
        return None
    waiting = select(func.count()).select_from(Outgoing).where(Outgoing.status == WAITING)
    return Paused(epoch.begun_at, epoch.why, reader.db.scalar(waiting) or 0, "operator" in actor.roles)


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


def accounts(reader: Reader, text: str = "", page: int = 1, size: int = 20) -> tuple[Accounts, int]:
    """By login; `text` is looked for in login and name. With the number of all that fit."""
    query = select(Account, Person.name).join(Person, Person.id == Account.person_id)
    if text:
        query = query.where(or_(Account.login.contains(text, autoescape=True), Person.name.contains(text)))
    total = reader.db.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = reader.db.execute(query.order_by(Account.login).limit(size).offset((page - 1) * size)).all()
    posts = _posts(reader, [row.person_id for row, _ in rows])
    return tuple(_account(row, name, posts.get(row.person_id, ())) for row, name in rows), total


def account(reader: Reader, login: str) -> AccountLine:
    """Raises NotFound."""
    found, _ = accounts(reader, login, size=200)
    line = next((line for line in found if line.login == login), None)
    if line is None:
        raise NotFound("没有找到这个账号", help="请从账号列表重新打开。")
    return line


def candidates(reader: Reader, name: str) -> tuple[tuple[str, str], ...]:
    """People in office whose name contains this, with their posts: for whom an account may be made."""
    rows = reader.db.execute(held(reader.today).where(Person.name.contains(name, autoescape=True)).limit(50))
    return tuple((row.person_id, f"{row.name}（{row.unit_name} {row.title}）") for row in rows)


def calendar_page(reader: Reader) -> CalendarPage:
    """The calendar in force and the versions before it; of the next year, whether it is there."""
    days = calendar.current(reader.db)
    rows = reader.db.scalars(select(CalendarVersion).order_by(CalendarVersion.number.desc()).limit(20))
    versions = tuple(CalendarLine(row.number, row.title, row.made_at, row.note, row.id) for row in rows)
    exceptions = tuple(
        (on, KINDS[what.kind], what.name)
        for on, what in days.items()
        if on.year == reader.today.year and what.kind in ("holiday", "makeup")
    )
    return CalendarPage(days.years, versions, reader.today.year, exceptions)


def check_may_operate(actor: Actor) -> None:
    entitlement.check_role(actor, "operator")


def check_may_upload(actor: Actor) -> None:
    """R125: receipts by hand are entered by the unit's Party organisation or an operator."""
    if not actor.roles & {"operator", "community_party_org"}:
        raise NotAllowed(
            "上传和回执由社区(村)党组织或运维人员办理", rule="R125", help="您可以在议题页面查看上传情况。"
        )


def _account(row: Account, name: str, posts: tuple[str, ...]) -> AccountLine:
    return AccountLine(
        row.login, name, posts, row.disabled, row.locked_until, bool(row.password_hash), row.made_at
    )


def _posts(reader: Reader, persons: list[str]) -> dict[str, tuple[str, ...]]:
    """Person → posts held today, with their units."""
    found: dict[str, tuple[str, ...]] = {}
    for row in reader.db.execute(held(reader.today).where(Person.id.in_(persons))):
        found[row.person_id] = (*found.get(row.person_id, ()), f"{row.unit_name} {row.title}")
    return found


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
