"""The directory of the demonstration district: 152 units with posts and people. Knows no case and no database.

Everything is invented and deterministic: the same index gives the same name. The size is that of the report
(R002, R003): 11 streets and 1 town, 13 villages, 130 communities, 9 family committees.
"""

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Any

from engine.demo import names
from engine.directory import Directory, appointment_id

DISTRICT = "d01"
IN_OFFICE_FROM = date(2026, 1, 1)
COUNCIL = 7
_COMMUNITIES = (11,) * 11 + (9,)  # per street; the last is the town
_VILLAGES = {"s10": 2, "s11": 2, "s12": 9}
_FAMILY_COMMITTEES = tuple(f"s{n:02}" for n in range(2, 11))
_HOSTED = ("s09", "s10")  # where the family committee has no Party organisation of its own (D12)
_LEADERS = (
    ("party_secretary", "党(工)委书记"),
    ("director", "主任（镇长）"),
    ("deputy1", "党(工)委副书记"),
    ("deputy2", "分管领导"),
    ("deputy3", "班子成员"),
)


class _Rows:
    """Collects rows; people are numbered in the order in which they come."""

    def __init__(self, from_date: date) -> None:
        self.directory = Directory(units=[], people=[], posts=[], appointments=[])
        self._from = from_date
        self._numbers = count()

    def unit(self, id: str, name: str, kind: str, parent: str | None, host: str | None = None) -> str:
        _add(self.directory.units, id=id, name=name, kind=kind, parent_id=parent, host_id=host)
        return id

    def post(self, unit: str, name: str, role: str, title: str, person: str = "") -> str:
        """A post with its holder, a new person unless one is given; returns the person's id."""
        post, person = f"{unit}.{name}", person or self._person()
        _add(self.directory.posts, id=post, unit_id=unit, role=role, title=title, closed_on=None)
        _add(
            self.directory.appointments,
            id=appointment_id(person, post, self._from),
            person_id=person,
            post_id=post,
            from_date=self._from,
            until_date=None,
            acting=False,
        )
        return person

    def _person(self) -> str:
        n = next(self._numbers)
        _add(self.directory.people, id=f"p{n + 1:04}", name=names.person(n))
        return f"p{n + 1:04}"


def directory(from_date: date = IN_OFFICE_FROM) -> Directory:
    """The whole directory; `from_date` is an earlier one for stories that play in an earlier year."""
    rows = _Rows(from_date)
    rows.unit(DISTRICT, "示范区", "district", None)
    streets = {street: _street(rows, street, name) for street, name in _street_names()}
    for unit, street in _grass_roots(rows):
        _people_of(rows, unit, streets[street][int(unit[1:]) % len(_LEADERS)])
    _departments(rows)
    return rows.directory


def logins(directory: Directory) -> dict[str, str]:
    """Login → person for everybody in office: a visitor may step into any of their posts. Named by the first one."""
    posts: dict[str, str] = {}
    for row in directory.appointments:
        posts.setdefault(row["person_id"], row["post_id"])
    return {post: person for person, post in posts.items()}


def _street_names() -> Iterator[tuple[str, str]]:
    for n, name in enumerate(names.STREETS, start=1):
        yield f"s{n:02}", name + ("镇" if n == len(names.STREETS) else "街道")


def _street(rows: _Rows, street: str, name: str) -> list[str]:
    """Returns the leaders, who also are liaison leaders of the units."""
    town = name.endswith("镇")
    rows.unit(street, name, "town" if town else "street", DISTRICT)
    rows.post(street, "district_leader", "district_liaison_leader", "挂点区领导")
    leaders = [rows.post(street, id, "street_office", name + _title(title, town)) for id, title in _LEADERS]
    for n in (1, 2):
        rows.post(street, f"office{n}", "street_office", f"{name}社会事务办干部")
    return leaders


def _title(title: str, town: bool) -> str:
    return title.replace("(工)", "" if town else "工").replace(
        "主任（镇长）", "镇长" if town else "办事处主任"
    )


def _grass_roots(rows: _Rows) -> Iterator[tuple[str, str]]:
    """Every unit with its street, in the order of numbers; a hosted one gets no people, so it is not named."""
    numbers, communities, villages, factories = count(1), count(), iter(names.VILLAGES), iter(names.FACTORIES)
    for n, size in enumerate(_COMMUNITIES, start=1):
        street, host = f"s{n:02}", None
        for _ in range(size):
            number = next(numbers)
            name = "示范社区" if number == 1 else f"{names.community(next(communities))}社区"
            unit = rows.unit(f"u{number:03}", name, "community", street)
            host = host or unit
            yield unit, street
        for _ in range(_VILLAGES.get(street, 0)):
            yield rows.unit(f"u{next(numbers):03}", f"{next(villages)}村", "village", street), street
        if street in _FAMILY_COMMITTEES:
            hosted = street in _HOSTED
            name = f"{next(factories)}厂家委会"
            unit = rows.unit(
                f"u{next(numbers):03}", name, "family_committee", street, host if hosted else None
            )
            if not hosted:
                yield unit, street


def _people_of(rows: _Rows, unit: str, street_leader: str) -> None:
    rows.post(unit, "secretary", "community_secretary", "党组织书记")
    for n, title in enumerate(("党组织副书记", "“两委”干部"), start=1):
        rows.post(unit, f"cadre{n}", "community_party_org", title)
    for n in range(1, COUNCIL + 1):
        rows.post(unit, f"council{n}", "council", "民情理事会会长" if n == 1 else "民情理事会成员")
    rows.post(unit, "street_leader", "street_liaison_leader", "挂点街道(镇)领导", street_leader)


def _departments(rows: _Rows) -> None:
    roles = {"o_org": "org_department", "o_civil": "civil_affairs", "o_supervision": "supervision"}
    for id, name in names.DEPARTMENTS.items():
        rows.unit(id, name, "district_department", DISTRICT)
        rows.post(id, "chief", roles.get(id, "department"), f"{name}负责人")
        rows.post(id, "clerk", roles.get(id, "department"), f"{name}经办人")
    rows.post("o_civil", "designer", "designer", "区民政局流程设计员")
    rows.post("o_audit", "auditor", "auditor", "区审计局核验员")
    rows.post("o_data", "operator", "operator", "区大数据中心运维员")
    for n, name in enumerate(names.ASSISTING, start=1):
        id = rows.unit(f"a{n:02}", name, "assisting_unit", DISTRICT)
        rows.post(id, "chief", "department", f"{name}主要负责人")


def _add(rows: Any, **row: Any) -> None:
    rows.append(row)
