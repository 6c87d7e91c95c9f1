"""Fact 20: a completion condition knows no counters, so that "3 of 4" cannot be said."""

import pytest
from SpiffWorkflow.exceptions import SpiffWorkflowException

from tests.engine.upstream.plain import begin, diagram, do, flows, nodes

QUORUM = diagram(
    nodes(startEvent="s", endEvent="e"),
    '<manualTask id="vote"><multiInstanceLoopCharacteristics><loopCardinality>4</loopCardinality>'
    "<completionCondition>numberOfCompletedInstances >= 3</completionCondition>"
    "</multiInstanceLoopCharacteristics></manualTask>",
    flows("s vote e"),
)


def test_the_standard_attribute_is_unknown():
    workflow = begin(QUORUM)

    with pytest.raises(SpiffWorkflowException, match="numberOfCompletedInstances"):
        do(workflow, "vote [child]")
