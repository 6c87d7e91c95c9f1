"""Process instances: the case's own, and one for each called process. Holds no rules of BPMN.

Next to the library's task tree each knows how often its elements were entered (`rounds`), who called it
(`caller`, None for the case's own), which end was reached last (`ended`) and with which data (`outcome`).
Beside these lie its data objects (`objects`) and the keys of its conversation (`keys`).
Before its first step it is told at which start event to begin (`begins_at`, "" for the one without an event).
"""

import logging
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BpmnStartTask, SimpleBpmnTask, _EndJoin
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import variables
from engine.bpmn.elements import Rechecked, Unpredicted, is_pool, is_watching, live, take_over
from engine.bpmn.turn import current

# Below this level the library walks the whole task tree for every line, and writes the data of tasks into it.
for name in ("spiff.task", "spiff.workflow"):
    logging.getLogger(name).setLevel(logging.WARNING)


class Start(Unpredicted, BpmnStartTask):
    """Begins at one start event, and is where the event sub-processes of a scope begin to watch."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.triggered: list[str] = []
        self.begins: list[Any] = []  # start events as drawn; the library puts a race between several of them

    def connect_or_add_trigger(self, task_spec: Any, _spec: Any) -> None:
        self.triggered.append(task_spec.name)

    def grow(self, my_task: Any) -> None:
        my_task._add_child(self._beginning(my_task.workflow), TaskState.FUTURE)
        for name in self.triggered:
            my_task.workflow.spec.task_specs[name].attach(my_task)

    def _beginning(self, workflow: Any) -> Any:
        """The start event asked for, else the one without an event; an event sub-process has a single one."""
        wanted = [start for start in self.begins if start.drawn.id == workflow.begins_at]
        plain = [start for start in self.begins if start.drawn.event.kind == "none"]
        return (wanted or plain or self.begins)[0]


class EndJoin(Rechecked, Unpredicted, _EndJoin):
    """Every token that ends comes here; the last one alive ends the instance with the data of all."""

    def _update_hook(self, my_task: Any) -> bool:
        alive = live(my_task.workflow)
        if my_task.state == TaskState.FUTURE:
            take_over(my_task)
            for other in alive:
                if other.task_spec is self and other is not my_task:
                    variables.merge(my_task.data, other.data)
                    other._set_state(TaskState.COMPLETED)
            my_task._set_state(TaskState.WAITING)
        going_on = self.going_on_beside(my_task)
        if going_on and all(is_pool(task) for task in going_on):
            current().over.append(my_task)
        return not going_on

    def going_on_beside(self, my_task: Any) -> list[Any]:
        return [task for task in live(my_task.workflow) if not is_watching(task) and task is not my_task]

    def stop_watching(self, my_task: Any) -> None:
        """A process is over for its event sub-processes when only other participants of its case go on.

        What its last end has thrown comes first: it may begin one of them.
        """
        if all(is_pool(task) for task in self.going_on_beside(my_task)):
            for task in live(my_task.workflow):
                if is_watching(task) and not is_pool(task):
                    task._set_state(TaskState.CANCELLED)

    def _run_hook(self, my_task: Any) -> bool:
        return True


class End(Unpredicted, SimpleBpmnTask):
    pass


class Process(BpmnProcessSpec):
    """The library calls its inner specs Start and End, and an element with such an id silently replaces them:
    here their names are none that an element could have."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.task_specs.clear()
        self.start = Start(self, "*start")
        self.end = EndJoin(self, "*join")
        self.end.connect(End(self, "*end"))


class Instance:
    """What the case's own workflow and called ones have in common."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.rounds: dict[str, int] = {}
        self.ended = ""
        self.begins_at = ""
        self.objects: dict[str, Any] = {}
        self.keys: dict[str, Any] = {}
        self.outcome: dict[str, Any] = {}
        super().__init__(*arguments, **options)

    def _task_completed_notify(self: Any, task: Any) -> None:
        if isinstance(task.task_spec, End):
            self._mark_complete(task)
        elif not self.completed:
            self.update_waiting_tasks()

    def update_waiting_tasks(self: Any) -> None:
        for task in live(self):
            if task.state == TaskState.WAITING and isinstance(task.task_spec, Rechecked):
                task.task_spec._update(task)

    def go_on(self: Any) -> None:
        """What its last end has thrown may have begun something here: then that was not the last token."""
        for task in live(self):
            is_last = isinstance(task.task_spec, EndJoin) and task.state == TaskState.READY
            if is_last and task.task_spec.going_on_beside(task):
                task._set_state(TaskState.WAITING)

    def _mark_complete(self: Any, task: Any) -> None:
        self.completed = True
        for watching in live(self):
            watching._set_state(TaskState.CANCELLED)
        if self.caller is None:
            self.outcome = task.data
        else:
            self.caller.task_spec.returned(self.caller, task.data)


class CaseWorkflow(Instance, BpmnWorkflow):
    caller = None

    def create_subprocess(self, my_task: Any, spec_name: str) -> "CalledWorkflow":
        return self.called(my_task, spec_name)

    def called(self, my_task: Any, spec_name: str, *, deserializing: bool = False) -> "CalledWorkflow":
        called = CalledWorkflow(self.subprocess_specs[spec_name], my_task, self, deserializing=deserializing)
        self.subprocesses[my_task.id] = called
        return called


class CalledWorkflow(Instance, BpmnSubWorkflow):
    def __init__(self, spec: Any, caller: Any, top: CaseWorkflow, **options: Any) -> None:
        self.caller = caller
        super().__init__(spec, caller.id, top, **options)
