"""Who is signed in: the cookie that names a session row, looked up once per request. Knows no password rule.

Sessions live by the machine's clock, not by the demonstration's: idle and absolute ends are about people.
"""

from datetime import datetime

from flask import Flask, Response, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from engine import accounts
from engine.clock import SystemClock
from engine.errors import FieldProblem, FormRejected, NotFound, NotSignedIn, Refused
from engine.people import Actor
from engine.reading import people as reading
from web import security
from web.current import current_actor, engine, settings

NAME = "roundtable-session"
SEEN = "seen"  # in the signed cookie: the minute in which the session row was touched last
BEFORE_ANYTHING_ELSE = (
    "entry.account",
    "entry.change_password",
    "entry.sign_in",
    "entry.enter",
    "entry.sign_out",
)
_clock = SystemClock()


def install(app: Flask) -> None:
    app.before_request(_look_up)
    app.after_request(_set_cookie)
    app.context_processor(lambda: {"actor": g.get("actor")})


def begin(login: str, password: str) -> Actor:
    """Sign in by password. Raises Refused with one text for every reason."""
    asked = engine().read(reading.challenge, login)
    fits = accounts.fits(asked, password)
    admission = engine().small(accounts.admit, asked, fits, _clock.now(), _address())
    if not admission.token:
        raise Refused(admission.refused, help="忘记密码请联系运维人员重设。")
    return _enter(admission.token)


def step_into(post: str) -> Actor:
    """Demonstration only: act as whoever holds the post today. Raises NotFound for a vacant post."""
    person = engine().read(reading.holder_of, post)
    if not person:
        raise NotFound("这个岗位目前没有人任职", help="请选择其他角色。")
    _revoke()
    return _enter(engine().small(accounts.step_into, person, post, _clock.now(), _address()).token)


def choose_post(post: str) -> Actor:
    """Act in another of one's posts from now on; the session gets a new id. Raises NotAllowed."""
    engine().read(reading.check_holds, current_actor().person, post)
    return _enter(engine().small(accounts.choose_post, _token(), post, _clock.now()))


def has_password() -> bool:
    """Whether the account can change its password; those of the demonstration have none."""
    return bool(engine().read(reading.login_of, _token(), _clock.now())[1])


def provisional() -> bool:
    """Whether somebody else has set the password of who is signed in."""
    return bool(g.get("provisional"))


def change_password(old: str, new: str) -> None:
    """Every other session of the account ends. Raises Refused for a wrong old one, FormRejected for a poor new one."""
    account, login = engine().read(reading.login_of, _token(), _clock.now())
    begin(login, old)  # counts wrong ones like any sign-in
    if new == old:
        raise FormRejected([FieldProblem("new", "新密码和原来的一样：原来的密码可能有别人知道，请换一个。")])
    engine().small(accounts.set_password, account, new, _clock.now())
    begin(login, new)


def end() -> None:
    """Sign out: the row is revoked, so that a copied cookie is worth nothing."""
    _revoke()
    session.clear()
    g.new_token = ""
    g.actor = None


def _look_up() -> ResponseReturnValue | None:
    """Set `g.actor`; a session that has ended leaves nobody signed in."""
    g.actor = None
    if request.endpoint == "static" or not _token():
        return None
    now = _clock.now()
    try:
        g.actor, g.provisional = engine().read(reading.signed_in, _token(), now)
    except NotSignedIn:
        return None
    _touch(now)
    return _to_his_own_password()


def _to_his_own_password() -> ResponseReturnValue | None:
    """Whoever signs in with a password that somebody else has set changes it before anything else."""
    if not provisional() or request.endpoint in BEFORE_ANYTHING_ELSE:
        return None
    return redirect(url_for("entry.account"), code=303)


def _touch(now: datetime) -> None:
    """At most once a minute, so that reading a page writes nothing."""
    minute = int(now.timestamp()) // 60
    if session.get(SEEN) != minute:
        session[SEEN] = minute
        engine().small(accounts.touch, _token(), now)


def _enter(token: str) -> Actor:
    session.clear()  # a new form token with the new session
    g.new_token = token
    g.actor, g.provisional = engine().read(reading.signed_in, token, _clock.now())
    return current_actor()


def _revoke() -> None:
    if _token():
        engine().small(accounts.sign_out, _token(), _clock.now())


def _token() -> str:
    return request.cookies.get(_cookie(), "")


def _address() -> str:
    return request.remote_addr or ""


def _cookie() -> str:
    return security.cookie_name(NAME, settings())


def _set_cookie(response: Response) -> Response:
    token, secure = g.get("new_token"), not settings().demo
    if token:
        response.set_cookie(_cookie(), token, secure=secure, httponly=True, samesite="Lax", path="/")
    elif token == "":
        response.delete_cookie(_cookie(), secure=secure, httponly=True, samesite="Lax", path="/")
    return response
