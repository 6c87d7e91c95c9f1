"""What process.toml says of a procedure: legal basis, lanes → roles, facts, messages, ends. Knows no diagram."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.bpmn.step import Bundle


@dataclass(frozen=True)
class Procedure:
    """`lanes` and `roles` map lane id → role → visible name; `facts`, `messages`, `ends` keep their tables."""

    id: str
    title: str
    main: str
    basis: Mapping[str, Any]
    start_roles: tuple[str, ...]
    start_unit: str  # of cases that begin by time or by a message of no unit; "": the district
    lanes: Mapping[str, str]
    roles: Mapping[str, str]
    facts: Mapping[str, Mapping[str, Any]]
    messages: Mapping[str, Mapping[str, Any]]
    ends: Mapping[str, Mapping[str, Any]]
    returns: Mapping[str, tuple[str, ...]]  # open task → earlier tasks it may be sent back to
    skips: Mapping[str, str]  # open task → role that approves its being skipped
    as_drawn: bool = False  # made with other tools: lanes, messages and ends are not declared

    def role_of(self, lane: str) -> str:
        """The role that acts in a lane; without a lane, whoever may start the procedure. "" when nobody is named."""
        return self.lanes.get(lane) or (self.start_roles[0] if self.start_roles else "")

    def hears(self, message: str) -> bool:
        """Whether a message of this name may come from outside."""
        return self.as_drawn or self.messages.get(message, {}).get("from") == "outside"

    def senders(self, message: str) -> tuple[str, ...]:
        """Roles that may send a message or signal of this name to no particular case."""
        return tuple(self.messages.get(message, {}).get("roles", ())) if self.hears(message) else ()


def of(bundle: Bundle) -> Procedure:
    """Raises KeyError or TOMLDecodeError for a file that the deployment gate would have refused."""
    return _read(bundle.files["process.toml"])


@lru_cache(maxsize=64)
def _read(content: bytes) -> Procedure:
    told = tomllib.loads(content.decode())
    return Procedure(
        id=told["id"],
        title=told.get("title", told["id"]),
        main=told["main"],
        basis={key: str(value) for key, value in told.get("basis", {}).items()},
        start_roles=tuple(told.get("start", {}).get("roles", ())),
        start_unit=str(told.get("start", {}).get("unit", "")),
        lanes=told.get("lanes", {}),
        roles=told.get("roles", {}),
        facts=told.get("facts", {}),
        messages=told.get("messages", {}),
        ends=told.get("ends", {}),
        returns={task: tuple(targets) for task, targets in told.get("returns", {}).items()},
        skips=told.get("skips", {}),
        as_drawn=told.get("as_drawn") is True,
    )
