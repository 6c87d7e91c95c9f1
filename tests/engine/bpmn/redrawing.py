"""Draws a good diagram again with something else in it: another end of an arrow, another kind, one node more or less.

Unlike damage to the XML, this is what people do in an editor, so much of it is lawful BPMN that says something else.
"""

from copy import deepcopy

from lxml import etree

from engine.bpmn.drawing import BPMN, NODES
from engine.bpmn.step import Bundle

DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
KINDS = {
    "exclusiveGateway": ("parallelGateway", "inclusiveGateway", "eventBasedGateway"),
    "parallelGateway": ("exclusiveGateway", "inclusiveGateway"),
    "inclusiveGateway": ("exclusiveGateway", "parallelGateway"),
    "userTask": ("manualTask", "task"),
    "manualTask": ("userTask",),
    "intermediateThrowEvent": ("endEvent",),
    "endEvent": ("intermediateThrowEvent",),
}
SWITCHES = ("cancelActivity", "isInterrupting", "isSequential", "testBefore", "triggeredByEvent")
EVENTS = ("timer", "message", "signal", "error", "escalation", "terminate", "none")
TEXTS = ("True", "False", "1", "2", "P1D", "loopCounter < 3", "a.n > 2", "[1, 2, 3]", "case.level == 1")


def redrawn(bundle, chance, most=3):
    """The bundle with up to `most` changes, without shapes: where they lie is another matter."""
    roots = {path: etree.fromstring(data) for path, data in bundle.files.items() if path.endswith(".bpmn")}
    for root in roots.values():
        _strip(root)
    done = []
    for _ in range(chance.randint(1, most)):
        root = roots[chance.choice(sorted(roots))]
        done.append(chance.choice(CHANGES)(root, chance))
    about = b"as_drawn = true\n" + bundle.files["process.toml"]
    files = {path: etree.tostring(root) for path, root in roots.items()}
    return Bundle({**bundle.files, **files, "process.toml": about}, ""), done


def _strip(root):
    for part in [*root.iter(f"{DI}BPMNDiagram"), *_all(root, "incoming", "outgoing")]:
        part.getparent().remove(part)


def _all(root, *names):
    return list(root.iter(*(f"{{{BPMN}}}{name}" for name in names)))


def _retarget(root, chance):
    """An arrow begins or ends at another node, mostly of the same scope."""
    flow = _one(_all(root, "sequenceFlow"), chance)
    if flow is None:
        return "nothing"
    nodes = [node for node in _nodes(root) if chance.random() < 0.1 or node.getparent() is flow.getparent()]
    end = chance.choice(("sourceRef", "targetRef"))
    if nodes:
        flow.set(end, chance.choice(nodes).get("id"))
    return f"{end} of {flow.get('id')}: {flow.get(end)}"


def _forget_flow(root, chance):
    flow = _one(_all(root, "sequenceFlow"), chance)
    if flow is not None:
        flow.getparent().remove(flow)
    return "a flow less"


def _more_flow(root, chance):
    """Another arrow between two nodes that are there."""
    flow, node = _one(_all(root, "sequenceFlow"), chance), _one(_nodes(root), chance)
    if flow is None or node is None:
        return "nothing"
    more = deepcopy(flow)
    more.set("id", f"{flow.get('id')}_more")
    more.set(chance.choice(("sourceRef", "targetRef")), node.get("id"))
    flow.addnext(more)
    return f"a flow more {more.get('sourceRef')} {more.get('targetRef')}"


def _skip_node(root, chance):
    """A node is taken out, and what led to it leads to what follows it."""
    node = _one([one for one in _nodes(root) if _local(one) not in ("startEvent", "boundaryEvent")], chance)
    if node is None:
        return "nothing"
    id_ = node.get("id")
    after = [flow for flow in _all(root, "sequenceFlow") if flow.get("sourceRef") == id_]
    for flow in _all(root, "sequenceFlow"):
        if flow.get("targetRef") == id_ and after:
            flow.set("targetRef", after[0].get("targetRef"))
    for gone in [
        *after,
        node,
        *(one for one in _all(root, "boundaryEvent") if one.get("attachedToRef") == id_),
    ]:
        if gone.getparent() is not None:
            gone.getparent().remove(gone)
    return f"without {id_}"


def _double_node(root, chance):
    """A copy of an atomic node stands behind it in the way."""
    atomic = [one for one in _nodes(root) if _local(one).endswith("Task") or "Throw" in _local(one)]
    node = _one(atomic, chance)
    if node is None:
        return "nothing"
    copy = deepcopy(node)
    copy.set("id", f"{node.get('id')}_too")
    for part in copy.iter():
        if part is not copy and part.get("id") and isinstance(part.tag, str) and BPMN in part.tag:
            part.set("id", f"{part.get('id')}_too")
    for flow in _all(root, "sequenceFlow"):
        if flow.get("sourceRef") == node.get("id"):
            flow.set("sourceRef", copy.get("id"))
    node.addnext(copy)
    between = etree.Element(f"{{{BPMN}}}sequenceFlow", id=f"{copy.get('id')}_way")
    between.set("sourceRef", node.get("id"))
    between.set("targetRef", copy.get("id"))
    copy.addnext(between)
    return f"{node.get('id')} twice"


def _other_kind(root, chance):
    node = _one([one for one in _nodes(root) if _local(one) in KINDS], chance)
    if node is None:
        return "nothing"
    node.tag = f"{{{BPMN}}}{chance.choice(KINDS[_local(node)])}"
    return f"{node.get('id')} is a {_local(node)}"


def _switch(root, chance):
    holders = [(node, name) for node in _all(root, "*") for name in SWITCHES if node.get(name)]
    if not holders:
        return "nothing"
    node, name = chance.choice(holders)
    node.set(name, "false" if node.get(name) == "true" else "true")
    return f"{name} of {node.get('id')} is {node.get(name)}"


def _other_default(root, chance):
    gateway = _one([one for one in _nodes(root) if one.get("default")], chance)
    flow = _one(_all(root, "sequenceFlow"), chance)
    if gateway is None or flow is None:
        return "nothing"
    own = [one for one in _all(root, "sequenceFlow") if one.get("sourceRef") == gateway.get("id")]
    gateway.set("default", chance.choice([*own, flow]).get("id"))
    return f"default of {gateway.get('id')}: {gateway.get('default')}"


def _other_host(root, chance):
    event, host = _one(_all(root, "boundaryEvent"), chance), _one(_nodes(root), chance)
    if event is None or host is None:
        return "nothing"
    event.set("attachedToRef", host.get("id"))
    return f"{event.get('id')} on {host.get('id')}"


def _other_event(root, chance):
    """The definition of another event of the drawing, or none."""
    definitions = [one for one in root.iter() if _local(one).endswith("EventDefinition")]
    holder = _one([one for one in _nodes(root) if "Event" in _local(one)], chance)
    if holder is None:
        return "nothing"
    for old in [child for child in holder if _local(child).endswith("EventDefinition")]:
        holder.remove(old)
    if definitions and chance.random() < 0.8:
        holder.append(deepcopy(chance.choice(definitions)))
    return f"{holder.get('id')} is another event"


def _other_text(root, chance):
    names = ("conditionExpression", "loopCondition", "loopCardinality", "completionCondition", "timeDuration")
    holder = _one(_all(root, *names), chance)
    if holder is None:
        return "nothing"
    holder.text = chance.choice(TEXTS)
    return f"{_local(holder)} is {holder.text}"


def _move_marker(root, chance):
    """A marker stands on another activity."""
    marker = _one(_all(root, "standardLoopCharacteristics", "multiInstanceLoopCharacteristics"), chance)
    places = [one for one in _nodes(root) if _local(one).endswith("Task") or _local(one) == "subProcess"]
    if marker is None or not places:
        return "nothing"
    place = chance.choice(places)
    place.insert(0, marker)
    return f"marker on {place.get('id')}"


CHANGES = (
    _retarget,
    _retarget,
    _forget_flow,
    _more_flow,
    _skip_node,
    _double_node,
    _other_kind,
    _other_kind,
    _switch,
    _switch,
    _other_default,
    _other_host,
    _other_event,
    _other_text,
    _move_marker,
)


def _nodes(root):
    return [node for node in root.iter(f"{{{BPMN}}}*") if _local(node) in NODES]


def _one(choices, chance):
    return chance.choice(choices) if choices else None


def _local(node):
    return etree.QName(node).localname if isinstance(node.tag, str) else ""
