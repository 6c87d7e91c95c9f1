"""Accounts as an operator keeps them: every change is checked and leaves an event. Knows no password rule.

Not commands of a case; the web runs them in small transactions. The events stand in the district's stream.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import accounts, entitlement, journal
from engine.accounts import Account
from engine.directory import Person
from engine.errors import Conflict, FieldProblem, FormRejected, NotFound
from engine.people import Actor
from engine.work import signature

LONGEST_LOGIN = 60


def add(db: Session, by: Actor, person: str, login: str, password: str, now: datetime) -> None:
    """Raises FormRejected for a poor login or password, Conflict for a login in use."""
    entitlement.check_role(by, "operator")
    if db.get(Person, person) is None:
        raise FormRejected([FieldProblem("person", "请从名录中选择人员。")])
    if not login or len(login) > LONGEST_LOGIN or not login.isprintable() or " " in login:
        raise FormRejected([FieldProblem("login", "登录名要写1至60个字符，不能有空格。")])
    accounts.add_account(db, person, login, password, now, provisional=True)
    _tell(db, by, "account_added", login, now)


def set_password(db: Session, by: Actor, login: str, password: str, now: datetime) -> None:
    """Also ends every session of the account. Raises FormRejected for a poor password."""
    entitlement.check_role(by, "operator")
    accounts.set_password(db, _find(db, login).id, password, now, provisional=True)
    _tell(db, by, "account_password_set", login, now)


def disable(db: Session, by: Actor, login: str, now: datetime) -> None:
    """Also ends every session. Raises Conflict for one's own account: somebody must remain."""
    entitlement.check_role(by, "operator")
    account = _find(db, login)
    if account.person_id == by.person:
        raise Conflict("不能停用自己的账号", help="请由另一名运维人员办理。")
    accounts.disable(db, account.id, now)
    _tell(db, by, "account_disabled", login, now)


def enable(db: Session, by: Actor, login: str, now: datetime) -> None:
    """Also unlocks."""
    entitlement.check_role(by, "operator")
    account = _find(db, login)
    account.disabled, account.failed_count, account.locked_until = False, 0, None
    _tell(db, by, "account_enabled", login, now)


def end_sessions(db: Session, by: Actor, login: str, now: datetime) -> None:
    entitlement.check_role(by, "operator")
    accounts.revoke_all(db, _find(db, login).id, now)
    _tell(db, by, "account_sessions_ended", login, now)


def _find(db: Session, login: str) -> Account:
    found = db.scalars(select(Account).where(Account.login == login)).first()
    if found is None:
        raise NotFound("没有找到这个账号", help="请从账号列表重新打开。")
    return found


def _tell(db: Session, by: Actor, type: str, login: str, now: datetime) -> None:
    journal.append_to_district(db, now, type, signature(by), data={"login": login})
