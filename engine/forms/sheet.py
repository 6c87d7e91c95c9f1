"""A form as a table that a designer fills in: one row per field, both ways. Judges nothing: the gate does.

The table says what most forms need. What it cannot say (rules across fields, personal marks, columns of tables,
proposals) stays in the file as it was, and is edited as text.
"""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from engine.forms import schema as schemas
from engine.forms.form import Form, load
from engine.forms.schema import Field, When

# What a field of each kind is made of.
_MADE_OF: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": "string", "maxLength": 100},
    "textarea": {"type": "string", "maxLength": 1000},
    "phone": {"type": "string", "format": "phone"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "clock": {"type": "string", "format": "clock"},
    "person": {"type": "string", "format": "person"},
    "performer": {"type": "string", "format": "performer"},
    "integer": {"type": "integer"},
    "money": {"type": "integer", "minimum": 0, "x-unit": "分"},
    "choice": {"type": "string", "oneOf": []},
    "checkbox": {"type": "boolean"},
    "checkboxes": {"type": "array", "items": {"type": "string", "oneOf": []}, "maxItems": 20},
    "attachments": {"type": "array", "items": {"type": "string", "format": "attachment"}, "maxItems": 10},
    "table": {"type": "array", "items": {}, "maxItems": 100},
}
_BOUNDS = {
    "string": ("minLength", "maxLength"),
    "integer": ("minimum", "maximum"),
    "array": ("minItems", "maxItems"),
}
_FILE = Path(__file__).parent / "sheet-schema.json"


def blank() -> Form:
    """The form in which a form is described."""
    return load({_FILE.name: _FILE.read_bytes()}, _FILE.name)


def described(content: bytes) -> dict[str, Any]:
    """A form file as answers to `blank()`. Raises schema.Unreadable."""
    schema = schemas.parse(content)
    rows = [_row(field) for field in schemas.fields(schema)]
    told = {"title": schema.get("title", ""), "description": schema.get("description"), "fields": rows}
    return {key: value for key, value in told.items() if value is not None}


def written(content: bytes, told: Mapping[str, Any]) -> bytes:
    """The file that these answers describe, over the file as it was. Raises schema.Unreadable."""
    schema = schemas.parse(content)
    schema["title"] = told.get("title", "")
    _put(schema, "description", told.get("description"))
    rows = [row for row in told.get("fields") or () if row.get("key")]
    before = schema.get("properties", {})
    schema["properties"] = {str(row["key"]): _part(before.get(str(row["key"]), {}), row) for row in rows}
    _put(schema, "required", [str(row["key"]) for row in rows if row.get("required")])
    return (json.dumps(schema, ensure_ascii=False, indent=2) + "\n").encode()


def _row(field: Field) -> dict[str, Any]:
    least, most = next(
        (
            pair
            for pair in (
                (field.minimum, field.maximum),
                (field.min_length, field.max_length),
                (field.min_items, field.max_items),
            )
            if pair != (None, None)
        ),
        (None, None),
    )
    row = {
        "key": field.key,
        "title": field.title,
        "kind": field.kind,
        "required": field.required,
        "options": "\n".join(f"{option.value}={option.title}" for option in field.options),
        "least": least,
        "most": most,
        "help": field.help,
        "condition": _condition(field.when),
    }
    return {key: value for key, value in row.items() if value not in (None, "")}


def _condition(when: When | None) -> str:
    return f"{when.field}={'|'.join(_spoken(value) for value in when.equals)}" if when else ""


def _part(before: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """The property of one field; what the table does not say is kept while the kind stays."""
    kind = str(row.get("kind", "text"))
    part = deepcopy(dict(before)) if _kind(before) == kind else deepcopy(dict(_MADE_OF.get(kind, {})))
    part["title"] = str(row.get("title", ""))
    _put(part, "description", row.get("help"))
    least, most = _BOUNDS.get(part.get("type", ""), ("", ""))
    if least and "format" not in part and "oneOf" not in part:
        _put(part, least, row.get("least"))
        _put(part, most, row.get("most") or (part.get("maxItems") if most == "maxItems" else None))
    if kind in ("choice", "checkboxes"):
        holder = part["items"] if kind == "checkboxes" else part
        holder["oneOf"] = _options(str(row.get("options", "")))
    _put(part, "x-when", _when(str(row.get("condition", "")), part.get("x-when")))
    return part


def _kind(part: Mapping[str, Any]) -> str:
    if not part:
        return ""
    return schemas.fields({"properties": {"x": {"title": "", **part}}})[0].kind


def _options(text: str) -> list[dict[str, str]]:
    """One a line: `public=公共事务`; a line without a sign is both."""
    pairs = (line.partition("=") for line in text.splitlines() if line.strip())
    return [{"const": value.strip(), "title": (title or value).strip()} for value, _, title in pairs]


def _when(text: str, before: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """`affair=public|mixed`. One that says the same as before stays as it was, types included."""
    field, _, values = text.partition("=")
    if not field.strip():
        return None
    wanted = [value.strip() for value in values.split("|")]
    if before is not None and before["field"] == field.strip() and _values(before) == wanted:
        return before
    typed: Sequence[Any] = [{"true": True, "false": False}.get(value, value) for value in wanted]
    return {"field": field.strip(), "equals": typed[0] if len(typed) == 1 else list(typed)}


def _values(when: Mapping[str, Any]) -> list[str]:
    wanted = when["equals"]
    return [_spoken(value) for value in (wanted if isinstance(wanted, list) else [wanted])]


def _spoken(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _put(target: dict[str, Any], key: str, value: Any) -> None:
    """An empty value takes the key away."""
    if value in (None, "", []):
        target.pop(key, None)
    else:
        target[key] = value
