"""Values inside answers by path: `proposer_phone`, `members.0.phone`. Knows dictionaries and lists only."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any


def at(answers: Mapping[str, Any], path: str) -> Any:
    """The value at a path that exists."""
    found: Any = answers
    for part in path.split("."):
        found = found[int(part)] if isinstance(found, list) else found[part]
    return found


def replaced(answers: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the answers with the values at some paths exchanged."""
    copy = deepcopy(dict(answers))
    for path, value in values.items():
        holder: Any
        parent, _, key = path.rpartition(".")
        holder = at(copy, parent) if parent else copy
        holder[int(key) if isinstance(holder, list) else key] = value
    return copy
