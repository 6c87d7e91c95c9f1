"""Fact 19: drawings that mean nothing are accepted at deployment."""

import pytest
from lxml import etree
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser

from tests.engine.upstream.plain import diagram, flows, nodes, specs, timer

TIMER = timer("timeDuration", "'PT1H'")
WRONG = {
    "a flow out of an end event": (nodes(startEvent="s", endEvent="e", manualTask="a"), flows("s e a")),
    "a boundary event attached to nothing": (
        nodes(startEvent="s", endEvent="e", manualTask="a"),
        f'<boundaryEvent id="t" attachedToRef="s">{TIMER}</boundaryEvent>', flows("s a e; t e"),
    ),
    "an unreachable task": (nodes(startEvent="s", endEvent="e", manualTask="a"), flows("s e; a e")),
    "a default flow of another node": (
        nodes(startEvent="s", endEvent="e", manualTask="a"),
        '<exclusiveGateway id="g" default="s-g"/>', flows("s g; g a: True; a e"),
    ),
    "a flow into a boundary event": (
        nodes(startEvent="s", endEvent="e", manualTask="a x"),
        f'<boundaryEvent id="t" attachedToRef="a">{TIMER}</boundaryEvent>', flows("s a e; t x; x t"),
    ),
    "a flow into a sub-process": (
        nodes(startEvent="s", endEvent="e"),
        '<subProcess id="inner">' + nodes(startEvent="i", manualTask="a", endEvent="ie") + flows("i a ie")
        + "</subProcess>", flows("s a; inner e"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("drawn", WRONG.values(), ids=WRONG)
def test_it_is_parsed_without_a_word(drawn):
    spec, _ = specs(diagram(*drawn))

    assert spec.name == "main"


def test_of_two_elements_with_one_id_the_last_is_taken():
    """The schema validator would find it, but it is not on by default."""
    parser = SpiffBpmnParser()
    drawn = nodes(startEvent="s", manualTask="a", userTask="a", endEvent="e"), flows("s a e")
    parser.add_bpmn_xml(etree.fromstring(diagram(*drawn)), "file.bpmn")

    assert type(parser.get_spec("main").task_specs["a"]).__name__ == "UserTask"
