"""A form of a register, such as a new submission: drawn, kept as a draft, entered. Knows no register by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import drafts
from engine.commands import Outcome
from engine.errors import FieldProblem, FormRejected, NotFound
from engine.reading import submissions as reading
from web import attachments, forms, typed
from web.current import current_actor, engine
from web.forms import FormView, Pairs
from web.inbox import WITH_FILES, FileLink, Places
from web.security import takes
from web.words import clock_minute

UNIT = "_unit"


@dataclass(frozen=True)
class Register:
    """`name` is that of its draft; `back` the endpoint of its list; `enter` sends the command."""

    name: str
    title: str
    back: str
    back_title: str
    enter: Callable[[str, dict[str, object], str], Outcome]
    done: Callable[[Outcome], ResponseReturnValue]


@dataclass(frozen=True)
class RegisterPage:
    register: Register
    blank: reading.Blank
    view: FormView
    places: Places
    unit: str
    key: str


def furnish(bp: Blueprint, register: Register) -> None:
    """Add the four addresses of a register form to a blueprint: the form, entering, draft, attachments."""

    def new() -> ResponseReturnValue:
        return render_template("forms/register.html", page=_page(bp, register))

    @takes(WITH_FILES)
    def enter() -> ResponseReturnValue:
        unit = _unit(engine().read(reading.blank, current_actor(), register.name))
        given = typed.read(unit)
        try:
            outcome = _enter(register, unit, given)
        except FormRejected as no:
            return render_template(
                "forms/register.html", page=_page(bp, register, given.pairs, no.problems)
            ), 422
        engine().small(drafts.drop, current_actor().person, register.name)
        return register.done(outcome)

    @takes(WITH_FILES)
    def draft() -> ResponseReturnValue:
        given = typed.read(_unit(engine().read(reading.blank, current_actor(), register.name)))
        saved = [[name, text] for name, text in given.pairs]
        engine().small(drafts.save, current_actor().person, register.name, saved, engine().now())
        if not typed.pressed():
            return jsonify(at=clock_minute(engine().now()))
        for problem in given.problems:
            flash(f"{problem.message}{problem.help}", "note")
        if typed.pressed() == "_save":
            flash("草稿已保存，可以稍后继续填写。", "done")
        more = request.form.get("_add")
        return redirect(url_for(f"{bp.name}.new", more=more, _anchor=more), code=303)

    @takes(attachments.ONE_FILE)
    def attach() -> ResponseReturnValue:
        return attachments.received(_unit(engine().read(reading.blank, current_actor(), register.name)))

    bp.get("/new", endpoint="new")(new)
    bp.post("/new", endpoint="enter")(enter)
    bp.post("/draft", endpoint="draft")(draft)
    bp.post("/attachments", endpoint="attach")(attach)


def _page(
    bp: Blueprint, register: Register, given: Pairs | None = None, problems: Sequence[FieldProblem] = ()
) -> RegisterPage:
    blank = engine().read(reading.blank, current_actor(), register.name)
    unit, pairs = _unit(blank), blank.typed if given is None else given
    view = forms.view(blank.form, pairs, problems, more=request.args.get("more", ""))
    named = engine().read(reading.files_named, current_actor(), unit, [text for _, text in pairs])
    links = {
        id: FileLink(file.name, file.size, url_for("attachments.download", attachment=id))
        for id, file in named.items()
    }
    places = Places(
        submit=url_for(f"{bp.name}.enter"),
        draft=url_for(f"{bp.name}.draft"),
        upload=url_for(f"{bp.name}.attach"),
        files=links,
    )
    return RegisterPage(register, blank, view, places, unit, request.form.get("_key") or forms.new_key())


def _unit(blank: reading.Blank) -> str:
    """The unit chosen, or the only one. Raises NotFound for one that the actor does not serve."""
    asked = request.form.get(UNIT) or request.args.get("unit") or blank.units[0].id
    if asked not in {unit.id for unit in blank.units}:
        raise NotFound("没有找到这个社区(村)", help="只能登记本单位范围内的诉求。")
    return asked


def _enter(register: Register, unit: str, given: typed.Typed) -> Outcome:
    if given.problems:
        raise FormRejected(given.problems)
    form = engine().read(reading.blank, current_actor(), register.name).form
    return register.enter(unit, form.read(given.pairs), request.form.get("_key", ""))
