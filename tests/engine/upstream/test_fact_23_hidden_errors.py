"""Fact 23: the error of a failing service call is hidden behind a NameError, that of a parser behind a TypeError."""

import pytest
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment

from tests.engine.upstream.plain import begin, diagram, flows, nodes, specs


class Failing(TaskDataEnvironment):
    def call_service(self, context, **options):
        raise ConnectionError("the platform does not answer")


CALL = diagram(
    nodes(startEvent="s", endEvent="e"),
    '<serviceTask id="send"><extensionElements><spiffworkflow:serviceTaskOperator id="say" resultVariable="r">'
    "<spiffworkflow:parameters/></spiffworkflow:serviceTaskOperator></extensionElements></serviceTask>",
    flows("s send e"),
)


def test_what_is_raised_is_name_error():
    with pytest.raises(NameError, match="script"):
        begin(CALL, script_engine=PythonScriptEngine(environment=Failing()))


def test_a_message_that_is_not_declared_is_a_type_error():
    drawn = diagram(
        nodes(startEvent="s", endEvent="e"),
        '<intermediateCatchEvent id="c"><messageEventDefinition messageRef="none"/></intermediateCatchEvent>',
        flows("s c e"),
    )

    with pytest.raises(ValidationException, match="TypeError"):
        specs(drawn)
