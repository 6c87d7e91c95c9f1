"""Message correlation: which of several conversations a message belongs to (BPMN 2.0.2, 8.4.2, key-based).

A message carries the values of its correlation properties, read from its payload. The first one thrown or caught
gives the conversation of its process instance its keys; from then on only messages with equal values are caught
there. Every call and every item of a multi-instance activity has a conversation of its own.
"""

from collections.abc import Mapping
from typing import Any

from engine.bpmn.script import compile_expression, evaluate
from engine.bpmn.step import JSON

Properties = Mapping[
    str, tuple[tuple[str, str], ...]
]  # message name → (property, expression over the payload)


def read(properties: Properties, name: str, payload: JSON) -> dict[str, JSON]:
    """The keys that a message carries; none for a message without correlation properties."""
    known = {**payload, "payload": payload} if isinstance(payload, dict) else {"payload": payload}
    return {key: evaluate(compile_expression(text), known, {}) for key, text in properties.get(name, ())}


def known(workflow: Any) -> dict[str, JSON]:
    """The keys of a process instance and of those that it runs in."""
    caller = workflow.caller
    alone = caller is None or caller.task_spec.drawn.kind == "participant"
    outer = {} if alone else known(caller.workflow)
    return {**outer, **workflow.keys}


def matches(workflow: Any, keys: Mapping[str, JSON]) -> bool:
    mine = known(workflow)
    return all(mine.get(key, value) == value for key, value in keys.items())


def thrown(workflow: Any, keys: Mapping[str, JSON]) -> None:
    """A message that leaves begins the conversation, or begins it anew."""
    _conversation(workflow).keys.update(keys)


def caught(workflow: Any, keys: Mapping[str, JSON]) -> None:
    mine = known(workflow)
    _conversation(workflow).keys.update({key: value for key, value in keys.items() if key not in mine})


def _conversation(workflow: Any) -> Any:
    caller = workflow.caller
    while (
        caller is not None
        and caller.task_spec.drawn.kind == "subProcess"
        and "index" not in caller.internal_data
    ):
        workflow, caller = caller.workflow, caller.workflow.caller
    return workflow
