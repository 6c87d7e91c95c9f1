"""Forms that came with drawings of other tools: any draft-07 schema, enforced, not shown. Knows no case.

In a procedure that is as drawn (process.toml) a form need not be written in our dialect. What its schema says is
checked when the task is completed; a page that shows fields needs the dialect.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema_rs

from engine.bpmn.step import Problem
from engine.errors import FieldProblem, FormRejected
from engine.forms import form, free, gate, messages, validator
from engine.forms import schema as schemas
from engine.forms.form import Accepted, Form, Functions
from engine.forms.schema import Field, Unreadable

HELP = "表单用 JSON Schema（draft-07）写，字段在 properties 里，不引用别的文件。"
MAX_PARTS = 20_000


@dataclass(frozen=True, eq=False)
class ForeignForm(Form):
    """`fields` is empty: what the schema asks is known to its validator alone. `titles` are for complaints."""

    titles: Mapping[str, str]

    def accept(
        self, answers: Mapping[str, Any], context: Mapping[str, Any], functions: Functions
    ) -> Accepted:
        """Raises FormRejected: names and values as for a task without a form, then what the schema says."""
        given = free.accepted(answers)
        problems = [self._refused(error) for error in self.validator.iter_errors(given.answers)]
        if problems:
            raise FormRejected(list(dict.fromkeys(problems)))
        return given

    def _refused(self, error: jsonschema_rs.ValidationError) -> FieldProblem:
        kind, detail = error.kind.name, error.kind.as_dict()
        path = [*error.instance_path, *([detail["property"]] if kind == "required" else [])]
        key = str(path[0]) if path else ""
        field = Field(key, self.titles.get(key, key), "text")
        if kind == "required" and len(path) == 1:
            return FieldProblem(key, f"请填写“{field.title}”。")
        if kind in messages.SENTENCES and kind != "oneOf":
            return FieldProblem(key, messages.sentence(field, kind, detail))
        return FieldProblem(key, f"“{field.title}”不符合表单的要求（{kind}）。", help=HELP)


def load(files: Mapping[str, bytes], path: str) -> Form:
    """As `form.load`; in a procedure that is as drawn also a form that is not written in our dialect."""
    if path in files and _is_foreign(files, path):
        return _read(files[path], path)
    return form.load(files, path)


def check(files: Mapping[str, bytes], path: str) -> tuple[Problem, ...]:
    """As `gate.check`; in a procedure that is as drawn a form outside our dialect need only be a sound schema."""
    if not _is_foreign(files, path):
        return gate.check(files, path)
    errors = tuple(Problem(path, "", text, HELP) for text in _errors(files[path]))
    shown = "这张表单不是按本系统的写法写的：办理时照 JSON Schema 核对，网页上不能填写"
    return errors or (Problem(path, "", shown, "请用命令行或程序办理，或改成本系统的写法", "warning"),)


def _is_foreign(files: Mapping[str, bytes], path: str) -> bool:
    if not _as_drawn(files.get("process.toml", b"")):
        return False
    return any(problem.severity == "error" for problem in gate.check(files, path))


@lru_cache(maxsize=64)
def _as_drawn(about: bytes) -> bool:
    try:
        return tomllib.loads(about.decode()).get("as_drawn") is True
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False  # the gate for process.toml says so


def _errors(content: bytes) -> Iterator[str]:
    try:
        schema = schemas.parse(content)
    except Unreadable as cause:
        yield str(cause)
        return
    if sum(1 for _ in _parts(schema)) > MAX_PARTS:
        yield "表单太大。"
        return
    properties = schema.get("properties", {})
    if schema.get("type", "object") != "object" or not isinstance(properties, dict):
        yield "表单的最外层要是一个对象（type 为 object，字段在 properties 里）。"
        return
    for name in properties:
        if not free.is_plain(name):
            yield f"字段名“{name}”不能用：{free.NAME_HELP}"
    if any(key == "$ref" and not str(text).startswith("#") for key, text in _parts(schema)):
        yield "表单引用了别的文件（$ref）。"
        return
    try:
        validator.compiled(schema)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as cause:
        yield f"不是合格的 JSON Schema：{str(cause).splitlines()[0]}"


def _parts(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _parts(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from _parts(part)
    else:
        yield key, value


@lru_cache(maxsize=256)
def _read(content: bytes, path: str) -> ForeignForm:
    schema = schemas.parse(content)
    properties = schema.get("properties", {})
    return ForeignForm(
        path=path,
        hash=hashlib.sha256(content).hexdigest(),
        title=str(schema.get("title", "")),
        description=str(schema.get("description", "")),
        fields=(),
        rules=(),
        rules_basis=(),
        validator=validator.compiled(schema),
        titles={key: _title(key, part) for key, part in properties.items()},
    )


def _title(key: str, part: Any) -> str:
    return str(part.get("title") or key) if isinstance(part, dict) else key
