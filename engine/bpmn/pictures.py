"""Pools that are only a picture: their process says that it is not executed, beside one that is. Reads XML.

BPMN 2.0.2, 10.2: a process that is not executable documents what somebody else does. Tools draw a customer that way
beside the process that runs. Here such a pool is a black box: its messages come from outside and go there.
"""

from typing import Any

from lxml import etree

from engine.bpmn.drawing import BPMN

_SHAPES = "{http://www.omg.org/spec/BPMN/20100524/DI}"


def of(root: Any) -> dict[str, Any]:
    """Participant id → its process that is only a picture."""
    processes = {one.get("id"): one for one in root.iterfind(f"{{{BPMN}}}process")}
    called = {call.get("calledElement") for call in root.iter(f"{{{BPMN}}}callActivity")}
    if not any(one.get("isExecutable") == "true" for one in processes.values()):
        return {}
    return {
        one.get("id"): process
        for one in root.iterfind(f"{{{BPMN}}}collaboration/{{{BPMN}}}participant")
        if (process := processes.get(one.get("processRef"))) is not None
        and process.get("isExecutable") == "false"
        and process.get("id") not in called
    }


def close(root: Any) -> None:
    """Make black boxes of them: what lies in them is no longer there, arrows lead to their border."""
    for participant, process in of(root).items():
        inside = {node.get("id") for node in process.iter(etree.Element) if node.get("id")}
        if process.getparent() is not None:
            root.remove(process)
        for one in root.iterfind(f"{{{BPMN}}}collaboration/{{{BPMN}}}participant"):
            if one.get("id") == participant:
                del one.attrib["processRef"]
        for flow in root.iter(f"{{{BPMN}}}messageFlow"):
            for end in ("sourceRef", "targetRef"):
                if flow.get(end) in inside:
                    flow.set(end, participant)
        for shape in list(root.iter(f"{_SHAPES}BPMNShape", f"{_SHAPES}BPMNEdge")):
            if shape.get("bpmnElement") in inside:
                shape.getparent().remove(shape)
