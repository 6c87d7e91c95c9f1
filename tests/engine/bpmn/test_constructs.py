"""Every construct that must run right has its own drawing and its expected trace: see constructs.py."""

import re
from dataclasses import replace

import pytest

from engine.bpmn import admitted, compact
from engine.bpmn.check import check
from engine.bpmn.drawing import read as read_drawing
from engine.bpmn.parse import read_xml
from tests.engine.bpmn import constructs


@pytest.mark.parametrize("name", constructs.NAMES)
def test_a_construct_runs_as_its_expectation_says(name):
    for case, expected in constructs.played(name):
        assert constructs.seen(case) == constructs.told(expected)


@pytest.mark.parametrize("name", constructs.NAMES)
def test_a_construct_runs_the_same_when_nothing_is_pruned(monkeypatch, name):
    monkeypatch.setattr(compact, "compact", lambda workflow: None)

    for case, expected in constructs.played(name):
        assert constructs.seen(case) == constructs.told(expected)


@pytest.mark.parametrize("name", constructs.NAMES)
def test_a_construct_runs_the_same_when_it_stays_in_memory(name):
    pairs = zip(constructs.played(name), constructs.played(name, constructs.KeptWhole), strict=True)

    for (revived, _), (kept, _) in pairs:
        assert revived.step.frozen == kept.step.frozen
        assert revived.step.digest == kept.step.digest


@pytest.mark.parametrize("name", constructs.NAMES)
def test_a_construct_may_be_deployed(name):
    bundle, expected = constructs.read(name)

    found = check(bundle, dict.fromkeys(expected.get("world", {})))

    assert [problem for problem in found if problem.severity == "error"] == []


ATTRIBUTES = re.compile(
    rb"\b(sourceRef|targetRef|processRef|attachedToRef|messageRef|signalRef|errorRef|escalationRef|dataObjectRef"
    rb'|calledElement|default|bpmnElement|correlationPropertyRef)="([^":]+)"'
)
TEXTS = re.compile(rb"<bpmn:(incoming|outgoing|flowNodeRef|sourceRef|targetRef)>\s*([^<:]+?)\s*</")


@pytest.mark.parametrize("name", constructs.NAMES)
def test_a_construct_whose_references_bear_the_prefix_of_its_namespace_runs_the_same(monkeypatch, name):
    """As xsd:QName lets them: `sourceRef="own:ask"`."""
    plainly = constructs.read

    def read(named):
        bundle, expected = plainly(named)
        files = {
            path: prefixed(data) if path.endswith(".bpmn") else data for path, data in bundle.files.items()
        }
        return replace(bundle, files=files), expected

    monkeypatch.setattr(constructs, "read", read)
    bundle, about = read(name)

    found = check(bundle, dict.fromkeys(about.get("world", {})))
    assert [problem for problem in found if problem.severity == "error"] == []
    for case, expected in constructs.played(name):
        assert constructs.seen(case) == constructs.told(expected)


def prefixed(data):
    data = ATTRIBUTES.sub(rb'\1="own:\2"', data)
    data = TEXTS.sub(rb"<bpmn:\1>own:\2</", data)
    home = re.search(rb'targetNamespace="([^"]*)"', data).group(1)
    assert b'"own:' in data
    return data.replace(b" targetNamespace=", b' xmlns:own="' + home + b'" targetNamespace=', 1)


def test_every_admitted_node_and_event_is_drawn_in_some_construct():
    bundles = [constructs.read(name)[0] for name in constructs.NAMES]
    nodes = [
        drawn
        for bundle in bundles
        for path, data in bundle.files.items()
        if path.endswith(".bpmn")
        for drawn in read_drawing(read_xml(data))
    ]

    assert {node.kind for node in nodes} == admitted.NODES
    for kind, events in admitted.EVENTS.items():
        assert {node.event.kind for node in nodes if node.kind == kind} >= events
    for interrupting, kinds in ((True, admitted.EVENTS["boundaryEvent"]), (False, admitted.NON_INTERRUPTING)):
        for where in ("boundaryEvent", "subProcess"):
            drawn = [n for n in nodes if n.kind == where and (where == "boundaryEvent" or n.triggered)]
            assert {n.event.kind for n in drawn if n.interrupting is interrupting} >= kinds
