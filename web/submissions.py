"""What people have raised: the register, one entry, an answer to it, a case from one or several entries."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import Outcome, RegisterSubmission, SettleSubmission, StartCase
from engine.errors import Refused
from engine.reading import submissions as reading
from engine.reading import task as tasks
from web import forms, register
from web.current import current_actor, engine
from web.errors import status_of
from web.paging import SIZE, Paging, asked_page

bp = Blueprint("submissions", __name__, url_prefix="/submissions")

LONGEST_TITLE = 40


@dataclass(frozen=True)
class ListPage:
    asked: reading.Asked
    list: reading.Listed
    paging: Paging


@dataclass(frozen=True)
class EntryPage:
    entry: reading.Detail
    key: str
    reply: str = ""
    refusal: Refused | None = None


@dataclass(frozen=True)
class StartPage:
    chosen: tuple[reading.Line, ...]
    title: str
    key: str
    refusal: Refused | None = None

    @property
    def cases(self) -> tuple[str, ...]:
        """Where those lie that are in a case already."""
        return tuple(dict.fromkeys(line.case for line in self.chosen if line.case))


@bp.get("")
def index() -> ResponseReturnValue:
    asked = reading.Asked(
        status=request.args.get("status", ""),
        channel=request.args.get("channel", ""),
        category=request.args.get("category", ""),
        text=request.args.get("text", "").strip()[:60],
        page=asked_page(),
        size=SIZE,
    )
    found = engine().read(reading.listed, current_actor(), asked)
    page = ListPage(asked, found, Paging(asked.page, found.total))
    return render_template("submissions/index.html", page=page)


@bp.get("/<submission>")
def show(submission: str) -> ResponseReturnValue:
    return render_template("submissions/entry.html", page=_entry(submission))


@bp.post("/<submission>/reply")
def reply(submission: str) -> ResponseReturnValue:
    """Answer, redirect or put off a submission that becomes no case."""
    text, defer = request.form.get("reply", ""), request.form.get("do") == "defer"
    command = SettleSubmission(submission, text, defer, key=request.form.get("_key", ""))
    try:
        engine().handle(command, by=current_actor())
    except Refused as no:
        if status_of(no) != 422:
            raise
        return render_template("submissions/entry.html", page=_entry(submission, text, no)), 422
    flash("已暂缓，理由已记录。" if defer else "答复已记录。", "done")
    return redirect(url_for(".show", submission=submission), code=303)


@bp.get("/start")
def choose() -> ResponseReturnValue:
    return render_template("submissions/start.html", page=_start(request.args.getlist("submission")))


@bp.post("/start")
def start() -> ResponseReturnValue:
    """Start a case from the chosen submissions."""
    ids, title = request.form.getlist("submission"), request.form.get("title", "").strip()
    page = _start(ids, title)
    try:
        if not 4 <= len(title) <= LONGEST_TITLE:
            raise Refused(f"议题名称要写4至{LONGEST_TITLE}个字", help="用一句话说清什么地方、什么事。")
        command = StartCase(reading.PROCESS, page.chosen[0].unit, title, tuple(ids), key=page.key)
        outcome = engine().handle(command, by=current_actor())
    except Refused as no:
        return render_template("submissions/start.html", page=_start(ids, title, no)), status_of(no)
    names = engine().read(tasks.opened_names, outcome.opened)
    flash(f"已发起议题“{title}”。接下来：{'、'.join(names)}。", "done")
    return redirect(url_for("inbox.index"), code=303)


def _entry(submission: str, text: str = "", refusal: Refused | None = None) -> EntryPage:
    entry = engine().read(reading.detail, current_actor(), submission)
    return EntryPage(entry, forms.new_key(), text, refusal)


def _start(ids: list[str], title: str = "", refusal: Refused | None = None) -> StartPage:
    chosen = engine().read(reading.chosen, current_actor(), ids)
    proposed = title or chosen[0].wording.split("。")[0].strip()[:LONGEST_TITLE]
    return StartPage(chosen, proposed, request.form.get("_key") or forms.new_key(), refusal)


def _register(unit: str, answers: Mapping[str, object], key: str) -> Outcome:
    return engine().handle(RegisterSubmission(unit, answers, key=key), by=current_actor())


def _registered(outcome: Outcome) -> ResponseReturnValue:
    flash(f"诉求已登记，编号 {outcome.detail['number']}。", "done")
    return redirect(url_for("submissions.show", submission=outcome.detail["submission"]), code=303)


register.furnish(
    bp,
    register.Register(
        "submission", "登记诉求", "submissions.index", "诉求登记", enter=_register, done=_registered
    ),
)
