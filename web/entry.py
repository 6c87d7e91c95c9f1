"""The door: sign in, sign out, choose the post one acts in. Knows accounts by name, nothing of passwords."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import FormRejected, Refused
from engine.people import Actor
from engine.reading import people as reading
from web import navigation, sessions
from web.current import actor_or_nobody, current_actor, engine, settings
from web.errors import status_of, takes_password

bp = Blueprint("entry", __name__)


@dataclass(frozen=True)
class SignInPage:
    name: str = ""
    next: str = ""
    problem: str = ""
    help: str = ""


@dataclass(frozen=True)
class AccountPage:
    posts: tuple[reading.HeldPost, ...]
    has_password: bool
    provisional: bool
    problem: str = ""
    help: str = ""


@bp.get("/")
def index() -> ResponseReturnValue:
    actor = actor_or_nobody()
    if actor is not None:
        return redirect(navigation.home(actor), code=303)
    return redirect(url_for("demo.index" if settings().demo else ".sign_in"), code=303)


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    return render_template("entry/sign_in.html", page=SignInPage(next=request.args.get("next", "")))


@bp.post("/sign-in")
@takes_password
def enter() -> ResponseReturnValue:
    name = request.form.get("name", "").strip()
    try:
        actor = sessions.begin(name, request.form.get("password", ""))
    except Refused as refusal:
        page = SignInPage(name, request.form.get("next", ""), refusal.message, refusal.help)
        return render_template("entry/sign_in.html", page=page), status_of(refusal)
    return redirect(inside(request.form.get("next", "")) or navigation.home(actor), code=303)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    sessions.end()
    flash("您已退出登录。", "done")
    return redirect(url_for(".index"), code=303)


@bp.get("/account")
def account() -> ResponseReturnValue:
    return render_template("entry/account.html", page=_account())


@bp.post("/account/post")
def choose_post() -> ResponseReturnValue:
    actor: Actor = sessions.choose_post(request.form.get("post", ""))
    flash(f"您现在以“{actor.unit_name} {actor.post_title}”的岗位办理。", "done")
    return redirect(navigation.home(actor), code=303)


@bp.post("/account/password")
@takes_password
def change_password() -> ResponseReturnValue:
    current_actor()
    old, new = request.form.get("old", ""), request.form.get("new", "")
    try:
        if new != request.form.get("again", ""):
            raise Refused("两次输入的新密码不一致", help="请重新输入。")
        sessions.change_password(old, new)
    except FormRejected as no:
        page = _account(no.problems[0].message, no.problems[0].help)
        return render_template("entry/account.html", page=page), 422
    except Refused as no:
        page = _account(no.message, no.help)
        return render_template("entry/account.html", page=page), 422
    flash("密码已修改，其他地方的登录已全部退出。", "done")
    return redirect(url_for(".account"), code=303)


def _account(problem: str = "", help: str = "") -> AccountPage:
    posts = engine().read(reading.posts_of, current_actor().person)
    return AccountPage(posts, sessions.has_password(), sessions.provisional(), problem, help)


def inside(address: str) -> str:
    """The address when it leads into this house, else nothing: a link must not send a person elsewhere.

    Browsers read a backslash as a slash and drop control characters, so neither may stand in it.
    """
    plain = address.isprintable() and "\\" not in address
    if not plain or not address.startswith("/") or address.startswith("//"):
        return ""
    parts = urlsplit(address)
    return "" if parts.scheme or parts.netloc else address
