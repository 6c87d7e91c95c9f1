"""Fact 24: the data given to `reset_from_task_id` is overwritten with that of the parent."""

from tests.engine.upstream.plain import begin, diagram, do, flows, nodes

TWO = diagram(nodes(startEvent="s", manualTask="first a b", endEvent="e"), flows("s first a b e"))


def test_the_given_data_is_gone():
    workflow = begin(TWO)
    do(workflow, "first", n=1)
    do(workflow, "a", n=2)

    task = workflow.get_next_task(spec_name="a")
    workflow.reset_from_task_id(task.id, data={"n": 7})

    assert workflow.get_next_task(spec_name="a").data == {"n": 1}  # right would be: 7
