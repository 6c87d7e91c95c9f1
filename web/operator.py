"""The operator's room: how the house stands, stopped cases, accounts, the working-day calendar. Judges nothing."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import calendar, staffing, storage
from engine.commands import AmendCalendar, RetryIncident
from engine.errors import FieldProblem, FormRejected, Refused
from engine.reading import designer as procedures
from engine.reading import operator as reading
from engine.reading import under_way
from engine.reading.case import noun_of
from web.current import current_actor, engine, settings
from web.errors import status_of, takes_password
from web.forms import new_key
from web.paging import SIZE, Paging, asked_page

bp = Blueprint("operator", __name__, url_prefix="/operator")

LONGEST_ARRANGEMENT = 100_000
MESSAGES = 20  # shown; all of them by `roundtable messages`
KINDS = {"message": "消息", "signal": "信号"}


@dataclass(frozen=True)
class HousePage:
    health: reading.Health
    year: int
    disk: int  # percent of it that is used, 0 while that is no cause for alarm
    stopped: tuple[reading.Stopped, ...]
    uploads: tuple[reading.UploadLine, ...]
    procedures: tuple[procedures.ProcedureLine, ...]
    messages: tuple[under_way.Line, ...]
    starts: tuple[under_way.NextStart, ...]
    key: str


@dataclass(frozen=True)
class AccountsPage:
    accounts: reading.Accounts
    paging: Paging
    text: str


@dataclass(frozen=True)
class NewAccountPage:
    name: str
    candidates: tuple[tuple[str, str], ...]
    person: str = ""
    login: str = ""
    problems: tuple[FieldProblem, ...] = ()


@dataclass(frozen=True)
class AccountPage:
    account: reading.AccountLine
    problems: tuple[FieldProblem, ...] = ()
    refusal: Refused | None = None


@dataclass(frozen=True)
class CalendarPage:
    calendar: reading.CalendarPage
    key: str
    way: str = "csv"
    text: str = ""
    title: str = ""
    years: str = ""
    note: str = ""
    refusal: Refused | None = None


@bp.before_request
def _only_operators() -> None:
    reading.check_may_operate(current_actor())


@bp.get("")
def index() -> ResponseReturnValue:
    page = HousePage(
        health=engine().read(reading.health),
        year=engine().read(reading.calendar_page).year,
        disk=storage.alarming(settings().data),
        stopped=engine().read(reading.stopped),
        uploads=engine().read(reading.uploads, current_actor())[:10],
        procedures=engine().read(procedures.procedures),
        messages=engine().read(under_way.messages)[:MESSAGES],
        starts=engine().read(under_way.starts),
        key=new_key(),
    )
    return render_template("operator/index.html", page=page, kinds=KINDS)


@bp.post("/cases/<case>/retry")
def retry(case: str) -> ResponseReturnValue:
    """Let a stopped case go on, with the reason why it may."""
    reason = request.form.get("reason", "").strip()[:500]
    if not reason:
        raise Refused("请写明查明的原因和处理办法", help="这段说明会记入办理历史。")
    command = RetryIncident(case, reason, key=request.form.get("_key", ""))
    outcome = engine().handle(command, by=current_actor())
    if "incident" in outcome.detail:
        flash("又停在了这里，原因见下。", "kept")
        return redirect(url_for("incidents.show", case=case), code=303)
    flash(f"这件{engine().read(noun_of, case)}已恢复办理。", "done")
    return redirect(url_for(".index"), code=303)


@bp.get("/accounts")
def accounts() -> ResponseReturnValue:
    text = request.args.get("text", "").strip()[:60]
    found, total = engine().read(reading.accounts, text, asked_page(), SIZE)
    page = AccountsPage(found, Paging(asked_page(), total), text)
    return render_template("operator/accounts.html", page=page)


@bp.get("/accounts/new")
def new_account() -> ResponseReturnValue:
    return _new(request.args.get("name", "").strip()[:20])


@bp.post("/accounts/new")
@takes_password
def add_account() -> ResponseReturnValue:
    person, login = request.form.get("person", ""), request.form.get("login", "").strip()
    try:
        _small(staffing.add, person, login, request.form.get("password", ""))
    except FormRejected as no:
        return _new(request.form.get("name", ""), person, login, no.problems), 422
    except Refused as no:
        problem = FieldProblem("login", f"{no.message}。", help=no.help)
        return _new(request.form.get("name", ""), person, login, (problem,)), status_of(no)
    flash(f"已建立账号 {login}。", "done")
    return redirect(url_for(".account", login=login), code=303)


@bp.get("/accounts/<login>")
def account(login: str) -> ResponseReturnValue:
    page = AccountPage(engine().read(reading.account, login))
    return render_template("operator/account.html", page=page)


@bp.post("/accounts/<login>/password")
@takes_password
def set_password(login: str) -> ResponseReturnValue:
    try:
        _small(staffing.set_password, login, request.form.get("password", ""))
    except FormRejected as no:
        page = AccountPage(engine().read(reading.account, login), no.problems)
        return render_template("operator/account.html", page=page), 422
    return _done(login, "密码已重设，原来的登录都已失效。")


@bp.post("/accounts/<login>/disable")
def disable(login: str) -> ResponseReturnValue:
    try:
        _small(staffing.disable, login)
    except Refused as no:
        page = AccountPage(engine().read(reading.account, login), refusal=no)
        return render_template("operator/account.html", page=page), status_of(no)
    return _done(login, "账号已停用，原来的登录都已失效。")


@bp.post("/accounts/<login>/enable")
def enable(login: str) -> ResponseReturnValue:
    _small(staffing.enable, login)
    return _done(login, "账号已启用。")


@bp.post("/accounts/<login>/sessions")
def end_sessions(login: str) -> ResponseReturnValue:
    _small(staffing.end_sessions, login)
    return _done(login, "这个账号的登录都已失效。")


@bp.get("/calendar")
def calendar_versions() -> ResponseReturnValue:
    return _calendar()


@bp.post("/calendar")
def amend_calendar() -> ResponseReturnValue:
    """303 on success; 422 and 409 keep what was typed."""
    given = {key: request.form.get(key, "").strip() for key in ("way", "text", "title", "years", "note")}
    try:
        command = AmendCalendar(_arrangement(given), given["note"][:500], key=request.form.get("_key", ""))
        engine().handle(command, by=current_actor())
    except Refused as no:
        return _calendar(no, **given), status_of(no)
    flash("工作日历已更新。正在公示的项目，请在议题页面核对期满时间。", "done")
    return redirect(url_for(".calendar_versions"), code=303)


def _arrangement(given: dict[str, str]) -> str:
    """As TOML; a table from a spreadsheet is turned into it. Raises Refused for what cannot be read."""
    if not given["note"]:
        raise Refused("请写明依据", help="例如：国务院办公厅关于2027年部分节假日安排的通知。")
    if not given["text"] or len(given["text"]) > LONGEST_ARRANGEMENT:
        raise Refused("请填写节假日安排", help="从表格复制，或者按样例填写。")
    if given["way"] == "toml":
        return given["text"]
    years = [part for part in given["years"].replace("，", ",").replace("、", ",").split(",") if part.strip()]
    if not all(part.strip().isdecimal() for part in years):
        raise Refused("年份要写成数字", help="例如 2027；几个年份用逗号隔开。只改个别日子时不填。")
    read = calendar.read_csv(
        given["text"].replace("\t", ","), title=given["title"], years=tuple(map(int, years))
    )
    return calendar.write_toml(read)


def _small(change: Callable[..., None], *args: str) -> None:
    engine().small(change, current_actor(), *args, engine().now())


def _done(login: str, words: str) -> ResponseReturnValue:
    flash(words, "done")
    return redirect(url_for(".account", login=login), code=303)


def _new(name: str, person: str = "", login: str = "", problems: tuple[FieldProblem, ...] = ()) -> str:
    found = engine().read(reading.candidates, name) if name else ()
    page = NewAccountPage(name, found, person, login, problems)
    return render_template("operator/new_account.html", page=page)


def _calendar(refusal: Refused | None = None, **given: str) -> str:
    page = CalendarPage(engine().read(reading.calendar_page), new_key(), refusal=refusal, **given)
    return render_template("operator/calendar.html", page=page)
