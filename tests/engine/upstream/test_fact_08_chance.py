"""Fact 8: ids are random, the wall clock orders merges and sets timers, zone and order of sets are the process's."""

import os
import subprocess
import sys
from datetime import UTC, datetime

from SpiffWorkflow import task as spiff_task
from SpiffWorkflow.bpmn.specs.event_definitions import timer

from tests.engine.upstream import plain
from tests.engine.upstream.plain import begin, diagram, do, flows, nodes, script

BRANCHES = diagram(
    nodes(startEvent="s", parallelGateway="fork join", manualTask="a b c d", endEvent="e"),
    flows("s fork; fork a join; fork b join; fork c join; join d e"),
)


def test_two_runs_of_the_same_commands_have_different_ids():
    one, other = begin(BRANCHES), begin(BRANCHES)

    assert {str(id_) for id_ in one.tasks}.isdisjoint(str(id_) for id_ in other.tasks)


def test_a_clock_set_back_between_two_branches_changes_the_data(monkeypatch):
    def answer(second, third):
        workflow = begin(BRANCHES)
        do(workflow, "a", answer="a")
        monkeypatch.setattr(spiff_task.time, "time", lambda: second)
        do(workflow, "b", answer="b")
        monkeypatch.setattr(spiff_task.time, "time", lambda: third)
        do(workflow, "c")
        monkeypatch.undo()
        return workflow.get_next_task(spec_name="d").data["answer"]

    assert answer(1e9, 1e9 + 5) != answer(1e9, 1e9 - 3600)


def test_the_same_command_at_another_hour_waits_for_another_time(monkeypatch):
    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2040, 1, 1, tzinfo=UTC)

    hour = plain.timer("timeDuration", "'PT1H'")
    wait = f'<intermediateCatchEvent id="t">{hour}</intermediateCatchEvent>'
    drawn = diagram(nodes(startEvent="s", endEvent="e"), wait, flows("s t e"))
    now = begin(drawn).get_next_task(spec_name="t").internal_data["event_value"]
    monkeypatch.setattr(timer, "datetime", Later)

    assert (
        begin(drawn).get_next_task(spec_name="t").internal_data["event_value"] == "2040-01-01T01:00:00+00:00"
    )
    assert now < "2040"


ASKED = """
from tests.engine.upstream.test_fact_08_chance import SETS, timer
from tests.engine.upstream.plain import begin
print(timer.LOCALTZ.utcoffset(None), begin(SETS).data["order"])
"""
SETS = diagram(
    nodes(startEvent="s", endEvent="e"),
    script("a", "order = [name for name in {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'}]"),
    flows("s a e"),
)


def in_a_process(**environment):
    """Zone of naive times and order of a set there."""
    done = subprocess.run(
        [sys.executable, "-c", ASKED],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    zone, _, order = done.stdout.strip().partition(" ")
    return zone, order


def test_the_zone_of_naive_times_is_that_of_the_process_when_it_began():
    assert in_a_process(TZ="Asia/Shanghai")[0] == "8:00:00"
    assert in_a_process(TZ="UTC")[0] == "0:00:00"


def test_a_set_iterates_in_another_order_in_another_process():
    assert len({in_a_process(PYTHONHASHSEED=str(seed))[1] for seed in range(4)}) > 1
