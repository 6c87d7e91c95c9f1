"""The demonstration's own rooms: step into any role, move the clock. A real deployment answers 404 here."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.clock import SHANGHAI, local_date
from engine.commands import MoveClock
from engine.entitlement import PUBLIC
from engine.errors import Refused
from engine.reading import clock as waiting
from engine.reading import people as reading
from web import navigation, sessions
from web.current import actor_or_nobody, engine
from web.entry import inside
from web.words import clock_time

bp = Blueprint("demo", __name__, url_prefix="/demo")


@dataclass(frozen=True)
class Clock:
    now: datetime
    today: date


@bp.before_request
def _only_in_the_demonstration() -> None:
    if not engine().settings.demo:
        abort(404)


@bp.app_context_processor
def _clock() -> dict[str, Clock | None]:
    if not engine().clock_movable:
        return {"clock": None}
    now = engine().now()
    return {"clock": Clock(now, local_date(now))}


@bp.get("")
def index() -> ResponseReturnValue:
    cast = engine().read(reading.demo_cast, request.args.get("unit", ""))
    return render_template("demo/roles.html", page=cast, next=inside(request.args.get("next", "")))


@bp.post("/role")
def step_into() -> ResponseReturnValue:
    """Sign in as the holder of a post, without a password."""
    actor = sessions.step_into(request.form.get("post", ""))
    return redirect(inside(request.form.get("next", "")) or navigation.home(actor), code=303)


@bp.post("/clock")
def move_clock() -> ResponseReturnValue:
    back = inside(request.form.get("back", "").rstrip("?")) or url_for("entry.index")
    to = _wanted(request.form.get("to", ""))
    if to is None:
        flash(
            "没有等待到期的事项，时钟没有调整。" if request.form.get("to") == "due" else "请选择日期。",
            "note",
        )
        return redirect(back, code=303)
    try:
        engine().handle(MoveClock(to), by=actor_or_nobody() or PUBLIC)
    except Refused as refusal:
        flash(f"{refusal.message}。{refusal.help}", "note")
    else:
        flash(f"演示时钟已调到{clock_time(engine().now())}，到期的事项已依次办理。", "done")
    return redirect(back, code=303)


def _wanted(to: str) -> datetime | None:
    """The time that a button of the clock means: a morning, a day later, or the next thing due."""
    now = engine().now()
    if to == "due":
        due = engine().read(waiting.next_due)
        return max(due, now) + timedelta(seconds=1) if due else None
    if to == "day":
        return now + timedelta(days=1)
    if to == "working_day":
        return _morning(engine().read(waiting.next_working_day))
    chosen = request.form.get("date", type=date.fromisoformat)
    return _morning(chosen) if chosen else None


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9), SHANGHAI)
