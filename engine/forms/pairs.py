"""Between what a browser posts (name, value pairs) and JSON answers, both ways. Judges nothing.

A value that cannot be turned into its type stays as typed: `Form.accept` says what is wrong with it. Names that
the form does not know stay too, so that they are refused and not silently lost.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.forms.schema import Field

INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
MONEY = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?")
CELL = re.compile(r"([a-z][a-z0-9_]*)\.([0-9]{1,4})\.([a-z][a-z0-9_]*)")
LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")
ZONE = "+08:00"  # datetime-local carries no zone; the house keeps Asia/Shanghai

Pairs = Iterable[tuple[str, str]]


def read(fields: Sequence[Field], pairs: Pairs) -> dict[str, Any]:
    """JSON answers of these fields. Empty texts are absent, empty rows dropped, rows numbered anew."""
    flat, rows = _sorted_out(pairs)
    answers = {field.key: _value(field, flat, rows) for field in fields}
    known = {field.key: field for field in fields}
    answers.update({name: texts[-1] for name, texts in flat.items() if name not in known})
    answers.update({name: list(by.values()) for name, by in rows.items() if not _is_table(known.get(name))})
    return {key: value for key, value in answers.items() if value is not None}


def write(fields: Sequence[Field], answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The pairs a browser would post for these answers: `read(fields, write(fields, x)) == x`."""
    written: list[tuple[str, str]] = []
    for field in fields:
        written.extend(_pairs(field, answers.get(field.key)))
    return written


def _sorted_out(pairs: Pairs) -> tuple[dict[str, list[str]], dict[str, dict[int, dict[str, str]]]]:
    """Plain names → texts, and table → row number as posted → column → text."""
    flat: dict[str, list[str]] = {}
    rows: dict[str, dict[int, dict[str, str]]] = {}
    for name, text in pairs:
        text = text.replace("\r\n", "\n")
        cell = CELL.fullmatch(name)
        if cell is None:
            flat.setdefault(name, []).append(text)
        else:
            table, row, column = cell.groups()
            rows.setdefault(table, {}).setdefault(int(row), {})[column] = text
    return flat, {table: dict(sorted(by.items())) for table, by in rows.items()}


def _is_table(field: Field | None) -> bool:
    return field is not None and field.kind == "table"


def _value(field: Field, flat: Mapping[str, list[str]], rows: Mapping[str, dict[int, dict[str, str]]]) -> Any:
    if field.kind == "table":
        table = [_row(field, cells) for cells in rows.get(field.key, {}).values()]
        return [row for row in table if any(row.values())] or None
    texts = flat.get(field.key, [])
    if field.kind in ("checkboxes", "attachments"):
        return [text for text in texts if text] or None
    if field.kind == "checkbox":
        return _ticked(texts)
    return _scalar(field, texts[-1]) if texts else None


def _row(table: Field, cells: Mapping[str, str]) -> dict[str, Any]:
    columns = {column.key: column for column in table.columns}
    row: dict[str, Any] = {
        column.key: _ticked([cells[column.key]] if column.key in cells else [])
        for column in table.columns
        if column.kind == "checkbox"
    }
    for key, text in cells.items():
        if key not in columns:
            row[key] = text
        elif columns[key].kind != "checkbox":
            row[key] = _scalar(columns[key], text)
    return {key: value for key, value in row.items() if value is not None}


def _ticked(texts: Sequence[str]) -> bool:
    return bool(texts) and texts[-1] in ("on", "true", "1", "yes")


def _scalar(field: Field, text: str) -> Any:
    if text == "":
        return None
    stripped = text.strip()
    if field.kind == "integer" and INTEGER.fullmatch(stripped):
        return int(stripped)
    if field.kind == "money" and MONEY.fullmatch(stripped.replace(",", "")):
        return int(Decimal(stripped.replace(",", "")) * 100)
    if field.kind == "datetime" and LOCAL_TIME.fullmatch(stripped):
        return (stripped if len(stripped) == 19 else stripped + ":00") + ZONE
    return text


def _pairs(field: Field, value: Any) -> Iterable[tuple[str, str]]:
    if value is None or value is False:
        return []
    if field.kind == "table":
        return [
            (f"{field.key}.{number}.{name}", text)
            for number, row in enumerate(value)
            for name, text in write(field.columns, row)
        ]
    if isinstance(value, list):
        return [(field.key, str(entry)) for entry in value]
    return [(field.key, _text(field, value))]


def _text(field: Field, value: Any) -> str:
    if value is True:
        return "on"
    if field.kind == "money" and isinstance(value, int):
        return f"{value // 100}.{value % 100:02d}"
    if field.kind == "datetime":
        return str(value).removesuffix(ZONE).removesuffix(":00") if _whole_minute(value) else _local(value)
    return str(value)


def _local(value: str) -> str:
    return value.removesuffix(ZONE)


def _whole_minute(value: str) -> bool:
    return len(value) == len("2026-03-05T09:00:00+08:00") and value.endswith(f":00{ZONE}")
