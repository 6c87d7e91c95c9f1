"""Fact 1: a drawn loop loses its open task, without an error, when the task tree gets 1,000 levels deep."""

from SpiffWorkflow.util.task import TaskState

from tests.engine.upstream.plain import begin, diagram, flows, nodes

LOOP = diagram(
    nodes(startEvent="s", exclusiveGateway="again", manualTask="a", endEvent="e"),
    '<exclusiveGateway id="g" default="g-again"/>',
    flows("s again a g; g again; g e: False"),
)


def test_after_some_333_rounds_the_open_task_is_gone_without_an_error():
    workflow = begin(LOOP)
    for _ in range(340):
        ready = workflow.get_next_task(state=TaskState.READY, manual=True)
        if ready is None:
            break
        ready.run()
        for task in list(workflow.tasks.values()):
            if task.state == TaskState.READY and not task.task_spec.manual:
                task.run()

    assert workflow.get_tasks(state=TaskState.READY) == []
