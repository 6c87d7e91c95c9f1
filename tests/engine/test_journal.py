"""Streams without gaps and numbers without doubles, also when many meet at the very first one."""

from datetime import UTC, date, datetime, timedelta

import pytest

from engine import journal, people
from engine.audit import verify
from engine.clock import SetClock
from engine.commands import Appoint
from engine.database import Contended
from engine.engine import Engine
from engine.entitlement import SYSTEM
from engine.records import numbers
from engine.work import signature
from tests.engine import invariants

NOW = datetime(2026, 9, 14, 1, 2, 3, 4, tzinfo=UTC)


def until_done(engine, change):
    """As the door does it: whoever met another tries again."""
    for _ in range(3):
        try:
            return engine.small(change)
        except Contended:
            continue
    raise AssertionError("still contended")


def test_times_are_written_so_that_texts_sort_like_times():
    written = [journal.written(NOW + timedelta(microseconds=step)) for step in (-4, 0, 10, 999_990)]

    assert written == sorted(written)
    assert journal.read_time(written[1]) == NOW


def test_many_who_tell_the_district_at_once_leave_no_gap(engine, together):
    posts = [f"u00{number}.secretary" for number in range(1, 9)]
    before = engine.read(verify.verify_district).events

    def again(post):
        command = Appoint(holder(engine, post), post, date(2026, 9, 15))
        return lambda: engine.handle(command, by="o_data.operator")

    ends = together(*[again(post) for post in posts])

    assert [end for end in ends if isinstance(end, Exception)] == []
    verdict = engine.read(verify.verify_district)
    assert verdict.sound
    assert verdict.events == before + 8


def holder(engine, post):
    return engine.read(lambda reader: people.holder_of_post(reader.db, post, reader.today)).person


def fresh(url):
    return Engine.open(url, clock=SetClock(NOW))


def test_the_very_first_events_of_a_stream_may_meet(migrated_url, together):
    engine = fresh(migrated_url)

    together(*[lambda: until_done(engine, tell)] * 2)

    assert engine.read(verify.verify_district).events == 2
    assert engine.read(verify.verify_district).sound
    engine.database.dispose()


def tell(db):
    journal.append_to_district(db, NOW, "told", signature(SYSTEM), data={})


def test_the_first_two_who_take_a_number_get_two_numbers(migrated_url, together):
    engine = fresh(migrated_url)

    ends = together(*[lambda: until_done(engine, lambda db: numbers.allot(db, "case/2026"))] * 4)

    assert sorted(ends) == [1, 2, 3, 4]
    engine.database.dispose()


def test_a_number_of_a_transaction_that_failed_is_given_again(engine):
    def fail(db):
        assert numbers.allot(db, "case/2031") == 1
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        engine.small(fail)

    assert engine.small(numbers.allot, "case/2031") == 1


def test_two_units_that_start_at_once_get_different_case_numbers(engine, walker, together):
    walker.start()
    first = walker.case
    walker.start()
    second = walker.case

    def on(case):
        other = type(walker)(engine, walker.told, walker.files, case)
        while not other.facts()["number"]:
            other.do(other.open()[0])
        return other.facts()["number"]

    ends = together(lambda: on(first), lambda: on(second))

    assert len(set(ends)) == 2, ends
    invariants.check(engine)
