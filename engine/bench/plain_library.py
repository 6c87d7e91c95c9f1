"""SpiffWorkflow as its documentation says to use it, in memory and saved whole. Knows nothing of this engine's kernel.

The one module outside engine/bpmn that imports the library: what we are compared with must be the library itself.
The recipe: parse once; load the serialised instance, complete the task, take the automatic steps, serialise, save.
Timers are looked at on the way, as there; forms are not checked and no history is kept, to its favour.
"""

from collections.abc import Callable, Mapping
from typing import Any

from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.defaults import EndEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.parser.process import VALIDATOR, SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState


class PlainLibrary:
    """One diagram, and instances of it. An instance is the library's own object, opaque to whoever asks."""

    def __init__(self, name: str, diagram: bytes) -> None:
        parser = SpiffBpmnParser(validator=VALIDATOR)
        parser.add_bpmn_str(diagram, f"{name}.bpmn")
        self._spec, self._parts = parser.get_spec(name), parser.get_subprocess_specs(name)
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))

    def begin(self) -> Any:
        workflow = BpmnWorkflow(self._spec, self._parts)
        workflow.do_engine_steps()
        return workflow

    def written(self, workflow: Any) -> str:
        text: str = self._serializer.serialize_json(workflow)
        return text

    def read(self, text: str) -> Any:
        return self._serializer.deserialize_json(text)


def complete(workflow: Any, answers: Mapping[str, Any]) -> None:
    """Complete the first open task. Raises LookupError when none is open."""
    task = workflow.get_next_task(state=TaskState.READY, manual=True)
    if task is None:
        raise LookupError("nothing is open")
    task.data[task.task_spec.name] = dict(answers)
    task.run()
    workflow.do_engine_steps()


def is_open(workflow: Any) -> bool:
    return workflow.get_next_task(state=TaskState.READY, manual=True) is not None


def is_lost(workflow: Any) -> bool:
    """Nobody has anything to do, and yet no end was reached: the library's iterator has stopped at depth 1,000."""
    return not is_open(workflow) and not _ended(workflow)


def rounds_before_loss(workflow: Any, answers: Callable[[int], Mapping[str, Any]], limit: int) -> int | None:
    """After how many rounds a new instance is lost, None if it is still there after `limit`.

    `answers` gives those of the nth round, from 1.
    """
    for nth in range(1, limit + 1):
        complete(workflow, answers(nth))
        if is_lost(workflow):
            return nth
    return None


def _ended(workflow: Any) -> bool:
    """Looked up in the flat register of tasks, which has no depth."""
    return any(
        isinstance(task.task_spec, EndEvent) and task.state == TaskState.COMPLETED
        for task in workflow.tasks.values()
    )
