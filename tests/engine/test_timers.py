"""Timers: each fires once, in due order, in batches, whatever the clock and other workers do."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from engine import cases, incidents, journal
from engine.commands import FireTimer
from engine.handlers import HANDLERS
from engine.timers import Timer
from engine.waking.dispatcher import Dispatcher
from tests.engine.conftest import MONDAY
from tests.engine.waiting import WaitingCases, reminding

pytestmark = pytest.mark.usefixtures("sound")


@pytest.fixture
def waiting(engine):
    return WaitingCases(engine)


def test_a_clock_that_jumps_back_and_forth_fires_every_timer_once(engine, clock, waiting):
    case = waiting.start()

    for hours in (-1, 24, -24, 6 * 24, -6 * 24, 6 * 24, 24):
        clock.at += timedelta(hours=hours)
        engine.tick()

    assert waiting.fired(case) == [journal.written(MONDAY + timedelta(days=5))]


def overdue(engine, clock, waiting, count, limit):
    """Start cases minutes apart in a mixed order and one that is reminded hourly, come back a week later."""
    reminded = WaitingCases(engine, "reminding", reminding)
    hourly = reminded.start()
    started = {}
    for number in range(count):
        clock.at = MONDAY + timedelta(minutes=number * 7 % count)
        started[waiting.start()] = clock.at
    clock.at = MONDAY + timedelta(days=12)
    in_order = sorted(started, key=lambda case: started[case])

    for fired in range(0, count + 1, limit):
        assert engine.tick(limit) == min(limit, count + 1 - fired)
        assert reminded.fired(hourly) == [journal.written(MONDAY + timedelta(hours=1))]  # it was due first
        now_fired, later = in_order[: fired + limit - 1], in_order[fired + limit - 1 :]
        assert [len(waiting.fired(case)) for case in now_fired] == [1] * len(now_fired)
        assert [len(waiting.fired(case)) for case in later[:3]] == [0] * len(later[:3])
    assert engine.tick(limit) == 0
    clock.at += timedelta(hours=1)
    assert engine.tick(limit) == 1
    for case in in_order:
        assert waiting.fired(case) == [journal.written(started[case] + timedelta(days=5))]


def test_overdue_timers_fire_once_in_due_order_and_in_batches(engine, clock, waiting):
    overdue(engine, clock, waiting, count=60, limit=25)


@pytest.mark.prove
def test_a_thousand_overdue_timers_fire_once_in_due_order(engine, clock, waiting):
    overdue(engine, clock, waiting, count=1000, limit=100)


def test_two_workers_fire_a_timer_once(engine, clock, waiting, together):
    started = [waiting.start() for _ in range(8)]
    clock.at += timedelta(days=6)

    together(*[engine.tick] * 4)

    assert [len(waiting.fired(case)) for case in started] == [1] * 8


def standing(engine, case):
    """Path and reason of what has stopped a case."""
    return [
        (row.path, row.message) for row in engine.read(lambda reader: incidents.standing(reader.db, case))
    ]


def test_a_timer_that_its_case_knows_nothing_of_stops_that_case_and_holds_up_no_other(engine, clock, waiting):
    wrong, right = waiting.start(), waiting.start()
    astray = update(Timer).where(Timer.case_id == wrong).values(path="gone")
    engine.small(lambda db: db.execute(astray) and None)
    clock.at += timedelta(days=6)

    assert Dispatcher(engine, {}).once() == 2

    assert [waiting.status(case) for case in (wrong, right)] == [cases.INCIDENT, cases.ACTIVE]
    ((path, message),) = standing(engine, wrong)
    assert path == "gone"
    assert "现在没有打开" in message
    assert len(waiting.fired(right)) == 1
    assert Dispatcher(engine, {}).once() == 0  # it stands still, and nobody tries again
    back = update(Timer).where(Timer.case_id == wrong).values(path="pause")
    engine.small(lambda db: db.execute(back) and None)


def test_a_mistake_of_ours_stops_the_case_of_its_timer_and_holds_up_no_other(
    engine, clock, waiting, monkeypatch
):
    wrong, right = waiting.start(), waiting.start()
    fire = HANDLERS[FireTimer]

    def mistaken(work, command):
        return 1 // 0 if command.case == wrong else fire(work, command)

    monkeypatch.setitem(HANDLERS, FireTimer, mistaken)
    clock.at += timedelta(days=6)

    assert Dispatcher(engine, {}).once() == 2

    assert standing(engine, wrong) == [("pause", "自动办理时出现了没有预料到的错误")]
    assert len(waiting.fired(right)) == 1
