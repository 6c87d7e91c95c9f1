"""Reads the `due` property of a task: a number of working days or a date. Knows texts and the calendar only."""

import re
from collections.abc import Iterable
from datetime import date

from engine.bpmn.step import OpenItem
from engine.errors import OperationFailed, Place
from engine.working_days import Due, WorkingDays

_WORKING_DAYS = re.compile(r"(\d{1,3}) working days?")


def check(items: Iterable[OpenItem]) -> None:
    """Raises OperationFailed, at the item, for a text that nobody can read as a deadline."""
    for item in items:
        if item.due:
            try:
                _read(item.due)
            except OperationFailed as failed:
                failed.place = Place(item.path, item.element, item.name)
                raise


def due(days: WorkingDays, today: date, text: str) -> Due | None:
    """`3 working days` counts from tomorrow; an ISO date stands as it is; "" means no due date.

    Our own due dates may be provisional: a year without calendar data is counted Monday to Friday and marked so.
    """
    if not text:
        return None
    told = _read(text)
    return Due(told, False) if isinstance(told, date) else days.due_after(today, told)


def _read(text: str) -> date | int:
    """The day itself, or how many working days."""
    counted = _WORKING_DAYS.fullmatch(text)
    if counted:
        return int(counted[1])
    try:
        return date.fromisoformat(text[:10])
    except ValueError as cause:
        raise OperationFailed(
            f"办理期限“{text}”看不懂", help="期限写成“3 working days”，或者给出日期的表达式。"
        ) from cause
