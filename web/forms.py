"""Turns a form's fields and what was typed into controls that templates draw. Judges nothing.

What was typed travels as the browser sent it: (name, value) pairs, also for drafts and proposals. Names that begin
with an underscore are the page's own and never part of a form.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from engine.errors import FieldProblem
from engine.forms import Field, Form, When
from engine.reading.choices import Choice

Pairs = Sequence[tuple[str, str]]
MANY_COLUMNS = 4
SPARE_ROWS = 3  # empty rows that a page adds on request
OWN_NAMES = {"csrf_token"}


@dataclass(frozen=True)
class Control:
    """One field or one cell of a table row, ready to be drawn."""

    name: str  # also the id of its element
    field: Field
    texts: tuple[str, ...] = ()
    problems: tuple[FieldProblem, ...] = ()
    rows: tuple["Row", ...] = ()
    choices: tuple[Choice, ...] = ()  # of people or posts
    when: Mapping[str, Any] | None = None  # as the comforts of web/islands read it
    template: "Row | None" = None  # of a table: the row that a new one is made from

    @property
    def text(self) -> str:
        return self.texts[-1] if self.texts else ""

    @property
    def ticked(self) -> bool:
        return self.text == "on"

    @property
    def described_by(self) -> str:
        """Ids of help and problems, for a reader that cannot see them beside the field."""
        help = [f"{self.name}-help"] if self.has_help else []
        return " ".join([*help, *([f"{self.name}-error"] if self.problems else [])])

    @property
    def has_help(self) -> bool:
        return bool(self.field.help or self.field.personal)

    @property
    def known(self) -> bool:
        """Whether the text is one of the choices; another one must not be lost when drawn."""
        return not self.text or any(choice.value == self.text for choice in self.choices)


@dataclass(frozen=True)
class Row:
    """`index` counts from 0 in names, `number` from 1 for people; a template holds marks in their place."""

    index: str
    number: str
    cells: tuple[Control, ...]


@dataclass(frozen=True)
class Complaint:
    """One line of the summary above a form, with where it leads."""

    target: str
    message: str
    rule: str = ""
    help: str = ""


@dataclass(frozen=True)
class FormView:
    controls: tuple[Control, ...]
    complaints: tuple[Complaint, ...] = field(default=())

    @property
    def wide(self) -> bool:
        """Whether a table needs the whole width of a page."""
        return any(len(control.field.columns) > MANY_COLUMNS for control in self.controls)


def view(
    form: Form,
    typed: Pairs,
    problems: Iterable[FieldProblem] = (),
    choices: Mapping[str, tuple[Choice, ...]] | None = None,
    more: str = "",
) -> FormView:
    """`choices` are those of the field kinds `person` and `performer`; `more` names the table to give spare rows."""
    drawing = _Drawing(_by_name(typed), tuple(problems), choices or {}, more)
    controls = tuple(drawing.control(field) for field in form.fields)
    return FormView(controls, tuple(map(_complaint, drawing.problems)))


def typed_pairs(posted: "MultiDict[str, str]") -> list[tuple[str, str]]:
    """What belongs to the form, in the order in which it was sent."""
    return [
        (name, text)
        for name, text in posted.items(multi=True)
        if not name.startswith("_") and name not in OWN_NAMES
    ]


def new_key() -> str:
    """An idempotency key for one rendering of a form."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True)
class _Drawing:
    typed: Mapping[str, tuple[str, ...]]
    problems: tuple[FieldProblem, ...]
    choices: Mapping[str, tuple[Choice, ...]]
    more: str

    def control(self, field: Field) -> Control:
        if field.kind == "table":
            return replace(
                self._drawn(field, field.key, self._about(field.key)),
                rows=self._rows(field),
                template=self._row(field, "__row__", "__number__", {}),
            )
        return self._drawn(field, field.key, self._about(field.key))

    def _drawn(self, field: Field, name: str, problems: tuple[FieldProblem, ...]) -> Control:
        return Control(
            name=name,
            field=field,
            texts=self.typed.get(name, ()),
            problems=problems,
            choices=self.choices.get(field.kind, ()),
            when=_when(field.when, name.rpartition(".")[0]),
        )

    def _rows(self, table: Field) -> tuple[Row, ...]:
        """The rows that hold something, numbered anew as the server reads them, then empty ones."""
        typed = (self._row_texts(table, number) for number in self._numbers(table))
        kept = [texts for texts in typed if any(any(text) for text in texts.values())]
        spare = SPARE_ROWS if self.more == table.key else int(not kept)
        least, most = table.min_items or 1, max(table.max_items or 200, len(kept))
        total = min(max(len(kept) + spare, least), most)
        return tuple(
            self._row(table, str(index), str(index + 1), kept[index] if index < len(kept) else {})
            for index in range(total)
        )

    def _row(self, table: Field, index: str, number: str, texts: Mapping[str, tuple[str, ...]]) -> Row:
        prefix = f"{table.key}.{index}."
        drawing = replace(self, typed={prefix + column: text for column, text in texts.items()})
        cells = (
            drawing._drawn(column, prefix + column.key, self._about(table.key, number, column.key))
            for column in table.columns
        )
        return Row(index, number, tuple(cells))

    def _about(self, field: str, number: str = "0", column: str = "") -> tuple[FieldProblem, ...]:
        """Problems of one field or one cell; those of a whole row stand at its table."""
        return tuple(
            problem
            for problem in self.problems
            if (problem.field, problem.column) == (field, column)
            and (not column or str(problem.row) == number)
        )

    def _numbers(self, table: Field) -> list[int]:
        parts = (name.split(".") for name in self.typed)
        return sorted({int(p[1]) for p in parts if len(p) == 3 and p[0] == table.key and p[1].isdigit()})

    def _row_texts(self, table: Field, number: int) -> dict[str, tuple[str, ...]]:
        names = ((column.key, f"{table.key}.{number}.{column.key}") for column in table.columns)
        return {key: self.typed[name] for key, name in names if name in self.typed}


def _by_name(typed: Pairs) -> dict[str, tuple[str, ...]]:
    names: dict[str, list[str]] = {}
    for name, text in typed:
        names.setdefault(name, []).append(text)
    return {name: tuple(texts) for name, texts in names.items()}


def _when(when: When | None, prefix: str) -> Mapping[str, Any] | None:
    if when is None:
        return None
    return {"field": f"{prefix}.{when.field}" if prefix else when.field, "equals": list(when.equals)}


def _complaint(problem: FieldProblem) -> Complaint:
    in_a_cell = problem.row and problem.column
    target = f"{problem.field}.{problem.row - 1}.{problem.column}" if in_a_cell else problem.field
    return Complaint(target, problem.message, problem.rule, problem.help)


def spoken(form: Form, typed: Pairs) -> tuple[tuple[str, str], ...]:
    """What was typed, as (title, text): for a page that gives it back without a form."""
    titles = {field.key: field for field in form.fields}
    said = []
    for name, text in typed:
        key, _, rest = name.partition(".")
        if key in titles and text:
            said.append((_title(titles[key], rest), _words(titles[key], rest, text)))
    return tuple(said)


def _title(field: Field, rest: str) -> str:
    row, _, column = rest.partition(".")
    titles = {part.key: part.title for part in field.columns}
    return f"{field.title} 第{int(row) + 1}行 {titles.get(column, column)}" if row.isdigit() else field.title


def _words(field: Field, rest: str, text: str) -> str:
    column = rest.rpartition(".")[2]
    about = next((part for part in field.columns if part.key == column), field)
    if about.kind == "checkbox":
        return "是"
    return next((option.title for option in about.options if option.value == text), text)
