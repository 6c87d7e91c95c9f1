"""Submitted answers in words, field by field, with the form they were given on. Knows forms, no case.

Personal values are commitments in the history; they are shown as protected here and revealed elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import forms
from engine.database import dumps
from engine.errors import Refused
from engine.forms import Field
from engine.forms.foreign import ForeignForm
from engine.personal import SEALED

Named = Callable[[str], str]  # a person's or post's id as it stands in an answer → words
PROTECTED = "（个人信息，已保护）"
NOTHING = "—"
MOST = 1_000  # characters of a value that no form bounds


@dataclass(frozen=True)
class Shown:
    """One field: `text` for a single value, `columns` and `rows` for a table, `attachments` for files."""

    key: str
    title: str
    text: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    attachments: tuple[str, ...] = ()


def shown(
    files: Mapping[str, bytes], path: str, data: Mapping[str, Any], named: Named = str
) -> tuple[Shown, ...]:
    """Answers in the order of their form; a form that is gone shows nothing but what it can."""
    try:
        form = forms.load(files, path)
    except Refused:
        return shown_freely(data)
    if isinstance(form, ForeignForm):
        return shown_freely(data, form.titles)
    return tuple(
        _field(field, data[field.key], named)
        for field in form.fields
        if data.get(field.key) not in (None, [])
    )


def shown_freely(data: Mapping[str, Any], titles: Mapping[str, str] | None = None) -> tuple[Shown, ...]:
    """Values that no form of ours describes, under their own names or these titles."""
    return tuple(Shown(key, (titles or {}).get(key, key), free_text(value)) for key, value in data.items())


def free_text(value: Any) -> str:
    """A value of whatever kind: what has parts as JSON, but for what is personal in it."""
    if value in (None, "", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    if not isinstance(value, Mapping | list):
        return _shortened(str(value))
    return _shortened(dumps(_protected(value)))


def text_of(field: Field, value: Any, named: Named = str) -> str:
    """One value in the words of its field."""
    if isinstance(value, Mapping):
        return PROTECTED
    if isinstance(value, list):
        return "、".join(text_of(field, part, named) for part in value) or NOTHING
    titles = {option.value: option.title for option in field.options}
    if value in titles:
        return titles[value]
    if field.kind in ("person", "performer") and value:
        return named(str(value))
    if isinstance(value, bool):
        return "是" if value else "否"
    return _money(value) if field.kind == "money" else _plain(value)


def _field(field: Field, value: Any, named: Named) -> Shown:
    if field.kind == "table" and isinstance(value, list):
        return _table(field, value, named)
    if field.kind == "attachments" and isinstance(value, list):
        return Shown(field.key, field.title, attachments=tuple(map(str, value)))
    return Shown(field.key, field.title, text_of(field, value, named))


def _table(field: Field, rows: Sequence[Mapping[str, Any]], named: Named) -> Shown:
    columns = tuple(column.title for column in field.columns)
    cells = tuple(
        tuple(text_of(column, row.get(column.key), named) for column in field.columns) for row in rows
    )
    return Shown(field.key, field.title, columns=columns, rows=cells)


def _money(value: Any) -> str:
    return f"{int(value) // 100:,}.{int(value) % 100:02d}元"


def _protected(value: Any) -> Any:
    if isinstance(value, Mapping):
        return PROTECTED if SEALED in value else {key: _protected(part) for key, part in value.items()}
    return [_protected(part) for part in value] if isinstance(value, list) else value


def _shortened(text: str) -> str:
    return text if len(text) <= MOST else f"{text[:MOST]}…"


def _plain(value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    return str(value)
