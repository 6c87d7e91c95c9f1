"""Fact 13: an interrupting event sub-process does not interrupt."""

from tests.engine.upstream.plain import begin, diagram, flows, message, messages, nodes, opened, tell

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
