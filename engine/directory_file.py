"""Reads a whole directory from one TOML file: units, people, posts, appointments. Knows the file, no database.

[[unit]]         id, name, kind (in the words of `directory.KINDS` or their keys), parent, host
[[post]]         id, unit, role, title
[[person]]       id, name
[[appointment]]  person, post, from (a date), until (a date, optional), acting (optional)
"""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from engine.directory import KINDS, Directory, appointment_id
from engine.errors import Refused
from engine.people import ROLES

Row = Mapping[str, Any]


def read(text: str) -> Directory:
    """Raises Refused with the table, the row and what is wrong with it."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as mistake:
        raise Refused(
            f"名录文件无法读取：{mistake}", help="请按 docs/operations.md 的样例填写。"
        ) from mistake
    return Directory(
        units=_rows(told, "unit", _unit),
        people=_rows(told, "person", lambda row: {"id": row["id"], "name": row["name"]}),
        posts=_rows(told, "post", _post),
        appointments=_rows(told, "appointment", _appointment),
    )


def _rows(told: Row, table: str, read_row: Callable[[Row], dict[str, Any]]) -> list[dict[str, Any]]:
    return [_one(table, number, row, read_row) for number, row in enumerate(told.get(table, ()), start=1)]


def _one(table: str, number: int, row: Row, read_row: Callable[[Row], dict[str, Any]]) -> dict[str, Any]:
    try:
        return read_row(row)
    except KeyError as missing:
        raise Refused(
            f"名录第{number}个[[{table}]]有误：{missing.args[0]}", help="请补写这一项，或改成可用的写法。"
        ) from missing


def _unit(row: Row) -> dict[str, Any]:
    kinds = {**{name: kind for kind, name in KINDS.items()}, **{kind: kind for kind in KINDS}}
    return {
        "id": row["id"],
        "name": row["name"],
        "kind": kinds[row["kind"]],
        "parent_id": row.get("parent"),
        "host_id": row.get("host"),
    }


def _post(row: Row) -> dict[str, Any]:
    roles = {**{name: role for role, name in ROLES.items()}, **{role: role for role in ROLES}}
    return {
        "id": row["id"],
        "unit_id": row["unit"],
        "role": roles[row["role"]],
        "title": row["title"],
        "closed_on": None,
    }


def _appointment(row: Row) -> dict[str, Any]:
    since = row["from"]
    if not isinstance(since, date):
        raise KeyError("from 要写成日期，例如 2026-01-01")
    return {
        "id": appointment_id(row["person"], row["post"], since),
        "person_id": row["person"],
        "post_id": row["post"],
        "from_date": since,
        "until_date": row.get("until"),
        "acting": bool(row.get("acting", False)),
    }
