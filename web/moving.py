"""The page that takes running cases to another version of their procedure. Judges nothing: the plan is the engine's."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import MoveCase
from engine.errors import Refused
from engine.reading import moving as reading
from web.current import current_actor, engine
from web.forms import new_key

bp = Blueprint("moving", __name__, url_prefix="/designer")

AT_ONCE = 100  # cases on one page; each is planned anew


@dataclass(frozen=True)
class PlanPage:
    """`chosen` and `reason` are what was typed before a refusal; designers come from their own room."""

    told: reading.DryRun
    key: str
    chosen: frozenset[str]
    designing: bool
    reason: str = ""
    refusal: Refused | None = None


@bp.get("/<process>/moving")
def plan(process: str) -> ResponseReturnValue:
    told = _told(process, request.args.get("to", 0, int))
    return _page(told, [line.case for line in told.allowed])


@bp.post("/<process>/moving")
def move(process: str) -> ResponseReturnValue:
    """Each case is a command of its own: one that is refused meanwhile holds up no other."""
    to, chosen = request.form.get("to", 0, int), request.form.getlist("case")
    reason = request.form.get("reason", "")
    refusal = _refusal(chosen, reason)
    if refusal:
        return _page(_told(process, to), chosen, reason, refusal), 422
    refused = [no for case in chosen if (no := _moved(case, to, reason))]
    if len(refused) < len(chosen):
        flash(f"已把 {len(chosen) - len(refused)} 件议题换到第 {to} 版。", "done")
    for no in refused:
        flash(f"有一件没有换：{no.message}。{no.help}", "kept")
    return redirect(url_for(".plan", process=process, to=to), code=303)


def _moved(case: str, to: int, reason: str) -> Refused | None:
    key = f"{request.form.get('_key', '')}-{case}"
    try:
        engine().handle(MoveCase(case, to, reason, key=key), by=current_actor())
    except Refused as no:
        return no
    return None


def _refusal(chosen: Sequence[str], reason: str) -> Refused | None:
    if not chosen:
        return Refused("还没有选择议题", help="请在表格里勾选要换版本的议题。")
    if not reason.strip():
        return Refused("还没有写明原因", help="原因会记入每件议题的办理经过。")
    return None


def _told(process: str, to: int) -> reading.DryRun:
    return engine().read(reading.dry_run, current_actor(), process, to, limit=AT_ONCE)


def _page(
    told: reading.DryRun, chosen: Sequence[str], reason: str = "", refusal: Refused | None = None
) -> str:
    designing = "designer" in current_actor().roles
    page = PlanPage(told, new_key(), frozenset(chosen), designing, reason, refusal)
    return render_template("moving/plan.html", page=page)
