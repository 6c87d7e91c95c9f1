"""What a form file says, as frozen fields; and the gate a file passes first. Knows nothing of answers.

The gate admits a small part of draft-07: no references, no nested combinators, patterns only on the linear
engine. What it does not know it refuses, because a keyword that is ignored is a rule that does not hold.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MAX_FILE = 200_000
MAX_FIELDS = 200
ROOT_KEYS = {
    "$schema", "$id", "title", "description", "type", "additionalProperties", "required", "properties",
    "if", "then", "else", "allOf", "x-rules", "x-basis",
}  # fmt: skip
FIELD_KEYS = {
    "type", "title", "description", "format", "minLength", "maxLength", "minimum", "maximum", "pattern",
    "oneOf", "items", "minItems", "maxItems", "uniqueItems", "const", "default",
    "x-when", "x-prefill", "x-personal", "x-unit",
}  # fmt: skip
ROW_KEYS = {"type", "title", "additionalProperties", "required", "properties", "if", "then", "else", "allOf"}
CONDITION_KEYS = {"if", "then", "else"}
FORMATS = {"date", "date-time", "attachment", "clock", "phone", "person", "performer"}
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
RULE_ID = re.compile(r"[A-Z]\d{3}")
RESERVED = {"case", "self", "typename"}  # names that expressions or the engine underneath use themselves
PERSONAL_WORDS = ("电话", "手机", "身份证", "住址", "门牌")


@dataclass(frozen=True)
class Option:
    value: Any
    title: str


@dataclass(frozen=True)
class When:
    """Holds when another field of the same form (or row) has one of these values."""

    field: str
    equals: tuple[Any, ...]

    def holds(self, answers: Mapping[str, Any]) -> bool:
        value = answers.get(self.field)
        return any(type(value) is type(wanted) and value == wanted for wanted in self.equals)


@dataclass(frozen=True)
class Personal:
    purpose: str
    retention_days: int


@dataclass(frozen=True)
class Field:
    """One field or table column, as a renderer needs it.

    `kind`: text, textarea, phone, date, datetime, clock (HH:MM), integer, money (分, shown in 元), choice,
    person (id of a person), performer (a candidate such as `post:…`), checkbox, checkboxes, attachments, table
    (then `columns`).
    `required_when` holds what `if`/`then` makes required; a field with `when` is hidden unless it holds.
    """

    key: str
    title: str
    kind: str
    required: bool = False
    help: str = ""
    options: tuple[Option, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    when: When | None = None
    required_when: tuple[When, ...] = ()
    personal: Personal | None = None
    prefill: str = ""
    default: Any = None
    unit: str = ""
    columns: tuple["Field", ...] = ()


@dataclass(frozen=True)
class FormRule:
    """A hard gate across fields: a false `check` refuses with `message`, shown at `field`."""

    rule: str
    check: str
    message: str
    help: str
    field: str


class Unreadable(Exception):
    """The file is not a form; the text says why, in a designer's words."""


def parse(content: bytes) -> dict[str, Any]:
    """Strict JSON: one object, UTF-8, no key twice, no NaN. Raises Unreadable."""
    if len(content) > MAX_FILE:
        raise Unreadable("表单文件超过 200 KB。")
    try:
        schema = json.loads(content.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as cause:
        raise Unreadable(f"不是合格的 JSON：{cause}") from cause
    if not isinstance(schema, dict):
        raise Unreadable("表单文件的最外层应当是一个对象。")
    return schema


def fields(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields of a form or of a table row, in the order of the file."""
    required = set(schema.get("required", ()))
    conditions = tuple(conditional(schema))
    return tuple(
        _field(key, part, key in required, _required_when(conditions, key))
        for key, part in schema.get("properties", {}).items()
    )


def form_rules(schema: Mapping[str, Any]) -> tuple[FormRule, ...]:
    return tuple(
        FormRule(
            entry.get("rule", ""), entry["check"], entry["message"], entry.get("help", ""), entry["field"]
        )
        for entry in schema.get("x-rules", ())
    )


def conditional(schema: Mapping[str, Any]) -> Iterator[tuple[When, bool, tuple[str, ...]]]:
    """(condition, whether it must hold, keys then required) of every `if` of the schema."""
    for part in (schema, *schema.get("allOf", ())):
        for when in _conditions(part.get("if", {})):
            yield when, True, tuple(part.get("then", {}).get("required", ()))
            yield when, False, tuple(part.get("else", {}).get("required", ()))


def complaints(schema: Mapping[str, Any]) -> Iterator[str]:
    """Everything that keeps this schema from being a form here, in a designer's words."""
    if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
        yield '表单最外层要写 "type": "object" 和 "additionalProperties": false。'
    if not isinstance(schema.get("title"), str):
        yield "表单缺少中文标题 title。"
    yield from _unknown_keys(schema, ROOT_KEYS, "表单")
    if sum(1 for _ in _all_fields(schema)) > MAX_FIELDS:
        yield f"表单的字段超过 {MAX_FIELDS} 个。"
        return
    yield from _field_complaints(schema, "")
    yield from _condition_complaints(schema, "表单")
    yield from _rule_complaints(schema)


def warnings(schema: Mapping[str, Any]) -> Iterator[str]:
    """Fields that look personal and say neither purpose nor retention (security.md, personal data)."""
    for key, part in _all_fields(schema):
        title = part.get("title", "") if isinstance(part, dict) else ""
        if "x-personal" not in part and any(word in title for word in PERSONAL_WORDS):
            yield f"字段“{title}”（{key}）像是个人信息，请用 x-personal 写明用途和保存天数。"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen = dict(pairs)
    if len(seen) != len(pairs):
        raise ValueError("同一个键写了两次")
    return seen


def _no_constant(text: str) -> None:
    raise ValueError(f"不允许 {text}")


def _field(key: str, part: Mapping[str, Any], required: bool, required_when: tuple[When, ...]) -> Field:
    kind = _kind(part)
    items = part.get("items", {})
    return Field(
        key=key,
        title=part["title"],
        kind=kind,
        required=required,
        help=part.get("description", ""),
        options=_options(items if kind == "checkboxes" else part),
        minimum=part.get("minimum"),
        maximum=part.get("maximum"),
        min_length=part.get("minLength"),
        max_length=part.get("maxLength"),
        min_items=part.get("minItems"),
        max_items=part.get("maxItems"),
        when=_when(part.get("x-when")),
        required_when=required_when,
        personal=_personal(part.get("x-personal")),
        prefill=part.get("x-prefill", ""),
        default=part.get("default"),
        unit=part.get("x-unit", ""),
        columns=fields(items) if kind == "table" else (),
    )


def _kind(part: Mapping[str, Any]) -> str:
    if part["type"] == "string":
        return _text_kind(part)
    if part["type"] == "array":
        return _list_kind(part.get("items", {}))
    if part["type"] == "integer":
        return "money" if part.get("x-unit") == "分" else "integer"
    return "checkbox"


def _text_kind(part: Mapping[str, Any]) -> str:
    if "oneOf" in part:
        return "choice"
    if "format" in part:
        return "datetime" if part["format"] == "date-time" else str(part["format"])
    return "textarea" if part.get("maxLength", 0) > 100 else "text"


def _list_kind(items: Mapping[str, Any]) -> str:
    if items.get("type") == "object":
        return "table"
    return "checkboxes" if "oneOf" in items else "attachments"


def _options(part: Mapping[str, Any]) -> tuple[Option, ...]:
    return tuple(Option(entry["const"], entry["title"]) for entry in part.get("oneOf", ()))


def _when(entry: Mapping[str, Any] | None) -> When | None:
    if entry is None:
        return None
    wanted = entry["equals"]
    return When(entry["field"], tuple(wanted) if isinstance(wanted, list) else (wanted,))


def _personal(entry: Mapping[str, Any] | None) -> Personal | None:
    return None if entry is None else Personal(entry["purpose"], entry["retention_days"])


def _conditions(part: Mapping[str, Any]) -> Iterator[When]:
    for key, test in part.get("properties", {}).items():
        yield When(key, (test["const"],) if "const" in test else tuple(test.get("enum", ())))


def _required_when(conditions: tuple[tuple[When, bool, tuple[str, ...]], ...], key: str) -> tuple[When, ...]:
    return tuple(when for when, positive, keys in conditions if positive and key in keys)


def _all_fields(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every field and every column."""
    properties = schema.get("properties")
    for key, part in properties.items() if isinstance(properties, dict) else ():
        yield key, part
        items = part.get("items") if isinstance(part, dict) else None
        if isinstance(items, dict):
            yield from _all_fields(items)


def _unknown_keys(part: Mapping[str, Any], known: set[str], where: str) -> Iterator[str]:
    for key in part:
        if key not in known:
            yield f"{where}里的“{key}”不在允许的写法内。"


def _field_complaints(schema: Mapping[str, Any], table: str) -> Iterator[str]:
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        yield f"{table or '表单'}没有字段（properties）。"
        return
    for key in schema.get("required", ()):
        if key not in properties:
            yield f"{table or '表单'}的 required 里“{key}”不是字段。"
    for key, part in properties.items():
        yield from _one_field(key, part, properties, table)


def _one_field(key: str, part: Any, properties: Mapping[str, Any], table: str) -> Iterator[str]:
    where = f"字段“{key}”"
    if not NAME.fullmatch(key) or key in RESERVED:
        yield f"{where}的名字要用小写英文字母、数字和下划线，并且不能是系统保留的名字。"
    if not isinstance(part, dict) or not isinstance(part.get("title"), str):
        yield f"{where}缺少中文标题 title。"
        return
    yield from _unknown_keys(part, FIELD_KEYS, where)
    yield from _type_complaints(part, where, bool(table))
    yield from _extra_complaints(part, properties, where)


def _type_complaints(part: Mapping[str, Any], where: str, in_table: bool) -> Iterator[str]:
    kind = part.get("type")
    if kind not in ("string", "integer", "boolean", "array") or (in_table and kind == "array"):
        yield f"{where}的类型只能是 string、integer、boolean{'' if in_table else ' 或 array'}。"
    elif kind == "array":
        yield from _array_complaints(part, where)
    elif part.get("format") and part["format"] not in FORMATS:
        yield f"{where}的 format 只能是 {'、'.join(sorted(FORMATS))}。"
    if kind != "array" and "oneOf" in part:
        yield from _choice_complaints(part, where)


def _array_complaints(part: Mapping[str, Any], where: str) -> Iterator[str]:
    items = part.get("items")
    if not isinstance(items, dict) or "maxItems" not in part:
        yield f"{where}要写 items 和 maxItems。"
    elif items.get("type") == "object":
        yield from _unknown_keys(items, ROW_KEYS, f"{where}的行")
        if items.get("additionalProperties") is not False:
            yield f'{where}的行要写 "additionalProperties": false。'
        yield from _field_complaints(items, where)
        yield from _condition_complaints(items, where)
    elif "oneOf" in items:
        yield from _choice_complaints(items, where)
    elif items.get("format") != "attachment":
        yield f"{where}的每一项只能是一行表格、一个选项或一个附件。"


def _choice_complaints(part: Mapping[str, Any], where: str) -> Iterator[str]:
    for entry in part["oneOf"]:
        if (
            not isinstance(entry, dict)
            or set(entry) != {"const", "title"}
            or not isinstance(entry["const"], str)
        ):
            yield f"{where}的选项要写成 const（文字）和 title。"
            return


def _extra_complaints(part: Mapping[str, Any], properties: Mapping[str, Any], where: str) -> Iterator[str]:
    when = part.get("x-when")
    if when is not None and (set(when) != {"field", "equals"} or when["field"] not in properties):
        yield f"{where}的 x-when 要写成 field（本表单的字段）和 equals。"
    personal = part.get("x-personal")
    if personal is not None and (
        set(personal) != {"purpose", "retention_days"} or not isinstance(personal["retention_days"], int)
    ):
        yield f"{where}的 x-personal 要写明 purpose 和 retention_days。"


def _condition_complaints(schema: Mapping[str, Any], where: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    for part in schema.get("allOf", ()):
        yield from _unknown_keys(part, CONDITION_KEYS, f"{where}的 allOf")
    for part in (schema, *schema.get("allOf", ())):
        if set(part.get("then", {})) - {"required"} or set(part.get("else", {})) - {"required"}:
            yield f"{where}的 then 和 else 里只能写 required。"
        if "if" in part and not _plain_condition(part["if"], properties):
            yield f"{where}的 if 只能比较本表单字段的 const 或 enum，并把该字段写进 if 的 required。"


def _plain_condition(part: Mapping[str, Any], properties: Mapping[str, Any]) -> bool:
    tests = part.get("properties", {})
    return (
        set(part) == {"properties", "required"}
        and len(tests) == 1
        and set(tests) == set(part["required"]) <= set(properties)
        and all(len(test) == 1 and set(test) <= {"const", "enum"} for test in tests.values())
    )


def _rule_complaints(schema: Mapping[str, Any]) -> Iterator[str]:
    for entry in schema.get("x-rules", ()):
        if not {"check", "message", "field"} <= set(entry) <= {"rule", "check", "message", "help", "field"}:
            yield "x-rules 的每一条要写 rule、check、message、help 和 field。"
        elif entry["field"] not in schema.get("properties", {}):
            yield f"x-rules 里的 field “{entry['field']}”不是本表单的字段。"
    for rule in (
        *schema.get("x-basis", ()),
        *(entry.get("rule", "R000") for entry in schema.get("x-rules", ())),
    ):
        if not RULE_ID.fullmatch(rule):
            yield f"规则编号“{rule}”要写成一个大写字母和三位数字。"
