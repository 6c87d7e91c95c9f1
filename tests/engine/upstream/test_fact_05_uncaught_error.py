"""Fact 5: an error that nobody catches vanishes, and errors of scripts never reach an error boundary event."""

import pytest
from SpiffWorkflow.exceptions import SpiffWorkflowException

from tests.engine.upstream.plain import begin, diagram, flows, nodes, opened, script

ERROR = '<errorEventDefinition errorRef="E"/>'
DECLARED = '<error id="E" name="E" errorCode="E"/>'


def test_the_parent_goes_on_as_if_the_sub_process_had_ended_well():
    workflow = begin(
        diagram(
            nodes(startEvent="s", manualTask="after", endEvent="e"),
            f'<subProcess id="inner"><startEvent id="i"/><endEvent id="broken">{ERROR}</endEvent>'
            f"{flows('i broken')}</subProcess>",
            flows("s inner after e"),
            before=DECLARED,
        )
    )

    assert opened(workflow) == ["after"]


def test_at_the_top_level_the_instance_is_completed():
    workflow = begin(
        diagram(nodes(startEvent="s"), f'<endEvent id="e">{ERROR}</endEvent>', flows("s e"), before=DECLARED)
    )

    assert workflow.is_completed()


def test_an_exception_in_a_script_does_not_reach_the_boundary_event():
    drawn = diagram(
        nodes(startEvent="s", manualTask="mend", endEvent="e"),
        f'<subProcess id="inner"><startEvent id="i"/>{script("fail", "1 / 0")}<endEvent id="ie"/>'
        f"{flows('i fail ie')}</subProcess>",
        '<boundaryEvent id="caught" attachedToRef="inner"><errorEventDefinition/></boundaryEvent>',
        flows("s inner e; caught mend e"),
    )

    with pytest.raises(SpiffWorkflowException):
        begin(drawn)
