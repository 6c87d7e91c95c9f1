"""Sending to platforms that fail, hang, answer twice or late: one remote object, one receipt, every attempt kept."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import journal, outbox
from engine.commands import RecordReceipt
from engine.connectors import platform
from engine.connectors.stand_in import StandIn
from engine.entitlement import SYSTEM
from engine.errors import Conflict
from engine.outbox import Outgoing
from engine.waking import dispatcher
from engine.waking.dispatcher import Dispatcher
from tests.engine import invariants
from tests.engine.waiting import start_uploading


@pytest.fixture
def stand_in():
    stand_in = StandIn().start()
    yield stand_in
    stand_in.stop()


@pytest.fixture
def uploading(engine, walker):
    """A case whose uploads to both platforms wait."""
    walker.case = start_uploading(engine)
    yield walker
    invariants.check(engine)


def sender(engine, stand_in, *targets):
    addresses = {target: stand_in.address(target) for target in targets or ("party_cloud", "service_365")}
    return Dispatcher(engine, addresses, pause=0.01)


def rows(engine):
    return engine.read(lambda reader: list(reader.db.scalars(select(Outgoing).order_by(Outgoing.target))))


def attempts(engine, row):
    """Their errors in order; None while nobody knows how an attempt ended."""
    kept = engine.read(lambda reader: outbox.attempts(reader.db, row.id))
    return [attempt.error if attempt.ended_at else None for attempt in kept]


def receipts(engine, walker):
    history = engine.read(lambda reader: list(journal.of_case(reader.db, walker.case)))
    return [event.body["data"]["receipt"] for event in history if event.type == "message_received"]


def test_both_receipts_arrive_and_the_case_goes_on(engine, uploading, stand_in):
    assert sender(engine, stand_in).once() == 2

    assert [row.status for row in rows(engine)] == ["receipted", "receipted"]
    assert sorted(receipts(engine, uploading)) == sorted(stand_in.receipts.values())
    assert "close_off" in uploading.open()
    assert sender(engine, stand_in).once() == 0


def test_a_platform_that_fails_three_times_is_asked_again_ever_later(engine, uploading, stand_in, clock):
    stand_in.script = [500, 503, 500]
    sending = sender(engine, stand_in, "party_cloud")
    waits = []
    for _ in range(4):
        before = clock.at
        while not sending.once() and rows(engine)[0].next_at > clock.at:
            clock.at = rows(engine)[0].next_at
            if clock.at > before:
                break
        waits.append(clock.at - before)

    row = rows(engine)[0]
    assert row.status == "receipted"
    assert [bool(error) for error in attempts(engine, row)] == [True, True, True, False]
    assert [wait for wait in waits if wait] == sorted(wait for wait in waits if wait)
    assert len(stand_in.received) == 1


def test_nothing_is_sent_before_its_time(engine, uploading, stand_in):
    stand_in.script = [500]
    sending = sender(engine, stand_in, "party_cloud")

    assert sending.once() == 0
    assert sending.once() == 0

    assert len(attempts(engine, rows(engine)[0])) == 1


def test_a_platform_that_hangs_is_given_up_and_asked_again_with_the_same_key(
    engine, uploading, stand_in, clock, monkeypatch
):
    monkeypatch.setattr(platform, "CONNECT_AND_READ", 0.2)
    stand_in.delays = [0.6]  # it takes the upload in and answers too late
    sending = sender(engine, stand_in, "party_cloud")

    assert sending.once() == 0
    time.sleep(0.6)
    assert len(stand_in.received) == 1
    clock.at += timedelta(minutes=5)
    assert sending.once() == 1

    row = rows(engine)[0]
    assert list(stand_in.received) == [row.id]
    assert row.receipt == stand_in.receipts[row.id]
    assert attempts(engine, row)[0] != ""
    assert attempts(engine, row)[1] == ""


def test_an_acknowledgement_after_the_timeout_is_taken_once(engine, uploading):
    row = rows(engine)[0]
    engine.small(lambda db, now: outbox.lease(db, (row.target,), now), engine.now())

    command = RecordReceipt(row.id, "YDJ-000001", key=f"receipt-{row.id}")
    first = engine.handle(command, by=SYSTEM)
    again = engine.handle(command, by=SYSTEM)
    without_key = engine.handle(RecordReceipt(row.id, "YDJ-000001"), by=SYSTEM)

    assert first == again
    assert without_key.seq == first.seq
    assert receipts(engine, uploading) == ["YDJ-000001"]
    with pytest.raises(Conflict):
        engine.handle(RecordReceipt(row.id, "YDJ-000002"), by=SYSTEM)


def test_two_different_receipts_at_once_are_one_receipt(engine, uploading, together):
    row = rows(engine)[0]

    ends = together(
        lambda: engine.handle(RecordReceipt(row.id, "A-1"), by=SYSTEM),
        lambda: engine.handle(RecordReceipt(row.id, "B-22", manual=True), by="u001.secretary"),
    )

    assert sorted(type(end).__name__ for end in ends) == ["Conflict", "Outcome"]
    assert receipts(engine, uploading) == [rows(engine)[0].receipt]


def test_a_dead_worker_is_relieved_when_its_lease_ends(engine, uploading, stand_in, clock):
    row = rows(engine)[0]
    engine.small(
        lambda db, now: outbox.lease(db, (row.target,), now), engine.now()
    )  # and never heard of again
    sending = sender(engine, stand_in, row.target)

    assert sending.once() == 0
    clock.at += outbox.LEASE + timedelta(seconds=1)
    assert sending.once() == 1

    assert attempts(engine, row) == [None, ""]
    assert len(stand_in.received) == 1


def test_a_worker_that_comes_back_from_the_dead_changes_nothing(engine, uploading, stand_in, clock):
    row = rows(engine)[0]
    engine.small(lambda db, now: outbox.lease(db, (row.target,), now), engine.now())
    clock.at += outbox.LEASE + timedelta(seconds=1)
    engine.small(lambda db, now: outbox.lease(db, (row.target,), now), engine.now())  # the second worker's

    engine.small(outbox.ended, row.id, 1, "too late", engine.now())

    after = rows(engine)[0]
    assert (after.attempts, after.error) == (2, "")
    assert after.leased_until > engine.now()
    assert attempts(engine, row) == ["too late", None]


def test_two_workers_at_once_send_each_upload_once(engine, uploading, stand_in, together):
    ends = together(*[sender(engine, stand_in).once for _ in range(4)])

    assert sum(ends) == 2
    assert [row.attempts for row in rows(engine)] == [1, 1]


def test_a_receipt_that_fits_no_upload_is_a_failed_attempt(engine, uploading, stand_in, clock):
    for answer in (
        b"",
        b"{}",
        b"[]",
        b'{"receipt": 5}',
        b'{"receipt": "  "}',
        b"\xff",
        b'{"receipt": "' + b"9" * 200 + b'"}',
    ):
        stand_in.answers = [answer]
        assert sender(engine, stand_in, "party_cloud").once() == 0
        clock.at = rows(engine)[0].next_at

    assert rows(engine)[0].status == "waiting"
    assert all(attempts(engine, rows(engine)[0]))


def test_a_dispatcher_that_is_stopped_finishes_what_it_sends_and_takes_no_more(engine, uploading, stand_in):
    stand_in.delays = [0.5]
    sending = sender(engine, stand_in).start()
    while not any(row.attempts for row in rows(engine)):
        time.sleep(0.01)

    sending.stop()

    assert [row.status for row in rows(engine)].count("receipted") == 1
    assert [row.leased_until for row in rows(engine) if row.status == "waiting"] == [None]
    assert "dispatcher" not in {thread.name for thread in threading.enumerate()}


def test_a_platform_without_an_address_is_left_to_people(engine, uploading, stand_in):
    assert Dispatcher(engine, {"party_cloud": "", "service_365": ""}).once() == 0

    assert [row.attempts for row in rows(engine)] == [0, 0]


def test_the_loop_goes_on_after_a_failure(engine, uploading, stand_in, monkeypatch, caplog):
    failures = iter([RuntimeError("broken")])
    real = dispatcher.upload

    def once_broken(*args):
        for failure in failures:
            raise failure
        return real(*args)

    monkeypatch.setattr(dispatcher, "upload", once_broken)
    sending = sender(engine, stand_in).start()
    for _ in range(500):
        if any(row.status == "receipted" for row in rows(engine)):
            break
        time.sleep(0.01)
    sending.stop()

    assert "goes on after a failure" in caplog.text
    assert [row.status for row in rows(engine)].count("receipted") == 1
