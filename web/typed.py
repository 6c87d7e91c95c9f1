"""What somebody typed into a form, on its way: read from the request, changed by the form's own small buttons.

Without scripts the buttons 增加一行, 删除 and 移除 come here, and files arrive with the form; the answer is the form
again, with a row more or less. Knows pairs and files, nothing of what a form means.
"""

from dataclasses import dataclass, field

from flask import request

from engine import attachments
from engine.errors import FieldProblem, Refused
from web.current import current_actor, engine
from web.forms import typed_pairs

UPLOAD = ".upload"
BUTTONS = ("_save", "_add", "_remove", "_detach")


@dataclass(frozen=True)
class Typed:
    """`problems` are those of files that were not accepted."""

    pairs: tuple[tuple[str, str], ...]
    problems: tuple[FieldProblem, ...] = field(default=())


def read(unit: str) -> Typed:
    """The pairs of this request; files that came along are stored for `unit` and named by their ids."""
    pairs, problems = _changed(typed_pairs(request.form)), []
    for name, file in request.files.items(multi=True):
        if not file.filename or not name.endswith(UPLOAD):
            continue
        key = name.removesuffix(UPLOAD)
        try:
            pairs.append((key, upload(unit, file.filename, file.read()).id))
        except Refused as refusal:
            problems.append(FieldProblem(key, f"{file.filename}：{refusal.message}。", help=refusal.help))
    return Typed(tuple(pairs), tuple(problems))


def upload(unit: str, name: str, content: bytes) -> attachments.Attachment:
    """Raises Refused for a kind or size that is not accepted."""
    return engine().small(
        attachments.store, unit, name, content, by=current_actor().person, at=engine().now()
    )


def pressed() -> str:
    """Which of the form's small buttons sent this request, "" when none did."""
    return next((name for name in BUTTONS if name in request.form), "")


def _changed(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    row = request.form.get("_remove")
    key, _, file = request.form.get("_detach", "").partition(":")
    return [
        (name, text)
        for name, text in pairs
        if not (row and name.startswith(f"{row}.")) and (name, text) != (key, file)
    ]
