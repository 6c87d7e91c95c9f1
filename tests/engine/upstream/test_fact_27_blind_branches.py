"""Fact 27: parallel branches do not see each other, and a vote keeps only the last answer in the data."""

import pytest
from SpiffWorkflow.exceptions import SpiffWorkflowException

from tests.engine.upstream.plain import begin, diagram, do, flows, nodes

BRANCHES = diagram(
    nodes(startEvent="s", parallelGateway="fork", manualTask="build inspect", endEvent="e"),
    '<exclusiveGateway id="g" default="g-e"/>',
    flows("s fork; fork build e; fork inspect g; g build: built; g e"),
)
VOTE = diagram(
    nodes(startEvent="s", manualTask="after", endEvent="e"),
    '<manualTask id="vote"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>'
    "</multiInstanceLoopCharacteristics></manualTask>",
    flows("s vote after e"),
)


def test_a_condition_on_what_the_other_branch_submitted_raises():
    workflow = begin(BRANCHES)
    do(workflow, "build", built=True)

    with pytest.raises(SpiffWorkflowException, match="built"):
        do(workflow, "inspect")


def test_a_parallel_vote_keeps_the_last_answer_only():
    workflow = begin(VOTE)
    do(workflow, "vote [child]", opinion="no")
    do(workflow, "vote [child]", opinion="yes")

    assert workflow.get_next_task(spec_name="after").data == {"opinion": "yes"}


def test_a_lane_reaches_the_task_as_a_name_not_as_an_id():
    lanes = '<laneSet id="lanes"><lane id="street" name="街道"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
    workflow = begin(diagram(lanes, nodes(startEvent="s", manualTask="a", endEvent="e"), flows("s a e")))

    assert workflow.get_next_task(spec_name="a").task_spec.lane == "街道"
