"""Where shapes lie says nothing about what happens: the plain library tries conditions from top to bottom (fact 17)."""

import json
import random

import pytest
from lxml import etree

from engine.bpmn.check import check
from engine.bpmn.step import Bundle
from tests.engine.bpmn import constructs
from tests.engine.bpmn.sketch import Case, World

DC = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
DI = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
HIGH = 10_000  # px, below every drawing


def upside_down(root, chance):
    """What was above lies below; shapes and arrows still fit each other."""
    for place in root.iter(DC):
        place.set("y", str(HIGH - float(place.get("y")) - float(place.get("height"))))
    for point in root.iter(DI):
        point.set("y", str(HIGH - float(point.get("y"))))


def shuffled(root, chance):
    """Every shape lies where another one lay."""
    places = list(root.iter(DC))
    others = [dict(place.attrib) for place in places]
    chance.shuffle(others)
    for place, other in zip(places, others, strict=True):
        place.attrib.update(other)


def without_shapes(root, chance):
    for drawn in root.findall("{http://www.omg.org/spec/BPMN/20100524/DI}BPMNDiagram"):
        root.remove(drawn)


def relaid(name, how):
    bundle, expected = constructs.read(name)
    chance = random.Random(name)
    files = dict(bundle.files)
    for path in [path for path in files if path.endswith(".bpmn")]:
        root = etree.fromstring(files[path])
        how(root, chance)
        files[path] = etree.tostring(root)
    return Bundle(files, how.__name__), expected


@pytest.mark.parametrize("how", [upside_down, shuffled, without_shapes])
@pytest.mark.parametrize("name", constructs.NAMES)
def test_the_same_happens_wherever_the_shapes_lie(name, how):
    bundle, expected = relaid(name, how)
    begin, *steps = expected["step"]
    world = World(**{key.replace("/", "__"): answer for key, answer in expected.get("world", {}).items()})

    case = Case(
        bundle,
        expected.get("facts"),
        json.loads(expected.get("data", "{}")),
        world,
        at_start=begin["start"],
        payload=json.loads(begin.get("payload", "null")),
    )

    assert constructs.seen(case) == constructs.told(begin)
    for step in steps:
        constructs.take(case, step)
        assert constructs.seen(case) == constructs.told(step)


@pytest.mark.parametrize("name", constructs.NAMES)
def test_a_drawing_upside_down_is_as_lawful(name):
    before, expected = constructs.read(name)
    after, _ = relaid(name, upside_down)
    operations = dict.fromkeys(expected.get("world", {}))

    assert [str(one) for one in check(after, operations)] == [str(one) for one in check(before, operations)]
