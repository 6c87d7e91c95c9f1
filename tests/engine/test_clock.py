"""The demonstration's clock: only forward, never early, and everything falls due at its own time on the way."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine import journal
from engine.clock import MovableClock, shift_to
from engine.commands import MoveClock
from engine.engine import Engine
from engine.entitlement import SYSTEM
from engine.errors import Conflict, NotAllowed
from engine.journal import written
from engine.settings import Settings
from engine.timers import Timer
from tests.engine import invariants
from tests.engine.waiting import WaitingCases


@pytest.fixture
def engine(staged_url, tmp_path):
    """A demonstration whose clock was moved some days ahead of the machine's."""
    engine = Engine.open(staged_url, settings=Settings(data=tmp_path, demo=True))
    engine.small(shift_to, datetime.now(UTC) + timedelta(days=2))
    yield engine
    invariants.check(engine)
    engine.database.dispose()


def test_the_clock_is_never_earlier_than_it_was_set_to(engine):
    for step in range(20):
        to = engine.now() + timedelta(hours=1, milliseconds=137 * step)
        engine.small(shift_to, to)
        assert to <= engine.now() < to + timedelta(seconds=2)


def test_everything_falls_due_at_its_own_time_on_the_way(engine):
    waiting = WaitingCases(engine)
    started = {}
    for _ in range(3):
        case = waiting.start()
        started[case] = engine.read(lambda reader, case=case: waiting_due(reader, case))
        engine.small(shift_to, engine.now() + timedelta(hours=7, milliseconds=400))
    target = engine.now() + timedelta(days=30)

    engine.handle(MoveClock(target), by=SYSTEM)

    for case, due in started.items():
        assert waiting.fired(case) == [written(due)]
        assert due <= fired_at(engine, case) < due + timedelta(seconds=5)
    assert target <= engine.now() < target + timedelta(seconds=5)


def test_a_poisoned_case_does_not_stop_the_clock(engine):
    waiting = WaitingCases(engine)
    poisoned, after = waiting.poison(), waiting.start()

    engine.handle(MoveClock(engine.now() + timedelta(days=30)), by=SYSTEM)

    assert [waiting.status(poisoned), waiting.status(after)] == ["incident", "active"]
    assert len(waiting.fired(after)) == 1


def test_the_clock_never_goes_back(engine):
    with pytest.raises(Conflict):
        engine.handle(MoveClock(engine.now() - timedelta(minutes=1)), by=SYSTEM)


def test_the_clock_of_a_real_deployment_cannot_be_moved(staged_url, tmp_path):
    real = Engine.open(staged_url, settings=Settings(data=tmp_path))

    assert not isinstance(real.clock, MovableClock)
    with pytest.raises(NotAllowed):
        real.handle(MoveClock(real.now() + timedelta(days=1)), by=SYSTEM)
    real.database.dispose()


def waiting_due(reader, case):
    return reader.db.scalars(select(Timer.due_at).where(Timer.case_id == case)).one()


def fired_at(engine, case):
    history = engine.read(lambda reader: list(journal.of_case(reader.db, case)))
    return next(event.at for event in history if event.type == "timer_fired")
