"""What the demonstration's clock may be moved to. Knows timers and the calendar, no case."""

from datetime import date, datetime, timedelta

from engine import calendar, timers
from engine.work import Reader


def next_due(reader: Reader) -> datetime | None:
    """When the next timer fires; it may be past when it was not fired yet."""
    return timers.next_due(reader.db)


def next_working_day(reader: Reader) -> date:
    """After today; a year without calendar data counts Monday to Friday."""
    days = calendar.current(reader.db)
    on = reader.today + timedelta(days=1)
    while not days.is_working_day(on, provisional=True):
        on += timedelta(days=1)
    return on
