"""Fact 11: a sub-process that is interrupted by a message of its own runs on to its next wait."""

from tests.engine.upstream.plain import begin, diagram, flows, message, messages, nodes, opened, script

INSIDE = (
    '<subProcess id="inner"><startEvent id="i"/>'
    f'<intermediateThrowEvent id="say">{message("stop")}</intermediateThrowEvent>'
    + script("went_on", "ran = True")
    + '<manualTask id="wait"/><endEvent id="ie"/>'
    + flows("i say went_on wait ie")
    + "</subProcess>"
)
STOP = diagram(
    nodes(startEvent="s", manualTask="after", endEvent="e"), INSIDE,
    f'<boundaryEvent id="stopped" attachedToRef="inner">{message("stop")}</boundaryEvent>',
    flows("s inner e; stopped after e"),
    before=messages("stop"),
)  # fmt: skip


def test_the_script_behind_the_throw_event_still_runs():
    workflow = begin(STOP)

    inside = [task for part in workflow.subprocesses.values() for task in part.tasks.values()]
    assert opened(workflow) == ["after"]
    assert any(task.data.get("ran") for task in inside)  # right would be: interrupted before the script
