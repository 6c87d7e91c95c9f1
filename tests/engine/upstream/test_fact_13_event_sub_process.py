"""Fact 13: event sub-processes do not interrupt, begin at once, are never triggered inside, or keep a case open."""

import pytest
from SpiffWorkflow.exceptions import WorkflowException

from tests.engine.upstream.plain import (
    begin,
    diagram,
    do,
    flows,
    message,
    messages,
    nodes,
    opened,
    tell,
    timer,
)

STOP = diagram(
    nodes(startEvent="s", manualTask="a", endEvent="e"),
    '<subProcess id="stop" triggeredByEvent="true">'
    f'<startEvent id="i" isInterrupting="true">{message("stop")}</startEvent>'
    '<manualTask id="reply"/><endEvent id="ie"/>' + flows("i reply ie") + "</subProcess>",
    flows("s a e"),
    before=messages("stop"),
)


def test_the_scope_goes_on():
    workflow = begin(STOP)

    tell(workflow, "stop")

    assert "a" in opened(workflow)  # right would be: reply alone


def aside(event):
    """A process of one task with an event sub-process beside it."""
    return (
        nodes(startEvent="s", manualTask="a", endEvent="e"),
        f'<subProcess id="aside" triggeredByEvent="true"><startEvent id="i">{event}</startEvent>'
        '<manualTask id="mend"/><endEvent id="ie"/>' + flows("i mend ie") + "</subProcess>",
        flows("s a e"),
    )


@pytest.mark.parametrize("kind", ["error", "escalation"])
def test_one_that_waits_for_an_error_or_an_escalation_begins_at_once(kind):
    declared = f'<{kind} id="E" name="E" {kind}Code="E"/>'

    workflow = begin(diagram(*aside(f'<{kind}EventDefinition {kind}Ref="E"/>'), before=declared))

    assert opened(workflow) == ["a", "mend"]  # right would be: a


def test_one_inside_a_sub_process_is_never_triggered():
    inner = f'<subProcess id="inner">{"".join(aside(message("stop")))}</subProcess>'
    drawn = nodes(startEvent="begin", endEvent="end"), inner, flows("begin inner end")
    workflow = begin(diagram(*drawn, before=messages("stop")))

    with pytest.raises(WorkflowException, match="not waiting for stop"):
        tell(workflow, "stop")


def test_a_timer_that_never_fired_keeps_the_instance_open():
    workflow = begin(diagram(*aside(timer("timeDuration", "'PT1H'"))))

    do(workflow, "a")

    assert opened(workflow) == []
    assert not workflow.is_completed()
