"""Fact 12: a non-interrupting message boundary event happens once only."""

import pytest
from SpiffWorkflow.exceptions import WorkflowException

from tests.engine.upstream.plain import begin, diagram, flows, message, messages, nodes, opened, tell

NOTE = diagram(
    nodes(startEvent="s", manualTask="a read", endEvent="e"),
    f'<boundaryEvent id="note" attachedToRef="a" cancelActivity="false">{message("note")}</boundaryEvent>',
    flows("s a e; note read e"),
    before=messages("note"),
)


def test_the_second_message_finds_nobody():
    workflow = begin(NOTE)
    tell(workflow, "note")
    assert opened(workflow) == ["a", "read"]

    with pytest.raises(WorkflowException):
        tell(workflow, "note")
