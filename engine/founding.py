"""The first account of a deployment: an operator, with post and appointment, and the calendar that was published
so far. A handler of its own, for the command line, because before it nobody is there to give commands.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import accounts, calendar, directory, journal
from engine.clock import local_date
from engine.entitlement import SYSTEM
from engine.errors import Conflict
from engine.work import signature

UNIT, POST, PERSON = "operations", "operations.operator", "operator"


def import_directory(db: Session, told: directory.Directory, now: datetime) -> None:
    """A first directory, or more of it, with its event. Raises Conflict for an id that is there already."""
    data = directory.import_all(db, told)
    journal.append_to_district(db, now, data.pop("type"), signature(SYSTEM), data=data)


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
    if adopted := calendar.adopt(db, calendar.published_years(), note="随软件带有", at=now):
        _note(db, adopted, now)
    accounts.add_account(db, PERSON, login, password, now)


def _note(db: Session, event: dict[str, Any], now: datetime) -> None:
    journal.append_to_district(db, now, event.pop("type"), signature(SYSTEM), data=event)
    db.flush()
