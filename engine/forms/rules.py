"""The rules a procedure rests on: verbatim text, document and clause. Knows rules.toml, nothing of who enforces it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.errors import DeploymentRefused


@dataclass(frozen=True)
class Rule:
    """`weight` is the class of requirements: H hard, P principle or default, K target."""

    id: str
    title: str
    text: str
    source: str
    weight: str


def load_rules(files: Mapping[str, bytes]) -> dict[str, Rule]:
    """The rules of a bundle by id; empty when it has no `rules.toml`. Raises DeploymentRefused."""
    return dict(_parsed(files.get("rules.toml", b"")))


@lru_cache(maxsize=64)
def _parsed(content: bytes) -> tuple[tuple[str, Rule], ...]:
    try:
        rules = tomllib.loads(content.decode()).get("rule", {})
    except ValueError as cause:
        raise DeploymentRefused(f"rules.toml 读不懂：{cause}") from cause
    return tuple((id, _rule(id, entry)) for id, entry in rules.items())


def _rule(id: str, entry: Mapping[str, str]) -> Rule:
    return Rule(
        id, entry.get("title", ""), entry.get("text", ""), entry.get("source", ""), entry.get("class", "")
    )
