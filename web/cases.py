"""The list of cases. The page of one case hangs at /cases/<id> in a room of its own."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.reading import cases as reading
from engine.reading.steps import STEPS, StepName
from web.current import current_actor, engine
from web.paging import SIZE, Paging, asked_page
from web.words import LEVELS, STATUSES

bp = Blueprint("cases", __name__, url_prefix="/cases")


@dataclass(frozen=True)
class ListPage:
    asked: reading.Asked
    list: reading.Listed
    paging: Paging
    steps: tuple[StepName, ...]
    levels: dict[str, str]
    statuses: dict[str, str]


@bp.get("")
def index() -> ResponseReturnValue:
    asked = reading.Asked(
        step=_known(request.args.get("step", ""), [step.id for step in STEPS]),
        level=_known(request.args.get("level", ""), LEVELS),
        status=_known(request.args.get("status", ""), STATUSES),
        version=request.args.get("version", "")[:64],
        text=request.args.get("text", "").strip()[:60],
        page=asked_page(),
        size=SIZE,
    )
    found = engine().read(reading.listed, current_actor(), asked)
    page = ListPage(asked, found, Paging(asked.page, found.total), STEPS, LEVELS, STATUSES)
    return render_template("cases/index.html", page=page)


def _known(value: str, known: "list[str] | dict[str, str]") -> str:
    return value if value in known else ""
