"""A PostgreSQL server that dies during work, and one whose disk is full (faults 4 and 5): nothing answered is lost.

The short form stops it once; the long ones, marked `prove`, again and again, and give it a small disk of its own.
"""

import random
import time
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from engine import journal
from engine.audit import verify
from engine.clock import SetClock
from engine.commands import StartCase
from engine.demo import making
from engine.engine import Engine
from engine.errors import Unavailable
from engine.reading import ready
from engine.settings import Settings
from tests.engine import invariants
from tests.engine.conftest import MONDAY
from tests.engine.restartable import Restartable

MEGABYTE = 1 << 20
DISK_FULL = "53100"
PATIENCE = 600  # tenths of a second; a bound against hanging, no measure

pytestmark = pytest.mark.postgres


@contextmanager
def at_work(server, bundle, folder):
    """An engine on a new database of this server, and people who start cases on it; sound afterwards."""
    url = server.database()
    making.stage(url, bundle)
    engine = Engine.open(url, clock=SetClock(MONDAY), settings=Settings(data=folder))
    load = Load(engine)
    with load:
        yield engine, load
    assert load.unavailable
    assert load.unforeseen == []
    assert len({outcome.case for outcome in load.answered}) == len(load.answered)
    assert {outcome.case for outcome in load.answered} <= set(engine.read(verify.all_cases))
    for outcome in load.answered:
        history = engine.read(lambda reader, case=outcome.case: list(journal.of_case(reader.db, case)))
        assert len(history) >= outcome.seq
    invariants.check(engine)
    engine.database.dispose()


class Load:
    """Starts cases from several threads without pause; what could not be done is sent again with its key."""

    def __init__(self, engine):
        self.engine, self.answered, self.unavailable, self.unforeseen = engine, [], [], []
        self._stop = Event()
        self._threads = [Thread(target=self._work, args=(number,)) for number in range(3)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def goes_on(self):
        """Wait until more is answered than now."""
        _wait_for(self.answered)

    def is_refused(self):
        """Wait until more is refused than now."""
        _wait_for(self.unavailable)

    def _work(self, number):
        count = 0
        while not self._stop.is_set():
            count += 1
            self._until_answered(
                StartCase("roundtable", "u001", "题目", channel="hotline", key=f"{number}-{count}")
            )

    def _until_answered(self, command):
        while not self._stop.is_set():
            try:
                self.answered.append(self.engine.handle(command, by="u001.secretary"))
                return
            except Unavailable as away:
                self.unavailable.append(away)
                time.sleep(0.1)
            except Exception as unforeseen:
                self.unforeseen.append(unforeseen)
                return


def _wait_for(grown):
    before = len(grown)
    for _ in range(PATIENCE):
        if len(grown) > before:
            return
        time.sleep(0.1)
    raise AssertionError("nothing more came")


def dies_during_work(bundle, folder, stops, away):
    """Stopped immediately at random moments, and started again after so many seconds."""
    chance = random.Random(stops)
    with Restartable() as server, at_work(server, bundle, folder) as (engine, load):
        for _ in range(stops):
            load.goes_on()
            time.sleep(chance.uniform(0.2, 1.5))
            server.stop()
            with pytest.raises(Unavailable):
                engine.read(ready.answers)
            time.sleep(away)
            server.start()
            load.goes_on()
            engine.read(ready.answers)


def test_a_database_that_dies_during_work_loses_nothing_that_was_answered(bundle, tmp_path):
    dies_during_work(bundle, tmp_path, stops=1, away=1)


@pytest.mark.prove
def test_a_database_that_dies_again_and_again_loses_nothing_that_was_answered(bundle, tmp_path):
    dies_during_work(bundle, tmp_path, stops=8, away=5)


@pytest.mark.prove
def test_a_server_whose_disk_is_full_refuses_goes_on_reading_and_serves_again_when_there_is_room(
    bundle, tmp_path
):
    with Restartable(megabytes=250) as server, at_work(server, bundle, tmp_path) as (engine, load):
        load.goes_on()
        with server.full_but_for(4 * MEGABYTE):
            load.is_refused()
            load.is_refused()
            assert set(engine.read(verify.all_cases))
            assert DISK_FULL in {away.__cause__.orig.sqlstate for away in load.unavailable}
        load.goes_on()
