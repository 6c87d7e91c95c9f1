"""Fact 17: the conditions of an exclusive gateway are tried in the order of the y coordinate of the targets."""

from tests.engine.upstream.plain import begin, diagram, flows, nodes, opened


def chosen(y_of_a, y_of_b):
    shapes = "".join(
        f'<di:BPMNShape bpmnElement="{id_}"><dc:Bounds x="0" y="{y}" width="9" height="9"/></di:BPMNShape>'
        for id_, y in (("s", 0), ("g", 0), ("a", y_of_a), ("b", y_of_b), ("c", 0), ("e", 0))
    )
    drawn = diagram(
        nodes(startEvent="s", manualTask="a b c", endEvent="e"), '<exclusiveGateway id="g" default="g-c"/>',
        flows("s g; g a: True; g b: True; g c; a e; b e; c e"),
        after=f'<di:BPMNDiagram><di:BPMNPlane bpmnElement="main">{shapes}</di:BPMNPlane></di:BPMNDiagram>',
    )  # fmt: skip
    return opened(begin(drawn))


def test_moving_a_shape_changes_what_happens():
    assert chosen(y_of_a=10, y_of_b=20) == ["a"]
    assert chosen(y_of_a=20, y_of_b=10) == ["b"]
