"""Where branches part and meet. Tokens are counted by the flow they came on, never by the tree behind them.

The library finds out from the finished tasks of the whole instance whether a join is complete: in a loop it
fires early or crashes in the third round (docs: spiffworkflow fact 2), and conditions are tried in the order of
the shapes' y coordinate (fact 17).
"""

from typing import Any

from SpiffWorkflow.bpmn.specs import defaults as bpmn
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import variables
from engine.bpmn.drawing import Flow
from engine.bpmn.elements import Element, Rechecked, is_watching, linked, live, next_round, take_over, trace


class ExclusiveGateway(Element, bpmn.ExclusiveGateway):
    """The first flow that the gateway lists whose condition holds, else the default flow."""

    def _run_hook(self, my_task: Any) -> bool:
        return True

    def chosen(self, my_task: Any) -> list[Flow]:
        for flow in self.drawn.tried:
            if not flow.default and self.open(my_task, flow):
                return [flow]
        return self.otherwise(my_task)


class Join(Rechecked, Element):
    """Waits until `complete` names the arrivals that make up one passing; the last of them goes on for all."""

    incoming: tuple[str, ...]  # flow ids, set when a definition is loaded

    def _update_hook(self, my_task: Any) -> bool:
        self.enter(my_task)
        if my_task.state == TaskState.FUTURE:
            my_task._set_state(TaskState.WAITING)
        arrivals = self.complete(my_task.workflow)
        if not arrivals or arrivals[-1] is not my_task:
            return False
        for other in arrivals[:-1]:
            variables.merge(my_task.data, other.data)
            other._set_state(TaskState.COMPLETED)
        return True

    def enter(self, my_task: Any) -> None:
        """All arrivals of one passing share its round."""
        if "entered" in my_task.internal_data:
            return
        my_task.internal_data["entered"] = my_task.internal_data.get("flow", "")
        take_over(my_task)
        trace(my_task, "entered")

    def _run_hook(self, my_task: Any) -> bool:
        my_task.internal_data["round"] = next_round(my_task.workflow, self.drawn.id)
        return True

    def waiting(self, workflow: Any) -> dict[str, Any]:
        """The oldest arrival on each incoming flow."""
        oldest: dict[str, Any] = {}
        for task in sorted(live(workflow), key=lambda task: task.last_state_change):
            if task.task_spec is self and task.state == TaskState.WAITING:
                oldest.setdefault(task.internal_data["entered"], task)
        return oldest

    def complete(self, workflow: Any) -> list[Any]:
        raise NotImplementedError


class ParallelGateway(Join, bpmn.ParallelGateway):
    """One token on each incoming flow; tokens to spare wait for the next passing (BPMN 2.0.2, 13.4.1)."""

    def complete(self, workflow: Any) -> list[Any]:
        waiting = self.waiting(workflow)
        if len(waiting) < len(self.incoming):
            return []
        return sorted(waiting.values(), key=lambda task: task.last_state_change)


class InclusiveGateway(Join, bpmn.InclusiveGateway):
    """Waits for every token that can still come to an incoming flow without one (BPMN 2.0.2, 13.4.3).

    A token that can also reach a flow where one waits already does not hold the gateway up.
    """

    def complete(self, workflow: Any) -> list[Any]:
        waiting = self.waiting(workflow)
        for task in live(workflow):
            if not isinstance(task.task_spec, Element) or is_watching(task):
                continue
            if task.task_spec is self and task.state == TaskState.WAITING:
                continue
            reached = self._reached_from(workflow.spec, task.task_spec.drawn.id)
            if reached - waiting.keys() and not reached & waiting.keys():
                return []
        return sorted(waiting.values(), key=lambda task: task.last_state_change)

    def _reached_from(self, spec: Any, element: str) -> set[str]:
        """Incoming flows of this gateway that a token at `element` can still come to before passing it."""
        reached: set[str] = set()
        seen: set[str] = set()
        ahead = [] if element == self.drawn.id else [element]
        while ahead:
            drawn = spec.task_specs[ahead.pop()].drawn
            if drawn.id in seen:
                continue
            seen.add(drawn.id)
            ahead += drawn.boundary
            ahead += [link.drawn.id for link in linked(spec, drawn)]
            for flow in drawn.flows:
                if flow.target == self.drawn.id:
                    reached.add(flow.id)
                else:
                    ahead.append(flow.target)
        return reached


class EventBasedGateway(Element, bpmn.EventBasedGateway):
    """The events behind it race; the first to happen cancels the others.

    The library moves all events into the gateway, where two timers share one due time (fact 14).
    """

    def connect(self, child: Any) -> None:
        self._outputs.append(child.name)
        child._connect_notify(self)

    def _run_hook(self, my_task: Any) -> bool:
        return True

    def follow(self, my_task: Any, flow: Flow) -> Any:
        child = super().follow(my_task, flow)
        child.internal_data["race"] = my_task.id.int
        return child
