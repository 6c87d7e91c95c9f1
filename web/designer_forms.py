"""The form editor of the designer's room: as a table of fields, as text, with a preview. Judges nothing itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import designs
from engine import forms as schemas
from engine.commands import SaveDesign
from engine.errors import Conflict, DeploymentRefused, FieldProblem, FormRejected, NotFound, Refused
from engine.forms import Field, Form, sheet
from engine.forms.schema import Unreadable
from engine.reading import designer as reading
from web import forms, typed
from web.current import current_actor, engine
from web.designer import only_designers_change
from web.forms import FormView, Pairs
from web.inbox import Places

bp = Blueprint("designer_forms", __name__, url_prefix="/designer")
bp.before_request(only_designers_change)


@bp.before_request
def only_forms() -> None:
    """No other file of a procedure is written through the editor of forms."""
    path = str((request.view_args or {}).get("path", ""))
    if not (path.endswith("-schema.json") and designs.is_lawful(path)):
        raise NotFound(
            "没有找到这张表单", help="表单的文件名形如 forms/step1_topic/register_topic-schema.json。"
        )


TABLE, TEXT = "table", "text"


@dataclass(frozen=True)
class FormPage:
    """`preview` is None when the file is no form yet; `view` is the table, None in the text way."""

    process: str
    path: str
    way: str
    may_change: bool
    text: str
    since: str
    places: Places
    view: FormView | None = None
    preview: Form | None = None
    preview_view: FormView | None = None
    problems: tuple[reading.Problem, ...] = ()
    refusal: Refused | None = None


@bp.get("/<process>/forms/<path:path>")
def form(process: str, path: str) -> ResponseReturnValue:
    opened = engine().read(reading.open_file, process, path)
    way = TEXT if request.args.get("way") == TEXT else TABLE
    return _page(process, path, way, opened.content, opened.hash)


@bp.post("/<process>/forms/<path:path>")
def change_form(process: str, path: str) -> ResponseReturnValue:
    """预览 shows what it would be; 保存 keeps it in the working copy. 422 and 409 keep everything typed."""
    way = TEXT if request.form.get("_way") == TEXT else TABLE
    since = request.form.get("_since", "")
    pairs = list(typed.read("").pairs)
    try:
        content = _content(process, path, way, pairs)
    except (FormRejected, Refused) as no:
        problems = no.problems if isinstance(no, FormRejected) else ()
        return _page(process, path, way, _as_it_was(process, path), since, pairs, no, problems), 422
    if "_save" not in request.form:
        return _page(process, path, way, content, since, pairs)
    return _save(process, path, way, content, since, pairs)


@bp.post("/<process>/preview/<path:path>")
def preview_form(process: str, path: str) -> ResponseReturnValue:
    """Only the preview, for the page's script."""
    way = TEXT if request.form.get("_way") == TEXT else TABLE
    try:
        content = _content(process, path, way, list(typed.read("").pairs))
    except FormRejected as no:
        found = tuple(reading.Problem(path, "", problem.message, problem.help) for problem in no.problems)
        return render_template("designer/preview.html", page=_bare(process, path, found))
    page = _filled(process, path, way, content, "")
    return render_template("designer/preview.html", page=page)


def _save(process: str, path: str, way: str, content: bytes, since: str, pairs: Pairs) -> ResponseReturnValue:
    found = engine().read(reading.form_problems, process, path, content)
    if any(problem.severity == "error" for problem in found):
        refused = Refused("表单没有保存", help="请按下面的说明改正。")
        return _page(process, path, way, content, since, pairs, refused), 422
    try:
        engine().handle(SaveDesign(process, path, content, since), by=current_actor())
    except Conflict as no:
        return _page(process, path, way, content, since, pairs, no), 409
    flash("表单已保存到工作稿。", "done")
    return redirect(url_for(".form", process=process, path=path, way=way), code=303)


def _content(process: str, path: str, way: str, pairs: Pairs) -> bytes:
    """The file that was typed. Raises FormRejected, or Refused when the file itself cannot be read."""
    if way == TEXT:
        return request.form.get("_text", "").replace("\r\n", "\n").encode()
    told = sheet.blank().read(pairs)
    if not typed.pressed() or "_save" in request.form:
        told = sheet.blank().accept(told, {}, {}).answers
    try:
        return sheet.written(_as_it_was(process, path), told)
    except Unreadable as cause:
        raise Refused(f"表单文件不能按表格修改：{cause}", help="请在“文本”里改正。") from cause


def _as_it_was(process: str, path: str) -> bytes:
    return engine().read(reading.open_file, process, path).content


def _page(
    process: str,
    path: str,
    way: str,
    content: bytes,
    since: str,
    pairs: Pairs | None = None,
    refusal: Refused | None = None,
    problems: Sequence[FieldProblem] = (),
) -> str:
    page = _filled(process, path, way, content, since, pairs, refusal, problems)
    return render_template("designer/form.html", page=page)


def _filled(
    process: str,
    path: str,
    way: str,
    content: bytes,
    since: str,
    pairs: Pairs | None = None,
    refusal: Refused | None = None,
    problems: Sequence[FieldProblem] = (),
) -> FormPage:
    shown = _readable(path, content)
    return FormPage(
        process=process,
        path=path,
        way=way,
        may_change="designer" in current_actor().roles,
        text=content.decode("utf-8", "replace"),
        since=since,
        places=_places(process, path),
        view=_table(content, pairs, problems) if way == TABLE else None,
        preview=shown,
        preview_view=forms.view(_apart(shown), ()) if shown else None,
        problems=engine().read(reading.form_problems, process, path, content),
        refusal=refusal,
    )


def _bare(process: str, path: str, found: tuple[reading.Problem, ...]) -> FormPage:
    return FormPage(process, path, TABLE, True, "", "", _places(process, path), problems=found)


def _places(process: str, path: str) -> Places:
    address = url_for(".change_form", process=process, path=path)
    return Places(submit=address, draft=address, upload="", files={})


def _table(content: bytes, pairs: Pairs | None, problems: Sequence[FieldProblem]) -> FormView | None:
    """The fields as typed, else as the file says; None for a file that only text can mend."""
    blank = sheet.blank()
    if pairs is None:
        try:
            pairs = blank.pairs(sheet.described(content))
        except (Unreadable, KeyError, TypeError, AttributeError):
            return None
    more = request.form.get("_add", "")
    return forms.view(blank, pairs, problems, more=more)


def _readable(path: str, content: bytes) -> Form | None:
    try:
        return schemas.load({path: content}, path)
    except DeploymentRefused:
        return None


def _apart(form: Form) -> Form:
    """Under names of their own: a field of the form must not be taken for one of the editor."""
    return replace(form, fields=tuple(_renamed(field) for field in form.fields))


def _renamed(field: Field) -> Field:
    when = replace(field.when, field=f"preview-{field.when.field}") if field.when else None
    return replace(field, key=f"preview-{field.key}", when=when)
