"""Workers that die or fall asleep while they hold a job, as processes: what they were to do happens once (fault 8)."""

import os
import signal
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import journal, outbox
from engine.connectors.stand_in import StandIn
from engine.outbox import Outgoing
from engine.waking.dispatcher import Dispatcher
from tests.engine import invariants
from tests.engine.other_process import answers, send_once, start
from tests.engine.waiting import start_uploading

PLATFORM = "party_cloud"


@pytest.fixture
def stand_in():
    stand_in = StandIn().start()
    yield stand_in
    stand_in.stop()


class Worker:
    """A worker in a process of its own, caught while the platform has its upload and has not answered yet."""

    def __init__(self, engine, url, stand_in, delay):
        stand_in.delays = [delay]
        known, self.stand_in = len(stand_in.received), stand_in
        at, data = engine.now(), engine.settings.data
        self._running = start(send_once, url, at, data, {PLATFORM: stand_in.address(PLATFORM)})
        self.pid = self._running[1].recv()
        while len(stand_in.received) == known:
            time.sleep(0.01)

    def signalled(self, number):
        os.kill(self.pid, number)

    def told(self):
        """What it says until it ends."""
        return list(answers(self._running))


def taken_over(engine, clock, stand_in):
    """Another worker looks: before the lease has ended in vain, then it does what is left."""
    other = Dispatcher(engine, {PLATFORM: stand_in.address(PLATFORM)})
    assert other.once() == 0
    clock.at += outbox.LEASE + timedelta(seconds=1)
    assert other.once() == 1


def happened_once(engine, case, row):
    """One event, one receipt, both attempts on record."""
    history = engine.read(lambda reader: list(journal.of_case(reader.db, case)))
    assert [event.body["data"]["outbox"] for event in history if event.type == "message_received"] == [row]
    kept = engine.read(lambda reader: outbox.attempts(reader.db, row))
    assert [attempt.number for attempt in kept] == [1, 2]
    invariants.check(engine)


def upload_of(engine, case):
    query = select(Outgoing.id).where(Outgoing.case_id == case, Outgoing.target == PLATFORM)
    return engine.read(lambda reader: reader.db.scalars(query).one())


def killed(engine, clock, stand_in, url, rounds):
    for _ in range(rounds):
        case = start_uploading(engine)
        worker = Worker(engine, url, stand_in, delay=10)
        worker.signalled(signal.SIGKILL)
        assert worker.told() == []

        taken_over(engine, clock, stand_in)

        happened_once(engine, case, upload_of(engine, case))
    assert len(stand_in.received) == rounds


def asleep(engine, clock, stand_in, url, rounds):
    for _ in range(rounds):
        case = start_uploading(engine)
        worker = Worker(engine, url, stand_in, delay=2)
        worker.signalled(signal.SIGSTOP)

        taken_over(engine, clock, stand_in)
        worker.signalled(signal.SIGCONT)

        assert worker.told() == [1]  # it gets the answer that the other one got
        happened_once(engine, case, upload_of(engine, case))
    assert len(stand_in.received) == rounds


def test_what_a_killed_worker_held_is_done_once_by_another(engine, clock, stand_in, staged_url):
    killed(engine, clock, stand_in, staged_url, 2)


def test_a_worker_that_was_asleep_while_another_did_its_job_does_nothing_twice(
    engine, clock, stand_in, staged_url
):
    asleep(engine, clock, stand_in, staged_url, 2)


@pytest.mark.prove
def test_what_fifty_killed_workers_held_is_done_once_by_others(engine, clock, stand_in, staged_url):
    killed(engine, clock, stand_in, staged_url, 50)


@pytest.mark.prove
def test_fifty_workers_that_were_asleep_do_nothing_twice(engine, clock, stand_in, staged_url):
    asleep(engine, clock, stand_in, staged_url, 50)
