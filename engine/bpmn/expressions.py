"""Runs the texts of a diagram over what a task can see. The only way from a task to the script language."""

from collections.abc import Mapping
from typing import Any

from engine.bpmn import objects, variables
from engine.bpmn.places import failing_at
from engine.bpmn.script import compile_expression, compile_script, evaluate, execute
from engine.bpmn.step import JSON
from engine.bpmn.turn import current
from engine.errors import ScriptFailed, ScriptRefused


def value(task: Any, text: str, more: Mapping[str, JSON] | None = None) -> JSON:
    """The value of an expression. Raises ScriptFailed naming the element; refusals from outside pass through."""
    with failing_at(task):
        try:
            turn, known = current(), {**names(task), **(more or {})}
            return evaluate(compile_expression(text), known, turn.functions, turn.budget)
        except (ScriptFailed, ScriptRefused) as cause:
            raise _at(task, cause) from cause


def holds(task: Any, text: str, more: Mapping[str, JSON] | None = None) -> bool:
    return bool(value(task, text, more))


def run(task: Any, text: str) -> None:
    """Run a script and keep what it changed."""
    try:
        turn = current()
        changed = execute(compile_script(text), names(task), turn.functions, turn.budget)
    except (ScriptFailed, ScriptRefused) as cause:
        raise _at(task, cause) from cause
    for name, new in changed.items():
        variables.write(task.data, name, new)


def names(task: Any) -> dict[str, JSON]:
    return {**variables.visible(task.data), **objects.visible(task.workflow), "case": current().facts}


def _at(task: Any, cause: ScriptFailed | ScriptRefused) -> ScriptFailed:
    drawn = task.task_spec.drawn
    return ScriptFailed(f"「{drawn.name or drawn.id}」：{cause.message}", element=drawn.id, help=cause.help)
