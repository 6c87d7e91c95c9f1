"""Reads the `due` property of a task: a number of working days or a date. Knows texts and the calendar only."""

import re
from datetime import date

from engine.errors import OperationFailed
from engine.working_days import Due, WorkingDays

_WORKING_DAYS = re.compile(r"(\d{1,3}) working days?")


def due(days: WorkingDays, today: date, text: str) -> Due | None:
    """`3 working days` counts from tomorrow; an ISO date stands as it is; "" means no due date.

    Our own due dates may be provisional: a year without calendar data is counted Monday to Friday and marked so.
    """
    if not text:
        return None
    counted = _WORKING_DAYS.fullmatch(text)
    if counted:
        return days.due_after(today, int(counted[1]))
    try:
        return Due(date.fromisoformat(text[:10]), False)
    except ValueError as cause:
        raise OperationFailed(
            f"办理期限“{text}”看不懂", help="期限写成“3 working days”，或者给出日期的表达式。"
        ) from cause
