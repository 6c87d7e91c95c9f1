"""Reads samples.toml: an accepted answer to every form, with dates that move with the clock. Knows no case.

Stories, the demonstration and the browser journeys start from these samples and change what they are about.
The words that stand for a day are explained at the head of the file.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
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


def filled(sample: Any, today: date, days: WorkingDays, facts: Mapping[str, Any]) -> Any:
    """The sample with `@today+3`, `@working_day+5` and `@case.level` replaced."""
    replace: Callable[[Any], Any] = lambda part: filled(part, today, days, facts)  # noqa: E731
    if isinstance(sample, Mapping):
        return {key: replace(value) for key, value in sample.items()}
    if isinstance(sample, list):
        return [replace(value) for value in sample]
    return _word(sample, today, days, facts) if isinstance(sample, str) and sample[:1] == "@" else sample


def _word(text: str, today: date, days: WorkingDays, facts: Mapping[str, Any]) -> Any:
    if text.startswith("@case."):
        return facts.get(text.removeprefix("@case."))
    found = _DAY.fullmatch(text)
    if found is None:
        raise OperationFailed(f"样例里的“{text}”看不懂", help="可用的写法见 samples.toml 开头的说明。")
    kind, sign, count, clock = found.groups()
    steps = int(count or 0) * (-1 if sign == "-" else 1)
    return _day(kind, steps, today, days).isoformat() + (clock or "")


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
