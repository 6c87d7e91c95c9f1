"""Fact 21: an ad-hoc sub-process parses and cannot be run."""

import pytest

from tests.engine.upstream.plain import begin, diagram, flows, nodes

AD_HOC = diagram(
    nodes(startEvent="s", endEvent="e"),
    '<adHocSubProcess id="any"><manualTask id="a"/><manualTask id="b"/></adHocSubProcess>',
    flows("s any e"),
)


def test_it_raises_a_type_error():
    with pytest.raises((KeyError, TypeError)):
        begin(AD_HOC)
