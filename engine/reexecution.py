"""Executes recorded events again, in memory, with the recorded outside answers. Knows events and the kernel only.

Who returns a case goes back to the state before an earlier event (`to_seq`); what was done since stays in the
history and counts no longer. That state is had by executing the effective events again, never from a copy.
Each event is executed on the version that the case ran on then; who returns to before a change of version returns
to the earlier version too.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine import deadlines, journal
from engine.bpmn import dead_ends, move, run
from engine.bpmn.parse import Model
from engine.bpmn.step import Moment, Outside, Step
from engine.environment import FIRST_KIT
from engine.errors import HistoryBroken, Place, Refused
from engine.incidents import OPENED, kind_of
from engine.operations import Played

MOVE_UNDONE = "move_undone"
RETURNING = ("case_returned", "task_withdrawn", MOVE_UNDONE)
AMENDING = ("calendar_applied", "facts_corrected")
CORRECTED = "data_corrected"
SKIPPED = "task_skipped"
MOVED = "case_moved"  # to another version
MOVING = (
    "case_started",
    "task_submitted",
    "timer_fired",
    "message_received",
    "signal_received",
    MOVED,
    CORRECTED,
    SKIPPED,
    *AMENDING,
    *RETURNING,
)

Body = Mapping[str, Any]
Models = Callable[[str], Model]  # by the hash of their definition


@dataclass(frozen=True)
class Reached:
    """What an event made of a case, and the definition that it ran on from then."""

    step: Step
    definition: str


@dataclass
class Reexecution:
    """What the events of one case make of it, by their number, as it comes into being again."""

    models: Models
    reached: dict[int, Reached] = field(default_factory=dict)

    def execute(self, body: Body, played: Played) -> Step:
        """The step that one moving event makes; events must come in their order."""
        now = self._reached(body, played)
        if body["definition"] != now.definition:
            raise Refused("记录的流程版本不是这一件当时的版本")
        self.reached[body["seq"]] = now
        return now.step

    def stop(self, body: Body) -> None:
        """An incident is opened: its pending command must fail again as recorded, and nothing has moved.

        Raises HistoryBroken. What a mistake of ours has stopped has no pending command, and is not looked at.
        """
        if body.get("digest") != (self.before(body["seq"]).step.digest if self.reached else None):
            raise HistoryBroken("停下来时的状态与记录不同")
        told, played = body["data"], Played(body["data"]["asked"])
        try:
            reached = self._reached({**body, **body["pending"]}, played)
            check_goes_on(self.models(reached.definition), reached.step)
        except Refused as refusal:
            place = refusal.place or Place("", "", "")
            if [place.path, kind_of(refusal), len(played.asked)] == [
                told["path"],
                told["kind"],
                played.position,
            ]:
                return
        raise HistoryBroken("重新执行时没有像记录那样停下来")

    def before(self, seq: int) -> Reached:
        """The state before event `seq`. Raises Refused when nothing was done before it."""
        earlier = [known for known in self.reached if known < seq]
        if not earlier:
            raise Refused("没有更早的状态可以退回", help="请选择已经办理过的任务。")
        return self.reached[max(earlier)]

    def _reached(self, body: Body, played: Played) -> Reached:
        if body["type"] in RETURNING:
            return gone_back(self.before(body["data"]["to_seq"]))
        utc_months = body.get("environment", {}).get("kit") == FIRST_KIT
        moment = Moment(body["case"], body["seq"], journal.read_time(body["at"]), utc_months)
        if body["type"] == "case_started":
            step = begun(self.models(body["definition"]), body, moment, played)
            return Reached(step, body["definition"])
        before = self.before(body["seq"])
        running = run.revive(self.models(before.definition), before.step.frozen)
        if body["type"] == MOVED:
            return self._on_another_version(running, before.definition, body["data"])
        return replace(before, step=moved(running, body, moment, played))

    def _on_another_version(self, running: run.Running, definition: str, told: Body) -> Reached:
        new = self.models(told["to"])
        if [told["from"], told["moves"]] != [definition, moves_of(move.plan(running, new))]:
            raise Refused("换版本时换过去的待办与记录不同")
        return Reached(move.move(running, new), told["to"])


def check_goes_on(model: Model, step: Step) -> None:
    """What stops a case though its step could be made; asked of new steps and of recorded stops. Raises Refused."""
    dead_ends.check(model, step)
    deadlines.check(step.items)


def begun(model: Model, body: Body, moment: Moment, outside: Outside) -> Step:
    """The first step of a case. `start` tells of the start event that began the case; without it, the plain one did.

    `variables` are what somebody gave along with a plain start.
    """
    told, given = body.get("start", {}), body.get("variables")
    at, payload, keys = told.get("event", ""), told.get("payload"), told.get("correlation")
    return run.start(model, moment, outside, body["data"], given, at, payload, keys)


def moved(running: run.Running, body: Body, moment: Moment, outside: Outside) -> Step:
    """The step of any other event that executes something. Commands come through here too: both must agree."""
    if body["type"] == "task_submitted":
        return run.complete(running, body["task"]["path"], body["data"], moment, outside)
    if body["type"] == "timer_fired":
        return run.fire(running, body["task"]["path"], moment, outside)
    if body["type"] in AMENDING:
        return run.amend(running, body["data"].get("facts", body["data"]), moment, outside)
    if body["type"] == SKIPPED:
        return run.skip(running, body["task"]["path"], moment, outside)
    if body["type"] == CORRECTED:
        return run.correct(running, body["data"]["data"], moment, outside)
    if body["type"] == "signal_received":
        return run.signal(running, body["signal"], brought(body), moment, outside)
    return run.message(running, body["message"], brought(body), moment, outside, body.get("correlation"))


def bringing(payload: Any) -> dict[str, Any]:
    """What a message or signal brings, as events keep it: `data` is an object that readings read by name."""
    return {"data": dict(payload)} if isinstance(payload, Mapping) else {"payload": payload}


def brought(body: Body) -> Any:
    """The same, as it is read back."""
    return body.get("data", body.get("payload"))


def gone_back(earlier: Reached) -> Reached:
    """An earlier state as the result of a return: nothing is entered or left by it."""
    return replace(earlier, step=replace(earlier.step, trace=(), thrown=(), signals=()))


def moves_of(plan: move.MovePlan) -> list[list[str]]:
    """What waits and where it will wait, as the event keeps it."""
    return [[one.kind, one.path, one.element, one.name] for one in plan.moves]


def state_before(models: Models, bodies: Iterable[Body], seq: int) -> Reached:
    """The state before event `seq` of a case, by executing everything before it again.

    Raises Refused when that does not give what was recorded: nobody may go on from a state that never was.
    """
    again = Reexecution(models)
    for body in bodies:
        if body["seq"] < seq and body["type"] in MOVING:
            step = again.execute(body, Played(body["outside"]))
            if step.digest != body["digest"]:
                raise Refused(
                    f"第{body['seq']}条记录重新执行后和当时不同，不能回到更早的状态",
                    help="请运维人员核验这一件的历史；在核清以前，从现在的待办往下办理。",
                )
    return again.before(seq)


def executed(body: Body) -> bool:
    """Whether verification executes an event again: what moves a case, and what could not."""
    return body["type"] in MOVING or (body["type"] == OPENED and "pending" in body)


def undone_by(bodies: Iterable[Body], seq: int) -> bool:
    """Whether a later return went back over event `seq`."""
    returns = (body for body in bodies if body["type"] in RETURNING)
    return any(body["data"]["to_seq"] <= seq < body["seq"] for body in returns)


def effective(bodies: Iterable[Body]) -> list[Body]:
    """The moving events that still count, oldest first: those a later return went back over are left out."""
    kept: list[Body] = []
    for body in bodies:
        if body["type"] in RETURNING:
            kept = [each for each in kept if each["seq"] < body["data"]["to_seq"]]
        elif body["type"] in MOVING:
            kept.append(body)
    return kept
