"""Fact 18: timer texts are Python, and a malformed one is found only when a case comes to it."""

import pytest
from SpiffWorkflow.exceptions import SpiffWorkflowException

from tests.engine.upstream.plain import begin, diagram, do, flows, nodes, script, specs, timer


def waiting_for(text):
    return diagram(
        nodes(startEvent="s", manualTask="a", endEvent="e"),
        f'<intermediateCatchEvent id="t">{timer("timeDuration", text)}</intermediateCatchEvent>',
        flows("s a t e"),
    )


def test_a_plain_iso_duration_is_deployed_and_fails_when_reached():
    workflow = begin(waiting_for("PT1H"))

    with pytest.raises(SpiffWorkflowException):
        do(workflow, "a")


def test_so_does_a_duration_that_is_none():
    workflow = begin(waiting_for("'soon'"))

    with pytest.raises(Exception, match="duration"):
        do(workflow, "a")


def test_a_script_that_is_no_python_is_deployed():
    specs(diagram(nodes(startEvent="s", endEvent="e"), script("a", "this is (not python"), flows("s a e")))
