"""The auditor's room: any case replayed, its journal, its verification. Knows readings, checks nothing itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import (
    Blueprint,
    Response,
    get_template_attribute,
    jsonify,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from engine.audit.verify import Verdict
from engine.reading import cases as lists
from engine.reading import history as reading
from engine.reading import verdicts
from engine.reading.personal import Access, accesses
from web import security
from web.current import current_actor, engine
from web.inbox import FileLink
from web.paging import SIZE, Paging, asked_page
from web.words import STATUSES

bp = Blueprint("history", __name__, url_prefix="/history")

EVENTS = 50  # of one page of the journal


@dataclass(frozen=True)
class ListPage:
    asked: lists.Asked
    list: lists.Listed
    paging: Paging
    statuses: Mapping[str, str]


@dataclass(frozen=True)
class ReplayPage:
    replay: reading.Replay
    accesses: tuple[Access, ...]
    verdict: Verdict | None = None
    found: str = ""  # what differs first, in words


@dataclass(frozen=True)
class JournalPage:
    replay: reading.Replay
    moments: tuple[reading.Moment, ...]
    files: Mapping[str, FileLink]
    paging: Paging


@bp.get("")
def index() -> ResponseReturnValue:
    actor = current_actor()
    reading.check_may_audit(actor)
    asked = lists.Asked(
        status=request.args.get("status", "") if request.args.get("status") in STATUSES else "",
        text=request.args.get("text", "").strip()[:60],
        page=asked_page(),
        size=SIZE,
    )
    found = engine().read(lists.listed, actor, asked)
    page = ListPage(asked, found, Paging(asked.page, found.total), STATUSES)
    return render_template("history/index.html", page=page)


@bp.get("/<case>")
def show(case: str) -> ResponseReturnValue:
    security.allow_drawing()
    return render_template("history/replay.html", page=_replay_page(case))


@bp.get("/<case>/replay.json")
def events(case: str) -> ResponseReturnValue:
    """What the replay plays: the contract is in web/islands/README.md."""
    told = _replay(case)
    return jsonify(
        versions=[_version(version) for version in told.versions],
        events=[_event(told, moment) for moment in told.moments],
    )


@bp.get("/<case>/journal")
def journal(case: str) -> ResponseReturnValue:
    told = _replay(case)
    paging = Paging(asked_page(), len(told.moments), EVENTS)
    shown = told.moments[(paging.page - 1) * EVENTS : paging.page * EVENTS]
    return render_template("history/journal.html", page=JournalPage(told, shown, _links(told), paging))


@bp.get("/<case>/journal.csv")
def download(case: str) -> Response:
    told = _replay(case)
    table = engine().read(reading.journal_csv, current_actor(), case)
    response = Response(table, mimetype="text/csv")
    name = f"journal-{told.number or told.case}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.post("/<case>/verify")
def verify(case: str) -> ResponseReturnValue:
    """Changes nothing, so the answer is the page itself."""
    security.allow_drawing()
    verdict = engine().read(reading.verified, current_actor(), case)
    found = engine().read(verdicts.found, verdict.finding) if verdict.finding else ""
    return render_template("history/replay.html", page=_replay_page(case, verdict, found))


def _replay_page(case: str, verdict: Verdict | None = None, found: str = "") -> ReplayPage:
    return ReplayPage(_replay(case), engine().read(accesses, current_actor(), case), verdict, found)


def _replay(case: str) -> reading.Replay:
    return engine().read(reading.replay, current_actor(), case)


def _version(version: reading.Version) -> dict[str, object]:
    return {
        "id": version.definition,
        "title": f"第 {version.number} 版" if version.number else "未发布的版本",
        "diagrams": {drawn.id: _diagram(version, drawn) for drawn in version.diagrams},
    }


def _diagram(version: reading.Version, drawn: reading.Diagram) -> dict[str, object]:
    address = url_for("diagrams.show", definition=version.definition, diagram=drawn.id)
    return {"title": drawn.title, "url": address, "elements": drawn.elements}


def _event(told: reading.Replay, moment: reading.Moment) -> dict[str, object]:
    return {
        "version": moment.definition,
        "seq": moment.seq,
        "at": moment.at.isoformat(),
        "title": moment.title,
        "actor": moment.who,
        "post": moment.post,
        "diagram": moment.diagram,
        "trace": [vars(passed) for passed in moment.passed],
        "active": [vars(open_one) for open_one in moment.active],
        "stopped": moment.stopped,
        "back_to": moment.back_to,
        "undone": moment.undone,
        "data_html": _written(told, moment),
        "url": _address(told, moment),
    }


def _written(told: reading.Replay, moment: reading.Moment) -> str:
    """The answers as the journal shows them; every text is escaped by the template."""
    if not moment.answers:
        return ""
    draw = get_template_attribute("parts/answers.html", "answers")
    return str(draw(moment.answers, _links(told)))


def _address(told: reading.Replay, moment: reading.Moment) -> str:
    page = (moment.seq - 1) // EVENTS + 1
    return url_for(".journal", case=told.case, page=page, _anchor=f"event-{moment.seq}")


def _links(told: reading.Replay) -> dict[str, FileLink]:
    return {
        id: FileLink(file.name, file.size, url_for("attachments.download", attachment=id))
        for id, file in told.files.items()
    }
