"""Prunes what no future step can see, so that a case stays small for ever. Knows no storage.

Nothing here looks at finished tasks (elements.py), so all of them go: their living children move up to the
instance's root. Called processes that have ended go whole.
"""

from typing import Any

from engine.bpmn.elements import is_live


def compact(workflow: Any) -> None:
    """Prune a whole case, in place."""
    for id_, called in list(workflow.subprocesses.items()):
        if called.completed or not is_live(called.caller):
            del workflow.subprocesses[id_]
    for instance in (workflow, *workflow.subprocesses.values()):
        _prune(instance)


def _prune(instance: Any) -> None:
    root = instance.task_tree
    kept = [task for task in instance.tasks.values() if is_live(task) and task is not root]
    root.data = {}
    root._children = []
    instance.tasks = {task.id: task for task in (root, *kept)}
    for task in kept:
        task._children = [child for child in task._children if child in instance.tasks]
        if task._parent not in instance.tasks or task._parent == root.id:
            task._parent = root.id
            root._children.append(task.id)
    instance.last_task = None
