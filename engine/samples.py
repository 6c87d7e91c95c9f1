"""Reads samples.toml: an accepted answer to every form, with dates that move with the clock. Knows no case.

Stories, the demonstration and the browser journeys start from these samples and change what they are about.
The words that stand for a day are explained at the head of the file.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from engine.bpmn.step import Bundle
from engine.errors import OperationFailed
from engine.working_days import WorkingDays

_DAY = re.compile(r"@(today|working_day)(?:([+-])(\d{1,3}))?((?:T| )\d\d:\d\d(?::\d\d)?(?:\+08:00)?)?")


def read(bundle: Bundle) -> Mapping[str, Any]:
    """Sample answers by task id; empty for a procedure without samples."""
    return _read(bundle.files.get("samples.toml", b""))


@dataclass(frozen=True)
class Setting:
    """What the words of a sample stand for: the day, the calendar, the facts of the case, ids of attachments."""

    today: date
    days: WorkingDays
    facts: Mapping[str, Any]
    files: Mapping[str, str]


def files_of(told: Mapping[str, Any]) -> frozenset[str]:
    """Names of all files that samples attach."""
    found = re.findall(r"'file:([^']+)'", repr(told))
    return frozenset(found)


def filled(sample: Any, setting: Setting) -> Any:
    """The sample with `@today+3`, `@working_day+5`, `@case.level` and `file:name` replaced."""
    if isinstance(sample, Mapping):
        return {key: filled(value, setting) for key, value in sample.items()}
    if isinstance(sample, list):
        return [filled(value, setting) for value in sample]
    return _word(sample, setting) if isinstance(sample, str) else sample


def _word(text: str, setting: Setting) -> Any:
    if text.startswith("file:"):
        return setting.files.get(text.removeprefix("file:"), text)
    if text.startswith("@case."):
        return setting.facts.get(text.removeprefix("@case."))
    return _moved(text, setting) if text.startswith("@") else text


def _moved(text: str, setting: Setting) -> str:
    found = _DAY.fullmatch(text)
    if found is None:
        raise OperationFailed(f"样例里的“{text}”看不懂", help="可用的写法见 samples.toml 开头的说明。")
    kind, sign, count, clock = found.groups()
    steps = int(count or 0) * (-1 if sign == "-" else 1)
    return _day(kind, steps, setting.today, setting.days).isoformat() + (clock or "")


def _day(kind: str, steps: int, today: date, days: WorkingDays) -> date:
    if kind == "today" or steps == 0:
        return today + timedelta(days=steps)
    if steps > 0:
        return days.working_days_after(today, steps, provisional=True)
    return _working_days_before(today, -steps, days)


def _working_days_before(day: date, steps: int, days: WorkingDays) -> date:
    while steps:
        day -= timedelta(days=1)
        steps -= days.is_working_day(day, provisional=True)
    return day


@lru_cache(maxsize=8)
def _read(content: bytes) -> Mapping[str, Any]:
    return tomllib.loads(content.decode())
