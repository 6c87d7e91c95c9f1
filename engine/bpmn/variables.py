"""The variables of a branch: plain JSON by name, each with the number of its last write.

Parallel branches each carry a copy. Where they join, the later write of a name wins, whole: values are never
mixed (a deep merge would let an old consent shine through a new one), and a cleared name stays cleared.
Values are never edited in place. Knows nothing of tasks.
"""

from collections.abc import Collection, Mapping
from typing import Any

from engine.bpmn.determinism import tick
from engine.bpmn.step import JSON

WRITES = "#"  # name → number of its last write; no identifier, so that no variable can collide with it

Data = dict[str, Any]


def write(data: Data, name: str, value: JSON) -> None:
    data[name] = value
    _stamp(data, name)


def clear(data: Data, name: str) -> None:
    """Also a name that is not known here: what another branch wrote earlier goes, too, where they meet."""
    data.pop(name, None)
    _stamp(data, name)


def merge(data: Data, other: Data, but: Collection[str] = ()) -> None:
    """Take over from `other` what was written later there; leave the names in `but` alone."""
    mine, theirs = data.get(WRITES, {}), other.get(WRITES, {})
    later = {name: n for name, n in theirs.items() if n > mine.get(name, -1) and name not in but}
    for name in later:
        if name in other:
            data[name] = other[name]
        else:
            data.pop(name, None)
    data[WRITES] = {**mine, **later}


def copy(data: Data) -> Data:
    """A branch of its own. Values are shared, because nobody edits them in place."""
    return dict(data)


def visible(data: Data) -> Mapping[str, JSON]:
    return {name: value for name, value in data.items() if name != WRITES}


def _stamp(data: Data, name: str) -> None:
    data[WRITES] = {**data.get(WRITES, {}), name: tick()}
