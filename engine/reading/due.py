"""How many working days are left until a due date. Our own due dates may be provisional; nothing statutory here."""

from collections.abc import Callable
from datetime import date

from engine import calendar
from engine.errors import CalendarUnknown
from engine.work import Reader
from engine.working_days import WorkingDays


def days_left(reader: Reader) -> Callable[[date | None], int | None]:
    """A function from due date to working days left: 0 on the day itself, negative when overdue."""
    days, today = _calendar(reader), reader.today

    def left(due_on: date | None) -> int | None:
        if due_on is None:
            return None
        if due_on >= today:
            return days.working_days_between(today, due_on, provisional=True)
        return -max(1, days.working_days_between(due_on, today, provisional=True))

    return left


def _calendar(reader: Reader) -> WorkingDays:
    try:
        return calendar.current(reader.db)
    except CalendarUnknown:
        return WorkingDays("", {})
