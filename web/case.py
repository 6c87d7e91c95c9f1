"""The page of one case: where it stands, what is open, who did what when, its papers. Knows no list and no rule."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Refused
from engine.reading import case as reading
from engine.reading import running
from engine.reading.drawings import Drawing
from engine.reading.history import may_audit
from web import security
from web.current import current_actor, engine
from web.forms import new_key
from web.inbox import FileLink
from web.uploads import STATUSES

bp = Blueprint("case", __name__, url_prefix="/cases")

STATES = {"done": "已完成", "active": "正在进行", "todo": "未开始"}
MARKS = {"done": "已办", "active": "正在办理", "cancelled": "已取消", "todo": "还没有到"}
WAITS = {"timer": "定时", "message": "等待消息", "signal": "等待信号"}
PASSED = {"entered": "进入", "left": "离开", "cancelled": "取消", "skipped": "跳过"}
_WORDS = {"marks": MARKS, "states": running.WORDS, "waits": WAITS, "passed": PASSED}
NOTICES = {
    "open": ("公示中", "status-active"),
    "closed": ("公示期满", "status-done"),
    "withdrawn": ("已撤回重新公示", "status-ended"),
}


@dataclass(frozen=True)
class Picture:
    """One diagram as the viewer draws it; without scripts its marks are read as a list."""

    drawing: Drawing
    source: str
    marks: tuple[Mapping[str, str], ...]
    links: Mapping[str, str]


@dataclass(frozen=True)
class Asked:
    """What was asked for on the page and refused, with the reason as typed: shown again."""

    act: str
    reason: str
    refusal: Refused


@dataclass(frozen=True)
class CasePage:
    case: reading.CasePage
    files: Mapping[str, FileLink]
    picture: Picture
    step_states: Mapping[str, str]
    may_audit: bool
    key: str
    asked: Asked | None = None


@bp.get("/<case>")
def show(case: str) -> ResponseReturnValue:
    return rendered(case)


def rendered(case: str, asked: Asked | None = None) -> str:
    """The page, also as the answer to what was refused on it."""
    security.allow_drawing()
    actor = current_actor()
    told = engine().read(reading.page, actor, case)
    picture = _picture(told, request.args.get("diagram", ""))
    states = {**STATES, "todo": "未进行"} if told.ended_at else STATES
    page = CasePage(told, _links(told), picture, states, may_audit(actor), new_key(), asked)
    return render_template("case/page.html", page=page, uploads=STATUSES, notices=NOTICES, **_WORDS)


def _picture(told: reading.CasePage, asked: str) -> Picture:
    """The diagram asked for, else the one in which something is open, else the main one."""
    drawings = {drawing.diagram: drawing for drawing in told.drawings}
    open_ones = [drawing for drawing in told.drawings[1:] if drawing.active]
    drawn = drawings.get(asked) or next(iter(open_ones), told.drawings[0])
    links = {
        element: url_for(".show", case=told.id, diagram=called, _anchor="diagram")
        for element, called in drawn.calls.items()
        if called in drawings and drawings[called].entered
    }
    source = url_for("diagrams.show", definition=told.definition, diagram=drawn.diagram)
    marks = tuple({"element": mark.element, "state": mark.state, "text": mark.text} for mark in drawn.marks)
    return Picture(drawn, source, marks, links)


def _links(told: reading.CasePage) -> dict[str, FileLink]:
    return {
        id: FileLink(file.name, file.size, url_for("attachments.download", attachment=id))
        for id, file in told.files.items()
    }
