"""The notice board, open to everybody without signing in: notices, objections, how things are done. Judges nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import brake
from engine.commands import Outcome, RaiseObjection
from engine.entitlement import PUBLIC
from engine.errors import Conflict, FieldProblem, FormRejected, Refused, TooOften
from engine.forms import Form
from engine.reading import board as reading
from web import forms, security
from web.current import engine
from web.diagrams import as_xml
from web.errors import shows_again, status_of
from web.forms import FormView, Pairs
from web.inbox import Places
from web.words import WEEKDAYS

bp = Blueprint("board", __name__, url_prefix="/board")

OBJECTIONS_AN_HOUR = 5
SIGNS = {"open": "status-active", "closed": "status-done", "withdrawn": "status-ended"}


@dataclass(frozen=True)
class BoardPage:
    running: tuple[reading.Line, ...]
    past: tuple[reading.Line, ...]


@dataclass(frozen=True)
class NoticePage:
    notice: reading.NoticePage
    form: Form
    view: FormView
    places: Places
    key: str
    refusal: Refused | None = None


@bp.get("")
def index() -> ResponseReturnValue:
    page = BoardPage(engine().read(reading.lines, running=True), engine().read(reading.lines, running=False))
    return render_template("board/index.html", page=page, signs=SIGNS)


@bp.get("/<number>")
def show(number: str) -> ResponseReturnValue:
    return _notice(number)


@bp.post("/<number>")
def object_to(number: str) -> ResponseReturnValue:
    """R121: anybody may object while the notice runs. 303 to the receipt; 422, 409 and 429 keep what was typed."""
    typed = forms.typed_pairs(request.form)
    shows_again(lambda failure: _notice(number, typed, refusal=failure))
    answers = engine().read(reading.objection_form, number).read(typed)
    try:
        outcome = _raised(RaiseObjection(number, answers, key=request.form.get("_key", "")))
    except FormRejected as no:
        return _notice(number, typed, no.problems), 422
    except (Conflict, TooOften) as no:
        return _notice(number, typed, refusal=no), status_of(no)
    flash("您的异议已收到。", "done")
    return redirect(url_for(".receipt", number=number, objection=outcome.detail["objection"]), code=303)


@bp.get("/<number>/objections/<objection>")
def receipt(number: str, objection: str) -> ResponseReturnValue:
    return render_template("board/receipt.html", page=engine().read(reading.receipt, number, objection))


@bp.get("/how-it-works")
def how_it_works() -> ResponseReturnValue:
    security.allow_drawing()
    return render_template("board/how_it_works.html", page=engine().read(reading.how_it_works))


@bp.get("/how-it-works/<diagram>.bpmn")
def drawing(diagram: str) -> Response:
    return as_xml(engine().read(reading.drawing, diagram), f"{diagram}.bpmn")


@bp.app_template_filter("weekday")
def weekday(on: date) -> str:
    """星期四"""
    return f"星期{WEEKDAYS[on.weekday()]}"


def _raised(command: RaiseObjection) -> Outcome:
    """One address may object to one notice five times an hour; what was refused does not count."""
    what = f"objection/{command.notice}/{request.remote_addr}"
    engine().small(brake.count, what, OBJECTIONS_AN_HOUR, engine().now())
    try:
        return engine().handle(command, by=PUBLIC)
    except Refused:
        engine().small(brake.take_back, what)
        raise


def _notice(
    number: str,
    typed: Pairs = (),
    problems: Sequence[FieldProblem] = (),
    refusal: Refused | None = None,
) -> str:
    form = engine().read(reading.objection_form, number)
    page = NoticePage(
        notice=engine().read(reading.page, number),
        form=form,
        view=forms.view(form, typed, problems),
        places=Places(submit=url_for(".object_to", number=number), draft="", upload="", files={}),
        key=request.form.get("_key") or forms.new_key(),
        refusal=refusal,
    )
    return render_template("board/notice.html", page=page, signs=SIGNS)
