"""Fact 6: a migrated instance skips a task that the new version adds behind an open sub-process."""

from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.util.diff import diff_workflow, migrate_workflow
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG

from tests.engine.upstream.plain import begin, diagram, do, flows, nodes, opened, specs

INNER = (
    '<subProcess id="inner"><startEvent id="i"/><manualTask id="a"/><endEvent id="ie"/>'
    + flows("i a ie")
    + "</subProcess>"
)
OLD = diagram(nodes(startEvent="s", endEvent="e"), INNER, flows("s inner e"))
NEW = diagram(nodes(startEvent="s", manualTask="added", endEvent="e"), INNER, flows("s inner added e"))


def test_the_added_task_is_skipped():
    workflow = begin(OLD)
    spec, dependencies = specs(NEW)
    registry = BpmnWorkflowSerializer.configure(SPIFF_CONFIG)

    diff, inside = diff_workflow(registry, workflow, spec, dependencies)
    migrate_workflow(diff, workflow, spec)
    for id_, one in inside.items():
        migrate_workflow(one, workflow.subprocesses[id_], dependencies[workflow.subprocesses[id_].spec.name])
    do(workflow, "a")

    assert opened(workflow) == []  # right would be: added
