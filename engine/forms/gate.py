"""The gate a form file passes before it may be released. Says in a designer's words what stands against it.

`dialect.json` admits a small part of draft-07: no references, no nested combinators, patterns only on the linear
engine. What it does not know it refuses, because a keyword that is ignored is a rule that does not hold.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs

from engine.bpmn.script import KNOWN_FUNCTIONS, compile_expression
from engine.bpmn.step import Problem
from engine.errors import Refused
from engine.forms import validator
from engine.forms.rules import Rule, load_rules
from engine.forms.schema import Field, Unreadable, fields, form_rules, parse

SUFFIX = "-schema.json"
CONTEXT = {"case", "submission"}  # what expressions may read besides fields and earlier tasks
TAKEN = {"self", "typename"}  # by the engine underneath
RESERVED = {*TAKEN, *CONTEXT, *KNOWN_FUNCTIONS}  # and by expressions, which read fields by their bare names
PERSONAL_WORDS = ("电话", "手机", "身份证", "住址", "门牌")
HELP = "请在表单设计里改正，写法见《流程设计手册》表单一节。"
DIALECT = jsonschema_rs.Draft7Validator(json.loads((Path(__file__).parent / "dialect.json").read_text()))


def check(files: Mapping[str, bytes], path: str) -> tuple[Problem, ...]:
    """What a designer must mend before this form may be released, and what is only worth a warning."""
    tasks = {other.rpartition("/")[2].removesuffix(SUFFIX) for other in files if other.endswith(SUFFIX)}
    return problems(files[path], path, load_rules(files), CONTEXT | tasks)


def problems(
    content: bytes, path: str, known: Mapping[str, Rule], names: set[str] | None = None
) -> tuple[Problem, ...]:
    """`names` are what expressions may read besides the form's own fields; None where that is not known."""
    try:
        schema = parse(content)
    except Unreadable as cause:
        return (Problem(path, "", str(cause), HELP),)
    errors = list(_shape(schema)) or [*_sense(schema), *_words(schema, known, names)]
    if errors:
        return tuple(Problem(path, "", text, HELP) for text in errors)
    return tuple(Problem(path, "", text, HELP, "warning") for text in _warnings(fields(schema)))


def _shape(schema: dict[str, Any]) -> Iterator[str]:
    """Whether the file is written in the dialect; nothing below meets a list where a record belongs."""
    for error in DIALECT.iter_errors(schema):
        yield _outside(_where(error.instance_path), error.kind.name, error.kind.as_dict())
    try:
        validator.compiled(schema)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as cause:
        yield f"不是合格的 JSON Schema：{str(cause).splitlines()[0]}"


def _outside(where: str, kind: str, detail: Mapping[str, Any]) -> str:
    if kind == "required":
        return f"{where}缺少“{detail['property']}”。"
    if kind == "additionalProperties":
        return f"{where}里的“{detail['unexpected'][0]}”不在允许的写法内。"
    if kind == "propertyNames":
        return f"{where}里的字段名要用小写英文字母开头，只含小写字母、数字和下划线，不超过40个字符。"
    return f"{where}的写法不对。"


def _where(path: list[str | int]) -> str:
    return "“" + " → ".join(str(part) for part in path) + "”" if path else "表单"


def _sense(schema: dict[str, Any]) -> Iterator[str]:
    """Names that must mean something inside the form."""
    yield from _names(schema, "表单", RESERVED)
    own = schema["properties"]
    for key, part in own.items():
        if "x-when" in part and part["x-when"]["field"] not in own:
            yield f"字段“{key}”的 x-when 里“{part['x-when']['field']}”不是本表单的字段。"
        if part.get("items", {}).get("type") == "object":
            yield from _names(part["items"], f"表格“{key}”", TAKEN)
    for rule in form_rules(schema):
        if rule.field not in own:
            yield f"x-rules 里的 field “{rule.field}”不是本表单的字段。"


def _names(schema: Mapping[str, Any], where: str, taken: set[str]) -> Iterator[str]:
    own = set(schema["properties"])
    for key in sorted(own & taken):
        yield f"{where}的字段名“{key}”是系统保留的名字，请换一个。"
    required = {*schema.get("required", ())}
    for part in (schema, *schema.get("allOf", ())):
        for branch in ("if", "then", "else"):
            required |= {
                *part.get(branch, {}).get("required", ()),
                *part.get(branch, {}).get("properties", ()),
            }
        if "if" in part and set(part["if"]["properties"]) != set(part["if"]["required"]):
            yield f"{where}的 if 要把比较的字段写进它自己的 required，否则没填时也会成立。"
    for key in sorted(required - own):
        yield f"{where}的 required 或 if 里“{key}”不是字段。"


def _words(schema: dict[str, Any], known: Mapping[str, Rule], names: set[str] | None) -> Iterator[str]:
    """Rules and expressions."""
    named = {*schema.get("x-basis", ()), *(rule.rule for rule in form_rules(schema))}
    named |= {field.rule for field in fields(schema)}
    for id in sorted(named - {""} - set(known) if known else ()):
        yield f"rules.toml 里没有规则 {id}。"
    readable = None if names is None else {*names, *schema["properties"], schema.get("x-item", "case")}
    for rule in form_rules(schema):
        yield from _expression(rule.check, readable)
    for field in fields(schema):
        yield from _expression(field.prefill, readable) if field.prefill else ()


def _expression(text: str, readable: set[str] | None) -> Iterator[str]:
    try:
        read = compile_expression(text).names
    except Refused as cause:
        yield f"表达式“{text}”不能用：{cause.message}"
        return
    for name in sorted(read - readable) if readable is not None else ():
        yield f"表达式“{text}”里的“{name}”不是本表单的字段，也不是已有的任务或办件事实。"


def _warnings(asked: tuple[Field, ...]) -> Iterator[str]:
    """Fields that look personal and say neither purpose nor retention (PIPL art. 6 and 19)."""
    for field in asked:
        yield from _warnings(field.columns)
        if field.personal is None and any(word in field.title for word in PERSONAL_WORDS):
            yield f"字段“{field.title}”（{field.key}）像是个人信息，请用 x-personal 写明用途和保存天数。"
