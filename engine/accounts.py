"""Accounts, passwords and sessions as rows. Knows who somebody is, never what he may do.

Signing in has three parts, because checking a password takes a quarter of a second and must not hold a
transaction: `challenge` (reading), `fits` (no database), `admit` (writing). A refused sign-in is an answer and no
exception, so that the count of wrong passwords is committed. Sessions use the system's clock.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import ColumnElement, ForeignKey, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base
from engine.errors import Conflict, FieldProblem, FormRejected, NotAllowed, NotFound, NotSignedIn

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
WRONG_UNTIL_LOCKED = 10
LOCKED_FOR = timedelta(minutes=15)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 128
# One text for every reason: it must not tell whether a login exists, is locked or is disabled.
REFUSED = "登录名或密码不正确。连续输错10次，账号将锁定15分钟。"


class Account(Base):
    """One login. An empty `password_hash` fits no password; `demonstration` may be stepped into without one.

    A `provisional` password was set by somebody else: whoever signs in with it changes it before anything else.
    """

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    login: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str] = mapped_column(default="")
    demonstration: Mapped[bool] = mapped_column(default=False)
    provisional: Mapped[bool] = mapped_column(default=False)
    disabled: Mapped[bool] = mapped_column(default=False)
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    made_at: Mapped[datetime]


class SessionRow(Base):
    """One signed-in browser. `id` is the SHA-256 of its token: a stolen database opens no session."""

    __tablename__ = "session"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    post_id: Mapped[str] = mapped_column(default="")
    address: Mapped[str]
    created_at: Mapped[datetime]
    last_seen: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Challenge:
    """What a password is checked against; of nobody's account when the login is unknown."""

    account: str
    password_hash: str


@dataclass(frozen=True)
class Admission:
    """`token` goes into the browser's cookie and is stored nowhere; "" with a text when refused."""

    token: str = ""
    refused: str = ""


@dataclass(frozen=True)
class SignedIn:
    """Who a session belongs to; `post` is "" until one is chosen."""

    account: str
    person: str
    post: str
    demonstration: bool
    created_at: datetime
    provisional: bool = False


def challenge(db: Session, login: str) -> Challenge:
    row = db.execute(
        select(Account.id, Account.password_hash).where(Account.login == login, Account.password_hash != "")
    ).first()
    return Challenge(row.id, row.password_hash) if row else Challenge("", _NOBODY)


def fits(challenge: Challenge, password: str) -> bool:
    """Slow by design, and as slow for an unknown login. At most two at a time, or sign-ins eat the memory."""
    with _hashing:
        try:
            return _hasher.verify(challenge.password_hash, password[:LONGEST_PASSWORD])
        except (VerifyMismatchError, InvalidHashError):
            return False


def admit(db: Session, challenge: Challenge, fits: bool, now: datetime, address: str) -> Admission:
    """Open a session, or count a wrong password. Ten in a row lock the account for a quarter of an hour."""
    account = db.get(Account, challenge.account, with_for_update=True, populate_existing=True)
    if account is None or account.disabled or (account.locked_until and now < account.locked_until):
        return Admission(refused=REFUSED)
    # A password changed between challenge and admission must not let the old one in.
    if not fits or account.password_hash != challenge.password_hash:
        _count_wrong(account, now)
        return Admission(refused=REFUSED)
    account.failed_count, account.locked_until = 0, None
    return Admission(token=_open(db, account.id, "", now, now + LONGEST, address))


def sign_in(db: Session, login: str, password: str, now: datetime, address: str) -> Admission:
    """All three parts at once: for the command line and tests. The web takes them one by one."""
    asked = challenge(db, login)
    return admit(db, asked, fits(asked, password), now, address)


def step_into(db: Session, person: str, post: str, now: datetime, address: str) -> Admission:
    """Demonstration only: open a session without a password. Raises NotAllowed for every other account."""
    account = db.scalars(
        select(Account).where(Account.person_id == person, Account.demonstration, ~Account.disabled).limit(1)
    ).first()
    if account is None:
        raise NotAllowed("这个账号不是演示账号，必须用密码登录", help="请返回登录页输入登录名和密码。")
    return Admission(token=_open(db, account.id, post, now, now + LONGEST, address))


def look_up(db: Session, token: str, now: datetime) -> SignedIn:
    """Raises NotSignedIn when the session ended: signed out, half an hour idle, twelve hours old."""
    row, account = _living(db, token, now)
    told = (account.id, account.person_id, row.post_id, account.demonstration, row.created_at)
    return SignedIn(*told, account.provisional)


def touch(db: Session, token: str, now: datetime) -> None:
    """Note that the session is in use. Once a minute is enough."""
    db.execute(
        update(SessionRow)
        .where(SessionRow.id == _hash(token), SessionRow.last_seen < now - timedelta(minutes=1))
        .values(last_seen=now)
    )


def choose_post(db: Session, token: str, post: str, now: datetime) -> str:
    """Go on in another post under a new token; the old one ends, the twelve hours go on."""
    row, account = _living(db, token, now)
    row.revoked_at = now
    return _open(db, account.id, post, now, row.expires_at, row.address)


def sign_out(db: Session, token: str, now: datetime) -> None:
    _revoke(db, now, SessionRow.id == _hash(token))


def revoke_all(db: Session, account: str, now: datetime) -> None:
    """End every session of an account."""
    _revoke(db, now, SessionRow.account_id == account)


def revoke_everybody(db: Session, now: datetime) -> None:
    """End every session of the house."""
    _revoke(db, now, SessionRow.revoked_at.is_(None))


def add_account(
    db: Session, person: str, login: str, password: str, now: datetime, *, provisional: bool = False
) -> str:
    """Returns the account's id. Raises FormRejected for a poor password, Conflict for a login in use."""
    _check_password(password, login)
    if db.scalar(select(Account.id).where(Account.login == login)):
        raise Conflict(f"登录名“{login}”已经使用", help="请换一个登录名。")
    told = {"password_hash": _hashed(password), "provisional": provisional}
    account = Account(**_row(person, login, now, **told))
    db.add(account)
    db.flush()
    return account.id


def anybody_can_sign_in(db: Session) -> bool:
    return db.scalar(select(Account.id).where(Account.password_hash != "").limit(1)) is not None


def add_without_password(db: Session, logins: Mapping[str, str], now: datetime) -> None:
    """Accounts of the demonstration (login → person) that no password opens."""
    rows = [_row(person, login, now, demonstration=True) for login, person in logins.items()]
    db.execute(insert(Account), rows)


def set_password(
    db: Session, account: str, password: str, now: datetime, *, provisional: bool = False
) -> None:
    """Also unlocks, and ends every session of the account."""
    row = _account(db, account)
    _check_password(password, row.login)
    row.password_hash, row.provisional = _hashed(password), provisional
    row.failed_count, row.locked_until = 0, None
    revoke_all(db, account, now)


def disable(db: Session, account: str, now: datetime) -> None:
    _account(db, account).disabled = True
    revoke_all(db, account, now)


_hasher = PasswordHasher()
_hashing = BoundedSemaphore(2)
# Fits no password; with the parameters of `_hasher`, or an unknown login would be answered faster.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$8LEFqnxJQ0GSgB1yTLWBvQ$" + "A" * 43


def _open(db: Session, account: str, post: str, now: datetime, expires_at: datetime, address: str) -> str:
    token = secrets.token_urlsafe(32)
    db.add(
        SessionRow(
            id=_hash(token),
            account_id=account,
            post_id=post,
            address=address,
            created_at=now,
            last_seen=now,
            expires_at=expires_at,
        )
    )
    db.flush()
    return token


def _living(db: Session, token: str, now: datetime) -> tuple[SessionRow, Account]:
    found = db.execute(
        select(SessionRow, Account)
        .join(Account, Account.id == SessionRow.account_id)
        .where(SessionRow.id == _hash(token), SessionRow.revoked_at.is_(None), ~Account.disabled)
    ).first()
    if found is None or now >= found[0].expires_at or now - found[0].last_seen >= IDLE:
        raise NotSignedIn("登录已失效", help="请重新登录；已填写的内容保存在草稿里。")
    return found[0], found[1]


def _revoke(db: Session, now: datetime, which: ColumnElement[bool]) -> None:
    db.execute(update(SessionRow).where(which, SessionRow.revoked_at.is_(None)).values(revoked_at=now))


def _row(person: str, login: str, now: datetime, **more: object) -> dict[str, object]:
    return {"id": secrets.token_hex(10), "person_id": person, "login": login, "made_at": now, **more}


def _account(db: Session, id: str) -> Account:
    row = db.get(Account, id)
    if row is None:
        raise NotFound("没有找到这个账号")
    return row


def _count_wrong(account: Account, now: datetime) -> None:
    account.failed_count += 1
    if account.failed_count >= WRONG_UNTIL_LOCKED:
        account.failed_count, account.locked_until = 0, now + LOCKED_FOR


def _check_password(password: str, login: str) -> None:
    kinds = (str.islower, str.isupper, str.isdigit, _is_symbol)
    variety = sum(any(map(kind, password)) for kind in kinds)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        _refuse_password(f"密码长度应为{SHORTEST_PASSWORD}至{LONGEST_PASSWORD}个字符")
    if variety < 3:
        _refuse_password("密码应至少包含大写字母、小写字母、数字、符号中的三种")
    if login.lower() in password.lower():
        _refuse_password("密码中不能包含登录名")


def _is_symbol(character: str) -> bool:
    return not character.isalnum() and not character.isspace()


def _refuse_password(message: str) -> None:
    raise FormRejected([FieldProblem("password", message, help="请换一个密码。")])


def _hashed(password: str) -> str:
    with _hashing:
        return _hasher.hash(password)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
