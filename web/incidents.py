"""停下来的议题: why it stopped and with what data; correct, retry, give back. Translates; the engine decides."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import CorrectData, GiveBackSubmission, Outcome, RetryIncident
from engine.errors import FormRejected, Refused
from engine.reading import incidents as reading
from engine.reading.case import noun_of
from web import forms, typed
from web.current import current_actor, engine
from web.errors import status_of
from web.forms import FormView, Pairs, new_key

bp = Blueprint("incidents", __name__, url_prefix="/operator/incidents")

LONGEST_REASON = 500
ACTS: dict[str, type[RetryIncident | GiveBackSubmission]] = {
    "retry": RetryIncident,
    "give-back": GiveBackSubmission,
}


@dataclass(frozen=True)
class IncidentPage:
    """`act` and `reason` are what was asked and refused, shown again."""

    told: reading.Stopped
    key: str
    act: str = ""
    reason: str = ""
    refusal: Refused | None = None


@dataclass(frozen=True)
class CorrectionPage:
    told: reading.Correcting
    view: FormView
    key: str
    reason: str = ""
    refusal: Refused | None = None

    @property
    def places(self) -> dict[str, str]:
        """The small buttons of tables come back to this page."""
        return {"draft": url_for("incidents.correct", case=self.told.case, element=self.told.element)}


@bp.get("/<case>")
def show(case: str) -> ResponseReturnValue:
    return _page(case)


@bp.post("/<case>/<any('retry', 'give-back'):act>")
def mend(case: str, act: str) -> ResponseReturnValue:
    """303 on success, also when it stops again: then the page says why. 422 keeps the reason."""
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    try:
        outcome = engine().handle(
            ACTS[act](case, reason, key=request.form.get("_key", "")), by=current_actor()
        )
    except Refused as no:
        if status_of(no) != 422:
            raise
        return _page(case, act, reason, no), 422
    return _went(case, act, outcome)


@bp.get("/<case>/data/<element>")
def data(case: str, element: str) -> ResponseReturnValue:
    told = engine().read(reading.correcting, current_actor(), case, element)
    return _form(told, told.typed)


@bp.post("/<case>/data/<element>")
def correct(case: str, element: str) -> ResponseReturnValue:
    """303 on success; 422 keeps what was typed."""
    told = engine().read(reading.correcting, current_actor(), case, element)
    given, reason = typed.read("").pairs, request.form.get("_reason", "").strip()[:LONGEST_REASON]
    if typed.pressed():
        return _form(told, given, reason, more=request.form.get("_add", ""))
    try:
        changed = told.changed(list(given))
        if not changed:
            raise Refused("没有更正任何一项", help="请先把要更正的内容改正确。")
        command = CorrectData(case, {element: changed}, reason, key=request.form.get("_key", ""))
        engine().handle(command, by=current_actor())
    except Refused as no:
        if status_of(no) != 422:
            raise
        return _form(told, given, reason, no), 422
    flash(f"“{told.name}”已更正，可以重试了。", "done")
    return redirect(url_for(".show", case=case), code=303)


def _went(case: str, act: str, outcome: Outcome) -> ResponseReturnValue:
    if "incident" in outcome.detail:
        flash("又停在了这里，原因见下。", "kept")
        return redirect(url_for(".show", case=case), code=303)
    flash(
        "已交还办理人重新填报。" if act == "give-back" else f"这件{engine().read(noun_of, case)}已恢复办理。",
        "done",
    )
    return redirect(url_for("case.show", case=case), code=303)


def _page(case: str, act: str = "", reason: str = "", refusal: Refused | None = None) -> str:
    told = engine().read(reading.stopped, current_actor(), case)
    return render_template("incidents/page.html", page=IncidentPage(told, new_key(), act, reason, refusal))


def _form(
    told: reading.Correcting, given: Pairs, reason: str = "", refusal: Refused | None = None, more: str = ""
) -> str:
    problems = refusal.problems if isinstance(refusal, FormRejected) else ()
    view = forms.view(told.form, given, problems, told.choices, more)
    page = CorrectionPage(told, view, new_key(), reason, refusal)
    return render_template("incidents/data.html", page=page)
