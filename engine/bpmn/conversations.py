"""Message correlation: which of several conversations a message belongs to (BPMN 2.0.2, 8.4.2, key-based).

A message carries the values of its correlation properties, read from its payload. The first one thrown or caught
gives the conversation of its process instance its keys; from then on only messages with equal values are caught
there. Every call and every item of a multi-instance activity has a conversation of its own.
"""

from collections.abc import Collection, Mapping
from typing import Any

from engine.bpmn.script import compile_expression, evaluate
from engine.bpmn.step import JSON
from engine.errors import ScriptFailed

Properties = Mapping[
    str, tuple[tuple[str, str], ...]
]  # message name → (property, expression over the payload)


def read(properties: Properties, name: str, payload: JSON, given: Collection[str] = ()) -> dict[str, JSON]:
    """The keys that a message carries beside those given; none for a message without correlation properties.

    Raises ScriptFailed when the payload is not what they can be read from.
    """
    known = {**payload, "payload": payload} if isinstance(payload, dict) else {"payload": payload}
    texts = ((key, text) for key, text in properties.get(name, ()) if key not in given)
    return {key: _value(name, key, text, known) for key, text in texts}


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


def _value(name: str, key: str, text: str, known: Mapping[str, JSON]) -> JSON:
    try:
        return evaluate(compile_expression(text), known, {})
    except ScriptFailed as cause:
        raise ScriptFailed(
            f"消息“{name}”的内容里读不出关联值“{key}”（{text}）：{cause.message}",
            help="对方按关联值认是哪一件：请在消息内容里写上它，或者发送时直接写明关联值",
        ) from cause


def _conversation(workflow: Any) -> Any:
    caller = workflow.caller
    while (
        caller is not None
        and caller.task_spec.drawn.kind == "subProcess"
        and "index" not in caller.internal_data
    ):
        workflow, caller = caller.workflow, caller.workflow.caller
    return workflow
