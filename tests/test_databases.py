"""The fixtures themselves: every test has a database of its own, on both kinds."""

import pytest
from sqlalchemy import text

from engine import migrate
from engine.database import open_database


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_starts_with_an_empty_database(database_url: str, turn: int) -> None:
    database = open_database(database_url)

    with database.begin() as db:
        db.execute(text("CREATE TABLE trace (turn integer)"))
        db.execute(text("INSERT INTO trace VALUES (:turn)"), {"turn": turn})

    with database.connect() as db:
        assert db.execute(text("SELECT turn FROM trace")).scalars().all() == [turn]
    database.dispose()


@pytest.mark.parametrize("turn", [1, 2])
def test_a_migrated_database_is_a_copy_of_its_own(migrated_url: str, turn: int) -> None:
    database = open_database(migrated_url)

    assert migrate.is_current(database)
    with database.begin() as db:
        db.execute(text("CREATE TABLE trace (turn integer)"))
    database.dispose()


@pytest.mark.postgres
def test_postgresql_keeps_chinese_text_and_sorts_it_by_code_point(postgres_url: str) -> None:
    database = open_database(postgres_url)

    with database.connect() as db:
        sorted_words = db.execute(text("SELECT w FROM (VALUES ('议题'), ('公示')) AS t(w) ORDER BY w"))
        assert sorted_words.scalars().all() == ["公示", "议题"]
    database.dispose()
