"""How every drawn element behaves here: entered and left once, leaving by its drawn flows, cancelled whole.

SpiffWorkflow's specs keep their life cycle (update, ready, run, complete) and get these manners mixed in in
front. Two of the library's habits are gone: it predicts the future of every branch, and it learns from the
finished past in the task tree (joins, boundary events). Here the tree holds only what is alive, children come
into being when their parent completes, and so finished tasks may be pruned at once (compact.py).
"""

from collections.abc import Callable, Iterator
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn import objects, variables
from engine.bpmn.drawing import Drawn, Flow
from engine.bpmn.expressions import holds, value
from engine.bpmn.places import failing_at, path
from engine.bpmn.step import TraceEntry
from engine.bpmn.turn import current
from engine.errors import ScriptFailed

LIVE = TaskState.NOT_FINISHED_MASK


class Unpredicted:
    """No prediction: children are made when their parent completes."""

    def _update_hook(self, my_task: Any) -> bool:
        """True makes the task ready to run."""
        take_over(my_task)
        return True

    def _predict(self, *_args: Any, **_options: Any) -> None:
        pass

    def test(self) -> None:
        """The library complains about boundary events without an input; the gate has checked the drawing."""

    def _on_complete_hook(self, my_task: Any) -> None:
        self.grow(my_task)

    def grow(self, my_task: Any) -> None:
        for spec in self.outputs:  # type: ignore[attr-defined]
            my_task._add_child(spec, TaskState.FUTURE)


class Element(Unpredicted):
    """A drawn element. `drawn` is set when a definition is loaded."""

    drawn: Drawn
    name: str
    traced = True

    def _update_hook(self, my_task: Any) -> bool:
        with failing_at(my_task):
            self.enter(my_task)
            return self.begin(my_task)

    def begin(self, my_task: Any) -> bool:
        return True

    def enter(self, my_task: Any) -> None:
        """Once: take over the data, count the round, arm the boundary events."""
        if "entered" in my_task.internal_data:
            return
        my_task.internal_data["entered"] = True
        take_over(my_task)
        if "round" not in my_task.internal_data:
            my_task.internal_data["round"] = next_round(my_task.workflow, self.drawn.id)
        trace(my_task, "entered")
        if not is_instance(my_task):
            self.arm(my_task)

    def arm(self, my_task: Any) -> None:
        for id_ in self.drawn.boundary:
            spec = my_task.workflow.spec.task_specs[id_]
            spec.attach(my_task)

    def _on_complete_hook(self, my_task: Any) -> None:
        trace(my_task, my_task.internal_data.pop("leaving", "left"))
        self.put_away(my_task)
        disarm(my_task)
        self.grow(my_task)

    def put_away(self, my_task: Any) -> None:
        """Into the data objects that the element has an arrow to."""
        answers = my_task.internal_data.pop("answers", None)
        if is_instance(my_task):
            my_task.parent.internal_data.update({} if answers is None else {"answers": answers})
            return
        for name, text in self.drawn.writes:
            own = my_task.data.get(name, my_task.data.get(self.drawn.id, answers))
            objects.write(my_task.workflow, name, value(my_task, text) if text else own)

    def grow(self, my_task: Any) -> None:
        """An instance of a repeated activity reports to its container; every other token follows the flows."""
        if is_instance(my_task):
            container = my_task.parent
            container.task_spec.gather(container, my_task)
            return
        if not self.drawn.flows:
            my_task.workflow.ended = self.drawn.id
            my_task._add_child(my_task.workflow.spec.end, TaskState.FUTURE)
        for flow in self.chosen(my_task):
            self.follow(my_task, flow)

    def follow(self, my_task: Any, flow: Flow) -> Any:
        child = my_task._add_child(my_task.workflow.spec.task_specs[flow.target], TaskState.FUTURE)
        child.internal_data["flow"] = flow.id
        return child

    def chosen(self, my_task: Any) -> list[Flow]:
        """All flows without a condition and those whose condition holds; the default flow if none of these."""
        taken = [flow for flow in self.drawn.tried if not flow.default and self.open(my_task, flow)]
        return [flow for flow in self.drawn.flows if flow in taken] or self.otherwise(my_task)

    def open(self, my_task: Any, flow: Flow) -> bool:
        return not flow.condition or holds(my_task, flow.condition)

    def otherwise(self, my_task: Any) -> list[Flow]:
        defaults = [flow for flow in self.drawn.flows if flow.default]
        if not defaults and self.drawn.flows:
            raise ScriptFailed(
                f"「{self.drawn.name or self.drawn.id}」的各条出线条件都不成立，办件走不下去",
                element=self.drawn.id,
                help="给其中一条出线设为默认流向",
            )
        return defaults


class Rechecked:
    """Waits for other branches: looked at again whenever something in its process instance completes."""

    _update: Callable[[Any], None]


def take_over(task: Any) -> None:
    """The data of the branch, unless the task was given its own."""
    if not task.data:
        task.data = variables.copy(task.parent.data)


def is_live(task: Any) -> bool:
    return bool(task.has_state(LIVE))


def live(workflow: Any) -> list[Any]:
    """The unfinished tasks of one process instance, in the order of their creation."""
    return [task for task in workflow.tasks.values() if is_live(task)]


def everywhere(workflow: Any) -> Iterator[Any]:
    """The unfinished tasks of the whole case."""
    top = workflow.top_workflow
    for part in (top, *top.subprocesses.values()):
        if not part.completed:
            yield from live(part)


def is_instance(task: Any) -> bool:
    """One pass of a looped, or one item of a multi-instance activity."""
    return bool(task.task_spec.name.endswith(" [child]"))


def is_watching(task: Any) -> bool:
    """A boundary event beside its activity, or an event sub-process in its scope: no token stands there."""
    return "host" in task.internal_data


def linked(spec: Any, drawn: Drawn) -> list[Any]:
    """Where a throwing link goes on: at the catching link of its name in the same scope (BPMN 2.0.2, 10.5.5)."""
    if (drawn.kind, drawn.event.kind) != ("intermediateThrowEvent", "link"):
        return []
    catching = (other for other in spec.task_specs.values() if isinstance(other, Element))
    return [
        other
        for other in catching
        if other.drawn.kind == "intermediateCatchEvent" and other.drawn.event == drawn.event
    ]


def is_pool(task: Any) -> bool:
    """Another participant, whose process runs beside this one and shares nothing with it but messages."""
    return isinstance(task.task_spec, Element) and task.task_spec.drawn.kind == "participant"


def scope_data(workflow: Any) -> dict[str, Any]:
    """The latest value of every variable over all branches of one process instance.

    What belongs to a single item of a list, or to another participant, is not in scope.
    """
    data: dict[str, Any] = {}
    for task in live(workflow):
        if "index" not in task.internal_data and not is_pool(task):
            variables.merge(data, task.data)
    return data


def is_entered(task: Any) -> bool:
    return "entered" in task.internal_data


def next_round(workflow: Any, element: str) -> int:
    workflow.rounds[element] = workflow.rounds.get(element, 0) + 1
    return int(workflow.rounds[element])


def trace(task: Any, what: str) -> None:
    if task.task_spec.traced:
        record(task, what)


def record(task: Any, what: str) -> None:
    drawn = task.task_spec.drawn
    flow = task.internal_data.pop("flow", "") if what == "entered" else ""
    current().trace.append(TraceEntry(path(task), drawn.id, drawn.diagram, what, flow))


def cancel(task: Any) -> None:
    """End a task and everything inside it, innermost first. A finished one stays as it is.

    The library's own `cancel` forgets instances and called processes without a word to anybody.
    """
    if not is_live(task):
        return
    called = task.workflow.top_workflow.subprocesses.get(task.id)
    for inner in [] if called is None else live(called):
        cancel(inner)
    for instance in task.children:
        cancel(instance)
    if called is not None:
        called.completed = True
    disarm(task)
    task._set_state(TaskState.CANCELLED)
    if is_entered(task) and isinstance(task.task_spec, Element):
        trace(task, "cancelled")


def disarm(host: Any) -> None:
    """Boundary events live exactly as long as the activity that they are attached to."""
    if not getattr(host.task_spec, "drawn", None) or not host.task_spec.drawn.boundary:
        return
    for task in live(host.workflow):
        if task.internal_data.get("host") == host.id.int and task.state == TaskState.WAITING:
            task._set_state(TaskState.CANCELLED)


def task_of(workflow: Any, number: int) -> Any:
    return next((task for task in live(workflow) if task.id.int == number), None)
