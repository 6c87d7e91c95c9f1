"""Personal values of a case or a submission, shown once on the answering page. Each look is written down first."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import personal
from engine.errors import Refused
from engine.people import Actor
from engine.reading import personal as reading
from engine.work import Reader
from web.current import current_actor, engine

bp = Blueprint("personal", __name__)

SHORTEST_PURPOSE, LONGEST_PURPOSE = 4, 200
ERASED = "（已依申请删除）"
Holder = Callable[[Reader, Actor, str], reading.Holder]


@dataclass(frozen=True)
class Place:
    """Where one came from, and where the form is sent to."""

    list_title: str
    list_address: str
    back: str
    here: str


@dataclass(frozen=True)
class Shown:
    title: str
    purpose: str  # what it was collected for
    value: str


@dataclass(frozen=True)
class RevealPage:
    holder: reading.Holder
    place: Place
    chosen: str = ""
    purpose: str = ""
    shown: tuple[Shown, ...] = ()
    refusal: Refused | None = None


@bp.get("/cases/<case>/personal")
def ask_case(case: str) -> ResponseReturnValue:
    return _asked(reading.of_case, case, _case(case))


@bp.post("/cases/<case>/personal")
def reveal_case(case: str) -> ResponseReturnValue:
    return _revealed(reading.of_case, case, _case(case))


@bp.get("/submissions/<submission>/personal")
def ask_submission(submission: str) -> ResponseReturnValue:
    return _asked(reading.of_submission, submission, _submission(submission))


@bp.post("/submissions/<submission>/personal")
def reveal_submission(submission: str) -> ResponseReturnValue:
    return _revealed(reading.of_submission, submission, _submission(submission))


def _asked(find: Holder, id: str, place: Place) -> str:
    holder = engine().read(find, current_actor(), id)
    chosen = request.args.get("record") or (holder.records[0].id if len(holder.records) == 1 else "")
    return render_template("personal/values.html", page=RevealPage(holder, place, chosen))


def _revealed(find: Holder, id: str, place: Place) -> ResponseReturnValue:
    """The answer is the page itself: values are never kept under an address that can be opened again."""
    holder = engine().read(find, current_actor(), id)
    chosen, purpose = request.form.get("record", ""), request.form.get("purpose", "").strip()
    try:
        shown = _opened(holder.record(chosen), purpose[:LONGEST_PURPOSE])
    except Refused as no:
        page = RevealPage(holder, place, chosen, purpose, refusal=no)
        return render_template("personal/values.html", page=page), 422
    flash("本次查看已记入查看记录。", "done")
    return render_template("personal/values.html", page=RevealPage(holder, place, chosen, purpose, shown))


def _opened(record: reading.Record, purpose: str) -> tuple[Shown, ...]:
    if len(purpose) < SHORTEST_PURPOSE:
        raise Refused("请写明查看的用途", help="例如：电话告知办理结果。用途会记入查看记录。")
    actor = current_actor()
    who = personal.Reader(actor.person, purpose, actor.post, request.remote_addr or "")
    commitments = [value.commitment for value in record.values]
    opened = engine().small(personal.reveal, commitments, who, engine().now())
    return tuple(
        Shown(value.title, value.purpose, _said(opened[value.commitment])) for value in record.values
    )


def _said(value: object) -> str:
    return ERASED if value == personal.REDACTED else str(value)


def _case(case: str) -> Place:
    """Back to where one came from: the journal that auditors read, else the page of the case."""
    if request.args.get("came") == "journal":
        here = url_for(".reveal_case", case=case, came="journal")
        back = url_for("history.journal", case=case)
        return Place("历史核验", url_for("history.index"), back, here)
    here = url_for(".reveal_case", case=case)
    return Place("议题", url_for("cases.index"), url_for("case.show", case=case), here)


def _submission(submission: str) -> Place:
    here = url_for(".reveal_submission", submission=submission)
    back = url_for("submissions.show", submission=submission)
    return Place("诉求登记", url_for("submissions.index"), back, here)
