"""Versions of the working-day calendar, and counting on them against a recount from the published tables."""

from datetime import UTC, date, datetime, timedelta

import pytest
from chinese_calendar import constants as published
from hypothesis import given
from hypothesis import strategies as st

from engine import calendar
from engine.calendar import Arrangement
from engine.database import Base, open_database, writing
from engine.errors import CalendarUnknown, NotFound, OperationFailed, Refused
from engine.working_days import Day, Due, WorkingDays

AT = datetime(2026, 1, 5, 1, tzinfo=UTC)
KNOWN = st.dates(date(2020, 1, 1), date(2026, 11, 30))


@pytest.fixture
def database(database_url):
    database = open_database(database_url)
    Base.metadata.create_all(database)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def working_days():
    arrangement = calendar.published_years()
    return WorkingDays("test", calendar.merged({}, arrangement))


def worked(on):
    """The oracle: one day, straight from the published tables."""
    if on in published.workdays:
        return True
    return on.weekday() < 5 and on not in published.holidays


@given(start=KNOWN, n=st.integers(1, 15))
def test_the_nth_working_day_is_the_one_a_person_would_count(working_days, start, n):
    end = working_days.working_days_after(start, n)

    assert worked(end)
    assert sum(worked(start + timedelta(days=d)) for d in range(1, (end - start).days + 1)) == n


@given(a=KNOWN, b=KNOWN)
def test_working_days_between_are_those_after_the_first_and_up_to_the_last(working_days, a, b):
    expected = sum(worked(a + timedelta(days=d)) for d in range(1, (b - a).days + 1))

    assert working_days.working_days_between(a, b) == expected


@given(start=KNOWN, n=st.integers(1, 15))
def test_after_and_between_are_inverse(working_days, start, n):
    assert working_days.working_days_between(start, working_days.working_days_after(start, n)) == n


@given(posted=KNOWN, n=st.integers(1, 15))
def test_counting_the_day_of_posting_never_ends_later(working_days, posted, n):
    ends = working_days.notice_end(posted, n)
    counted = working_days.notice_end(posted, n, count_posting_day=True)

    assert counted < ends if worked(posted) else counted == ends


@given(on=KNOWN)
def test_the_last_working_day_of_a_month_has_no_working_day_after_it_in_that_month(working_days, on):
    last = working_days.last_working_day(on)

    rest_of_month = (last + timedelta(days=d) for d in range(1, 31))
    assert (last.year, last.month) == (on.year, on.month)
    assert worked(last)
    assert not any(worked(day) for day in rest_of_month if day.month == last.month)


@pytest.mark.parametrize(
    ("posted", "ends"),
    [
        ("2026-03-02", "2026-03-10T00:00:00+08:00"),  # an ordinary Monday
        ("2026-02-12", "2026-02-27T00:00:00+08:00"),  # 13, make-up Saturday 14, then 24, 25, 26
        ("2026-09-18", "2026-09-25T00:00:00+08:00"),  # make-up Sunday 20 September counts
        ("2026-09-30", "2026-10-14T00:00:00+08:00"),  # National Day, make-up Saturday 10 October counts
        ("2026-04-30", "2026-05-12T00:00:00+08:00"),  # Labour Day, make-up Saturday 9 May counts
        ("2026-12-24", "2027-01-01T00:00:00+08:00"),  # the last window that 2026 can hold
    ],
)
def test_a_notice_of_five_working_days_ends_after_the_fifth_following_day(working_days, posted, ends):
    assert working_days.notice_end(date.fromisoformat(posted), 5).isoformat() == ends


def test_the_make_up_days_of_2026_are_worked(working_days):
    days = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]

    assert [working_days.day(date(2026, *day)).kind for day in days] == ["makeup"] * 6


def test_a_notice_that_reaches_past_the_known_years_is_refused_by_its_rule(working_days):
    with pytest.raises(CalendarUnknown) as refused:
        working_days.notice_end(date(2026, 12, 25), 5)

    assert refused.value.rule == "R120"
    assert "2027年" in refused.value.message
    assert refused.value.help


def test_a_due_date_of_our_own_past_the_known_years_is_provisional(working_days):
    assert working_days.due_after(date(2026, 12, 30), 3) == Due(date(2027, 1, 4), provisional=True)
    assert working_days.due_after(date(2026, 12, 28), 3) == Due(date(2026, 12, 31), provisional=False)


@pytest.mark.parametrize("n", [-1, 501])
def test_a_count_out_of_bounds_is_refused(working_days, n):
    with pytest.raises(OperationFailed):
        working_days.working_days_after(date(2026, 3, 2), n)


def test_a_notice_of_no_days_is_refused(working_days):
    with pytest.raises(OperationFailed):
        working_days.notice_end(date(2026, 3, 2), 0)


@pytest.mark.parametrize("on", [date(202, 6, 1), date.max, date.min])
def test_a_mistyped_year_is_refused_at_once(working_days, on):
    for count in (
        lambda: working_days.working_days_after(on, 1, provisional=True),
        lambda: working_days.working_days_between(date(2026, 1, 1), on, provisional=True),
        lambda: working_days.last_working_day(on, provisional=True),
        lambda: working_days.first_saturday(on, provisional=True),
        lambda: working_days.notice_end(on, 5, count_posting_day=True),
    ):
        with pytest.raises(OperationFailed):
            count()


def test_of_the_24_months_of_2021_and_2022_eight_first_saturdays_are_shifted(working_days):
    months = [date(year, month, 15) for year in (2021, 2022) for month in range(1, 13)]
    saturdays = [working_days.first_saturday(month) for month in months]

    shifted = [saturday for saturday in saturdays if saturday.reason]
    assert len(shifted) == 8  # R058
    assert all(saturday.nominal.day <= 7 and saturday.nominal.weekday() == 5 for saturday in saturdays)
    assert all(saturday.proposed not in published.holidays for saturday in saturdays)
    assert all(saturday.proposed.weekday() == 5 for saturday in saturdays)


def test_a_month_that_starts_on_sunday_keeps_its_first_saturday(working_days):
    assert working_days.first_saturday(date(2021, 8, 20)).nominal == date(2021, 8, 7)


def test_a_first_saturday_worked_in_exchange_is_kept(working_days):
    saturday = working_days.first_saturday(date(2022, 4, 1))

    assert saturday.proposed == date(2022, 4, 2) == saturday.nominal
    assert working_days.day(date(2022, 4, 2)).kind == "makeup"


def test_a_shifted_saturday_says_why(working_days):
    saturday = working_days.first_saturday(date(2026, 10, 1))

    assert (saturday.nominal, saturday.proposed) == (date(2026, 10, 3), date(2026, 10, 10))
    assert saturday.reason == "10月3日为国庆节假期，顺延至下一个非节假日的星期六"


def test_the_first_import_is_an_event_and_the_second_changes_nothing(database):
    with writing(database) as db:
        body = calendar.adopt(db, calendar.published_years(), note="首次导入", at=AT)
    with writing(database) as db:
        again = calendar.adopt(db, calendar.published_years(), note="再次导入", at=AT)
        version = calendar.current(db).version

    assert body["type"] == "calendar_adopted"
    assert body["version"] == version
    assert body["years"] == list(range(2020, 2027))
    assert body["changed"]["2026-02-14"] == ["makeup", "春节"]
    assert "2026-03-02" not in body["changed"]
    assert again is None


def test_an_override_makes_a_new_version_and_the_old_one_still_counts_as_before(database):
    with writing(database) as db:
        calendar.adopt(db, calendar.published_years(), note="", at=AT)
        before = calendar.current(db)
        closed = Arrangement("防汛停工", {date(2026, 7, 6): Day("rest", "防汛停工")})
        body = calendar.adopt(db, closed, note="区防汛指挥部通知", at=AT)

    with writing(database) as db:
        assert not calendar.current(db).is_working_day(date(2026, 7, 6))
        assert calendar.load(db, before.version).is_working_day(date(2026, 7, 6))
    assert body["before"] == before.version
    assert body["changed"] == {"2026-07-06": ["rest", "防汛停工"]}


def test_a_version_adopted_again_later_is_in_force_again(database):
    day = date(2026, 7, 6)
    with writing(database) as db:
        calendar.adopt(db, calendar.published_years(), note="", at=AT)
        first = calendar.current(db).version
        calendar.adopt(db, Arrangement("停工", {day: Day("rest", "停工")}), note="", at=AT)
        calendar.adopt(db, Arrangement("复工", {day: Day("work")}), note="", at=AT)

        assert calendar.current(db).is_working_day(day)
        assert calendar.current(db).version != first


def test_the_next_year_is_imported_from_toml(database):
    text = """
        title = "2027年部分节假日安排（示例）"
        years = [2027]
        [[day]]
        day = 2027-01-01
        kind = "holiday"
        name = "元旦"
        [[day]]
        day = 2027-01-09
        kind = "调休上班"
        name = "元旦"
    """
    with writing(database) as db:
        calendar.adopt(db, calendar.published_years(), note="", at=AT)
        body = calendar.adopt(db, calendar.read_toml(text), note="", at=AT)
        known = calendar.current(db)

    assert body["changed"] == {"2027-01-01": ["holiday", "元旦"], "2027-01-09": ["makeup", "元旦"]}
    assert known.notice_end(date(2026, 12, 30), 5).isoformat() == "2027-01-08T00:00:00+08:00"
    assert known.is_working_day(date(2027, 1, 9))


def test_rows_from_a_spreadsheet_are_read_in_the_words_of_the_office():
    arrangement = calendar.read_csv(
        "\ufeff日期,类别,名称\n2027-01-01,节假日,元旦\n\n2027-01-09,调休上班,\n",
        title="2027年",
        years=(2027,),
    )

    assert arrangement.days == {date(2027, 1, 1): Day("holiday", "元旦"), date(2027, 1, 9): Day("makeup")}


@pytest.mark.parametrize("row", ["2027-02-30,节假日,春节", "2027-01-01,放假,元旦", "元旦"])
def test_a_row_that_cannot_be_read_is_named(row):
    with pytest.raises(Refused, match="第1行"):
        calendar.read_csv(f"日期,类别,名称\n{row}\n", title="", years=(2027,))


def test_a_text_that_is_not_toml_is_refused():
    with pytest.raises(Refused):
        calendar.read_toml("years = [2027")


def test_a_single_day_of_an_unknown_year_is_refused(database):
    with writing(database) as db, pytest.raises(Refused, match="2027年的安排不完整"):
        calendar.adopt(db, Arrangement("", {date(2027, 1, 1): Day("holiday", "元旦")}), note="", at=AT)


def test_without_any_calendar_nothing_statutory_is_counted(database):
    with writing(database) as db, pytest.raises(CalendarUnknown):
        calendar.current(db)


def test_a_version_that_was_never_adopted_is_not_found(database):
    with writing(database) as db, pytest.raises(NotFound):
        calendar.load(db, "nobody")
