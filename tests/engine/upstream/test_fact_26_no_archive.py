"""Fact 26: tasks of cancelled branches vanish, foreign elements are dropped, refreshing has another name."""

import pytest

from tests.engine.upstream.plain import begin, diagram, do, flows, nodes, opened, specs

INSIDE = (
    '<subProcess id="inner"><startEvent id="i"/><parallelGateway id="f"/><manualTask id="a"/><manualTask id="b"/>'
    '<manualTask id="c"/><endEvent id="ie"/><endEvent id="halt"><terminateEventDefinition/></endEvent>'
    + flows("i f; f a halt; f b c ie")
    + "</subProcess>"
)


def test_predicted_tasks_of_a_terminated_branch_are_deleted():
    workflow = begin(
        diagram(nodes(startEvent="s", manualTask="z", endEvent="e"), INSIDE, flows("s inner z e"))
    )
    inside = next(iter(workflow.subprocesses.values()))
    assert "c" in {task.task_spec.name for task in inside.tasks.values()}

    do(workflow, "a")

    assert opened(workflow) == ["z"]
    assert "c" not in {task.task_spec.name for task in inside.tasks.values()}


def test_extension_elements_of_others_are_not_kept():
    foreign = '<extensionElements><x:note xmlns:x="urn:x">read me</x:note></extensionElements>'
    spec, _ = specs(
        diagram(
            nodes(startEvent="s", endEvent="e"), f'<manualTask id="a">{foreign}</manualTask>', flows("s a e")
        )
    )

    assert "read me" not in repr(vars(spec.task_specs["a"]))


def test_the_documented_way_to_refresh_is_deprecated():
    workflow = begin(diagram(nodes(startEvent="s", manualTask="a", endEvent="e"), flows("s a e")))

    with pytest.warns(DeprecationWarning, match="use refresh_timers"):
        workflow.refresh_waiting_tasks()
