"""When a timer is due: ISO 8601 dates, durations and cycles, literal or computed. Knows no clock.

The library evaluates every timer text as Python, reads naive times in the server's zone, counts months one by
one and lets `R/PT0S` run for ever (docs: spiffworkflow facts 8 and 18); so nothing of it is used here.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from engine.bpmn.functions import SHANGHAI
from engine.errors import ScriptFailed

_DURATION = re.compile(
    r"P(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,7})S)?)?"
)
_CYCLE = re.compile(r"R(?P<count>\d{1,4})/(?P<every>P[^/]+)")
_LITERAL = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?|[+-]?P([\dT].*)?|R\d*/P.*")
_MISSPELT = re.compile(
    r"\d{4}-?(\d\d-?\d\d|W\d\d).*|[rR]-?\d*/\s*[pP\d].*"
)  # as expressions they could give no text
_SHORTEST = timedelta(minutes=1)  # of a cycle, so that a wait of years is not a storm of events


@dataclass(frozen=True)
class Duration:
    months: int
    rest: timedelta

    def after(self, start: datetime, zone: tzinfo = SHANGHAI) -> datetime:
        """Calendar months first, on the same day or the last one of a shorter month; then the rest. In UTC.

        Whose day it is decides whose month it is: early in the morning in China it is still yesterday in UTC.
        """
        here = start.astimezone(zone)
        year, month = divmod(here.year * 12 + here.month - 1 + self.months, 12)
        day = min(here.day, monthrange(year, month + 1)[1])
        return (here.replace(year=year, month=month + 1, day=day) + self.rest).astimezone(UTC)


def is_literal(text: str) -> bool:
    """A text drawn as ISO 8601 itself; anything else is an expression that gives such a text."""
    return _LITERAL.fullmatch(text) is not None


def is_misspelt(text: str) -> bool:
    """Meant as ISO 8601, and in a form of it that is not read here."""
    meant = _MISSPELT.fullmatch(text) or _DURATION.fullmatch(text.upper())
    return meant is not None and not is_literal(text)


def moment(text: object) -> datetime:
    """An ISO date (00:00 in Asia/Shanghai) or date-time with offset, in UTC."""
    if not isinstance(text, str):
        raise ScriptFailed(
            "定时的时间要是日期或时间文字，现在没有得到", help="例如 2026-03-05T09:00:00+08:00"
        )
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)
        parsed = datetime.fromisoformat(text)
        if parsed.tzinfo is None:
            raise ScriptFailed(f"定时的时间「{text[:40]}」没有写时区", help="在后面加上 +08:00")
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError) as cause:
        raise ScriptFailed(f"定时的时间「{text[:40]}」不是日期", help="例如 2026-03-05") from cause


def duration(text: object) -> Duration:
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    numbers = {name: int(value) for name, value in match.groupdict().items() if value} if match else {}
    if not any(numbers.values()):
        raise ScriptFailed(
            f"时长「{str(text)[:40]}」不成立", help="例如 P5D（5天）、PT36H（36小时），不能为零"
        )
    months = numbers.pop("years", 0) * 12 + numbers.pop("months", 0)
    return Duration(months, timedelta(**numbers))


def cycle(text: object) -> tuple[int, Duration]:
    """How often, and after how long each time."""
    match = _CYCLE.fullmatch(text) if isinstance(text, str) else None
    if not match or int(match["count"]) == 0:
        raise ScriptFailed(
            f"周期「{str(text)[:40]}」不成立", help="例如 R3/P1D（每天一次，共3次），次数必须写明"
        )
    every = duration(match["every"])
    if not every.months and every.rest < _SHORTEST:
        raise ScriptFailed(f"周期「{str(text)[:40]}」太短", help="两次之间至少1分钟")
    return int(match["count"]), every
