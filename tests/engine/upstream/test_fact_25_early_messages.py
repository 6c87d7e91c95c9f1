"""Fact 25: a message that comes before anybody waits for it is lost."""

import pytest
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.util.task import TaskState

from tests.engine.upstream.plain import begin, diagram, do, flows, message, messages, nodes, tell

RECEIPT = diagram(
    nodes(startEvent="s", manualTask="a", endEvent="e"),
    f'<intermediateCatchEvent id="hear">{message("receipt")}</intermediateCatchEvent>',
    flows("s a hear e"),
    before=messages("receipt"),
)


def test_it_is_refused_and_not_kept():
    workflow = begin(RECEIPT)
    with pytest.raises(WorkflowException):
        tell(workflow, "receipt")

    do(workflow, "a")

    assert [task.task_spec.name for task in workflow.get_tasks(state=TaskState.WAITING)] == ["hear"]
