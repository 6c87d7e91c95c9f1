"""Fact 22: of two cases that add to one data store one is lost; a store that nobody registered refuses the file."""

import pytest
from lxml import etree
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.data_spec import BpmnDataStoreSpecification
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.parser.process import VALIDATOR, SpiffBpmnParser
from SpiffWorkflow.util.task import TaskState

from tests.engine.upstream.plain import diagram, flows, nodes, specs

ARROWS = (
    '<property id="p" name="p"/>'
    '<dataInputAssociation id="in"><sourceRef>shown</sourceRef><targetRef>p</targetRef></dataInputAssociation>'
    '<dataOutputAssociation id="out"><targetRef>shown</targetRef></dataOutputAssociation>'
)
DRAWN = diagram(
    nodes(startEvent="s", endEvent="e"),
    '<dataStoreReference id="shown" dataStoreRef="ledger"/>',
    f'<manualTask id="add">{ARROWS}</manualTask>',
    flows("s add e"),
    before='<dataStore id="ledger" name="ledger"/>',
)


def test_a_store_that_nobody_registered_refuses_the_whole_file():
    with pytest.raises((ValidationException, KeyError)):
        specs(DRAWN)


class Ledger(BpmnDataStoreSpecification):
    """The library makes it from four texts of the file: nothing of a program, such as a session, comes in."""

    kept: list = []
    reached: list = []

    def get(self, my_task):
        self.reached.append(my_task.state)
        my_task.data[self.bpmn_id] = list(self.kept)

    def set(self, my_task):
        self.kept[:] = my_task.data.pop(self.bpmn_id)


class Parser(SpiffBpmnParser):
    DATA_STORE_CLASSES = {"ledger": Ledger}


def test_two_cases_that_add_to_one_store_lose_one():
    def begun():
        parser = Parser(validator=VALIDATOR)
        parser.add_bpmn_xml(etree.fromstring(DRAWN), "file.bpmn")
        workflow = BpmnWorkflow(parser.get_spec("main"), {})
        workflow.do_engine_steps()
        return workflow

    cases = [begun(), begun()]
    for number, workflow in enumerate(cases):
        (task,) = workflow.get_tasks(state=TaskState.READY, manual=True)
        task.data["ledger"].append(number)
        task.run()

    assert Ledger.kept == [1]  # right would be: 0, 1
    assert (
        Ledger.reached == [TaskState.FUTURE] * 2
    )  # read when the tree is built, long before the task is done
