"""The methods of texts, lists and records, by (type, name). No attribute of a Python object is looked up.

Every entry is a function of ours. `CHANGING` methods change their receiver and are for scripts only.
"""

from collections.abc import Callable, Mapping

from engine.bpmn.values import MAX_LIST, MAX_STRING, Value, kind
from engine.errors import ScriptFailed


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise ScriptFailed(f"这里要文字，不是{kind(value)}")
    return value


def _upper(text: str) -> Value:
    return text.upper()


def _lower(text: str) -> Value:
    return text.lower()


def _strip(text: str) -> Value:
    return text.strip()


def _startswith(text: str, start: Value) -> Value:
    return text.startswith(_text(start))


def _endswith(text: str, end: Value) -> Value:
    return text.endswith(_text(end))


def _find(text: str, part: Value) -> Value:
    return text.find(_text(part))


def _occurrences(text: str, part: Value) -> Value:
    return text.count(_text(part))


def _replace(text: str, old: Value, new: Value) -> Value:
    growth = len(_text(new)) - len(_text(old))
    # counted first: a hundred thousand letters, each replaced by a hundred thousand, would be built
    if len(text) + text.count(old) * max(growth, 0) > MAX_STRING:
        raise ScriptFailed(f"文字太长，最多 {MAX_STRING} 个字")
    return text.replace(old, new)


def _split(text: str, separator: Value) -> Value:
    if not _text(separator):
        raise ScriptFailed("split 的分隔文字不能是空的")
    if text.count(separator) >= MAX_LIST:
        raise ScriptFailed(f"split 最多分出 {MAX_LIST} 段")
    return text.split(separator)


def _join(separator: str, parts: Value) -> Value:
    if not isinstance(parts, list):
        raise ScriptFailed(f"join 要的是列表，不是{kind(parts)}")
    if sum(len(_text(part)) + len(separator) for part in parts) > MAX_STRING + len(separator):
        raise ScriptFailed(f"文字太长，最多 {MAX_STRING} 个字")
    return separator.join(parts)


def _index(values: list[Value], wanted: Value) -> Value:
    if wanted not in values:
        raise ScriptFailed("列表里没有这一项")
    return values.index(wanted)


def _count(values: list[Value], wanted: Value) -> Value:
    return values.count(wanted)


def _append(values: list[Value], value: Value) -> Value:
    values.append(value)


def _extend(values: list[Value], more: Value) -> Value:
    if not isinstance(more, list):
        raise ScriptFailed(f"extend 要的是列表，不是{kind(more)}")
    values.extend(more)


def _insert(values: list[Value], place: Value, value: Value) -> Value:
    if type(place) is not int:
        raise ScriptFailed("insert 的位置要是整数")
    values.insert(place, value)


def _remove(values: list[Value], wanted: Value) -> Value:
    del values[_index(values, wanted)]


def _pop(values: list[Value], place: Value = -1) -> Value:
    if type(place) is not int or not -len(values) <= place < len(values):
        raise ScriptFailed("pop 的位置不在列表里")
    return values.pop(place)


def _reverse(values: list[Value]) -> Value:
    values.reverse()


def _get(record: dict[str, Value], key: Value, otherwise: Value = None) -> Value:
    return record.get(_text(key), otherwise)


def _keys(record: dict[str, Value]) -> Value:
    return list(record)


def _values(record: dict[str, Value]) -> Value:
    return list(record.values())


def _items(record: dict[str, Value]) -> Value:
    return [[key, value] for key, value in record.items()]


def _update(record: dict[str, Value], more: Value) -> Value:
    if not isinstance(more, dict):
        raise ScriptFailed(f"update 要的是记录，不是{kind(more)}")
    record.update(more)


def _take(record: dict[str, Value], key: Value) -> Value:
    if _text(key) not in record:
        raise ScriptFailed(f"记录里没有「{key[:20]}」")
    return record.pop(key)


# (type, name) → (function, fewest, most arguments)
METHODS: Mapping[tuple[type, str], tuple[Callable[..., Value], int, int]] = {
    (str, "upper"): (_upper, 0, 0),
    (str, "lower"): (_lower, 0, 0),
    (str, "strip"): (_strip, 0, 0),
    (str, "startswith"): (_startswith, 1, 1),
    (str, "endswith"): (_endswith, 1, 1),
    (str, "find"): (_find, 1, 1),
    (str, "count"): (_occurrences, 1, 1),
    (str, "replace"): (_replace, 2, 2),
    (str, "split"): (_split, 1, 1),
    (str, "join"): (_join, 1, 1),
    (list, "index"): (_index, 1, 1),
    (list, "count"): (_count, 1, 1),
    (list, "append"): (_append, 1, 1),
    (list, "extend"): (_extend, 1, 1),
    (list, "insert"): (_insert, 2, 2),
    (list, "remove"): (_remove, 1, 1),
    (list, "pop"): (_pop, 0, 1),
    (list, "reverse"): (_reverse, 0, 0),
    (dict, "get"): (_get, 1, 2),
    (dict, "keys"): (_keys, 0, 0),
    (dict, "values"): (_values, 0, 0),
    (dict, "items"): (_items, 0, 0),
    (dict, "update"): (_update, 1, 1),
    (dict, "pop"): (_take, 1, 1),
}

NAMES = frozenset(name for _, name in METHODS)
CHANGING = frozenset("append extend insert remove pop reverse update".split())
