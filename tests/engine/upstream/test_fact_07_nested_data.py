"""Fact 7: nested data is shared between tasks, so a later script rewrites what finished tasks have recorded."""

from tests.engine.upstream.plain import begin, diagram, do, flows, nodes, script

EDIT = diagram(
    nodes(startEvent="s", manualTask="a", endEvent="e"),
    script("edit", "form['owner']['name'] = 'changed later'"),
    flows("s a edit e"),
)


def test_the_stored_data_of_a_finished_task_changes():
    workflow = begin(EDIT)

    do(workflow, "a", form={"owner": {"name": "as submitted"}})

    finished = next(task for task in workflow.get_tasks() if task.task_spec.name == "a")
    assert finished.data["form"]["owner"]["name"] == "changed later"
