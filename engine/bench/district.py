"""A new database with the smallest district that can hold a case: one unit, one secretary, 25 neighbours.

Knows the commands that found a deployment; measures nothing.
"""

from datetime import date
from typing import Any

from sqlalchemy import inspect

from engine import calendar, founding, migrate, people
from engine.bench import procedures
from engine.commands import Deploy
from engine.directory import Directory, appointment_id
from engine.engine import Engine
from engine.entitlement import SYSTEM
from engine.errors import Refused
from engine.people import Actor
from engine.settings import Settings
from engine.work import Reader

UNIT = "bench_unit"
SECRETARY = "bench_secretary"
CROWD = 25
_SINCE = date(2021, 1, 1)


def found(url: str, settings: Settings) -> Engine:
    """Schema, directory, calendar and releases, all through commands. Raises Refused when the database is not empty."""
    engine = Engine.open(url, settings=settings)
    if inspect(engine.database).get_table_names():
        engine.database.dispose()
        raise Refused("测速用的数据库不是空的，没有测", help="请新建一个空的数据库专供测速，测完可以删除。")
    migrate.upgrade(engine.database)
    engine.small(founding.import_directory, _directory(), engine.now())
    engine.small(
        lambda db: calendar.adopt(db, calendar.published_years(), note="随软件带有", at=engine.now())
    )
    for name in procedures.NAMES:
        engine.handle(Deploy(procedures.bundle(name).files, "测速"), by=SYSTEM)
    return engine


def secretary(engine: Engine) -> Actor:
    """Signed in once, as on a page: each command still looks whether the post is held today."""
    return _actor(engine, SECRETARY)


def crowd(engine: Engine) -> dict[str, Actor]:
    """Everybody who is asked, by person id."""
    return {id: _actor(engine, id) for id in _crowd()}


def _actor(engine: Engine, person: str) -> Actor:
    def read(reader: Reader) -> Actor:
        return people.actor(reader.db, person, None, reader.today)

    return engine.read(read)


def _crowd() -> list[str]:
    return [f"bench_{number:02}" for number in range(1, CROWD + 1)]


def _directory() -> Directory:
    persons = {SECRETARY: "书记", **{id: f"居民{id[-2:]}" for id in _crowd()}}
    return Directory(
        units=[
            _unit("bench_district", "district", None),
            _unit("bench_street", "street", "bench_district"),
            _unit(UNIT, "community", "bench_street"),
        ],
        people=[{"id": id, "name": name} for id, name in persons.items()],
        posts=[_post(id) for id in persons],
        appointments=[_appointment(id) for id in persons],
    )


def _unit(id: str, kind: str, parent: str | None) -> dict[str, Any]:
    return {"id": id, "name": f"测速{id}", "kind": kind, "parent_id": parent, "host_id": None}


def _post(person: str) -> dict[str, Any]:
    role = "community_secretary" if person == SECRETARY else "council"
    return {"id": f"{person}.post", "unit_id": UNIT, "role": role, "title": "测速岗位", "closed_on": None}


def _appointment(person: str) -> dict[str, Any]:
    post = f"{person}.post"
    return {
        "id": appointment_id(person, post, _SINCE),
        "person_id": person,
        "post_id": post,
        "from_date": _SINCE,
        "until_date": None,
        "acting": False,
    }
