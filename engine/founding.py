"""The first account of a deployment: an operator, with post and appointment, and the calendar that was published
so far. A handler of its own, for the command line, because before it nobody is there to give commands.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import accounts, calendar, directory, journal, people
from engine.clock import local_date
from engine.entitlement import SYSTEM
from engine.errors import Conflict, Refused
from engine.work import signature

UNIT, POST, PERSON = "operations", "operations.operator", "operator"
OWN_UNIT = "own"  # of people who run processes of their own
_LAWFUL_ID = re.compile(r"[\w.-]{1,60}")


def import_directory(db: Session, told: directory.Directory, now: datetime) -> None:
    """A first directory, or more of it, with its event. Raises Conflict for an id that is there already."""
    data = directory.import_all(db, told)
    journal.append_to_district(db, now, data.pop("type"), signature(SYSTEM), data=data)


def add_owners(db: Session, names: Sequence[str], now: datetime) -> bool:
    """People for processes of their own, in a database that has no directory yet: one unit, each does everything.

    False when exactly they were added before. Raises Conflict when there is another directory already: who may
    enter it is not decided here.
    """
    if db.scalars(select(directory.Unit).limit(1)).first() is not None:
        posts = set(db.scalars(select(directory.Post.id).where(directory.Post.unit_id == OWN_UNIT)))
        if posts >= {_own_post(name) for name in names}:
            return False
        raise Conflict("数据库里已有名录", help="请使用名录中的人员编号，或用 roundtable directory 导入。")
    _note(db, directory.add_unit(db, OWN_UNIT, "自有流程", "community"), now)
    for name in names:
        _add_owner(db, name, now)
    _adopt_calendar(db, now)
    return True


def only_person(db: Session) -> str:
    """The one person of a directory of one. Raises Refused where there are more, or none."""
    found = db.scalars(select(directory.Person.id).limit(2)).all()
    if len(found) != 1:
        raise Refused("没有写明由谁办理", help="请用 --by 写明岗位编号或人员编号。")
    return found[0]


def _add_owner(db: Session, name: str, now: datetime) -> None:
    if not _LAWFUL_ID.fullmatch(name):
        raise Refused(f"“{name}”不能作人员编号", help="请用字母、数字、下划线、点和短横，不超过60个字。")
    for told in (
        directory.add_person(db, name, name),
        directory.add_post(db, _own_post(name), OWN_UNIT, people.OWNER, "负责人"),
        directory.appoint(db, name, _own_post(name), local_date(now)),
    ):
        _note(db, told, now)


def _own_post(name: str) -> str:
    return f"{OWN_UNIT}.{name}"


def add_operator(db: Session, login: str, name: str, password: str, now: datetime) -> None:
    """Raises Conflict when anybody can sign in already, FormRejected for a poor password."""
    if accounts.anybody_can_sign_in(db):
        raise Conflict("已有可登录的账号", help="请由系统运行岗位的人员在系统内增加账号。")
    for told in (
        directory.add_unit(db, UNIT, "系统运行", "district_department"),
        directory.add_person(db, PERSON, name),
        directory.add_post(db, POST, UNIT, "operator", "系统运行"),
        directory.appoint(db, PERSON, POST, local_date(now)),
    ):
        _note(db, told, now)
    _adopt_calendar(db, now)
    accounts.add_account(db, PERSON, login, password, now)


def _adopt_calendar(db: Session, now: datetime) -> None:
    if adopted := calendar.adopt(db, calendar.published_years(), note="随软件带有", at=now):
        _note(db, adopted, now)


def _note(db: Session, event: dict[str, Any], now: datetime) -> None:
    journal.append_to_district(db, now, event.pop("type"), signature(SYSTEM), data=event)
    db.flush()
