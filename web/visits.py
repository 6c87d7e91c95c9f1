"""Home visits (民情家访): the register and a new entry, which a tick turns into a submission."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engine.commands import Outcome, RegisterVisit
from engine.reading import submissions
from engine.reading import visits as reading
from web import register
from web.current import current_actor, engine
from web.paging import SIZE, Paging, asked_page

bp = Blueprint("visits", __name__, url_prefix="/visits")


@dataclass(frozen=True)
class ListPage:
    visits: tuple[reading.VisitLine, ...]
    paging: Paging
    may_register: bool


@bp.get("")
def index() -> ResponseReturnValue:
    number = asked_page()
    visits, total = engine().read(reading.listed, current_actor(), number, SIZE)
    may_register = engine().read(submissions.listed, current_actor(), submissions.Asked(size=1)).may_register
    page = ListPage(visits, Paging(number, total), may_register)
    return render_template("visits/index.html", page=page)


def _register(unit: str, answers: Mapping[str, object], key: str) -> Outcome:
    return engine().handle(RegisterVisit(unit, answers, key=key), by=current_actor())


def _registered(_outcome: Outcome) -> ResponseReturnValue:
    flash("民情家访已登记。", "done")
    return redirect(url_for("visits.index"), code=303)


register.furnish(
    bp,
    register.Register("visit", "登记民情家访", "visits.index", "民情家访", enter=_register, done=_registered),
)
