"""Fact 9: of two parallel branches that append to one list, the join keeps the items of one."""

from tests.engine.upstream.plain import begin, diagram, flows, nodes, script

APPEND = diagram(
    nodes(startEvent="s", parallelGateway="fork join", manualTask="c", endEvent="e"),
    script("list", "found = []"), script("a", "found = found + ['a']"), script("b", "found = found + ['b']"),
    flows("s list fork; fork a join; fork b join; join c e"),
)  # fmt: skip


def test_one_item_is_lost():
    workflow = begin(APPEND)

    assert len(workflow.get_next_task(spec_name="c").data["found"]) == 1
