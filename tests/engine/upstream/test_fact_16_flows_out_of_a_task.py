"""Fact 16: conditional flows and a default flow straight out of a task, which everyone draws, are refused."""

import pytest
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from tests.engine.upstream.plain import diagram, flows, nodes, specs


def test_they_are_not_parsed():
    drawn = diagram(
        nodes(startEvent="s", manualTask="b c", endEvent="e"), '<manualTask id="a" default="a-c"/>',
        flows("s a; a b: n == 1; a c; b e; c e"),
    )  # fmt: skip

    with pytest.raises(ValidationException):
        specs(drawn)
