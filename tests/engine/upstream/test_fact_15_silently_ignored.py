"""Fact 15: signal ends, links, token quantities and the behaviour of many are accepted and have no effect."""

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


def test_a_task_that_gives_two_tokens_gives_one():
    task = '<manualTask id="a" completionQuantity="2"/>'
    workflow = begin(diagram(nodes(startEvent="s", manualTask="b", endEvent="e"), task, flows("s a b e")))

    do(workflow, "a")

    assert opened(workflow) == ["b"]  # right would be: b twice


def test_many_that_throw_a_signal_with_each_that_is_done_throw_none():
    vote = (
        '<manualTask id="vote"><multiInstanceLoopCharacteristics behavior="None" noneBehaviorEventRef="each">'
        "<loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></manualTask>"
        f'<boundaryEvent id="on" cancelActivity="false" attachedToRef="vote">{SIGNAL}</boundaryEvent>'
    )
    workflow = begin(
        diagram(
            nodes(startEvent="s", manualTask="heard", endEvent="e"),
            vote,
            flows("s vote e; on heard e"),
            before='<signal id="S" name="S"/><signalEventDefinition id="each" signalRef="S"/>',
        )
    )

    do(workflow, "vote [child]")

    assert opened(workflow) == ["vote [child]"]  # right would be: heard as well
