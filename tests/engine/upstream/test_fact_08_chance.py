"""Fact 8: task ids are random, and the wall clock decides which branch's data survives at a join."""

from SpiffWorkflow import task as spiff_task
from SpiffWorkflow.bpmn.specs.event_definitions import timer

from tests.engine.upstream.plain import begin, diagram, do, flows, nodes

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


def test_the_zone_of_naive_times_is_fixed_when_the_module_is_imported():
    assert isinstance(timer.LOCALTZ, type(timer.datetime.now().astimezone().tzinfo))
