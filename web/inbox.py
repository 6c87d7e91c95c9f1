"""The worklist and its tasks: what is to be done, and doing it. What may not be done, the engine says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import drafts
from engine.attachments import Limits
from engine.commands import ClaimTask, DelegateTask, Outcome, ReleaseTask, ReturnTask, SubmitTask
from engine.errors import (
    AlreadyDone,
    Conflict,
    FieldProblem,
    FormRejected,
    NotAllowed,
    NotFound,
    Refused,
)
from engine.reading import inbox as reading
from engine.reading import skipping
from engine.reading import task as tasks
from engine.reading.skipping import Skip
from engine.reading.steps import STEPS, StepName
from web import attachments, forms, typed
from web.current import current_actor, engine
from web.errors import shows_again, status_of
from web.forms import FormView, Pairs
from web.paging import SIZE, Paging, asked_page
from web.security import takes
from web.words import LEVELS, clock_minute

bp = Blueprint("inbox", __name__, url_prefix="/inbox")

LONGEST_REASON = 500
WITH_FILES = 30 * 1024 * 1024  # one request with a few files, for those without scripts


@dataclass(frozen=True)
class InboxPage:
    asked: reading.Asked
    list: reading.Worklist
    paging: Paging
    tabs: dict[str, str]
    steps: tuple[StepName, ...]
    levels: dict[str, str]
    sorts: dict[str, str]
    skips: tuple[tuple[str, Skip], ...]


@dataclass(frozen=True)
class Places:
    """Where the parts of a form post to, and the files it names."""

    submit: str
    draft: str
    upload: str
    files: dict[str, "FileLink"]
    max_bytes: int = Limits.file


@dataclass(frozen=True)
class FileLink:
    name: str
    size: int
    address: str


@dataclass(frozen=True)
class Returning:
    """A return that was refused, with what was chosen and typed: shown again."""

    to: str
    reason: str
    refusal: Refused


@dataclass(frozen=True)
class TaskPage:
    task: tasks.TaskPage
    view: FormView | None
    places: Places
    key: str
    on_behalf_of: str
    refusal: Refused | None = None
    returning: Returning | None = None


@dataclass(frozen=True)
class LatePage:
    """Somebody was faster, or the case went on: who, when, and what was typed."""

    task: tasks.TaskPage
    refusal: Conflict
    at: str
    typed: tuple[tuple[str, str], ...]
    kept: bool  # as a draft, for the task is still open


@bp.get("")
def index() -> ResponseReturnValue:
    asked = _asked()
    found = engine().read(reading.worklist, current_actor(), asked)
    paging = Paging(asked.page, found.total)
    skips = engine().read(skipping.waiting, current_actor())
    page = InboxPage(asked, found, paging, reading.TABS, STEPS, LEVELS, reading.SORTS, skips)
    return render_template("inbox/index.html", page=page)


@bp.get("/<work_item>")
def show(work_item: str) -> ResponseReturnValue:
    return render_template("inbox/task.html", page=_page(work_item, more=request.args.get("more", "")))


@bp.post("/<work_item>")
@takes(WITH_FILES)
def submit(work_item: str) -> ResponseReturnValue:
    """303 on success; 422, 409 and 500 show everything that was typed; other refusals keep it as a draft."""
    task = engine().read(tasks.page, current_actor(), work_item)
    given = typed.read(task.unit)
    shows_again(lambda failure: _kept(work_item, given.pairs, failure))
    try:
        outcome = _submit(task, given)
    except FormRejected as no:
        return render_template("inbox/task.html", page=_page(work_item, given.pairs, no.problems)), 422
    except Conflict as no:
        if not isinstance(no, AlreadyDone):
            _keep(work_item, given.pairs)
        return render_template("inbox/late.html", page=_late(task, no, given.pairs)), 409
    except (NotAllowed, NotFound):
        _keep(work_item, given.pairs)
        raise
    except Refused as no:
        page = _page(work_item, given.pairs, refusal=no)
        return render_template("inbox/task.html", page=page), status_of(no)
    flash(_said(task, outcome), "done")
    return redirect(url_for(".index"), code=303)


@bp.post("/<work_item>/draft")
@takes(WITH_FILES)
def draft(work_item: str) -> ResponseReturnValue:
    """Kept as one types (JSON for the script), and by the form's small buttons (303 back to the form)."""
    given = typed.read(engine().read(tasks.unit_of, current_actor(), work_item))
    _keep(work_item, given.pairs)
    button = typed.pressed()
    if not button:
        return jsonify(at=clock_minute(engine().now()))
    for problem in given.problems:
        flash(f"{problem.message}{problem.help}", "note")
    if button == "_save":
        flash("草稿已保存，可以稍后继续填写。", "done")
    table = request.form.get(button, "").replace(":", ".").partition(".")[0]
    more = table if button == "_add" else None
    anchor = table if button != "_save" else None
    return redirect(url_for(".show", work_item=work_item, more=more, _anchor=anchor), code=303)


@bp.post("/<work_item>/attachments")
@takes(attachments.ONE_FILE)
def attach(work_item: str) -> ResponseReturnValue:
    """One file at a time, as soon as it is chosen."""
    return attachments.received(engine().read(tasks.unit_of, current_actor(), work_item))


@bp.post("/<work_item>/claim")
def claim(work_item: str) -> ResponseReturnValue:
    engine().read(tasks.unit_of, current_actor(), work_item)  # a foreign id does not exist
    engine().handle(ClaimTask(work_item, key=request.form.get("_key", "")), by=current_actor())
    flash("已认领，其他人会看到由您办理。", "done")
    return redirect(url_for(".show", work_item=work_item), code=303)


@bp.post("/<work_item>/release")
def release(work_item: str) -> ResponseReturnValue:
    engine().read(tasks.unit_of, current_actor(), work_item)
    engine().handle(ReleaseTask(work_item, key=request.form.get("_key", "")), by=current_actor())
    flash("已退回认领，同岗位的人可以重新认领。", "done")
    return redirect(url_for(".index"), code=303)


@bp.post("/<work_item>/delegate")
def delegate(work_item: str) -> ResponseReturnValue:
    """Hand the task to somebody of one's own unit."""
    engine().read(tasks.unit_of, current_actor(), work_item)
    to, reason = request.form.get("to", ""), request.form.get("reason", "").strip()[:200]
    if not to or not reason:
        raise Refused("转交要选择接手的人，并写明理由", help="请返回上一页补充后再转交。")
    command = DelegateTask(work_item, to, reason, key=request.form.get("_key", ""))
    engine().handle(command, by=current_actor())
    flash("已转交，接手人会在“我的待办”里看到。", "done")
    return redirect(url_for(".index"), code=303)


@bp.post("/<work_item>/return")
def send_back(work_item: str) -> ResponseReturnValue:
    """退回: the case goes back to an earlier task, which is done again from there."""
    task = engine().read(tasks.page, current_actor(), work_item)
    to, reason = request.form.get("to", ""), request.form.get("reason", "").strip()[:LONGEST_REASON]
    try:
        if not to:
            raise Refused("请选择退回到哪一步", help="可以退回到的任务列在下面。")
        engine().handle(ReturnTask(work_item, to, reason, key=_key()), by=current_actor())
    except Refused as no:
        if status_of(no) != 422:
            raise
        page = replace(_page(work_item), returning=Returning(to, reason, no))
        return render_template("inbox/task.html", page=page), 422
    name = next((target.name for target in task.returns if target.element == to), "")
    flash(f"“{task.case_title}”已退回到“{name}”，退回的原因会显示给办理人。", "done")
    return redirect(url_for(".index"), code=303)


def _asked() -> reading.Asked:
    asked = request.args
    return reading.Asked(
        tab=_one_of(asked.get("tab"), reading.TABS, "mine"),
        step=_one_of(asked.get("step"), [step.id for step in STEPS]),
        level=_one_of(asked.get("level"), LEVELS),
        overdue=asked.get("overdue") == "on",
        text=asked.get("text", "").strip()[:60],
        sort=_one_of(asked.get("sort"), reading.SORTS, "due"),
        page=asked_page(),
        size=SIZE,
    )


def _one_of(value: str | None, known: "Sequence[str] | dict[str, str]", default: str = "") -> str:
    return value if value is not None and value in known else default


def _page(
    work_item: str,
    given: Pairs | None = None,
    problems: Sequence[FieldProblem] = (),
    refusal: Refused | None = None,
    more: str = "",
) -> TaskPage:
    task = engine().read(tasks.page, current_actor(), work_item)
    pairs = task.typed if given is None else given
    shown = task.form if task.mine and task.form and task.form.fields else None
    view = forms.view(shown, pairs, problems, task.choices, more) if shown else None
    behalf = request.form.get("_on_behalf_of", task.on_behalf_of)
    return TaskPage(task, view, _places(task, pairs), _key(), behalf, refusal)


def _places(task: tasks.TaskPage, pairs: Pairs) -> Places:
    texts = [text for _, text in pairs if text not in task.files]
    files = {**task.files, **engine().read(tasks.files_of, task.unit, texts)}
    links = {
        id: FileLink(file.name, file.size, url_for("attachments.download", attachment=id))
        for id, file in files.items()
    }
    return Places(
        submit=url_for(".submit", work_item=task.id),
        draft=url_for(".draft", work_item=task.id),
        upload=url_for(".attach", work_item=task.id),
        files=links,
    )


def _submit(task: tasks.TaskPage, given: typed.Typed) -> Outcome:
    if given.problems:
        raise FormRejected(given.problems)
    answers = task.form.read(given.pairs) if task.form else {}
    behalf = request.form.get("_on_behalf_of", "").strip()[:60]
    return engine().handle(SubmitTask(task.id, answers, behalf, key=_key()), by=current_actor())


def _kept(work_item: str, pairs: Pairs, failure: Refused) -> str:
    """The form again after a mistake of ours, what was typed kept as a draft too."""
    _keep(work_item, pairs)
    return render_template("inbox/task.html", page=_page(work_item, pairs, refusal=failure))


def _keep(work_item: str, pairs: Pairs) -> None:
    saved = [[name, text] for name, text in pairs]
    engine().small(drafts.save, current_actor().person, work_item, saved, engine().now())


def _key() -> str:
    return request.form.get("_key") or forms.new_key()


def _late(task: tasks.TaskPage, refusal: Conflict, pairs: Pairs) -> LatePage:
    at = refusal.at if isinstance(refusal, AlreadyDone) else ""
    kept = not isinstance(refusal, AlreadyDone)
    return LatePage(task, refusal, at, forms.spoken(task.form, pairs) if task.form else (), kept)


def _said(task: tasks.TaskPage, outcome: Outcome) -> str:
    """What was done and what opens next."""
    if "incident" in outcome.detail:
        return f"您提交的“{task.name}”已经收下。这件{task.noun}停下来等待运维人员处理，处理以后自动接着办，您不用再填。"
    done = f"“{task.case_title}”的“{task.name}”已办理。"
    if outcome.detail.get("ended"):
        return f"{done}这件{task.noun}已办结。"
    names = engine().read(tasks.opened_names, outcome.opened)
    return f"{done}接下来：{'、'.join(names)}。" if names else f"{done}接下来等待期限届满或回执，无须办理。"
