"""The `due` property of a task in words: working days, a date, nothing, or something that nobody understands."""

from datetime import date

import pytest

from engine import calendar, deadlines
from engine.errors import OperationFailed

MONDAY_BEFORE_MID_AUTUMN = date(2026, 9, 14)


@pytest.fixture
def days(engine):
    return engine.read(lambda reader: calendar.current(reader.db))


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("1 working day", date(2026, 9, 15)),
        ("3 working days", date(2026, 9, 17)),
        ("5 working days", date(2026, 9, 20)),  # a make-up Sunday
        ("2026-10-08", date(2026, 10, 8)),
        ("2026-10-08T09:00:00+08:00", date(2026, 10, 8)),
    ],
)
def test_a_deadline_is_counted_or_stands_as_it_is(days, text, on):
    due = deadlines.due(days, MONDAY_BEFORE_MID_AUTUMN, text)

    assert (due.on, due.provisional) == (on, False)


def test_no_text_is_no_deadline(days):
    assert deadlines.due(days, MONDAY_BEFORE_MID_AUTUMN, "") is None


def test_a_deadline_in_a_year_without_calendar_is_provisional(days):
    due = deadlines.due(days, date(max(days.years), 12, 30), "10 working days")

    assert due.provisional


@pytest.mark.parametrize("text", ["soon", "3 days", "-1 working days", "2026-02-30"])
def test_what_nobody_understands_is_refused_with_what_to_write(days, text):
    with pytest.raises(OperationFailed) as refusal:
        deadlines.due(days, MONDAY_BEFORE_MID_AUTUMN, text)

    assert "3 working days" in refusal.value.help
