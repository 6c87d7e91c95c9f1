"""A case that nothing can ever move again: not ended, and no person, time, message or signal is waited for.

BPMN leaves such a case standing at its joins for ever (2.0.2, 13.4.1 to 13.4.3). Reads what a step has made; a
history in which a case was left standing is executed again all the same, so this is asked of new steps only.
"""

from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn import codec
from engine.bpmn.drawing import Drawn
from engine.bpmn.elements import Element, everywhere, is_watching
from engine.bpmn.gateways import Join
from engine.bpmn.parse import Model
from engine.bpmn.places import place
from engine.bpmn.step import Step
from engine.errors import DeadEnd, Place


def check(model: Model, step: Step) -> None:
    """Raises DeadEnd, at the join that has waited longest. Looks into the case only when nothing is open in it."""
    if step.items or step.timers or step.awaited or step.awaited_signals or step.ended:
        return
    state = codec.thaw(step.frozen, model.spec, dict(model.specs))
    standing = _standing(state.workflow)
    refusal = DeadEnd(
        _told(standing[0]) if standing else "没有任何人和事能让办件再往前走",
        help="填报的内容走错了支路的，更正以后再办；流程图画错的，换到改好的版本再办；都不行的，按规定撤销",
    )
    refusal.place = (place(standing[0]) if standing else None) or Place("", "", "")
    raise refusal


def _standing(workflow: Any) -> list[Any]:
    """Joins at which a token waits, the longest first; then whatever else is not finished."""
    tokens = [
        task for task in everywhere(workflow) if isinstance(task.task_spec, Element) and not is_watching(task)
    ]
    return sorted(tokens, key=lambda task: (not _is_waiting_join(task), task.last_state_change))


def _is_waiting_join(task: Any) -> bool:
    return isinstance(task.task_spec, Join) and task.state == TaskState.WAITING


def _told(task: Any) -> str:
    title = _title(task.task_spec.drawn)
    if not _is_waiting_join(task):
        return f"「{title}」停在这里，没有任何人和事能让办件再往前走"
    missing = "、".join(f"「{_title(drawn)}」" for drawn in _missing(task))
    return f"「{title}」再也等不齐：从{missing}来的一路不会有人到了，办件走不下去"


def _missing(task: Any) -> list[Drawn]:
    """Where the flows come from on which no token has arrived, each once."""
    arrived = task.task_spec.waiting(task.workflow)
    specs = task.workflow.spec.task_specs.values()
    drawn = [spec.drawn for spec in specs if isinstance(spec, Element)]
    lacking = [flow for flow in task.task_spec.incoming if flow not in arrived]
    found = {one.id: one for flow in lacking for one in drawn if flow in {way.id for way in one.flows}}
    return list(found.values())


def _title(drawn: Drawn) -> str:
    return drawn.name or drawn.id
