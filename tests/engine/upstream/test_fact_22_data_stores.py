"""Fact 22: a file with a data store that nobody has registered is refused whole."""

import pytest
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from tests.engine.upstream.plain import diagram, flows, nodes, specs

STORE = diagram(
    nodes(startEvent="s", manualTask="a", endEvent="e"),
    '<dataStoreReference id="ref" dataStoreRef="store"/>',
    flows("s a e"),
    before='<dataStore id="store" name="store"/>',
)


def test_it_does_not_parse():
    with pytest.raises((ValidationException, KeyError)):
        specs(STORE)
