"""更正办件事实: an operator sets right what a case knows wrongly, with a reason. Knows fields, no rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import CorrectFacts
from engine.errors import Refused
from engine.reading import corrections as reading
from web.current import current_actor, engine
from web.errors import status_of
from web.forms import new_key

bp = Blueprint("corrections", __name__, url_prefix="/operator/cases")

LONGEST = 500


@dataclass(frozen=True)
class CorrectionPage:
    correction: reading.Correction
    key: str
    typed: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    refusal: Refused | None = None


@bp.get("/<case>/facts")
def show(case: str) -> ResponseReturnValue:
    page = CorrectionPage(engine().read(reading.correction, current_actor(), case), new_key())
    return render_template("operator/facts.html", page=page)


@bp.post("/<case>/facts")
def correct(case: str) -> ResponseReturnValue:
    """303 on success; 422 keeps what was typed."""
    told = engine().read(reading.correction, current_actor(), case)
    typed = {fact.name: request.form[fact.name][:LONGEST] for fact in told.facts if fact.name in request.form}
    reason, key = request.form.get("reason", "").strip()[:LONGEST], request.form.get("_key", "")
    try:
        changed = told.changed(typed)
        if not changed:
            raise Refused("没有更正任何一项", help="请先把要更正的事实改成正确的内容。")
        engine().handle(CorrectFacts(case, changed, reason, key=key), by=current_actor())
    except Refused as no:
        if status_of(no) != 422:
            raise
        page = CorrectionPage(told, new_key(), typed, reason, no)
        return render_template("operator/facts.html", page=page), 422
    flash("办件事实已更正，依据这些事实的期限已重新计算。", "done")
    return redirect(url_for("case.show", case=case), code=303)
