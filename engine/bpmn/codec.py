"""The frozen form of a case: small bytes, opaque to everybody but this room. No definitions inside.

JSON, compressed: facts, pending messages, and per process instance its rounds and living tasks. Values of
variables are written once, however many branches carry them. The root of each instance is implied.
"""

import json
import zlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.step import JSON
from engine.bpmn.turn import Message, Own
from engine.bpmn.variables import WRITES
from engine.bpmn.workflow import CaseWorkflow
from engine.errors import LimitExceeded

VERSION = 2  # 1 held each value as a text of its own
MAX_BYTES = 1_000_000
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # made once: values are many and small


@dataclass
class State:
    """A case between two commands."""

    workflow: CaseWorkflow
    facts: dict[str, JSON]
    pending: list[Message]
    ticks: int  # how far the case has counted


def freeze(state: State) -> bytes:
    values = _Values()
    top = state.workflow
    instances = [_instance(instance, values) for instance in (top, *top.subprocesses.values())]
    own = [number for number, message in enumerate(state.pending) if isinstance(message, Own)]
    head = _JSON.encode([VERSION, state.ticks, state.facts, state.pending, instances])
    text = f"{head[:-1]},[{','.join(values.texts())}]{f',{own}' if own else ''}]".encode()
    if len(text) > MAX_BYTES:
        raise LimitExceeded(f"办件的数据超过 {MAX_BYTES // 1_000_000} MB", help="大段内容请作为附件上传")
    return zlib.compress(text, 1)  # a tenth larger than at 6, in a quarter of the time


def thaw(frozen: bytes, spec: Any, specs: dict[str, Any]) -> State:
    version, ticks, facts, pending, instances, values, *own = json.loads(zlib.decompress(frozen))
    if version == 1:
        values = [json.loads(text) for text in values]
    elif version != VERSION:
        raise ValueError(f"unknown version of frozen state: {version}")
    top = CaseWorkflow(spec, specs, deserializing=True)
    _fill(top, instances[0], values)
    for drawn in instances[1:]:
        caller = top.get_task_from_id(UUID(int=drawn[1]))
        _fill(top.called(caller, drawn[0], deserializing=True), drawn, values)
    thrown = own[0] if own else ()  # which of the messages the case has thrown itself
    kept = [Own(message) if number in thrown else tuple(message) for number, message in enumerate(pending)]
    return State(top, facts, kept, ticks)


class _Values:
    """Each distinct value once. Branches share values, so most are recognised without looking inside."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.seen: dict[int, int] = {}
        self.alive: list[JSON] = []

    def number(self, value: JSON) -> int:
        known = self.seen.get(id(value))
        if known is None:
            text = _JSON.encode(value)
            known = self.seen[id(value)] = self.numbers.setdefault(text, len(self.numbers))
            self.alive.append(value)
        return known

    def texts(self) -> list[str]:
        return list(self.numbers)


def _instance(instance: Any, values: _Values) -> list[JSON]:
    root = instance.task_tree
    tasks = [_task(task, values) for task in instance.tasks.values() if task is not root]
    caller = None if instance.caller is None else instance.caller.id.int
    outcome = _data(instance.outcome, values)
    head = [instance.spec.name, caller, root.id.int, int(root.state), instance.completed, instance.ended]
    own = [instance.keys, instance.objects] if instance.keys or instance.objects else []
    return [*head, outcome, instance.rounds, tasks, *own]


def _task(task: Any, values: _Values) -> list[JSON]:
    order = int(task.last_state_change)
    data = _data(task.data, values)
    return [
        task.id.int,
        task.task_spec.name,
        task._parent.int,
        int(task.state),
        order,
        data,
        task.internal_data,
    ]


def _data(data: dict[str, Any], values: _Values) -> list[JSON]:
    """[name, number of its value, number of its last write]; a cleared name has no value."""
    writes = data.get(WRITES, {})
    names = sorted((data.keys() | writes.keys()) - {WRITES})
    return [[name, values.number(data[name]) if name in data else None, writes.get(name)] for name in names]


def _fill(instance: Any, drawn: list[Any], values: list[JSON]) -> None:
    _, _, root, state, completed, ended, outcome, rounds, tasks, *own = drawn
    instance.task_tree = Task(instance, instance.spec.start, state=TaskState.FUTURE, id=UUID(int=root))
    instance.task_tree._state = state
    instance.completed, instance.ended, instance.rounds = completed, ended, rounds
    instance.outcome = _read(outcome, values)
    instance.keys, instance.objects = own or ({}, {})
    for one in tasks:
        _add(instance, one, values)


def _add(instance: Any, drawn: list[Any], values: list[JSON]) -> None:
    number, spec, parent, state, order, data, internal = drawn
    above = instance.tasks[UUID(int=parent)]
    task = Task(instance, instance.spec.task_specs[spec], above, state=state, id=UUID(int=number))
    task.last_state_change, task.data, task.internal_data = order, _read(data, values), internal


def _read(drawn: list[Any], values: list[JSON]) -> dict[str, Any]:
    if not drawn:
        return {}
    data = {name: values[number] for name, number, _ in drawn if number is not None}
    return {**data, WRITES: {name: write for name, _, write in drawn if write is not None}}
