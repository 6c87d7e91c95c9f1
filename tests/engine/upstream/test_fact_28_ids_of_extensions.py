"""Found on the way: an extension element with the id of a drawn one is taken for it, and the parse fails."""

import pytest
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from tests.engine.upstream.plain import diagram, flows, nodes, specs

CALL = diagram(
    nodes(startEvent="s", manualTask="title", endEvent="e"),
    '<serviceTask id="send"><extensionElements><spiffworkflow:serviceTaskOperator id="op" resultVariable="r">'
    '<spiffworkflow:parameters><spiffworkflow:parameter id="title" type="any" value="1"/>'
    "</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator></extensionElements></serviceTask>",
    flows("s send title e"),
)


def test_a_parameter_called_like_a_task_makes_the_file_unreadable():
    with pytest.raises(ValidationException, match="no support"):
        specs(CALL)
