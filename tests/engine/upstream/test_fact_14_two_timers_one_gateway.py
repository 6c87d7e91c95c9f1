"""Fact 14: two timers behind one event-based gateway share one due time."""

from SpiffWorkflow.util.task import TaskState

from tests.engine.upstream.plain import begin, diagram, flows, nodes, timer

SOON, LATE = timer("timeDuration", "'PT1H'"), timer("timeDuration", "'P9D'")
RACE = diagram(
    nodes(startEvent="s", eventBasedGateway="g", manualTask="a b", endEvent="e"),
    f'<intermediateCatchEvent id="soon">{SOON}</intermediateCatchEvent>',
    f'<intermediateCatchEvent id="late">{LATE}</intermediateCatchEvent>',
    flows("s g; g soon a e; g late b e"),
)


def test_there_is_one_due_time_for_both():
    workflow = begin(RACE)

    waiting = workflow.get_tasks(state=TaskState.WAITING)
    assert [task.task_spec.name for task in waiting] == ["g"]
    assert isinstance(waiting[0].internal_data["event_value"], str)  # right would be: one for each timer
