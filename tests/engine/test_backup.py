"""A copy of the embedded database while it is in use: complete, consistent, and never over an existing file."""

import sqlite3
import threading

import pytest

from engine import backup
from engine.commands import StartCase
from engine.engine import Engine
from engine.errors import Refused
from tests.engine import invariants

START = StartCase("roundtable", "u001", "题目", channel="hotline")


@pytest.fixture
def engine(staged_sqlite, tmp_path, clock):
    (tmp_path / "roundtable.db").write_bytes(staged_sqlite.read_bytes())
    engine = Engine.open(f"sqlite:///{tmp_path / 'roundtable.db'}", clock=clock)
    yield engine
    engine.database.dispose()


def test_a_copy_taken_during_work_holds_all_that_was_answered_before(engine, tmp_path):
    stop = threading.Event()
    answered = []

    def work():
        while not stop.is_set():
            answered.append(
                engine.handle(StartCase("roundtable", "u001", "题目", channel="hotline"), by="u001.secretary")
            )

    working = threading.Thread(target=work)
    working.start()
    while len(answered) < 3:
        pass
    before = list(answered)
    backup.copy(engine.database, tmp_path / "copy.db")
    stop.set()
    working.join()

    copy = Engine.open(f"sqlite:///{tmp_path / 'copy.db'}", clock=engine.clock)
    invariants.check(copy)
    kept = set(copy.read(lambda reader: invariants.verify.all_cases(reader)))
    assert {outcome.case for outcome in before} <= kept
    copy.database.dispose()
    with sqlite3.connect(tmp_path / "copy.db") as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_copy_goes_on_where_the_original_was(engine, tmp_path, clock):
    case = engine.handle(START, by="u001.secretary").case
    backup.copy(engine.database, tmp_path / "copy.db")

    copy = Engine.open(f"sqlite:///{tmp_path / 'copy.db'}", clock=clock)
    assert copy.handle(START, by="u001.secretary").seq == 1
    assert copy.read(invariants.verify.verify_case, case).sound
    copy.database.dispose()


def test_a_file_that_exists_is_never_overwritten(engine, tmp_path):
    (tmp_path / "copy.db").write_text("precious")

    with pytest.raises(Refused):
        backup.copy(engine.database, tmp_path / "copy.db")

    assert (tmp_path / "copy.db").read_text() == "precious"


@pytest.mark.postgres
def test_postgresql_is_referred_to_its_own_tools(postgres_url, tmp_path):
    engine = Engine.open(postgres_url)

    with pytest.raises(Refused) as refusal:
        backup.copy(engine.database, tmp_path / "copy.db")

    assert "PostgreSQL" in refusal.value.help
    assert not (tmp_path / "copy.db").exists()
