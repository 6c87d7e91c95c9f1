"""JSON values inside the script language: copied in, weighed, copied out. Knows no grammar and no functions.

Inside, a value is None, bool, int (64 bits), Decimal, str, list or dict with text keys. Floats never enter,
and a decimal leaves as text, because the history is canonical JSON without floats.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.errors import ScriptFailed

Value = Any  # None, bool, int, Decimal, str, list[Value] or dict[str, Value]

MAX_STRING = 100_000
MAX_LIST = 10_000
MAX_DEPTH = 20
MAX_PARTS = 200_000  # values in one piece of data, shared ones counted as often as they appear
MAX_CHARACTERS = 1_000_000
MAX_INTEGER = 2**63 - 1
MIN_INTEGER = -(2**63)

_KINDS = {
    type(None): "空值",
    bool: "真假值",
    int: "整数",
    Decimal: "小数",
    str: "文字",
    list: "列表",
    dict: "记录",
}


def copied_in(value: object) -> Value:
    """A copy that shares nothing with what was given; refuses what is not JSON or too large."""
    return _Copy(decimal_as_text=False).of(value, 0)


def copied_out(value: Value) -> Any:
    """JSON as a case keeps it: decimals as plain text such as "0.50"."""
    return _Copy(decimal_as_text=True).of(value, 0)


def received(value: object) -> Any:
    """What comes from outside, as its event will hold it: keys in the order of canonical JSON.

    A script may walk over keys; executed again it gets them from the event.
    """
    return in_order(copied_out(copied_in(value)))


def kind(value: Value) -> str:
    """What a designer calls the type of a value."""
    return _KINDS.get(type(value), "不是数据的东西")


def weight(value: Value, limit: int, depth: int = 0) -> int:
    """How many steps it costs to walk a value, counting shared parts each time; stops soon above `limit`."""
    if depth > MAX_DEPTH:
        raise ScriptFailed(f"数据套得太深，最多 {MAX_DEPTH} 层")
    if isinstance(value, str):
        return 1 + len(value) // 64
    if not isinstance(value, list | dict):
        return 1
    total = 1
    for part in value if isinstance(value, list) else [*value.keys(), *value.values()]:
        total += weight(part, limit - total, depth + 1)
        if total > limit:
            break
    return total


def bounded(value: Value) -> Value:
    """`value` itself, if a script may hold it; looks at the outermost level only."""
    if isinstance(value, int) and not MIN_INTEGER <= value <= MAX_INTEGER:
        raise ScriptFailed("整数超出了 64 位的范围")
    if isinstance(value, str) and len(value) > MAX_STRING:
        raise ScriptFailed(f"文字太长，最多 {MAX_STRING} 个字")
    if isinstance(value, list | dict) and len(value) > MAX_LIST:
        raise ScriptFailed(f"列表或记录太大，最多 {MAX_LIST} 项")
    return value


def same(one: Value, other: Value) -> bool:
    """Equal as JSON: true is not 1."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


class _Copy:
    """One copy with its own bounds."""

    def __init__(self, *, decimal_as_text: bool) -> None:
        self.decimal_as_text = decimal_as_text
        self.parts = MAX_PARTS
        self.characters = MAX_CHARACTERS

    def of(self, value: object, depth: int) -> Value:
        self.parts -= 1
        if self.parts < 0 or depth > MAX_DEPTH:
            raise ScriptFailed("数据太大或套得太深")
        if isinstance(value, list):
            return [self.of(part, depth + 1) for part in bounded(value)]
        if isinstance(value, Mapping):
            return {self._key(key): self.of(part, depth + 1) for key, part in value.items()}
        return self._scalar(value)

    def _scalar(self, value: object) -> Value:
        if type(value) is Decimal:
            return plain(value) if self.decimal_as_text else value
        if value is not None and type(value) not in (bool, int, str):
            raise ScriptFailed(
                f"数据里有不能使用的值（{type(value).__name__}）",
                help="小数请写成文字，如 '0.5'；日期也写成文字",
            )
        if isinstance(value, str):
            self._read(value)
        return bounded(value)

    def _key(self, key: object) -> str:
        if type(key) is not str:
            raise ScriptFailed("记录的键必须是文字")
        self._read(key)
        return key

    def _read(self, text: str) -> None:
        self.characters -= len(text)
        if self.characters < 0:
            raise ScriptFailed("数据太大或套得太深")


def in_order(value: Any) -> Any:
    """JSON with the keys of every record sorted."""
    if isinstance(value, dict):
        return {key: in_order(value[key]) for key in sorted(value)}
    return [in_order(part) for part in value] if isinstance(value, list) else value


def plain(number: Decimal) -> str:
    """A decimal as it is, without exponent and without a minus before zero: no digit depends on a context."""
    return format(number if number else number.copy_abs(), "f")
