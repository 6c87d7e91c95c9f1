"""Expressions, scripts, timer texts and decision tables, by Python itself. Knows no token and nothing of the engine."""

import ast
import re
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from xml.etree import ElementTree

HERE = timezone(timedelta(hours=8))  # Asia/Shanghai has had no summer time since 1991
ASKED = {
    "working_days_after": ("calendar/working_days_after", ("date", "days")),
    "notice_end": ("calendar/notice_end", ("posted_on", "days")),
    "last_working_day": ("calendar/last_working_day", ("date",)),
    "holder": ("people/holder", ("role", "date")),
}  # function → operation and the names of its arguments (docs/design.md, section 3)
_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$"
)
_BOUNDS = re.compile(r"([\[(\]])(.+)\.\.(.+)([\])\[])$")


class Record(dict[str, Any]):
    """A JSON object whose keys are read as attributes, `items` too; a missing one is None."""

    def __getattribute__(self, name: str) -> Any:
        return super().__getattribute__(name) if name.startswith("__") else dict.get(self, name)


class _Methods(ast.NodeTransformer):
    """`record.keys()` calls a method also where `record.keys` reads a key."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
            called = ast.Name(f".{node.func.attr}", ast.Load())
            return ast.copy_location(
                ast.Call(ast.copy_location(called, node), [node.func.value, *node.args], []), node
            )
        return node


_METHODS: dict[str, Callable[..., Any]] = {
    "keys": lambda record: list(dict.keys(record)),
    "values": lambda record: list(dict.values(record)),
    "items": lambda record: [[key, value] for key, value in dict.items(record)],
    "get": lambda record, key, otherwise=None: dict.get(record, key, otherwise),
    "update": lambda record, more: dict.update(record, more),
}


def received(value: Any) -> Any:
    """What comes from outside has its keys in the order in which the history keeps them."""
    if isinstance(value, dict):
        return {key: received(value[key]) for key in sorted(value)}
    return [received(one) for one in value] if isinstance(value, list) else value


def wrapped(value: Any) -> Any:
    if isinstance(value, dict):
        return Record({key: wrapped(value[key]) for key in value})
    return [wrapped(one) for one in value] if isinstance(value, list) else value


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(value[key]) for key in value}
    return [plain(one) for one in value] if isinstance(value, (list, range)) else value


class _Names(MutableMapping[str, Any]):
    """What an expression may name: variables over functions; what a script assigns is kept apart."""

    def __init__(self, variables: Mapping[str, Any], at: datetime) -> None:
        known = {name: wrapped(value) for name, value in variables.items()}
        self.known = {"__builtins__": {}, **_functions(at), **known}  # where [… for … in …] looks names up
        self.assigned: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        return self.known[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.known[name] = self.assigned[name] = value

    def __delitem__(self, name: str) -> None:
        raise KeyError(name)

    def __iter__(self) -> Any:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)


def evaluate(text: str, variables: Mapping[str, Any], at: datetime) -> Any:
    names = _Names(variables, at)
    return plain(eval(_compiled(text.strip(), "eval"), names.known, names))  # noqa: S307 only diagrams of these tests


def run(script: str, variables: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """What the script assigns."""
    names = _Names(variables, at)
    exec(_compiled(script, "exec"), names.known, names)  # noqa: S102 likewise
    looped = {node.target.id for node in ast.walk(ast.parse(script)) if isinstance(node, ast.For)}
    return {name: plain(value) for name, value in names.assigned.items() if name not in looped}


def _compiled(text: str, mode: str) -> Any:
    return compile(_Methods().visit(ast.parse(text, mode=mode)), "diagram", mode)


def _functions(at: datetime) -> dict[str, Callable[..., Any]]:
    def table(rows: Any) -> list[Any]:
        """What functions of tables take: a list, or nothing yet."""
        if not isinstance(rows, list | None):
            raise TypeError("no list")
        return rows or []

    def count(rows: Any, key: str, value: Any) -> int:
        return sum(dict.get(row, key) == value for row in table(rows))

    def pluck(rows: Any, key: str) -> list[Any]:
        return [dict.get(row, key) for row in table(rows)]

    def add_days(day: str, number: int) -> str:
        return (date.fromisoformat(day) + timedelta(days=number)).isoformat()

    def next_month(day: str) -> str:
        first = date.fromisoformat(day).replace(day=1)
        return (first + timedelta(days=31)).replace(day=1).isoformat()

    return {
        "next_month": next_month, "distinct": lambda rows: [r for n, r in enumerate(rows) if r not in rows[:n]],
        "len": len, "sum": sum, "min": min, "max": max, "abs": abs, "range": range, "str": str, "bool": bool,
        "count": count, "add_days": add_days, "pluck": pluck,
        "today": lambda: at.astimezone(HERE).date().isoformat(),
        **{f".{name}": method for name, method in _METHODS.items()},
    }  # fmt: skip


def moment(text: str, variables: Mapping[str, Any], at: datetime) -> tuple[datetime, str, int]:
    """A timer's first due time, the period of its repetition or "", and how often it may happen."""
    if not is_literal(text):
        text = evaluate(text, variables, at)
    if text.startswith("R"):
        times, period = text.split("/")
        return later(at, period), period, int(times[1:]) if times[1:] else 10**9
    if text.startswith("P"):
        return later(at, text), "", 1
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), HERE).astimezone(UTC), "", 1
    return datetime.fromisoformat(text).astimezone(UTC), "", 1


def is_literal(text: str) -> bool:
    """Or else an expression for such a text."""
    return bool(re.match(r"R?\d*/?P|\d{4}-", text))


def later(at: datetime, period: str) -> datetime:
    """`at` and a duration of ISO 8601; months and years by the calendar of Shanghai."""
    found = _DURATION.match(period)
    assert found, period
    years, months, weeks, days, hours, minutes, seconds = (int(one or 0) for one in found.groups())
    moved = _by_months(at.astimezone(HERE), years * 12 + months)
    span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return (moved + span).astimezone(UTC)


def _by_months(at: datetime, months: int) -> datetime:
    years, month = divmod(at.month - 1 + months, 12)
    for day in range(at.day, 0, -1):
        try:
            return at.replace(year=at.year + years, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError


def decide(
    decision: ElementTree.Element, variables: Mapping[str, Any], at: datetime
) -> list[tuple[str, Any]]:
    """Output name and value of a decision table (DMN 1.3, 8.2.10), in the order of its columns."""
    found = decision.find("{*}decisionTable")
    assert found is not None
    inputs = [
        evaluate(_text(one, "{*}inputExpression/{*}text"), variables, at) for one in found.findall("{*}input")
    ]
    names = [one.get("name", "") for one in found.findall("{*}output")]
    rows = [
        [_value(_text(one, "{*}text"), variables, at) for one in rule.findall("{*}outputEntry")]
        for rule in found.findall("{*}rule")
        if all(
            _fits(_text(cell, "{*}text"), value, variables, at)
            for cell, value in zip(rule.findall("{*}inputEntry"), inputs, strict=True)
        )
    ]
    policy = found.get("hitPolicy", "UNIQUE")
    if policy == "COLLECT":
        return [(name, [row[column] for row in rows]) for column, name in enumerate(names)]
    if policy == "UNIQUE" and len(rows) > 1:
        raise ValueError("more than one rule of a table that has one answer")
    return [(name, rows[0][column] if rows else None) for column, name in enumerate(names)]


def _text(element: ElementTree.Element, path: str) -> str:
    found = element.find(path)
    return "" if found is None or found.text is None else found.text.strip()


def _value(text: str, variables: Mapping[str, Any], at: datetime) -> Any:
    return evaluate({"true": "True", "false": "False", "null": "None"}.get(text, text), variables, at)


def _fits(cell: str, value: Any, variables: Mapping[str, Any], at: datetime) -> bool:
    """One unary test of simple FEEL."""
    cell = cell.strip()
    if cell in ("", "-"):
        return True
    if cell.startswith("not(") and cell.endswith(")"):
        return not _fits(cell[4:-1], value, variables, at)
    if value is None and (_BOUNDS.match(cell) or cell[:1] in "<>"):
        return False  # a comparison with null is null, which is no match (DMN 1.3, table 53)
    if bounds := _BOUNDS.match(cell):
        low, high = (_value(bounds[n], variables, at) for n in (2, 3))
        above = value >= low if bounds[1] == "[" else value > low
        return above and (value <= high if bounds[4] == "]" else value < high)
    if "," in cell:
        return any(_fits(one, value, variables, at) for one in cell.split(","))
    if sign := re.match(r"[<>]=?", cell):
        return bool(evaluate(f"found {cell}", {**variables, "found": value}, at)) and bool(sign)
    found = _value(cell, variables, at)
    true = found is True and cell != "true"  # the word is a value to compare with, anything else a statement
    return true or _is(value, found) or (isinstance(found, list) and any(_is(value, one) for one in found))


def _is(value: Any, other: Any) -> bool:
    return isinstance(value, bool) is isinstance(other, bool) and bool(value == other)
