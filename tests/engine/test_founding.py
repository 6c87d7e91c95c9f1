"""A new deployment gets its first operator on the command line, and only the first."""

from datetime import UTC, date, datetime

import pytest

from engine import accounts, calendar, founding, journal, people, tables
from engine.clock import SHANGHAI
from engine.database import open_database, writing
from engine.errors import Conflict

NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)
PASSWORD = "Yuan-zhuo-2026"


@pytest.fixture
def db(database_url):
    database = open_database(database_url)
    tables.METADATA.create_all(database)
    with writing(database) as db:
        founding.add_operator(db, "admin", "人员一", PASSWORD, NOW)
        yield db
    database.dispose()


def test_the_first_operator_can_sign_in_and_operate(db):
    admission = accounts.sign_in(db, "admin", PASSWORD, NOW, "")

    signed_in = accounts.look_up(db, admission.token, NOW)
    actor = people.actor(db, signed_in.person, None, date(2026, 5, 6))
    assert (actor.name, actor.roles) == ("人员一", {"operator"})


def test_the_founding_stands_in_the_history_of_the_district(db):
    types = [event.type for event in journal.of_case(db, journal.DISTRICT)]

    assert types == ["unit_added", "person_added", "post_added", "appointment_made", "calendar_adopted"]


def test_a_new_deployment_knows_the_published_holidays(db):
    days = calendar.current(db)

    assert days.notice_end(date(2026, 9, 16), 5).astimezone(SHANGHAI).date() == date(2026, 9, 23)


def test_a_second_one_does_not_come_from_the_command_line(db):
    with pytest.raises(Conflict):
        founding.add_operator(db, "second", "人员二", PASSWORD, NOW)
