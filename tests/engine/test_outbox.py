"""The outbox: what may be sent when, ever more slowly after failures, fenced by the number of the attempt."""

from datetime import UTC, datetime, timedelta

import pytest

from engine import outbox
from engine.clock import SetClock
from engine.engine import Engine
from engine.errors import Conflict, NotFound

NOW = datetime(2026, 9, 14, 1, 0, tzinfo=UTC)


@pytest.fixture
def house(migrated_url):
    """An engine with three things to send and nothing else."""
    engine = Engine.open(migrated_url, clock=SetClock(NOW))
    for number in range(3):
        engine.small(outbox.put, f"c-{number}-party_cloud", "c", "party_cloud", {"n": number}, NOW)
    yield engine
    engine.database.dispose()


def leased(house, at=NOW, limit=10):
    return [row.id for row in house.small(outbox.lease, ("party_cloud",), at, limit)]


def found(house, id):
    return house.read(lambda reader: outbox.find(reader.db, id))


def test_what_is_leased_is_not_leased_again_before_the_lease_ends(house):
    assert leased(house, limit=2) == ["c-0-party_cloud", "c-1-party_cloud"]
    assert leased(house) == ["c-2-party_cloud"]
    assert leased(house, NOW + outbox.LEASE) == []
    assert len(leased(house, NOW + outbox.LEASE + timedelta(seconds=1))) == 3


def test_nobody_leases_what_is_for_another_platform(house):
    assert house.small(outbox.lease, ("service_365",), NOW) == []


def test_workers_at_once_lease_different_things(house, together):
    ends = together(*[lambda: leased(house, limit=1)] * 3)

    assert sorted(id for end in ends for id in end) == [f"c-{n}-party_cloud" for n in range(3)]


def test_failures_are_retried_ever_more_slowly_but_at_least_once_a_day(house):
    waits, at = [], NOW
    for number in range(1, 16):
        leased(house, at, limit=1)
        house.small(outbox.ended, "c-0-party_cloud", number, "平台答复的状态是500", at)
        waits.append(found(house, "c-0-party_cloud").next_at - at)
        at += waits[-1]
        for other in ("c-1-party_cloud", "c-2-party_cloud"):
            house.small(put_off, other, at + timedelta(days=2))

    assert waits[0] == timedelta(minutes=1)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(days=1)


def put_off(db, id, at):
    outbox.find(db, id).next_at = at


def test_another_receipt_is_refused_the_same_one_is_known(house):
    def receive(db, receipt):
        return outbox.receipted(outbox.find(db, "c-0-party_cloud"), receipt, NOW)

    assert house.small(receive, "A") is True
    assert house.small(receive, "A") is False
    with pytest.raises(Conflict):
        house.small(receive, "B")
    assert found(house, "c-0-party_cloud").receipt == "A"


def test_a_failure_after_the_receipt_changes_nothing(house):
    leased(house, limit=1)
    house.small(lambda db: outbox.receipted(outbox.find(db, "c-0-party_cloud"), "A", NOW))
    house.small(outbox.ended, "c-0-party_cloud", 1, "too late", NOW)

    assert (found(house, "c-0-party_cloud").status, found(house, "c-0-party_cloud").error) == (
        "receipted",
        "",
    )


def test_what_was_never_sent_is_not_found(house):
    with pytest.raises(NotFound):
        found(house, "nothing")
