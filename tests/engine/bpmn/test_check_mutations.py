"""The gate against damaged drawings: whatever is done to a file, it answers with problems, never with an error."""

import random
from copy import deepcopy
from pathlib import Path

import pytest
from lxml import etree

from engine import definitions, forms
from engine.bpmn.check import check
from engine.bpmn.drawing import BPMN
from engine.bpmn.parse import load
from engine.bpmn.step import Bundle, Problem
from engine.operations import PARAMETERS

ROOT = Path(__file__).parents[3]
TEXTS = ["", "1", "True", "x", "[1]", "P1D", "None", "-1", " case.level", "import os"]
VALUES = ["", "Start", "1", "true", "a b", "$%"]


@pytest.fixture(scope="module")
def roundtable():
    return definitions.from_folders(ROOT / "processes", ROOT / "forms", "roundtable")


def damaged(bundle, chance):
    path = chance.choice([path for path in sorted(bundle.files) if path.endswith(".bpmn")])
    root = etree.fromstring(bundle.files[path])
    for _ in range(chance.randint(1, 3)):
        elements = [node for node in root.iter(f"{{{BPMN}}}*") if node is not root]
        damage = chance.choice([remove, double, forget, confuse, rewrite, comment, rename])
        damage(chance.choice(elements), elements, chance)
    return Bundle({**bundle.files, path: etree.tostring(root, xml_declaration=True, encoding="UTF-8")}, "")


def remove(node, elements, chance):
    node.getparent().remove(node)


def double(node, elements, chance):
    node.getparent().append(deepcopy(node))


def forget(node, elements, chance):
    if node.attrib:
        del node.attrib[chance.choice(sorted(node.attrib))]


def confuse(node, elements, chance):
    if node.attrib:
        value = chance.choice([*VALUES, chance.choice(elements).get("id") or "x"])
        node.set(chance.choice(sorted(node.attrib)), value)


def rewrite(node, elements, chance):
    node.text = chance.choice(TEXTS)


def comment(node, elements, chance):
    node.insert(0, etree.Comment("x"))


def rename(node, elements, chance):
    node.tag = chance.choice(elements).tag


def assert_answers(bundle, seed):
    """Problems in Chinese with help; and what passes the gate loads."""
    found = check(damaged(bundle, random.Random(seed)), PARAMETERS, forms.check)

    assert all(isinstance(problem, Problem) and problem.message and problem.help for problem in found)
    if not any(problem.severity == "error" for problem in found):
        load(damaged(bundle, random.Random(seed)))


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_drawing_is_answered_with_problems(roundtable, seed):
    assert_answers(roundtable, seed)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(100, 2_100))
def test_two_thousand_damaged_drawings_are_answered_with_problems(roundtable, seed):
    assert_answers(roundtable, seed)
