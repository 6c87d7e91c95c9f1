"""Case facts in the words of process.toml. Knows declarations and values, no case."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.clock import SHANGHAI
from engine.procedure import Procedure
from engine.reading.answers import NOTHING, Shown, free_text


def fact_shown(told: Procedure, name: str, value: Any) -> Shown:
    """One fact with its title."""
    return Shown(name, title_of(told, name), text_of(told, name, value))


def title_of(told: Procedure, name: str) -> str:
    return str(told.facts.get(name, {}).get("title", name))


def text_of(told: Procedure, name: str, value: Any) -> str:
    """A value as people read it; a date-time in Shanghai to the minute."""
    if value in (None, "", []):
        return NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return free_text(value)
    if isinstance(value, list):
        return "、".join(map(str, value))
    return str(told.facts.get(name, {}).get("values", {}).get(value) or _moment(str(value)))


def _moment(text: str) -> str:
    if "T" not in text:
        return text
    try:
        return datetime.fromisoformat(text).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return text
