"""Executes recorded events again, in memory, with the recorded outside answers. Knows events and the kernel only.

Who returns a case goes back to the state before an earlier event (`to_seq`); what was done since stays in the
history and counts no longer. That state is had by executing the effective events again, never from a copy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine import journal
from engine.bpmn import run
from engine.bpmn.parse import Model
from engine.bpmn.step import Moment, Step
from engine.errors import Refused
from engine.operations import Played

RETURNING = ("case_returned", "task_withdrawn")
AMENDING = ("calendar_applied", "facts_corrected")
MOVING = ("case_started", "task_submitted", "timer_fired", "message_received", *AMENDING, *RETURNING)

Body = Mapping[str, Any]


@dataclass
class Reexecution:
    """Steps of one case by event number, as they come into being again."""

    model: Model
    steps: dict[int, Step] = field(default_factory=dict)

    def execute(self, body: Body, played: Played) -> Step:
        """The step that one moving event makes; events must come in their order."""
        step = self._step(body, played)
        self.steps[body["seq"]] = step
        return step

    def before(self, seq: int) -> Step:
        """The state before event `seq`. Raises Refused when nothing was done before it."""
        earlier = [known for known in self.steps if known < seq]
        if not earlier:
            raise Refused("没有更早的状态可以退回", help="请选择已经办理过的任务。")
        return self.steps[max(earlier)]

    def _step(self, body: Body, played: Played) -> Step:
        if body["type"] in RETURNING:
            return gone_back(self.before(body["data"]["to_seq"]))
        moment = Moment(body["case"], body["seq"], journal.read_time(body["at"]))
        if body["type"] == "case_started":
            return run.start(self.model, moment, played, body["data"])
        running = run.revive(self.model, self.before(body["seq"]).frozen)
        return _moved(running, body, moment, played)


def gone_back(step: Step) -> Step:
    """An earlier state as the result of a return: nothing is entered or left by it."""
    return replace(step, trace=(), thrown=())


def state_before(model: Model, bodies: Iterable[Body], seq: int) -> Step:
    """The state before event `seq` of a case, by executing everything before it again."""
    again = Reexecution(model)
    for body in bodies:
        if body["seq"] < seq and body["type"] in MOVING:
            again.execute(body, Played(body["outside"]))
    return again.before(seq)


def effective(bodies: Iterable[Body]) -> list[Body]:
    """The moving events that still count, oldest first: those a later return went back over are left out."""
    kept: list[Body] = []
    for body in bodies:
        if body["type"] in RETURNING:
            kept = [each for each in kept if each["seq"] < body["data"]["to_seq"]]
        elif body["type"] in MOVING:
            kept.append(body)
    return kept


def _moved(running: run.Running, body: Body, moment: Moment, played: Played) -> Step:
    if body["type"] == "task_submitted":
        return run.complete(running, body["task"]["path"], body["data"], moment, played)
    if body["type"] == "timer_fired":
        return run.fire(running, body["task"]["path"], moment, played)
    if body["type"] in AMENDING:
        return run.amend(running, body["data"].get("facts", body["data"]), moment, played)
    return run.message(running, body["message"], body["data"], moment, played)
