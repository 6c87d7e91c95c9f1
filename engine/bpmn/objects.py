"""Data objects: what a process, or a sub-process drawn inside it, keeps for all its branches at once.

An expression reads an object by its id wherever it is in scope, and always its latest value. It is written when
an activity with an arrow to it completes (BPMN 2.0.2, 10.4.2): with the value of the arrow's transformation,
else of the variable of that name, else with the answers of the activity. A called process does not see them.
"""

from collections.abc import Mapping
from typing import Any

from engine.bpmn.step import JSON


def visible(workflow: Any) -> Mapping[str, JSON]:
    """Object id → value, the innermost scope first. Objects that nobody has written are None."""
    inherited = visible(workflow.caller.workflow) if _is_embedded(workflow) else {}
    return {**inherited, **dict.fromkeys(workflow.spec.data_objects), **workflow.objects}


def write(workflow: Any, name: str, value: JSON) -> None:
    while name not in workflow.spec.data_objects and _is_embedded(workflow):
        workflow = workflow.caller.workflow
    workflow.objects[name] = value


def _is_embedded(workflow: Any) -> bool:
    return workflow.caller is not None and workflow.caller.task_spec.drawn.kind == "subProcess"
