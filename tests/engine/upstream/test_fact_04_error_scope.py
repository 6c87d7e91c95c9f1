"""Fact 4: an error thrown in one of two parallel sub-processes interrupts the other one as well."""

from tests.engine.upstream.plain import begin, diagram, do, flows, nodes, opened

ERROR = '<errorEventDefinition errorRef="E"/>'


def inner(name):
    return (
        f'<subProcess id="{name}"><startEvent id="{name}_s"/><manualTask id="{name}_work"/>'
        f'<endEvent id="{name}_e">{ERROR}</endEvent>{flows(f"{name}_s {name}_work {name}_e")}</subProcess>'
        f'<boundaryEvent id="{name}_caught" attachedToRef="{name}">{ERROR}</boundaryEvent>'
    )


TWO = diagram(
    nodes(startEvent="s", parallelGateway="fork", manualTask="mend_one mend_two", endEvent="e"),
    inner("one"), inner("two"),
    flows("s fork; fork one e; fork two e; one_caught mend_one e; two_caught mend_two e"),
    before='<error id="E" name="E" errorCode="E"/>',
)  # fmt: skip


def test_the_other_sub_process_is_interrupted_too():
    workflow = begin(TWO)
    assert opened(workflow) == ["one_work", "two_work"]

    do(workflow, "one_work")

    assert opened(workflow) == ["mend_one", "mend_two"]  # right would be: mend_one, two_work
