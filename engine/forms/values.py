"""Answers made clean before anything looks at them: NFC, no NUL or surrogates, bounded. Knows no rules."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from engine.errors import FieldProblem, FormRejected
from engine.forms.messages import KIND, foreign_cell, unknown
from engine.forms.schema import Field

MAX_CHARACTERS = 300_000  # of one form, all texts and keys together
MAX_TEXT = 20_000  # of one field without a bound of its own
MAX_ROWS = 500
MAX_INTEGER = 2**63 - 1
# Control characters but tab and line feed; surrogates; zero-width and bidirectional signs, which make a text read
# differently from what it is.
UNSTORABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\ud800-\udfff\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)


def cleaned(fields: Sequence[Field], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers without blanks, in NFC. Raises FormRejected where a value cannot be stored at all."""
    if not isinstance(answers, Mapping):
        raise FormRejected([FieldProblem("", "提交的内容不是一张表单。")])
    if _size(answers) > MAX_CHARACTERS:
        raise FormRejected([FieldProblem("", "填写的内容太多，请精简，较长的材料请作为附件上传。")])
    known = {field.key: field for field in fields}
    problems = [unknown(str(key)) for key in answers if key not in known]
    kept: dict[str, Any] = {}
    for key, field in known.items():
        value, found = _value(field, answers.get(key), field.key, 0)
        problems.extend(found)
        if value is not None:
            kept[key] = value
    if problems:
        raise FormRejected(problems)
    return kept


def _size(value: Any, depth: int = 0) -> int:
    """Characters of all keys and texts; anything nested deeper than a table cell counts as too much."""
    if depth > 3:
        return MAX_CHARACTERS + 1
    if isinstance(value, Mapping):
        return sum(len(str(key)) + _size(part, depth + 1) for key, part in value.items())
    if isinstance(value, list):
        return sum(1 + _size(part, depth + 1) for part in value)
    return len(value) if isinstance(value, str) else 1


def _value(field: Field, value: Any, top: str, row: int) -> tuple[Any, list[FieldProblem]]:
    if value is None or value == []:
        return None, []
    if isinstance(value, str):
        return _text(field, value, top, row)
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > MAX_INTEGER):
        return None, [_complaint(field, top, row, KIND.get(field.kind, "“{title}”填写得不对。"))]
    if isinstance(value, list):
        return _list(field, value)
    return value, []


def _list(field: Field, values: list[Any]) -> tuple[Any, list[FieldProblem]]:
    if len(values) > MAX_ROWS:
        return None, [_complaint(field, field.key, 0, "“{title}”超过" + f"{MAX_ROWS}行。")]
    kept, problems = [], []
    for number, value in enumerate(values, start=1):
        clean, found = (
            _row(field, value, number) if isinstance(value, Mapping) else _entry(field, value, number)
        )
        problems.extend(found)
        if clean is not None:
            kept.append(clean)
    return kept or None, problems


def _row(table: Field, row: Mapping[str, Any], number: int) -> tuple[Any, list[FieldProblem]]:
    """A row without blank cells; a row of blanks is none."""
    known = {column.key: column for column in table.columns}
    kept, problems = {}, []
    for key, value in row.items():
        clean, found = _cell(table, known.get(key), key, value, number)
        problems.extend(found)
        if clean is not None:
            kept[key] = clean
    return kept or None, problems


def _cell(
    table: Field, column: Field | None, key: Any, value: Any, number: int
) -> tuple[Any, list[FieldProblem]]:
    if column is None:
        return None, [foreign_cell(table, number, key)]
    return _value(column, value, table.key, number)


def _entry(field: Field, value: Any, number: int) -> tuple[Any, list[FieldProblem]]:
    if isinstance(value, str):
        return _text(field, value, field.key, number)
    return value, []


def _text(field: Field, value: str, top: str, row: int) -> tuple[Any, list[FieldProblem]]:
    text = unicodedata.normalize("NFC", value) if not unstorable(value) else value
    if field.kind == "text" and not unstorable(text):
        text = " ".join(text.split())  # a name is the same name with an ideographic space behind it
    if not text.strip():
        return None, []
    if unstorable(text):
        return None, [_complaint(field, top, row, "“{title}”里有无法保存的字符，请删去后重新填写。")]
    if len(text) > MAX_TEXT:
        return None, [_complaint(field, top, row, "“{title}”不能超过" + f"{MAX_TEXT}个字。")]
    return text, []


def unstorable(text: str) -> bool:
    """Whether it holds control characters, surrogates or signs that deceive the reader."""
    return UNSTORABLE.search(text) is not None


def _complaint(field: Field, top: str, row: int, sentence: str) -> FieldProblem:
    column = field.key if field.key != top else ""
    prefix = f"第{row}行" if row else ""
    return FieldProblem(top, prefix + sentence.format(title=field.title), row, column)
