"""What a case waits for, as the rooms around the kernel see it; and the digest of its logical state.

Reads a case, changes nothing.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn import conversations, objects, variables
from engine.bpmn.codec import State
from engine.bpmn.elements import Element, everywhere, is_pool
from engine.bpmn.events import Catching
from engine.bpmn.parse import Model
from engine.bpmn.places import path
from engine.bpmn.step import JSON, AwaitedMessage, AwaitedSignal, OpenItem, WaitingTimer
from engine.bpmn.tasks import Form


def items(model: Model, state: State) -> tuple[OpenItem, ...]:
    return tuple(_item(model, task) for task in forms(state))


def forms(state: State) -> Iterator[Any]:
    """The tasks that wait for a person."""
    for task in everywhere(state.workflow):
        if isinstance(task.task_spec, Form) and task.state == TaskState.READY:
            yield task


def timers(state: State) -> tuple[WaitingTimer, ...]:
    found = [
        WaitingTimer(
            path=path(task),
            element=task.task_spec.drawn.id,
            name=task.task_spec.drawn.name,
            due=datetime.fromisoformat(task.internal_data["due"]),
            rule=task.task_spec.drawn.event.rule,
        )
        for task in waiting(state, "timer")
    ]
    return tuple(sorted(found, key=lambda timer: (timer.due, timer.path)))


def awaited(state: State) -> tuple[AwaitedMessage, ...]:
    return tuple(
        AwaitedMessage(
            path(task),
            task.task_spec.drawn.id,
            task.task_spec.drawn.event.name,
            {} if is_pool(task) else conversations.known(task.workflow),
        )
        for task in waiting(state, "message")
    )


def awaited_signals(state: State) -> tuple[AwaitedSignal, ...]:
    return tuple(
        AwaitedSignal(path(task), task.task_spec.drawn.id, task.task_spec.drawn.event.name)
        for task in waiting(state, "signal")
    )


def waiting(state: State, kind: str) -> Iterator[Any]:
    """The tasks that wait for an event of this kind."""
    for task in everywhere(state.workflow):
        spec = task.task_spec
        if isinstance(spec, Catching) and task.state == TaskState.WAITING and spec.drawn.event.kind == kind:
            yield task


def data(state: State) -> dict[str, JSON]:
    """The latest value of every variable over all branches; what belongs to single items is left out."""
    merged: dict[str, Any] = dict(state.workflow.outcome)
    for task in everywhere(state.workflow):
        if not _is_of_one_item(task):
            variables.merge(merged, task.data)
    return {**variables.visible(merged), **objects.visible(state.workflow)}


def digest(state: State) -> str:
    """SHA-256 over what is open, where, with which data: drawn names only, nothing of library or codec."""
    table = _Table()
    tokens = sorted((_token(task) for task in everywhere(state.workflow)), key=lambda token: token[:3])
    logical: dict[str, JSON] = {
        "tokens": [[*token[:3], token[3], table.numbers(token[4])] for token in tokens],
        "outcome": table.numbers(variables.visible(state.workflow.outcome)),
        "facts": state.facts,
        "pending": [list(message) for message in state.pending],
        "ended": state.workflow.ended if state.workflow.completed else "",
        "values": table.texts,
        **_own(state),
    }
    return hashlib.sha256(canonical(logical).encode()).hexdigest()


def _own(state: State) -> dict[str, JSON]:
    """Keys and data objects of each process instance that runs and has any."""
    top = state.workflow
    running = (part for part in top.subprocesses.values() if not part.completed)
    parts = [("", top), *((path(part.caller), part) for part in running)]
    own = sorted([at, part.keys, part.objects] for at, part in parts if part.keys or part.objects)
    return {"own": own} if own else {}


def canonical(value: JSON) -> str:
    return _CANONICAL.encode(value)


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))  # made once


def _is_of_one_item(task: Any) -> bool:
    while task is not None:
        if "index" in task.internal_data:
            return True
        task = task.workflow.caller
    return False


def _item(model: Model, task: Any) -> OpenItem:
    drawn, shown = task.task_spec.drawn, task.internal_data["shown"]
    return OpenItem(
        path=path(task),
        element=drawn.id,
        name=drawn.name,
        diagram=drawn.diagram,
        lane=drawn.lane,
        lane_name=drawn.lane_name,
        form=model.forms.get((drawn.scope, drawn.id), ""),
        instructions=drawn.instructions,
        due=shown.get("due", ""),
        performer=shown.get("performer", ""),
        label=shown.get("item_label", ""),
        item=_item_value(task),
        round=task.internal_data["round"],
    )


def _item_value(task: Any) -> JSON:
    repetition = task.task_spec.drawn.repetition
    if repetition is None or repetition.kind == "loop":
        return None
    return task.data.get(repetition.item) if repetition.item else task.internal_data["index"]


def _token(task: Any) -> tuple[str, str, str, JSON, dict[str, JSON]]:
    """Where a token stands, on which flow it came to a join, what it waits for, what it carries."""
    spec, internal = task.task_spec, task.internal_data
    if not isinstance(spec, Element):
        return (_end_path(task), "", "", None, dict(variables.visible(task.data)))
    came = internal.get("entered") if isinstance(internal.get("entered"), str) else ""
    state = {name: internal[name] for name in ("due", "left", "results", "done", "shown") if name in internal}
    return (path(task), str(came), TaskState.get_name(task.state), state, dict(variables.visible(task.data)))


def _end_path(task: Any) -> str:
    caller = task.workflow.caller
    return "*end" if caller is None else f"{path(caller)}/*end"


class _Table:
    """Each distinct value is written once, numbered in order of first use."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._known: dict[str, int] = {}
        self._seen: dict[int, int] = {}

    def numbers(self, data: Any) -> list[JSON]:
        return [[name, self._number(data[name])] for name in sorted(data)]

    def _number(self, value: JSON) -> int:
        if id(value) not in self._seen:
            text = canonical(value)
            if text not in self._known:
                self._known[text] = len(self.texts)
                self.texts.append(text)
            self._seen[id(value)] = self._known[text]
        return self._seen[id(value)]
