"""The designer's room: versions, the working copy, its diagrams, check, stories, release. Judges nothing itself."""

import io
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from engine import designs, entitlement
from engine.commands import ReleaseDesign, SaveDesign
from engine.errors import Conflict, DeploymentRefused, NotFound, Refused
from engine.reading import designer as reading
from engine.stories import Played, play_all
from web import security
from web.current import current_actor, engine
from web.diagrams import as_xml
from web.forms import new_key
from web.words import clock_minute

bp = Blueprint("designer", __name__, url_prefix="/designer")

KINDS = {"diagram": "流程图", "form": "表单", "story": "演练案例", "table": "决策表", "text": "说明和规则"}
ONE_DRAWING = 2 * 1024 * 1024
OPEN_DRAWINGS = 12  # drawings whose last saved state a browser remembers
_playing = threading.Lock()  # stories take a minute of one core


@dataclass(frozen=True)
class CopyPage:
    """The working copy; `problems` and `played` are None until asked for."""

    copy: reading.WorkingCopy
    may_change: bool
    note: str = ""
    key: str = ""
    problems: tuple[reading.Problem, ...] | None = None
    played: tuple[Played, ...] | None = None
    refusal: Refused | None = None

    @property
    def changed(self) -> tuple[reading.File, ...]:
        return tuple(file for file in self.copy.files if file.changed_at)


@dataclass(frozen=True)
class VersionPage:
    process: str
    version: reading.Version
    files: tuple[reading.File, ...]


@dataclass(frozen=True)
class DrawingPage:
    process: str
    file: reading.File
    options: Mapping[str, object]
    may_change: bool
    save: str


@bp.before_request
def only_designers_change() -> None:
    """Looking is for designers and auditors, everything that is posted for designers."""
    actor = current_actor()
    reading.check_may_look(actor)
    if request.method == "POST":
        entitlement.check_role(actor, "designer")


@bp.get("")
def index() -> ResponseReturnValue:
    return render_template("designer/index.html", procedures=engine().read(reading.procedures))


@bp.get("/<process>/versions/<int:number>")
def version(process: str, number: int) -> ResponseReturnValue:
    page = VersionPage(process, *engine().read(reading.released_files, process, number))
    return render_template("designer/version.html", page=page, kinds=KINDS)


@bp.get("/<process>/versions/<int:number>/files/<path:path>")
def released_file(process: str, number: int, path: str) -> Response:
    found = engine().read(reading.released_bundle, process, number).files.get(path)
    if found is None:
        raise NotFound("没有找到这个文件", help="请从流程版本页面重新打开。")
    return _download(found, path)


@bp.get("/<process>/versions/<int:number>.zip")
def released_zip(process: str, number: int) -> Response:
    return _zip(engine().read(reading.released_bundle, process, number).files, f"{process}-{number}.zip")


@bp.get("/<process>")
def working_copy(process: str) -> ResponseReturnValue:
    return _copy(process)


@bp.get("/<process>/working-copy.zip")
def working_zip(process: str) -> Response:
    return _zip(engine().read(reading.bundle_of, process).files, f"{process}-draft.zip")


@bp.get("/<process>/files/<path:path>")
def file(process: str, path: str) -> Response:
    return _download(engine().read(reading.open_file, process, path).content, path)


@bp.post("/<process>/upload")
@security.takes(ONE_DRAWING)
def upload(process: str) -> ResponseReturnValue:
    """A drawing made elsewhere replaces the one of the same name, or joins as a new one."""
    sent = request.files.get("file")
    name = (sent.filename or "").replace("\\", "/").rpartition("/")[2] if sent else ""
    if sent is None or not name.endswith(".bpmn"):
        return _copy(
            process, refusal=Refused("没有收到流程图文件", help="请选择扩展名为 .bpmn 的文件。")
        ), 422
    content = sent.read()
    try:
        designs.check_name(name)
        reading.check_is_drawing(name, content)
    except DeploymentRefused as no:
        return _copy(process, refusal=no, problems=no.problems), 422
    except Refused as no:
        return _copy(process, refusal=no), 422
    engine().handle(SaveDesign(process, name, content, key=request.form.get("_key", "")), by=current_actor())
    flash(f"{name} 已放入工作稿。", "done")
    return redirect(url_for(".working_copy", process=process), code=303)


@bp.get("/<process>/check")
def check(process: str) -> ResponseReturnValue:
    return _copy(process, problems=engine().read(reading.problems, process))


@bp.post("/<process>/play")
def play(process: str) -> ResponseReturnValue:
    """Every story on the working copy, or one; each on a district of its own, nothing of the house is touched."""
    wrong = _errors(engine().read(reading.problems, process))
    if wrong:
        refused = Refused("工作稿还有问题，不能演练", help="请先按下面的说明改正。")
        return _copy(process, refusal=refused, problems=wrong), 422
    if not _playing.acquire(blocking=False):
        raise Conflict("有人正在演练案例", help="请等一分钟后再试。")
    try:
        played = tuple(play_all(engine().read(reading.bundle_of, process), request.form.get("story", "")))
    finally:
        _playing.release()
    return _copy(process, played=played)


@bp.post("/<process>/release")
def release(process: str) -> ResponseReturnValue:
    note = request.form.get("note", "").strip()[:500]
    if not note:
        refused = Refused("请写明这一版改了什么", help="发布说明会和版本一起保存，供办理人员和审计人员查看。")
        return _copy(process, refusal=refused), 422
    try:
        outcome = engine().handle(
            ReleaseDesign(process, note, key=request.form.get("_key", "")), by=current_actor()
        )
    except DeploymentRefused as no:
        return _copy(process, note, refusal=no, problems=no.problems), 422
    flash(f"已发布第 {outcome.detail['number']} 版。正在办理的议题仍按原来的版本办理。", "done")
    return redirect(url_for(".index"), code=303)


@bp.post("/<process>/discard")
def discard(process: str) -> ResponseReturnValue:
    engine().small(designs.clear, process)
    flash("工作稿已放弃，回到现行版本。", "done")
    return redirect(url_for(".working_copy", process=process), code=303)


@bp.get("/<process>/diagrams/<diagram>")
def drawing(process: str, diagram: str) -> ResponseReturnValue:
    security.allow_drawing()
    name = f"{diagram}.bpmn"
    copy = engine().read(reading.working_copy, process)
    file = next((file for file in copy.files if file.path == name), None)
    if file is None:
        raise NotFound("没有找到这张流程图", help="请从工作稿重新打开。")
    since = engine().read(reading.open_file, process, name).hash
    save = url_for(".save", process=process, diagram=diagram, since=since, opened=new_key())
    page = DrawingPage(process, file, _options(process, diagram), _may_change(), save)
    return render_template("designer/drawing.html", page=page)


@bp.get("/<process>/diagrams/<diagram>/source")
def source(process: str, diagram: str) -> Response:
    name = f"{diagram}.bpmn"
    return as_xml(engine().read(reading.open_file, process, name).content, name)


@bp.post("/<process>/diagrams/<diagram>/draft")
@security.takes(ONE_DRAWING)
def save(process: str, diagram: str) -> ResponseReturnValue:
    """Keeps a drawing with its faults: a draft may be half done. 409 when somebody else has saved meanwhile."""
    opened, path = request.args.get("opened", ""), f"{diagram}.bpmn"
    content = request.get_data()
    reading.check_is_drawing(path, content)
    expected = _saved().get(opened) or request.args.get("since", "")
    outcome = engine().handle(SaveDesign(process, path, content, expected), by=current_actor())
    session["drawings"] = dict([*_saved().items(), (opened, str(outcome.detail["hash"]))][-OPEN_DRAWINGS:])
    return jsonify(at=clock_minute(engine().now()))


@bp.post("/<process>/diagrams/<diagram>/check")
@security.takes(ONE_DRAWING)
def check_drawing(process: str, diagram: str) -> ResponseReturnValue:
    """Of the drawing as it stands in the browser; complaints about other files are shown too."""
    found = engine().read(reading.problems, process, f"{diagram}.bpmn", request.get_data())
    return jsonify(problems=[vars(problem) for problem in found])


def _copy(
    process: str,
    note: str = "",
    *,
    problems: tuple[reading.Problem, ...] | None = None,
    played: tuple[Played, ...] | None = None,
    refusal: Refused | None = None,
) -> str:
    copy = engine().read(reading.working_copy, process)
    page = CopyPage(copy, _may_change(), note, new_key(), problems, played, refusal)
    return render_template("designer/copy.html", page=page, kinds=KINDS)


def _may_change() -> bool:
    return "designer" in current_actor().roles


def _saved() -> dict[str, str]:
    """Drawings opened in this browser → hash of what they last saved: one's own saving is no conflict."""
    kept: dict[str, str] = session.get("drawings", {})
    return kept


def _errors(found: tuple[reading.Problem, ...]) -> tuple[reading.Problem, ...]:
    return tuple(problem for problem in found if problem.severity == "error")


def _options(process: str, diagram: str) -> dict[str, object]:
    """What the panel offers; the contract is in web/islands/README.md."""
    told = engine().read(reading.choices, process, diagram)
    return {
        "forms": [{"id": id, "title": title} for id, title in told.forms],
        "diagrams": [{"id": id, "title": title} for id, title in told.diagrams],
        "operations": [
            {"id": id, "title": title, "parameters": [{"id": key, "title": words} for key, words in given]}
            for id, title, given in told.operations
        ],
        "messages": [id for id, _ in told.messages],
        "performers": ["item.performer"],
    }


def _download(content: bytes, path: str) -> Response:
    name = path.rpartition("/")[2]
    return send_file(
        io.BytesIO(content), mimetype="application/octet-stream", as_attachment=True, download_name=name
    )


def _zip(files: Mapping[str, bytes], name: str) -> Response:
    """Only names that a procedure may hold: whoever unpacks it must not be led out of his folder."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            if designs.is_lawful(path):
                archive.writestr(path, content)
    response = Response(written.getvalue(), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
