"""Killed while a case stops, or while it is retried: all or nothing, and the same command sent again is answered."""

from dataclasses import replace

import pytest

from engine.commands import RetryIncident, SubmitTask
from engine.handlers import progress
from tests.engine import failing, invariants
from tests.engine.bpmn import sketch
from tests.engine.other_process import killed_or_done, sparse


@pytest.fixture
def case(engine):
    """Fails while its divisor is not there."""
    drawn = failing.after("submit", sketch.script("fail", "x = 100 // case.divisor"))
    return failing.FailingCase(engine, drawn)


def submission(case):
    """Of a new case: the first is refused and only warms up."""
    case.start()
    item = case.items()[0].id
    order = SubmitTask(item, failing.ANSWERS, key=item)
    return replace(order, answers={}, key=""), order


def retrial(case):
    """Of a new case that has stopped and whose cause is mended."""
    case.start()
    case.submit()
    case.correct(divisor=4)
    return RetryIncident(case.case, " "), RetryIncident(case.case, "除数已补上", key=f"retry-{case.case}")


@pytest.mark.parametrize(
    ("orders", "by", "before", "done"),
    [
        (submission, failing.SECRETARY, ["case_started"], "incident_opened"),
        (
            retrial,
            failing.OPERATOR,
            ["case_started", "incident_opened", "facts_corrected"],
            "task_submitted",
        ),
    ],
)
def test_who_is_killed_leaves_all_or_nothing_and_who_sends_it_again_is_answered(
    engine, case, staged_url, orders, by, before, done
):
    first = orders(case)
    _, own, lines = killed_or_done(engine, staged_url, first, by, 0)
    died = 0

    for die_at in sparse(own, lines)[::2]:
        both = orders(case)
        told = killed_or_done(engine, staged_url, both, by, die_at)
        invariants.check(engine)
        died += not told
        assert case.types() in (([*before, done],) if told else (before, [*before, done]))
        outcome = engine.handle(both[1], by=by)
        assert case.types() == [*before, done]
        assert progress.stopped(outcome) == (done == "incident_opened")

    assert died >= 3
    invariants.check(engine)
