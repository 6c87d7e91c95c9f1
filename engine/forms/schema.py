"""What a form file says, as frozen fields. Knows nothing of answers; expects a file that passed the gate."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MAX_FILE = 200_000


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
    `rule` is why the field must be filled in, where that is not the form's first basis.
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
    rule: str = ""
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
        rule=part.get("x-rule", ""),
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
