"""Fact 2: a parallel block inside a drawn loop fires early when branches finish in another order than before."""

from tests.engine.upstream.plain import begin, diagram, do, flows, nodes, opened

LOOP = diagram(
    nodes(startEvent="s", exclusiveGateway="again", parallelGateway="fork join", manualTask="a b c", endEvent="e"),
    '<exclusiveGateway id="g" default="g-again"/>',
    flows("s again fork; fork a join; fork b join; join c g; g again; g e: False"),
)  # fmt: skip


def test_the_join_of_the_second_round_does_not_wait_for_the_other_branch():
    workflow = begin(LOOP)
    for name in ("a", "b", "c"):
        do(workflow, name)
    assert opened(workflow) == ["a", "b"]

    do(workflow, "b")

    assert opened(workflow) == ["a", "c"]  # right would be: a
