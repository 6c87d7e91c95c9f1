"""People as pages need them: one's own posts, and the roles a visitor of the demonstration may step into."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import accounts, people
from engine.directory import GRASS_ROOTS, STREETS, Person, Post, Unit
from engine.errors import NotAllowed
from engine.people import Actor
from engine.reading.held import held, lines
from engine.work import Reader
from engine.worklist import OPEN, Candidate, WorkItem

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("社区(村)党组织", ("community_secretary", "community_party_org")),
    ("民情理事会", ("council",)),
    ("挂点街道(镇)领导", ("street_liaison_leader",)),
    ("街道(镇)", ("street_office",)),
    ("挂点区领导", ("district_liaison_leader",)),
    ("区委组织部", ("org_department",)),
    ("区民政局", ("civil_affairs",)),
    ("监督委员会 / 督查", ("supervision",)),
    ("区直单位", ("department",)),
    ("流程设计人员", ("designer",)),
    ("审计人员", ("auditor",)),
    ("运维人员", ("operator",)),
)


@dataclass(frozen=True)
class HeldPost:
    post: str
    title: str
    unit: str
    waiting: int


@dataclass(frozen=True)
class Role:
    """A post that somebody holds today, and how many open tasks are offered to it or to its holder."""

    post: str
    title: str
    name: str
    unit: str
    waiting: int


@dataclass(frozen=True)
class RoleGroup:
    title: str
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class UnitChoice:
    id: str
    name: str
    street: str


@dataclass(frozen=True)
class Cast:
    """Everybody who takes part in the cases of one unit."""

    unit: UnitChoice
    units: tuple[UnitChoice, ...]
    groups: tuple[RoleGroup, ...]


def challenge(reader: Reader, login: str) -> accounts.Challenge:
    return accounts.challenge(reader.db, login)


def signed_in(reader: Reader, token: str, at: datetime) -> tuple[Actor, bool]:
    """Who a session belongs to, as he stands today; a post that has ended gives way to his first one.

    Also whether his password is provisional. `at` is the machine's time, by which sessions live. Raises NotSignedIn.
    """
    found = accounts.look_up(reader.db, token, at)
    held = people.posts_of(reader.db, found.person, reader.today)
    post = found.post if found.post in held else next(iter(held), None)
    return people.actor(reader.db, found.person, post, reader.today), found.provisional


def login_of(reader: Reader, token: str, at: datetime) -> tuple[str, str]:
    """Account id and login of a session; the login is "" where no password opens the account."""
    found = accounts.look_up(reader.db, token, at)
    account = reader.db.get_one(accounts.Account, found.account)
    return account.id, account.login if account.password_hash else ""


def check_holds(reader: Reader, person: str, post: str) -> None:
    """Raises NotAllowed."""
    if post not in people.posts_of(reader.db, person, reader.today):
        raise NotAllowed("您目前不在这个岗位上任职", help="请从岗位列表中选择。")


def holder_of(reader: Reader, post: str) -> str:
    """The person who holds a post today, "" when it is vacant."""
    row = reader.db.execute(held(reader.today).where(Post.id == post)).first()
    return row.person_id if row else ""


def posts_of(reader: Reader, person: str) -> tuple[HeldPost, ...]:
    rows = reader.db.execute(held(reader.today).where(Person.id == person)).all()
    waiting = _waiting(reader.db, rows)
    return tuple(HeldPost(row.post_id, row.title, row.unit_name, waiting.get(row.post_id, 0)) for row in rows)


def demo_cast(reader: Reader, unit: str = "") -> Cast:
    """The roles of one unit's cases, from its own posts up to the district's."""
    units = unit_choices(reader)
    chosen = next((choice for choice in units if choice.id == unit), units[0] if units else None)
    if chosen is None:
        return Cast(UnitChoice("", "", ""), (), ())
    rows = _of_line(reader, chosen.id)
    waiting = _waiting(reader.db, rows)
    groups = (_group(title, roles, rows, waiting) for title, roles in GROUPS)
    return Cast(chosen, units, tuple(group for group in groups if group.roles))


def unit_choices(reader: Reader) -> tuple[UnitChoice, ...]:
    """Every community, village and family committee with its street."""
    streets = {
        row.id: row.name
        for row in reader.db.execute(select(Unit.id, Unit.name).where(Unit.kind.in_(STREETS)))
    }
    rows = reader.db.execute(
        select(Unit.id, Unit.name, Unit.parent_id)
        .where(Unit.kind.in_(GRASS_ROOTS))
        .order_by(Unit.parent_id, Unit.id)
    )
    return tuple(UnitChoice(row.id, row.name, streets.get(row.parent_id or "", "")) for row in rows)


def _group(title: str, roles: Sequence[str], rows: Sequence[Any], waiting: dict[str, int]) -> RoleGroup:
    """Whoever has something to do comes first, then the head of the group's first role."""
    shown = sorted(
        (row for row in rows if row.role in roles),
        key=lambda row: (not waiting.get(row.post_id), roles.index(row.role), row.post_id),
    )
    return RoleGroup(
        title,
        tuple(
            Role(row.post_id, row.title, row.name, row.unit_name, waiting.get(row.post_id, 0))
            for row in shown
        ),
    )


def _of_line(reader: Reader, unit: str) -> list[Any]:
    """People in office in the unit, in its host, in its street, and in the district's own offices."""
    near = Unit.id.in_(lines(reader.db, unit)) | Unit.kind.not_in((*GRASS_ROOTS, *STREETS))
    return list(reader.db.execute(held(reader.today).where(near)))


def _waiting(db: Session, rows: Iterable[Any]) -> dict[str, int]:
    """Post → open tasks offered to it or to its holder."""
    offered = {f"post:{row.post_id}": row.post_id for row in rows}
    persons: dict[str, list[str]] = {}
    for row in rows:
        persons.setdefault(f"person:{row.person_id}", []).append(row.post_id)
    counted = db.execute(
        select(Candidate.candidate, func.count())
        .join(WorkItem, WorkItem.id == Candidate.work_item)
        .where(WorkItem.status == OPEN, Candidate.candidate.in_([*offered, *persons]))
        .group_by(Candidate.candidate)
    )
    waiting: dict[str, int] = {}
    for candidate, number in counted:
        for post in [offered[candidate]] if candidate in offered else persons[candidate]:
            waiting[post] = waiting.get(post, 0) + number
    return waiting
