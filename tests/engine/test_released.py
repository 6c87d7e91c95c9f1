"""Databases of earlier releases, as they were left: upgraded while people work, they lose nothing and go on.

`released/<revision>.zip` holds a demonstration made by the release whose schema ended with that revision. One is added
with each release and never made again: their histories are in the event format of their day.
"""

import shutil
import zipfile
from pathlib import Path
from threading import Event, Thread

import pytest
from alembic import command
from sqlalchemy import column, inspect, select, table, text

from engine import migrate, worklist
from engine.audit import verify
from engine.clock import SetClock
from engine.commands import ClaimTask, StartCase
from engine.database import open_database, writing
from engine.engine import Engine
from engine.tables import METADATA
from tests.engine import invariants
from tests.engine.conftest import MONDAY

RELEASED = sorted((Path(__file__).parent / "released").glob("*.zip"))
# What the earlier release writes all the time: the row that numbers things, and the row of a case.
WORK = (
    "UPDATE counter SET value = value + 1 WHERE scope = 'work'",
    'UPDATE "case" SET stage = stage',
)


@pytest.fixture(params=RELEASED, ids=lambda file: file.stem)
def left(request, tmp_path):
    """An SQLite database as that release left it, and the revision of its schema."""
    with zipfile.ZipFile(request.param) as packed:
        packed.extract("roundtable.db", tmp_path)
    shutil.move(tmp_path / "roundtable.db", tmp_path / "left.db")
    return tmp_path / "left.db", request.param.stem


@pytest.fixture
def old(left, database_url):
    """The same on both kinds of database."""
    file, revision = left
    database = open_database(database_url)
    if database.dialect.name == "sqlite":
        shutil.copyfile(file, database.url.database)
    else:
        carry_over(open_database(f"sqlite:///{file}"), database, revision)
    with writing(database) as db:
        db.execute(text("INSERT INTO counter (scope, value) VALUES ('work', 0)"))
    yield database
    database.dispose()


def carry_over(source, target, revision):
    """Rows as they are; columns that came later are not there yet."""
    with target.connect() as connection:
        command.upgrade(migrate._config(connection), revision)
        connection.commit()
    with source.connect() as reader, target.connect() as writer:
        known = inspect(reader)
        for whole in METADATA.sorted_tables:
            if known.has_table(whole.name):
                then = [whole.c[told["name"]] for told in known.get_columns(whole.name)]
                rows = [dict(row._mapping) for row in reader.execute(select(*then))]
                if rows:
                    writer.execute(
                        table(whole.name, *(column(of.name, of.type) for of in then)).insert(), rows
                    )
        writer.commit()
    source.dispose()


class Busy:
    """People of the earlier release at work, from several threads; `done` counts what was committed."""

    def __init__(self, url):
        self.url, self.done, self.wrong, self._stop = url, 0, [], Event()
        self._threads = [Thread(target=self._work) for _ in range(3)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(120)

    def _work(self):
        database = open_database(self.url)
        while not self._stop.is_set():
            try:
                with writing(database) as db:
                    for statement in WORK:
                        db.execute(text(statement))
                self.done += 1
            except Exception as failure:
                self.wrong.append(failure)
                return
        database.dispose()


def waited_for(busy, count):
    aim = busy.done + count
    while busy.done < aim and not busy.wrong:
        pass


def test_a_released_database_is_upgraded_under_load_and_its_histories_execute_again(old):
    with Busy(old.url.render_as_string(hide_password=False)) as busy:
        waited_for(busy, 20)
        migrate.upgrade(old)
        waited_for(busy, 20)

    assert busy.wrong == []
    with old.connect() as connection:
        counted = connection.execute(text("SELECT value FROM counter WHERE scope = 'work'")).scalar()
    assert counted >= 40
    assert migrate.is_current(old)
    engine = Engine(old, SetClock(MONDAY), None)
    assert len(engine.read(verify.all_cases)) == 3
    invariants.check(engine)


def test_work_goes_on_in_cases_of_an_earlier_release(old):
    migrate.upgrade(old)
    engine = Engine.open(old.url.render_as_string(hide_password=False), clock=SetClock(MONDAY))

    for case in engine.read(verify.all_cases):
        for item, post in engine.read(lambda reader, case=case: list(offered(reader, case))):
            engine.handle(ClaimTask(item), by=post)
    begun = engine.handle(StartCase("roundtable", "u001", "题目", channel="hotline"), by="u001.secretary")

    assert begun.seq == 1
    invariants.check(engine)
    engine.database.dispose()


def offered(reader, case):
    """Open items of a case with a post that may do each."""
    for item in worklist.open_items(reader.db, case):
        posts = [
            text.partition(":")[2] for text in worklist.candidates(reader.db, item.id) if text[:5] == "post:"
        ]
        if posts:
            yield item.id, posts[0]
