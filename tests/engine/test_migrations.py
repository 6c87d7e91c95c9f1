"""The steps of the migrations add up to the tables of this release, on both databases, and protect the history."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from engine import migrate
from engine.database import open_database
from engine.tables import METADATA


@pytest.fixture
def database(migrated_url):
    database = open_database(migrated_url)
    yield database
    database.dispose()


def test_the_migrations_add_up_to_the_tables_of_this_release(database):
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_an_upgraded_database_is_current_and_upgrading_again_does_nothing(database):
    before = inspect(database).get_table_names()

    migrate.upgrade(database)

    assert migrate.is_current(database)
    assert inspect(database).get_table_names() == before


def test_an_empty_database_is_not_current(database_url):
    database = open_database(database_url)

    assert not migrate.is_current(database)
    database.dispose()


@pytest.mark.parametrize("change", ["UPDATE event SET type = 'x'", "DELETE FROM event"])
def test_the_database_itself_refuses_to_change_history(database, change):
    insert = (
        "INSERT INTO event (case_id, seq, at, type, hash, body) "
        "VALUES ('c', 1, '2026-01-01 00:00:00', 't', 'h', '{}')"
    )
    with database.connect() as connection:
        connection.execute(text(insert))
        connection.commit()
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(change))
        connection.rollback()
        assert connection.execute(text("SELECT type FROM event")).scalar() == "t"


@pytest.mark.postgres
def test_postgresql_refuses_to_empty_the_history(postgres_url):
    database = open_database(postgres_url)
    migrate.upgrade(database)

    with database.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text("TRUNCATE event"))
    database.dispose()


def test_every_later_step_upgrades_a_database_in_which_somebody_is_signed_in(database_url):
    database = open_database(database_url)
    _upgrade(database, "0008")
    with database.begin() as connection:
        for row in (
            "person (id, name) VALUES ('p', 'P')",
            "account (id, person_id, login, password_hash, demonstration, disabled, failed_count, made_at) "
            "VALUES ('a', 'p', 'p', '', false, false, 0, '2026-01-01 00:00:00')",
            "session (id, account_id, post_id, address, created_at, last_seen, expires_at) VALUES ('s', 'a', 'x', '', "
            "'2026-01-01 00:00:00', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
        ):
            connection.execute(text(f"INSERT INTO {row}"))

    migrate.upgrade(database)

    with database.connect() as connection:
        assert connection.execute(text("SELECT login FROM account")).scalar() == "p"
    database.dispose()


def _upgrade(database, revision):
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    with database.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
