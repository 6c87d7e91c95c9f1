"""The ledger of projects as a page and as a table for spreadsheets. Knows no case beyond its lines."""

from dataclasses import dataclass
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from engine.reading import ledger as reading
from web.current import current_actor, engine
from web.paging import SIZE, Paging, asked_page
from web.words import LEVELS

bp = Blueprint("ledger", __name__, url_prefix="/ledger")

STATES = {"open": "办理中", "closed": "已办结", "overdue": "有任务超期"}


@dataclass(frozen=True)
class LedgerPage:
    asked: reading.Asked
    ledger: reading.Ledger
    paging: Paging


@bp.get("")
def index() -> ResponseReturnValue:
    asked = _asked()
    found = engine().read(reading.listed, current_actor(), asked)
    page = LedgerPage(asked, found, Paging(asked.page, found.total))
    return render_template("ledger/index.html", page=page, levels=LEVELS, states=STATES)


@bp.get("/export.csv")
def export() -> Response:
    """Everything that the page's filters leave, all its pages."""
    written = engine().read(reading.as_csv, current_actor(), _asked())
    response = Response(written, mimetype="text/csv")
    name = f"项目工作台账{engine().now():%Y%m%d}.csv"
    response.headers.set("Content-Disposition", "attachment", filename="ledger.csv")
    response.headers["Content-Disposition"] += f"; filename*=UTF-8''{quote(name)}"
    return response


def _asked() -> reading.Asked:
    level, state = request.args.get("level", ""), request.args.get("state", "")
    return reading.Asked(
        unit=request.args.get("unit", "")[:60],
        level=level if level in LEVELS else "",
        state=state if state in STATES else "",
        case=request.args.get("case", "")[:60],
        page=asked_page(),
        size=SIZE,
    )
