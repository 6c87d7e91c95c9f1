"""One form: what it asks, what it accepts, what it proposes. Knows the schema and the expression language.

Acceptance follows security.md 3.2: strict JSON values, NFC, no NUL or surrogates, bounded; unknown keys refused;
values of hidden fields dropped; draft-07 with formats on and a linear regex engine; then the hard gates (x-rules).
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import jsonschema_rs

from engine.bpmn.script import compile_expression, evaluate
from engine.errors import DeploymentRefused, FieldProblem, FormRejected, NotFound, Refused
from engine.forms import gate, messages, pairs, validator
from engine.forms import schema as schemas
from engine.forms.rules import Rule, load_rules
from engine.forms.schema import Field, FormRule
from engine.forms.values import cleaned

MISSING = {"required", "minItems", "minLength"}

Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Accepted:
    """`personal_paths` name the values to be kept apart: `proposer_phone`, `members.0.phone`."""

    answers: dict[str, Any]
    personal_paths: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Form:
    """A form of one definition. `hash` is the SHA-256 of the file, for the event that records answers."""

    path: str
    hash: str
    title: str
    description: str
    fields: tuple[Field, ...]
    rules: tuple[FormRule, ...]
    rules_basis: tuple[Rule, ...]
    validator: jsonschema_rs.Draft7Validator

    def read(self, posted: Iterable[tuple[str, str]]) -> dict[str, Any]:
        """JSON answers from the pairs of an HTML form; judges nothing."""
        return pairs.read(self.fields, posted)

    def pairs(self, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The pairs a browser would post for these answers."""
        return pairs.write(self.fields, answers)

    @property
    def gates_read(self) -> frozenset[str]:
        """Names that the hard gates read, fields of the form among them."""
        return frozenset().union(*(compile_expression(rule.check).names for rule in self.rules))

    def accept(
        self, answers: Mapping[str, Any], context: Mapping[str, Any], functions: Functions
    ) -> Accepted:
        """Answers fit to be stored. `context` holds `case` and earlier answers by task.

        Raises FormRejected with every complaint at its field; hard gates are looked at once all else is right.
        """
        given = self.shown(cleaned(self.fields, answers))
        problems = [self._complaint(error) for error in self.validator.iter_errors(given)]
        problems = problems or self._broken_rules(given, context, functions)
        if problems:
            raise FormRejected(sorted(problems, key=self._place))
        return Accepted(given, tuple(_personal_paths(self.fields, given)))

    def shown(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The answers without those of hidden fields; a field that depends on a hidden one is hidden too."""
        kept = dict(answers)
        unticked = {field.key: False for field in self.fields if field.kind == "checkbox"}
        for field in self.fields:
            if field.when is not None and not field.when.holds({**unticked, **kept}):
                kept.pop(field.key, None)
                unticked.pop(field.key, None)
        return kept

    def prefill(self, context: Mapping[str, Any], functions: Functions) -> dict[str, Any]:
        """Defaults, from constants and earlier answers; what cannot be computed yet is left out."""
        proposed = {field.key: _proposal(field, context, functions) for field in self.fields}
        return {key: value for key, value in proposed.items() if value is not None}

    def _complaint(self, error: jsonschema_rs.ValidationError) -> FieldProblem:
        """What must be filled in rests on a rule; how it is spelled does not."""
        kind, detail = error.kind.name, error.kind.as_dict()
        problem = messages.problem(self.fields, error.instance_path, kind, detail)
        if kind not in MISSING:
            return problem
        field = next(field for field in self.fields if field.key == problem.field)
        return replace(problem, rule=field.rule or next((rule.id for rule in self.rules_basis), ""))

    def _broken_rules(
        self, given: Mapping[str, Any], context: Mapping[str, Any], functions: Functions
    ) -> list[FieldProblem]:
        filled = {field.key: given.get(field.key, _absent(field)) for field in self.fields}
        return [
            FieldProblem(rule.field, rule.message, rule=rule.rule, help=rule.help)
            for rule in self.rules
            if not _worked_out(rule.check, {**context, **filled}, functions)
        ]

    def _place(self, problem: FieldProblem) -> tuple[int, int, int]:
        keys = [field.key for field in self.fields]
        place = keys.index(problem.field)
        columns = ["", *(column.key for column in self.fields[place].columns)]
        return place, problem.row, columns.index(problem.column)


def load(files: Mapping[str, bytes], path: str) -> Form:
    """The form at a bundle path. Raises NotFound, or DeploymentRefused when the file is not a form."""
    if path not in files:
        raise NotFound(f"没有找到表单 {path}", help="请检查任务上登记的表单文件名。")
    form, basis = _compiled(files[path], path)
    known = load_rules(files)
    return replace(form, rules_basis=tuple(known.get(id, Rule(id, "", "", "", "")) for id in basis))


@lru_cache(maxsize=1024)
def _compiled(content: bytes, path: str) -> tuple[Form, tuple[str, ...]]:
    """By the whole content of the file, so a form is parsed once for all definitions that hold it."""
    problems = [problem for problem in gate.problems(content, path, {}) if problem.severity == "error"]
    if problems:
        raise DeploymentRefused(f"表单 {path} 不能使用：{problems[0].message}", problems)
    schema = schemas.parse(content)
    form = Form(
        path=path,
        hash=hashlib.sha256(content).hexdigest(),
        title=schema["title"],
        description=schema.get("description", ""),
        fields=schemas.fields(schema),
        rules=schemas.form_rules(schema),
        rules_basis=(),
        validator=validator.compiled(schema),
    )
    return form, tuple(schema.get("x-basis", ()))


def _proposal(field: Field, context: Mapping[str, Any], functions: Functions) -> Any:
    if not field.prefill:
        return field.default
    try:
        value = _worked_out(field.prefill, context, functions)
    except Refused:
        return field.default  # an earlier answer is not there yet, or the calendar does not reach so far
    if field.kind == "table" and isinstance(value, list):
        return _rows(field, value) or None
    return value


def _worked_out(text: str, names: Mapping[str, Any], functions: Functions) -> Any:
    """A task that was never done reads as an empty record, so that `earlier_task.field` is None."""
    expression = compile_expression(text)
    missing: dict[str, Any] = {name: {} for name in expression.names if name not in names}
    return evaluate(expression, {**missing, **names}, functions)


def _rows(table: Field, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows of an earlier table in the columns of this one; a new column gets its default."""
    defaults = {column.key: column.default for column in table.columns}
    return [
        {key: value for key, value in {**defaults, **row}.items() if key in defaults and value is not None}
        for row in rows
    ]


def _absent(field: Field) -> Any:
    """What a gate sees where nothing was filled in."""
    if field.kind in ("table", "checkboxes", "attachments"):
        return []
    return False if field.kind == "checkbox" else None


def _personal_paths(fields: Sequence[Field], answers: Mapping[str, Any]) -> Iterable[str]:
    for field in fields:
        if field.key not in answers:
            continue
        if field.personal is not None:
            yield field.key
        for number, row in enumerate(answers[field.key] if field.kind == "table" else ()):
            yield from (f"{field.key}.{number}.{path}" for path in _personal_paths(field.columns, row))
