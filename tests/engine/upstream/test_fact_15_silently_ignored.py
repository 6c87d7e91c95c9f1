"""Fact 15: signal end events, link events and token quantities are accepted and have no effect."""

from tests.engine.upstream.plain import begin, diagram, do, flows, nodes, opened

SIGNAL = '<signalEventDefinition signalRef="S"/>'


def test_a_signal_end_event_signals_nobody():
    workflow = begin(
        diagram(
            nodes(startEvent="s", parallelGateway="fork", manualTask="a heard", endEvent="e"),
            f'<intermediateCatchEvent id="hear">{SIGNAL}</intermediateCatchEvent>',
            f'<endEvent id="say">{SIGNAL}</endEvent>',
            flows("s fork; fork a say; fork hear heard e"),
            before='<signal id="S" name="S"/>',
        )
    )

    do(workflow, "a")

    assert opened(workflow) == []  # right would be: heard


def test_a_link_leads_nowhere_and_the_instance_is_completed():
    link = '<linkEventDefinition name="next page"/>'
    workflow = begin(
        diagram(
            nodes(startEvent="s", manualTask="b", endEvent="e"),
            f'<intermediateThrowEvent id="to">{link}</intermediateThrowEvent>',
            f'<intermediateCatchEvent id="from">{link}</intermediateCatchEvent>',
            flows("s to; from b e"),
        )
    )

    assert opened(workflow) == []  # right would be: b
    assert workflow.is_completed()


def test_a_task_that_needs_two_tokens_runs_with_one():
    workflow = begin(
        diagram(nodes(startEvent="s", endEvent="e"), '<manualTask id="a" startQuantity="2"/>', flows("s a e"))
    )

    assert opened(workflow) == ["a"]
