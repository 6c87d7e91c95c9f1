"""Bad luck: killed in the middle, two at once, sent ten times, executed again somewhere else.

After every fault all invariants hold. The long forms are marked `prove`.
"""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from engine import journal
from engine.audit import verify
from engine.commands import Outcome, SubmitTask
from engine.demo import making
from tests.engine import invariants
from tests.engine.bpmn import sketch
from tests.engine.failing import FailingCase, after
from tests.engine.other_process import compete, killed_or_done, sparse, start, thorough
from tests.engine.waiting import WaitingCases, start_uploading
from tests.golden.histories import FOLDERS

pytestmark = pytest.mark.usefixtures("sound")


def length(engine, case):
    return len(engine.read(lambda reader: list(journal.of_case(reader.db, case))))


class Killed:
    """What became of the same task submitted again and again by processes that die."""

    def __init__(self, engine, walker, url):
        self.engine, self.walker, self.url = engine, walker, url
        self.died = self.done = 0
        walker.start()
        self.answers, self.by = walker.answers("register_topic"), walker.who(walker.item("register_topic"))

        self._another()

    def lines(self):
        """Numbers of our own lines, and of all."""
        _, own, lines = self._told(0)
        self._another()
        return own, lines

    def at(self, die_at):
        told = self._told(die_at)
        invariants.check(self.engine)
        self.died += not told
        if length(self.engine, self.walker.case) == 1:
            assert told == []
            assert self.walker.open() == ["register_topic"]
            return
        self.done += 1
        assert (
            self.engine.handle(self.order, by=self.by)
            == (told or [self.engine.handle(self.order, by=self.by)])[0]
        )
        self._another()

    def _another(self):
        self.walker.start()
        item = self.walker.item("register_topic")
        self.order = SubmitTask(item.id, self.answers, key=item.id)

    def _told(self, die_at):
        refused = replace(self.order, answers={}, key="")
        return killed_or_done(self.engine, self.url, (refused, self.order), self.by, die_at)


def test_who_is_killed_in_the_middle_of_a_task_leaves_all_or_nothing(engine, walker, staged_url):
    killed = Killed(engine, walker, staged_url)

    for die_at in sparse(*killed.lines()):
        killed.at(die_at)

    assert killed.died >= 8
    assert killed.done >= 1


@pytest.mark.prove
def test_who_is_killed_anywhere_in_a_task_leaves_all_or_nothing(engine, walker, staged_url):
    killed = Killed(engine, walker, staged_url)

    for die_at in thorough(*killed.lines()):
        killed.at(die_at)

    assert killed.done >= 1


def in_step(running, rounds):
    """Let all processes do their next order at the same moment, again and again; what they were told."""
    pipes = [pipe for _, pipe in running]
    assert [pipe.recv() for pipe in pipes] == ["ready"] * len(pipes)
    told = []
    for _ in range(rounds):
        for pipe in pipes:
            pipe.send("go")
        told.append([pipe.recv() for pipe in pipes])
    for process, pipe in running:
        process.join(30)
        pipe.close()
    return told


def first_tasks(walker, count):
    """Work items of as many new cases."""
    items = []
    for _ in range(count):
        walker.start()
        items.append(walker.item("register_topic"))
    return items


def race_of_two(engine, walker, url, rounds):
    items = first_tasks(walker, rounds)
    filled, by = walker.answers("register_topic"), walker.who(items[0])
    running = [
        start(
            compete,
            url,
            engine.now(),
            engine.settings.data,
            [(SubmitTask(item.id, filled, key=f"{who}-{item.id}"), by) for item in items],
        )
        for who in "ab"
    ]
    return in_step(running, rounds)


def assert_exactly_one_won(told):
    for pair in told:
        won = [end for end in pair if isinstance(end, Outcome)]
        lost = [end for end in pair if not isinstance(end, Outcome)]
        assert len(won) == 1, pair
        assert lost[0][0] == "AlreadyDone"
        assert lost[0][2], "the loser is told by whom"


def test_of_two_processes_doing_one_task_exactly_one_wins(engine, walker, staged_url):
    assert_exactly_one_won(race_of_two(engine, walker, staged_url, 20))


@pytest.mark.prove
def test_of_two_processes_doing_one_task_exactly_one_wins_two_hundred_times(engine, walker, staged_url):
    assert_exactly_one_won(race_of_two(engine, walker, staged_url, 200))


def four_at_work(engine, walker, url, rounds):
    items = first_tasks(walker, rounds * 4)
    filled, by = walker.answers("register_topic"), walker.who(items[0])
    orders = [
        [(SubmitTask(item.id, filled, key=item.id), by) for item in items[mine::4]] for mine in range(4)
    ]

    running = [start(compete, url, engine.now(), engine.settings.data, mine) for mine in orders]
    told = in_step(running, rounds)

    assert [end for ends in told for end in ends if not isinstance(end, Outcome)] == []


def test_four_processes_at_work_never_see_a_locked_database(engine, walker, staged_url):
    four_at_work(engine, walker, staged_url, 15)


@pytest.mark.prove
def test_four_processes_at_work_a_hundred_times_never_see_a_locked_database(engine, walker, staged_url):
    four_at_work(engine, walker, staged_url, 100)


def test_the_same_key_ten_times_at_once_and_after_a_restart_is_one_event(engine, walker, staged_url):
    item = first_tasks(walker, 1)[0]
    order = (SubmitTask(item.id, walker.answers("register_topic"), key="once"), walker.who(item))

    def processes(number):
        return [
            start(compete, staged_url, engine.now(), engine.settings.data, [order]) for _ in range(number)
        ]

    told = [*in_step(processes(10), 1)[0], *in_step(processes(1), 1)[0]]

    assert all(end == told[0] for end in told)
    assert length(engine, walker.case) == 2


ALONG_THE_WAY = "confirm_level decide_topic give_consent open_ledger accept_project verify_findings".split()
ELSEWHERE = (
    {"PYTHONHASHSEED": "1", "TZ": "America/Los_Angeles", "LANG": "C", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "777", "TZ": "Asia/Kathmandu", "LANG": "de_DE.UTF-8"},
)


def assert_the_same_elsewhere(engine, url):
    """Every history of this engine, and every recorded one, is sound here and in processes of other places."""
    here = engine.read(lambda reader: [verify.verify_case(reader, case) for case in verify.all_cases(reader)])
    assert [verdict for verdict in here if not verdict.sound] == []
    expected = [f"{verdict.case} True {verdict.executed} {verdict.head}" for verdict in here]
    for place in ELSEWHERE:
        told = subprocess.run(
            [sys.executable, "-m", "tests.engine.other_process", url],
            env={**os.environ, **place},
            cwd=making.ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        assert told.splitlines() == expected + [f"{folder.name} None" for folder in FOLDERS]


def histories(engine, walker, *until):
    """Cases walked so far each; and one that waits, one that uploads, one that has stopped, one that was mended."""
    for element in until:
        walker.start()
        walker.to(element)
    WaitingCases(engine).start()
    start_uploading(engine)
    failing = FailingCase(engine, after("submit", sketch.script("fail", "share = 100 // case.divisor")))
    for _ in range(2):
        failing.start()
        failing.submit()
    failing.correct(divisor=4)
    failing.retry()


def test_histories_re_execute_to_the_same_in_another_process_zone_and_language(engine, walker, staged_url):
    histories(engine, walker, "screen_topic", "give_consent")

    assert_the_same_elsewhere(engine, staged_url)


@pytest.mark.prove
def test_histories_of_the_whole_procedure_re_execute_to_the_same_elsewhere(engine, walker, staged_url):
    histories(engine, walker, *ALONG_THE_WAY)

    assert_the_same_elsewhere(engine, staged_url)
