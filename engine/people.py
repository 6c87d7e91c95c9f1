"""Who holds which role for a unit on a day, and who may therefore act. Knows the directory, no case and no task.

A role is resolved upwards: a community's own posts, its street's, the district's. Community roles of a family
committee without a post of its own are those of the community that hosts it (D12).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import cycle
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from engine.directory import GRASS_ROOTS, STREETS, Appointment, Person, Post, Unit
from engine.errors import NotAllowed, NotFound
from engine.statements import ask, recall, table

_PERSON, _POST, _UNIT, _APPOINTMENT = table(Person), table(Post), table(Unit), table(Appointment)
COMMUNITY_ROLES = ("community_party_org", "community_secretary", "council", "street_liaison_leader")
STREET_ROLES = ("street_office", "district_liaison_leader")
DISTRICT_ROLES = ("org_department", "civil_affairs", "supervision", "designer", "auditor", "operator")
ROLES: Mapping[str, str] = {
    "community_party_org": "社区(村)党组织",
    "community_secretary": "社区(村)党组织书记",
    "council": "民情理事会",
    "street_office": "街道(镇)",
    "street_liaison_leader": "挂点街道(镇)领导",
    "district_liaison_leader": "挂点区领导",
    "org_department": "区委组织部",
    "civil_affairs": "区民政局",
    "supervision": "区督查",
    "department": "区直单位",
    "designer": "流程设计",
    "auditor": "审计核验",
    "operator": "系统运行",
}
# Whoever holds the key also holds the values: the secretary acts for the Party organisation (R011).
# Whoever founded a database for processes of his own does everything there.
OWNER = "owner"
INCLUDES: Mapping[str, tuple[str, ...]] = {
    "community_secretary": ("community_party_org",),
    OWNER: ("community_secretary", "community_party_org", "operator", "designer", "auditor"),
}
# Who approves when a chair is replaced (P-class rules need an approver one level up).
ONE_LEVEL_UP: Mapping[str, str] = {
    "community_secretary": "street_liaison_leader",
    "street_liaison_leader": "district_liaison_leader",
    "district_liaison_leader": "org_department",
}


@dataclass(frozen=True)
class Holder:
    """Who holds a post on a day."""

    person: str
    name: str
    post: str
    title: str = ""
    acting: bool = False

    def answer(self) -> dict[str, str]:
        """As diagrams read it."""
        return {"person": self.person, "name": self.name, "post": self.post}


@dataclass(frozen=True)
class Actor:
    """A person acting in one post. Somebody without a post acts as a person: `post`, `unit` are empty."""

    person: str
    name: str
    post: str = ""
    post_title: str = ""
    unit: str = ""
    unit_name: str = ""
    unit_kind: str = ""
    roles: frozenset[str] = frozenset()


def holder(db: Session, role: str, unit: str, on: date) -> Holder | None:
    """Who holds the role for the unit; whoever stands in comes before the one he stands in for."""
    return next(iter(holders(db, role, unit, on)), None)


def holders(db: Session, role: str, unit: str, on: date) -> tuple[Holder, ...]:
    """All who hold it, in the order of their posts; whoever stands in first."""
    held = [row for row in _seat(db, role, unit, on, held=True) if row.person_id]
    return tuple(_holder(row) for row in sorted(held, key=lambda row: not row.acting))


def holder_of_post(db: Session, post: str, on: date) -> Holder | None:
    """Who holds a post on a day; whoever stands in comes first."""
    query = _in_office(on).where(Post.id == post).order_by(Appointment.acting.desc(), Person.id)
    return next((_holder(row) for row in db.execute(query)), None)


def candidates(db: Session, role: str, unit: str, on: date) -> tuple[str, ...]:
    """`post:<id>` of every post that carries the role for the unit, held or vacant, sorted."""
    return tuple(f"post:{row.post_id}" for row in _seat(db, role, unit, on))


def posts_of(db: Session, person: str, on: date) -> tuple[str, ...]:
    """Posts that the person holds on the day, by id."""
    return tuple(sorted({row.post_id for row in ask(db, _HELD, person=person, on=on)}))


def may_act(db: Session, person: str, candidates: Iterable[str], on: date, *, chosen: str = "") -> str | None:
    """The post in which the person may act on something offered to `candidates`, or None when he may not.

    The post he has `chosen` comes first. "" when he is named himself and holds no post.
    """
    offered = tuple(candidates)
    posts = posts_of(db, person, on)
    entitled = [post for post in posts if f"post:{post}" in offered]
    if f"person:{person}" in offered:
        entitled += [*posts, ""]
    return chosen if chosen and chosen in entitled else next(iter(entitled), None)


def council_size(db: Session, unit: str, on: date) -> int:
    """Different people in office in the 民情理事会 (R039)."""
    return len({holder.person for holder in holders(db, "council", unit, on)})


def one_level_up(role: str) -> str:
    """The role that approves a deviation of `role`."""
    return ONE_LEVEL_UP[role]


def actor(db: Session, person: str, post: str | None, on: date) -> Actor:
    """The person in the given post, or in the first he holds. Raises NotAllowed when he does not hold it."""
    rows = ask(db, _HELD, person=person, on=on)
    row = next((row for row in rows if post in (None, "", row.post_id)), None)
    if row is not None:
        return _actor(row)
    if post:
        raise NotAllowed("您目前不在这个岗位上任职", help="请重新选择岗位，或请街道(镇)核对任职安排。")
    found = db.get(Person, person)
    if found is None:
        raise NotFound("没有找到这名人员", help="请从名录中选择。")
    return Actor(found.id, found.name)


def scope(db: Session, actor: Actor) -> tuple[str, ...]:
    """Ids of the units whose matters the actor may see: his own and those it hosts, his street's, or all.

    District departments and assisting units see no unit by office, only what they are asked to do.
    """
    if actor.roles & set(DISTRICT_ROLES):
        return tuple(db.scalars(select(Unit.id).order_by(Unit.id)))
    if actor.unit_kind not in (*GRASS_ROOTS, *STREETS):
        return ()
    own = or_(Unit.id == actor.unit, Unit.parent_id == actor.unit, Unit.host_id == actor.unit)
    return tuple(db.scalars(select(Unit.id).where(own).order_by(Unit.id)))


def street_of(db: Session, unit: str) -> str:
    """The street or town of a unit ("" above the streets). Raises NotFound."""
    return next((row.id for row in _line(db, unit) if row.kind in STREETS), "")


def unit_named(db: Session, name: str) -> str | None:
    """Id of the unit with this name or id, None if there is none."""
    return db.scalars(
        select(Unit.id).where(or_(Unit.name == name, Unit.id == name)).order_by(Unit.id)
    ).first()


def above(db: Session, unit: str) -> tuple[str, ...]:
    """The unit itself, its street and the district, nearest first. Raises NotFound."""
    return tuple(row.id for row in _line(db, unit, hosts=False))


def named(db: Session, candidates: Iterable[str], on: date) -> tuple[str, ...]:
    """Candidates in words, such as 社区党组织书记（王某）; a vacant post says so."""
    offered = tuple(candidates)
    ids = {text.partition(":")[2] for text in offered}
    titles = {row.id: row.title for row in db.scalars(select(Post).where(Post.id.in_(ids)))}
    names = {row.id: row.name for row in db.scalars(select(Person).where(Person.id.in_(ids)))}
    held: dict[str, str] = {}
    for row in db.execute(_in_office(on).where(Post.id.in_(ids)).order_by(Appointment.acting)):
        held[row.post_id] = row.name
    return tuple(
        names[id] if id in names else f"{titles.get(id, id)}（{held.get(id, '空缺')}）"
        for id in (text.partition(":")[2] for text in offered)
    )


def find_people(
    db: Session, text: str, units: Iterable[str], on: date, limit: int = 20
) -> tuple[Holder, ...]:
    """People in office in these units whose name contains `text`: to pick a substitute or a member."""
    like = Person.name.contains(text, autoescape=True)
    query = (
        _in_office(on).where(like, Post.unit_id.in_(tuple(units))).order_by(Person.name, Post.id).limit(limit)
    )
    return tuple(_holder(row) for row in db.execute(query))


def _seat(db: Session, role: str, unit: str, on: date, *, held: bool = False) -> Sequence[Any]:
    """Posts of the lowest unit on the way up that carries the role; district roles have one seat only.

    With those who hold them, if `held`: a post once for each, and a vacant one with nobody.
    """
    wanted = {**_carriers(role), "on": on}
    if role in DISTRICT_ROLES:
        return recall(db, _SEAT[held], **wanted)
    rows = recall(db, _SEATS_ABOVE[held], **wanted, unit=unit)
    if not rows:
        raise _no_unit(unit)
    carrying = [row for row in rows if row.post_id and _may_carry(role, row.kind)]
    return [row for row in carrying if row.unit_id == carrying[0].unit_id]


@cache
def _carriers(role: str) -> Mapping[str, str]:
    """The role and those that include it, for the places of `_CARRYING`."""
    carriers = [role, *(other for other, included in INCLUDES.items() if role in included)]
    return dict(zip(_PLACES, cycle(carriers), strict=False))


def _may_carry(role: str, kind: str) -> bool:
    """A street's own deputies must not become a community's Party organisation by mistake."""
    if role in COMMUNITY_ROLES:
        return kind in GRASS_ROOTS
    return kind in STREETS if role in STREET_ROLES else True


def _line(db: Session, unit: str, *, hosts: bool = True) -> Sequence[Any]:
    """The unit, its host, and those above, nearest first (one query). Raises NotFound."""
    rows = ask(db, _LINE if hosts else _LINE_WITHOUT_HOSTS, unit=unit)
    if not rows:
        raise _no_unit(unit)
    return rows


def _no_unit(unit: str) -> NotFound:
    return NotFound(f"没有找到单位“{unit}”", help="请从名录中选择。")


def _line_query(hosts: bool) -> Select[Any]:
    start = select(_UNIT.c.id, _UNIT.c.kind, _UNIT.c.parent_id, _UNIT.c.host_id, literal(0).label("step"))
    line = start.where(_UNIT.c.id == bindparam("unit")).cte("line", recursive=True)
    above = _UNIT.alias()
    nearer = or_(above.c.id == line.c.parent_id, above.c.id == line.c.host_id if hosts else false())
    step = case((above.c.id == line.c.host_id, 1), else_=2)  # the host comes before the street
    upwards = select(above.c.id, above.c.kind, above.c.parent_id, above.c.host_id, line.c.step + step)
    line = line.union_all(upwards.where(nearer, line.c.step < 20))
    nearest = func.min(line.c.step).label("step")
    return select(line.c.id, line.c.kind, nearest).group_by(line.c.id, line.c.kind).order_by(nearest)


def _seats(held: bool) -> Select[Any]:
    """All posts that carry a role."""
    posts = select(_POST.c.id.label("post_id")).where(*_CARRYING).order_by(_POST.c.id)
    return _with_holders(posts.select_from(_POST)) if held else posts


def _seats_above(held: bool) -> Select[Any]:
    """A unit and all above it, nearest first, each with its posts that carry a role, or None."""
    line = _line_query(hosts=True).order_by(None).subquery()
    posts = select(_POST.c.id.label("post_id"), line.c.id.label("unit_id"), line.c.kind).select_from(line)
    # An outer join: the planner of SQLite would else begin with all posts of the role in the district.
    carrying = and_(_POST.c.unit_id == line.c.id, *_CARRYING)
    posts = posts.outerjoin(_POST, carrying).order_by(line.c.step, _POST.c.id)
    return _with_holders(posts) if held else posts


def _with_holders(posts: Select[Any]) -> Select[Any]:
    """Each post with whoever is in office there on the day, or None."""
    in_office = and_(_APPOINTMENT.c.post_id == _POST.c.id, *_lasting(_ON))
    held = posts.outerjoin(_APPOINTMENT, in_office).outerjoin(
        _PERSON, _PERSON.c.id == _APPOINTMENT.c.person_id
    )
    return held.add_columns(
        _PERSON.c.id.label("person_id"), _PERSON.c.name, _POST.c.title, _APPOINTMENT.c.acting
    )


def _in_office(on: date | BindParameter[date]) -> Select[Any]:
    """People in office on a day, each with post and unit."""
    wanted = (
        _PERSON.c.id.label("person_id"),
        _PERSON.c.name,
        _POST.c.id.label("post_id"),
        _POST.c.title,
        _POST.c.role,
        _UNIT.c.id.label("unit_id"),
        _UNIT.c.name.label("unit_name"),
        _UNIT.c.kind.label("unit_kind"),
        _APPOINTMENT.c.acting,
    )
    return (
        select(*wanted)
        .select_from(_APPOINTMENT)
        .join(_PERSON, _PERSON.c.id == _APPOINTMENT.c.person_id)
        .join(_POST, _POST.c.id == _APPOINTMENT.c.post_id)
        .join(_UNIT, _UNIT.c.id == _POST.c.unit_id)
        .where(*_lasting(on), _open(on))
    )


def _lasting(on: date | BindParameter[date]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Appointments that have begun by the day and not ended before it."""
    until = _APPOINTMENT.c.until_date
    return _APPOINTMENT.c.from_date <= on, or_(until.is_(None), until >= on)


def _open(on: date | BindParameter[date]) -> ColumnElement[bool]:
    return or_(_POST.c.closed_on.is_(None), _POST.c.closed_on > on)


def _holder(row: Any) -> Holder:
    return Holder(row.person_id, row.name, row.post_id, row.title, row.acting)


def _actor(row: Any) -> Actor:
    roles = frozenset((row.role, *INCLUDES.get(row.role, ())))
    return Actor(
        row.person_id, row.name, row.post_id, row.title, row.unit_id, row.unit_name, row.unit_kind, roles
    )


# Built once: building them costs more than running them.
_ON = bindparam("on", type_=Date)
_PLACES = tuple(f"role_{nth}" for nth in range(1 + len(INCLUDES)))
_CARRYING = _POST.c.role.in_([bindparam(place) for place in _PLACES]), _open(_ON)
_LINE, _LINE_WITHOUT_HOSTS = _line_query(hosts=True), _line_query(hosts=False)
_SEAT, _SEATS_ABOVE = (_seats(False), _seats(True)), (_seats_above(False), _seats_above(True))
_HELD = _in_office(_ON).where(_PERSON.c.id == bindparam("person")).order_by(_POST.c.id)
