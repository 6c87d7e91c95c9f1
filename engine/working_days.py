"""Counts working days on one version of the calendar. Pure: asks no database, no clock, no case.

For a statutory window (R120) a year without data is refused, never guessed; a due date of our own may be
provisional (Monday to Friday) and says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from engine.clock import SHANGHAI
from engine.errors import CalendarUnknown, OperationFailed

MOST_DAYS = 500  # of one count; a slip of the finger must not walk through centuries
KINDS = {"work": "工作日", "rest": "休息日", "holiday": "节假日", "makeup": "调休上班"}


@dataclass(frozen=True)
class Day:
    """`kind` is one of `KINDS`; `name` is the holiday it belongs to, or what the day was moved for."""

    kind: str
    name: str = ""

    @property
    def worked(self) -> bool:
        return self.kind in ("work", "makeup")


@dataclass(frozen=True)
class Due:
    """A due date of our own; `provisional` when a year without data was counted Monday to Friday."""

    on: date
    provisional: bool


@dataclass(frozen=True)
class Saturday:
    """R058: the nominal Saturday of a leader's duty, the day to hold it, and why it was moved ("" if not)."""

    nominal: date
    proposed: date
    reason: str
    provisional: bool = False


class WorkingDays:
    """Counts on one version. Pure: the same version gives the same answers for ever."""

    def __init__(self, version: str, days: Mapping[date, Day]) -> None:
        self.version = version
        self._days = dict(days)
        counts: dict[int, int] = {}
        for day in days:
            counts[day.year] = counts.get(day.year, 0) + 1
        self.years = tuple(sorted(year for year, count in counts.items() if count == _length(year)))

    def day(self, on: date, *, provisional: bool = False) -> Day:
        """Raises `CalendarUnknown` for a year without data, unless `provisional`."""
        if on.year in self.years:
            return self._days[on]
        if provisional:
            return ordinary(on)
        raise _unknown(on.year)

    def is_working_day(self, on: date, *, provisional: bool = False) -> bool:
        return self.day(on, provisional=provisional).worked

    def working_days_after(self, start: date, n: int, *, provisional: bool = False) -> date:
        """The n-th working day after `start`, which is not counted; 0 gives `start` itself."""
        if not 0 <= n <= MOST_DAYS:
            raise OperationFailed(f"工作日数应在0至{MOST_DAYS}之间，现为{n}", help="请改写工作日数。")
        on = _countable(start)
        while n:
            on = _next(on)
            n -= self.is_working_day(on, provisional=provisional)
        return on

    def working_days_between(self, a: date, b: date, *, provisional: bool = False) -> int:
        """Working days after `a` up to and including `b`; 0 when `b` is not later."""
        span = days_of(_countable(a), _countable(b))
        return sum(self.is_working_day(on, provisional=provisional) for on in span if on != a)

    def due_after(self, start: date, n: int) -> Due:
        on = self.working_days_after(start, n, provisional=True)
        return Due(on, not self._knows(start, on))

    def notice_end(self, posted_on: date, n: int, *, count_posting_day: bool = False) -> datetime:
        """00:00 of the day after the n-th working day (R120, D11): from this moment the notice has stood.

        The day of posting is not counted (Civil Code art. 201, D4), unless the district switches it on.
        """
        if n < 1:
            raise OperationFailed(
                "公示期至少为1个工作日", rule="R120", help="请填写不少于5个工作日的公示期。"
            )
        start = _countable(posted_on) - timedelta(days=1) if count_posting_day else posted_on
        try:
            last = self.working_days_after(start, n)
        except CalendarUnknown as unknown:
            raise CalendarUnknown(unknown.message, rule="R120", help=unknown.help) from unknown
        return datetime.combine(_next(last), time(0), SHANGHAI)

    def last_working_day(self, on: date, *, provisional: bool = False) -> date:
        """Of the month of `on` (D10)."""
        day = _month_end(_countable(on))
        while not self.is_working_day(day, provisional=provisional):
            day -= timedelta(days=1)
        return day

    def first_saturday(self, on: date, *, provisional: bool = False) -> Saturday:
        """Of the month of `on` (R058, D3): on a public holiday the next Saturday that is none is proposed.

        A Saturday worked in exchange for a holiday is kept.
        """
        nominal = _saturday_from(_countable(on).replace(day=1))
        proposed = nominal
        while self.day(proposed, provisional=provisional).kind == "holiday":
            proposed += timedelta(days=7)
        name = self.day(nominal, provisional=provisional).name
        reason = f"{nominal.month}月{nominal.day}日为{name}假期，顺延至下一个非节假日的星期六"
        return Saturday(
            nominal, proposed, reason if proposed != nominal else "", not self._knows(nominal, proposed)
        )

    def items(self) -> tuple[tuple[date, Day], ...]:
        return tuple(sorted(self._days.items(), key=lambda item: item[0]))

    def _knows(self, a: date, b: date) -> bool:
        return all(year in self.years for year in range(a.year, b.year + 1))


def _unknown(year: int) -> CalendarUnknown:
    return CalendarUnknown(
        f"{year}年的节假日安排尚未录入，不能推算到该年的工作日期限",
        help=f"请在国务院办公厅公布{year}年节假日安排后导入工作日历，再办理；或者调整日期。",
    )


def ordinary(on: date) -> Day:
    return Day("rest" if on.weekday() >= 5 else "work")


def days_of(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _countable(on: date) -> date:
    """A typing error such as 0202 or 9999 must neither walk through centuries nor leave the calendar of Python."""
    if not 1990 <= on.year <= 2190:
        raise OperationFailed(f"日期{on.isoformat()}超出可以推算的范围", help="请核对年份。")
    return on


def _next(on: date) -> date:
    return on + timedelta(days=1)


def _length(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days


def _month_end(on: date) -> date:
    return (on.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _saturday_from(on: date) -> date:
    return on + timedelta(days=(5 - on.weekday()) % 7)
