"""Fact 19: drawings that mean nothing are accepted at deployment."""

import pytest

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
}  # fmt: skip


@pytest.mark.parametrize("drawn", WRONG.values(), ids=WRONG)
def test_it_is_parsed_without_a_word(drawn):
    spec, _ = specs(diagram(*drawn))

    assert spec.name == "main"
