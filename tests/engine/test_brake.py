"""The brake on what anybody may send: so many within an hour, for each by itself, forgotten afterwards."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine import brake
from engine.brake import Braked
from engine.database import Base, open_database, writing
from engine.errors import TooOften

NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)


@pytest.fixture
def db(database_url):
    database = open_database(database_url)
    Base.metadata.create_all(database)
    with writing(database) as db:
        yield db
    database.dispose()


def test_the_third_of_two_is_refused_until_the_hour_is_over(db):
    brake.count(db, "a", 2, NOW)
    brake.count(db, "a", 2, NOW + timedelta(minutes=30))

    with pytest.raises(TooOften):
        brake.count(db, "a", 2, NOW + timedelta(minutes=59))

    brake.count(db, "b", 2, NOW + timedelta(minutes=59))
    brake.count(db, "a", 2, NOW + timedelta(minutes=60))


def test_what_came_to_nothing_does_not_count(db):
    brake.count(db, "a", 1, NOW)
    brake.take_back(db, "a")

    brake.count(db, "a", 1, NOW)


def test_nothing_tells_who_it_was_and_nothing_stays_beyond_the_hour(db):
    brake.count(db, "objection/GS-1/192.0.2.7", 5, NOW)
    assert "192.0.2.7" not in db.scalars(select(Braked)).one().what

    brake.count(db, "other", 5, NOW + timedelta(hours=2))

    assert len(db.scalars(select(Braked)).all()) == 1
