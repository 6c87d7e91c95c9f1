"""The functions of the script language: the pure ones, and the names of those answered from outside.

Knows no case, no clock and no calendar: `today()`, working days and people are only named here, so that the
compiler can tell a known function from a typing error; whoever runs a script hands them in.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

from engine.bpmn.values import MAX_LIST, Value, kind, plain
from engine.errors import ScriptFailed

SHANGHAI = timezone(timedelta(hours=8))  # no summer time since 1991, so no zone table that may differ
ARITHMETIC = Context(
    prec=28, rounding=ROUND_HALF_EVEN, Emin=-60, Emax=60, traps=[DivisionByZero, InvalidOperation, Overflow]
)

_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")
_FRACTION = re.compile(r"[+-]?[0-9]{1,19}(\.[0-9]{1,12})?")


def _len(value: Value) -> Value:
    if not isinstance(value, str | list | dict):
        raise ScriptFailed(f"len 要的是文字、列表或记录，不是{kind(value)}")
    return len(value)


def _sum(values: Value) -> Value:
    total: Value = 0
    for value in _list("sum", values):
        total = _add(total, _number("sum", value))
    return total


def _add(one: Value, other: Value) -> Value:
    if isinstance(one, Decimal) or isinstance(other, Decimal):
        return ARITHMETIC.add(Decimal(one), Decimal(other))
    return one + other


def _min(*values: Value) -> Value:
    return _extreme("min", min, values)


def _max(*values: Value) -> Value:
    return _extreme("max", max, values)


def _extreme(name: str, pick: Callable[[Iterable[Value]], Value], values: tuple[Value, ...]) -> Value:
    chosen = _list(name, values[0]) if len(values) == 1 else list(values)
    if not chosen:
        raise ScriptFailed(f"{name} 的列表是空的")
    try:
        return pick(chosen)
    except TypeError as cause:
        raise ScriptFailed(f"{name} 里的值不能比较大小") from cause


def _sorted(values: Value) -> Value:
    try:
        return sorted(_list("sorted", values))
    except TypeError as cause:
        raise ScriptFailed("sorted 里的值不能比较大小") from cause


def _any(values: Iterable[Value]) -> Value:
    return any(_iterated("any", values))


def _all(values: Iterable[Value]) -> Value:
    return all(_iterated("all", values))


def _iterated(name: str, values: Value) -> Iterable[Value]:
    """A list, or the generator that the interpreter hands to `any` and `all` only."""
    if values is None or isinstance(values, bool | int | str | Decimal | dict):
        raise ScriptFailed(f"{name} 要的是列表，不是{kind(values)}")
    return iter(values)


def _abs(value: Value) -> Value:
    number = _number("abs", value)
    return number.copy_abs() if isinstance(number, Decimal) else abs(number)


def _round(value: Value, places: Value = None) -> Value:
    number = _number("round", value)
    if places is None:
        return int(ARITHMETIC.to_integral_value(number)) if isinstance(number, Decimal) else int(number)
    if type(places) is not int or not -18 <= places <= 18:
        raise ScriptFailed("round 的位数要在 -18 到 18 之间")
    if isinstance(number, Decimal):
        return ARITHMETIC.quantize(number, ARITHMETIC.scaleb(1, -places))
    return round(int(number), places)


def _int(value: Value) -> Value:
    if isinstance(value, str):
        if not _WHOLE.fullmatch(value.strip(" ")):
            raise ScriptFailed(f"「{value[:20]}」不是整数")
        return int(value)
    return int(_number("int", value))


def _decimal(value: Value) -> Value:
    if isinstance(value, str):
        if not _FRACTION.fullmatch(value.strip(" ")):
            raise ScriptFailed(f"「{value[:20]}」不是小数")
        return Decimal(value.strip(" "))
    return Decimal(_number("decimal", value))


def _str(value: Value) -> Value:
    if isinstance(value, list | dict):
        raise ScriptFailed(f"str 不能把{kind(value)}变成文字")
    return plain(value) if isinstance(value, Decimal) else str(value)


def _bool(value: Value) -> Value:
    return bool(value)


def _range(*bounds: Value) -> Value:
    if any(type(bound) is not int for bound in bounds):
        raise ScriptFailed("range 要的是整数")
    if len(bounds) == 3 and bounds[2] == 0:
        raise ScriptFailed("range 的步长不能是 0")
    numbers = range(*bounds)
    # not len(): it overflows for 64-bit bounds
    if numbers[MAX_LIST:]:
        raise ScriptFailed(f"range 最多 {MAX_LIST} 个数")
    return list(numbers)


def _distinct(values: Value) -> Value:
    first: dict[object, Value] = {}
    for value in _rows("distinct", values):
        first.setdefault(_identity(value), value)
    return list(first.values())


def _identity(value: Value) -> object:
    """Hashable, and equal for values that `==` calls equal."""
    if isinstance(value, list):
        return ("list", *map(_identity, value))
    if isinstance(value, dict):
        return ("dict", frozenset((key, _identity(part)) for key, part in value.items()))
    return value


def _pluck(values: Value, key: Value) -> Value:
    return [row.get(key) if isinstance(row, dict) else None for row in _rows("pluck", values)]


def _count(values: Value, key: Value, wanted: Value) -> Value:
    return len(_where(values, key, wanted))


def _where(values: Value, key: Value, wanted: Value) -> Value:
    rows = _rows("where", values)
    return [row for row in rows if isinstance(row, dict) and key in row and row[key] == wanted]


def _add_days(day: Value, days: Value) -> Value:
    if type(days) is not int:
        raise ScriptFailed(f"add_days 的天数要是整数，不是{kind(days)}")
    try:
        return (_date(day) + timedelta(days=days)).isoformat()
    except OverflowError as cause:
        raise ScriptFailed("算出的日期超出了日历") from cause


def _days_between(start: Value, end: Value) -> Value:
    return (_date(end) - _date(start)).days


def _month_start(day: Value) -> Value:
    return _date(day).replace(day=1).isoformat()


def _next_month(day: Value) -> Value:
    return _add_days(_date(day).replace(day=28).isoformat(), 4)[:8] + "01"


def _date(text: Value) -> date:
    """The day in Asia/Shanghai that an ISO date or a date-time with offset names."""
    if not isinstance(text, str):
        raise ScriptFailed(f'日期要写成 "2026-03-05"，这里是{kind(text)}')
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ScriptFailed(f"时间「{text[:30]}」没有时区")
        return moment.astimezone(SHANGHAI).date()
    except (ValueError, OverflowError) as cause:
        raise ScriptFailed(f"「{text[:30]}」不是日期") from cause


def _number(name: str, value: Value) -> Value:
    if not isinstance(value, int | Decimal):
        raise ScriptFailed(f"{name} 要的是数，不是{kind(value)}")
    return value


def _list(name: str, value: Value) -> list[Value]:
    if not isinstance(value, list):
        raise ScriptFailed(f"{name} 要的是列表，不是{kind(value)}")
    return value


def _rows(name: str, value: Value) -> list[Value]:
    """A table that nobody has filled yet is an empty one."""
    return [] if value is None else _list(name, value)


PURE_FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "len": _len,
    "sum": _sum,
    "min": _min,
    "max": _max,
    "sorted": _sorted,
    "any": _any,
    "all": _all,
    "abs": _abs,
    "round": _round,
    "int": _int,
    "decimal": _decimal,
    "str": _str,
    "bool": _bool,
    "range": _range,
    "distinct": _distinct,
    "pluck": _pluck,
    "count": _count,
    "where": _where,
    "add_days": _add_days,
    "days_between": _days_between,
    "month_start": _month_start,
    "next_month": _next_month,
}

OUTSIDE_FUNCTIONS = frozenset(
    "today now working_days_after working_days_between notice_end last_working_day first_saturday "
    "holder council_size".split()
)

# name → (fewest, most) arguments
KNOWN_FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "len": (1, 1),
    "sum": (1, 1),
    "min": (1, 20),
    "max": (1, 20),
    "sorted": (1, 1),
    "any": (1, 1),
    "all": (1, 1),
    "abs": (1, 1),
    "round": (1, 2),
    "int": (1, 1),
    "decimal": (1, 1),
    "str": (1, 1),
    "bool": (1, 1),
    "range": (1, 3),
    "distinct": (1, 1),
    "pluck": (2, 2),
    "count": (3, 3),
    "where": (3, 3),
    "add_days": (2, 2),
    "days_between": (2, 2),
    "month_start": (1, 1),
    "next_month": (1, 1),
    "today": (0, 0),
    "now": (0, 0),
    "working_days_after": (2, 2),
    "working_days_between": (2, 2),
    "notice_end": (2, 2),
    "last_working_day": (1, 1),
    "first_saturday": (1, 1),
    "holder": (2, 2),
    "council_size": (1, 1),
}
