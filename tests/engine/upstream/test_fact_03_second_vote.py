"""Fact 3: a multi-instance task cannot be visited twice."""

import pytest
from SpiffWorkflow.bpmn.exceptions import WorkflowDataException

from tests.engine.upstream.plain import begin, diagram, do, flows, nodes

VOTE = diagram(
    nodes(startEvent="s", exclusiveGateway="again", endEvent="e"),
    '<manualTask id="vote"><multiInstanceLoopCharacteristics><loopDataInputRef>parties</loopDataInputRef>'
    '<loopDataOutputRef>votes</loopDataOutputRef><inputDataItem id="party"/><outputDataItem id="opinion"/>'
    "</multiInstanceLoopCharacteristics></manualTask>",
    '<scriptTask id="list"><script>parties = [1, 2]</script></scriptTask>',
    '<exclusiveGateway id="g" default="g-again"/>',
    flows("s again list vote g; g again; g e: False"),
)


def test_the_second_vote_fails():
    workflow = begin(VOTE)
    do(workflow, "vote [child]", opinion="no")

    with pytest.raises(WorkflowDataException):
        do(workflow, "vote [child]", opinion="no")
