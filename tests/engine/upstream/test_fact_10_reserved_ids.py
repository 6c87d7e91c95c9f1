"""Fact 10: elements called Start, End or Root replace the library's inner specs without an error."""

from tests.engine.upstream.plain import diagram, flows, nodes, specs


def test_elements_are_lost_in_the_parse():
    plain, _ = specs(diagram(nodes(startEvent="s", manualTask="a", endEvent="e"), flows("s a e")))
    clashing, _ = specs(
        diagram(nodes(startEvent="Start", manualTask="a", endEvent="End"), flows("Start a End"))
    )

    assert len(clashing.task_specs) < len(plain.task_specs)
