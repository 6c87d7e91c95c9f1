"""Supervision that goes round for years: as large and as costly in the last round as in the tenth.

The three ways to draw it go 1,000 rounds on every run and 10,000 with `make prove`; whatever else can stand in a
loop goes 200 and 2,000. Every completion is cold: revived, run, compacted, frozen. Size is asserted, and so is cost,
counted in calls of functions; time is printed, because a busy machine says nothing about the engine.
"""

import statistics
import sys
import time

import pytest

from engine.bpmn import compact, run
from engine.bpmn.parse import load
from engine.bpmn.step import Moment
from tests.engine.bpmn.enduring import OTHERS, THE_THREE
from tests.engine.bpmn.scenarios import tasks_in
from tests.engine.bpmn.sketch import NOON, World


@pytest.mark.parametrize("name", THE_THREE)
def test_a_thousand_rounds_leave_a_case_as_it_was(name):
    _go_round(THE_THREE[name], 1_000)


@pytest.mark.parametrize("name", OTHERS)
def test_two_hundred_rounds_of_anything_leave_a_case_as_it_was(name):
    _go_round(OTHERS[name], 200)


@pytest.mark.prove
@pytest.mark.parametrize("name", THE_THREE)
def test_ten_thousand_rounds_leave_a_case_as_it_was(name):
    _go_round(THE_THREE[name], 10_000)


@pytest.mark.prove
@pytest.mark.parametrize("name", OTHERS)
def test_two_thousand_rounds_of_anything_leave_a_case_as_it_was(name):
    _go_round(OTHERS[name], 2_000)


def test_without_pruning_a_case_would_grow(monkeypatch):
    """Or the tests above would show nothing."""
    monkeypatch.setattr(compact, "compact", lambda workflow: None)

    with pytest.raises(AssertionError, match="bytes"):
        _go_round(THE_THREE["loop marker"], 40)


class Enduring:
    """A case that is revived for every completion, with what each round took."""

    def __init__(self, drawn):
        self.model, self.world, self.seq, self.at = load(drawn), World(), 1, NOON
        data = {"rounds": 0, "names": ["甲", "乙"]}
        self.step = run.start(self.model, Moment("case", 1, NOON), self.world, {}, data)
        self.sizes, self.tasks, self.calls, self.seconds = {}, {}, {}, {}

    def go(self, number, moves, answers, counted):
        """One round; what is counted is not timed."""
        began, calls = time.perf_counter(), _Calls()
        sizes = []
        if counted:
            sys.setprofile(calls.count)
        for move in moves:
            self.take(move.format(f"#{number}" if number > 1 else ""), answers)
            sizes.append(len(self.step.frozen))
        if counted:
            sys.setprofile(None)
            self.calls[number] = calls.number / len(moves)
        self.seconds[number] = (time.perf_counter() - began) / len(moves)
        self.sizes[number] = max(sizes)
        self.tasks[number] = tasks_in(self.model, self.step) if counted else None

    def take(self, move, answers):
        running = run.revive(self.model, self.step.frozen)
        self.seq += 1
        if move[0] == "~":
            self.at = next(timer.due for timer in self.step.timers if timer.path == move[1:])
        moment = Moment("case", self.seq, self.at)
        if move[0] == "~":
            self.step = run.fire(running, move[1:], moment, self.world)
        elif move[0] == "!":
            self.step = run.message(running, move[1:], "消息", moment, self.world)
        else:
            self.step = run.complete(running, move, answers, moment, self.world)


class _Calls:
    number = 0

    def count(self, _frame, event, _argument):
        self.number += event in ("call", "c_call")


def _go_round(enduring, rounds):
    case, before = Enduring(enduring.drawn), rounds - 1
    for number in range(1, rounds + 1):
        answers = {"go": number < rounds, "text": "进度正常"}
        case.go(number, enduring.every, answers, number in (10, before))
    for move in enduring.at_last:
        case.take(move, {})

    assert case.step.ended
    print("\n" + "; ".join(_told(case, number) for number in (10, before)))
    assert max(case.sizes.values()) <= case.sizes[10] * 1.2, "bytes"
    assert case.tasks[before] == case.tasks[10]
    assert case.calls[before] <= case.calls[10] * 1.2, "calls per completion"


def _told(case, number):
    near = [case.seconds[n] for n in case.seconds if 0 < abs(number - n) < 10]
    cost = f"{case.calls[number]:.0f} calls, {statistics.median(near) * 1000:.2f} ms per completion"
    return f"round {number}: {case.sizes[number]} bytes, {case.tasks[number]} live tasks, {cost}"
