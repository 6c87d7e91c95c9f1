"""The token game: which node may be entered or left next, and what that does. Knows XML only as `drawing` tells it.

A play can follow a recorded trace: at every entry some action must be possible that shows exactly this entry, and
when the trace is over nothing may be left to do. So every order of independent branches is accepted, and nothing else.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from tests.engine.bpmn.reference import joins, words
from tests.engine.bpmn.reference.activities import Activities
from tests.engine.bpmn.reference.data import Clock, Data
from tests.engine.bpmn.reference.drawing import Drawing, Flow, Node, Scope
from tests.engine.bpmn.reference.failing import Failing, failing_at
from tests.engine.bpmn.reference.happenings import Happenings
from tests.engine.bpmn.reference.presence import Action, Body, Instance, Presence, Race, around

GATEWAYS_THAT_JOIN = ("parallelGateway", "inclusiveGateway")
CATCHING = ("intermediateCatchEvent",)


class Disagreement(AssertionError):
    """A trace shows what BPMN does not allow, or stops too early."""


class Play:
    """One case. A command first changes what may happen; `follow` then lets it happen."""

    def __init__(
        self,
        drawing: Drawing,
        at: datetime,
        world: Any,
        facts: dict[str, Any] | None = None,
        flat: bool = False,
    ) -> None:
        self.drawing, self.at, self.world, self.flat = drawing, at, world, flat
        self.facts = copy.deepcopy(facts or {})
        self.clock = Clock()
        self.pending: list[Action] = []
        self.happenings = Happenings(self)
        self.activities = Activities(self)
        self.case = Instance(Scope("case"), "", self.clock)  # holds the other pools
        self.main = Instance(drawing.processes[drawing.main], "", self.clock)
        self.thrown: list[tuple[str, dict[str, Any], str]] = []  # message, keys, and to whom alone
        self.rung: list[str] = []  # signals that the case threw
        self.commands = 0
        self.upcoming: list[str] = []  # what the trace that is followed still shows
        self.deferred: Callable[[], None] = (
            _nothing  # a message from outside, until a trace says who takes it
        )

    # commands

    def start(self, data: dict[str, Any] | None = None, at_start: str = "", payload: Any = None) -> None:
        given, payload = Data(self.clock), words.received(payload)
        for name, value in words.received(data or {}).items():
            given.write(name, value)
        if at_start:
            self.happenings.begun_by(self.main, self.main.scope.nodes[at_start].event, given, payload)
        self.begin(self.main, given, at_start)
        for pool in self.drawing.pools:
            self.happenings.open_pool(pool)

    def complete(self, path: str, answers: Any, at: datetime) -> None:
        self._command(at)
        body = next(body for body in self._bodies() if body.waits and body.path == path)
        body.waits, body.answers = False, words.received(answers)
        self.activities.post_leave(body)

    def fire(self, path: str, at: datetime) -> None:
        self._command(at)
        self.happenings.fire(path)

    def tell(self, name: str, payload: Any, at: datetime, correlation: dict[str, Any] | None = None) -> None:
        self._command(at)
        payload = words.received(payload)
        keys = self.happenings.keys_of(name, payload) if correlation is None else correlation
        self.deferred = lambda: self.happenings.message(name, payload, keys, None)

    def ring(self, name: str, at: datetime) -> None:
        self._command(at)
        self.happenings.signal(name)

    def amend(self, facts: dict[str, Any], at: datetime) -> None:
        self._command(at)
        self.facts |= facts
        self.happenings.wind_up_again()

    def correct(self, values: dict[str, Any], at: datetime) -> None:
        """Wherever a variable is known it has another value."""
        self._command(at)
        for data in self._branches():
            for name in values.keys() & data.values().keys():
                data.write(name, words.received(values[name]))
        self.happenings.wind_up_again()

    def _command(self, at: datetime) -> None:
        self.at, self.thrown, self.rung = at, [], []
        self.commands += 1

    # what can be seen

    @property
    def open(self) -> list[str]:
        return sorted(body.path for body in self._bodies() if body.waits)

    @property
    def timers(self) -> list[tuple[str, datetime]]:
        return self.happenings.timers()

    @property
    def awaited(self) -> list[tuple[str, str, dict[str, Any]]]:
        return self.happenings.awaited()

    @property
    def listening(self) -> list[tuple[str, str]]:
        """Path and signal."""
        return self.happenings.listening()

    @property
    def data(self) -> dict[str, Any]:
        return self._all_data()

    @property
    def ended(self) -> str:
        return self.main.last_end if not self.live(self.main) and not self.case.present else ""

    # the game

    def follow(self, trace: Sequence[str]) -> None:
        """Let happen what a trace shows. Raises `Disagreement`."""
        self.begin_to_follow(trace)
        left = [one.text() for one in self.possible() if not one.optional]
        if left:
            raise Disagreement(f"the trace ends where {left} must follow; trace: {list(trace)}")
        self.pending = [one for one in self.pending if not one.optional]

    def begin_to_follow(self, trace: Sequence[str]) -> None:
        """Let happen what the trace of a step shows that went further, or failed."""
        self._bring(trace)
        for number, entry in enumerate(trace):
            self.upcoming = list(trace[number:])
            possible = self.possible()
            action = next((one for one in possible if one.text() == entry), None)
            if action is None:
                told = [one.text() for one in possible]
                raise Disagreement(f"{entry} (number {number}) is not one of {told}; trace: {list(trace)}")
            self.take(action)

    def fail(self, trace: Sequence[str], path: str) -> None:
        """Something must fail at `path` in a step, at the latest when all that its trace shows has happened."""
        try:
            self.begin_to_follow(trace)
            possible = self.possible()
            for action in [one for one in possible if one.path == path] or self._entering(possible):
                self.take(action)
        except Failing as failing:
            if failing.path == path:
                return
            raise Disagreement(f"{failing} fails, and not {path}; trace: {list(trace)}") from failing
        told = [one.text() for one in self.possible()]
        raise Disagreement(f"{path} does not fail; possible: {told}; trace: {list(trace)}")

    def _entering(self, possible: list[Action]) -> list[Action]:
        """With an activity that is entered begins what waits on its boundary."""
        return [one for one in possible if one.text().startswith("+")]

    def _bring(self, trace: Sequence[str]) -> None:
        self.upcoming = list(trace)
        deferred, self.deferred = self.deferred, _nothing
        deferred()

    def possible(self) -> list[Action]:
        self._complete_what_is_empty()
        free = [one for one in self.pending if not one.blocked()]
        return free + [self._firing(*one) for one in joins.ready(self.instances(), self.pending)]

    def take(self, action: Action) -> None:
        if action in self.pending:
            self.pending.remove(action)
        action.do()

    def post(self, text: Callable[[], str], do: Callable[[], None], owner: Any, **more: Any) -> Action:
        action = Action(text, do, owner, **more)
        self.pending.append(action)
        return action

    # instances

    def begin(self, instance: Instance, data: Data, at_start: str = "") -> None:
        """Arm its handlers and put a token at its start: at the plain ones, or at the one whose event happened."""
        self.happenings.arm_handlers(instance, data)
        for start in instance.scope.starts:
            if start.id == at_start or (not at_start and start.event.kind == "none"):
                self._post_enter(instance, start, None, data.copy(), None)

    def live(self, instance: Instance) -> bool:
        coming = any(one.owner is instance for one in self.pending)
        waiting = any(queue for join in instance.joins.values() for queue in join.values())
        return bool(instance.present) or coming or waiting or bool(instance.triggered)

    def scope_data(self, instance: Instance) -> Data:
        """The latest of every variable at the level of one instance, also of tokens on their way over a flow."""
        moving = [one.data for one in self.pending if one.within is instance and one.data is not None]
        return instance.level_data().take(moving)

    def variables(self, instance: Instance, data: Data, **more: Any) -> dict[str, Any]:
        """What an expression in this instance may name."""
        found: dict[str, Any] = {}
        for one in reversed(list(around(instance))):
            found |= one.objects
        return {**self._asking(), **data.values(), **found, "case": self.facts, **more}

    def _asking(self) -> dict[str, Any]:
        """Functions that ask the world, by the names of their arguments."""

        def asking(operation: str, names: tuple[str, ...]) -> Callable[..., Any]:
            return lambda *given: words.wrapped(
                self.world.ask(operation, dict(zip(names, given, strict=True)))
            )

        return {name: asking(*operation) for name, operation in words.ASKED.items()}

    def evaluate(self, text: str, instance: Instance, data: Data, **more: Any) -> Any:
        return words.evaluate(text, self.variables(instance, data, **more), self.at)

    # tokens

    def go_on(self, instance: Instance, node: Node, data: Data) -> None:
        """A token leaves a node over the flows that its data chooses."""
        flows = self._chosen(instance, node, data)
        if not flows:
            instance.ended.take([data])
        race = Race() if node.kind == "eventBasedGateway" else None
        for flow in flows:
            target = instance.scope.nodes[flow.target]
            self._post_enter(instance, target, flow, data.copy(), race)

    def cancel(self, presence: Presence) -> None:
        """Take a token away from a node, with everything inside."""
        presence.instance.present.remove(presence)
        self.drop(presence)
        bodies = [body for body in presence.bodies if body.index not in presence.done]
        for body in bodies:
            if body.inner:
                self.cancel_all(body.inner)
        paths = {presence.path if not presence.rounds else bodies[0].path if bodies else presence.path}
        paths |= {body.path for body in bodies}
        for path in paths:
            self.show_cancelled(path, optional=presence.node.kind in _AUTOMATIC)

    def cancel_all(self, instance: Instance, but: Presence | None = None) -> None:
        self.drop(instance)
        for name, queues in instance.joins.items():
            for _ in [data for queue in queues.values() for data in queue]:
                self.show_cancelled(instance.path(name, instance.fired[name] + 1), optional=True)
        instance.joins.clear()
        for presence in [one for one in instance.present if one is not but]:
            self.cancel(presence)

    def show_cancelled(self, path: str, optional: bool = False) -> None:
        self.post(lambda: f"!{path}", lambda: None, None, optional=optional)

    def drop(self, owner: Any) -> None:
        """Forget what its owner would have done and waited for."""
        self.pending = [one for one in self.pending if one.owner is not owner]
        self.happenings.disarm(owner)

    def _post_enter(
        self, instance: Instance, node: Node, flow: Flow | None, data: Data, race: Race | None
    ) -> None:
        def text() -> str:
            joins_here = flow and node.kind in GATEWAYS_THAT_JOIN
            path = instance.arriving(flow) if flow and joins_here else instance.coming(node.id)
            return f"+{path}" + (f" <{flow.id}>" if flow else "")

        self.post(
            text, lambda: self._enter(instance, node, flow, data, race), instance, token=flow or node,
            within=instance, data=data,
        )  # fmt: skip

    def _enter(
        self, instance: Instance, node: Node, flow: Flow | None, data: Data, race: Race | None
    ) -> None:
        if flow and node.kind in GATEWAYS_THAT_JOIN:
            instance.joins.setdefault(node.id, {}).setdefault(flow.id, []).append(data)
            return
        presence = Presence(node, instance, instance.enter(node.id), data, race)
        instance.present.append(presence)
        if race is not None:
            race.entered.append(presence)
        if race is not None and race.won:
            self.cancel(presence)
        elif node.kind in self.activities.KINDS:
            self.activities.begin(presence)
        elif node.kind in CATCHING and node.event.kind not in ("none", "link"):
            self.happenings.wait(presence)
        else:
            self.post_leave(presence)

    def post_leave(self, presence: Presence) -> None:
        self.post(lambda: f"-{presence.path}", lambda: self._leave(presence), presence)

    def _leave(self, presence: Presence) -> None:
        """An event or a gateway is through: what it throws is thrown, and its token goes on."""
        with failing_at(presence.path):
            self._go_through(presence)

    def _go_through(self, presence: Presence) -> None:
        node, instance = presence.node, presence.instance
        instance.present.remove(presence)
        self.drop(presence)
        if node.kind == "endEvent":
            self._note_end(instance, node)
        if node.kind in ("endEvent", "intermediateThrowEvent") and node.event.kind == "link":
            self._jump(instance, node, presence.data)
            return
        self.go_on(instance, node, presence.data)
        if node.kind in ("endEvent", "intermediateThrowEvent"):
            self.happenings.throw(instance, node, presence.data)

    def _jump(self, instance: Instance, node: Node, data: Data) -> None:
        target = next(
            one
            for one in instance.scope.nodes.values()
            if one.kind == "intermediateCatchEvent" and one.event == node.event
        )
        self._post_enter(instance, target, None, data, None)

    def _note_end(self, instance: Instance, node: Node) -> None:
        """Remember an end of the case: of the main process, or of the handler that interrupted it."""
        instance.last_end = node.id
        host = instance.host
        if host and host.activity.node in host.activity.instance.scope.handlers:
            start = host.activity.node.inner.starts[0] if host.activity.node.inner else None
            if start and start.interrupting:
                self._note_end(host.activity.instance, node)

    def _chosen(self, instance: Instance, node: Node, data: Data) -> list[Flow]:
        flows = node.outgoing
        if node.kind in ("parallelGateway", "eventBasedGateway"):
            return flows
        found: list[Flow] = []
        for flow in flows:
            if flow.id != node.default and (
                not flow.condition or self.evaluate(flow.condition, instance, data)
            ):
                found.append(flow)
                if node.kind == "exclusiveGateway":
                    break
        found = found or [flow for flow in flows if flow.id == node.default]
        if flows and not found:
            raise LookupError("no way out is open")
        return found

    # joins

    def _firing(self, instance: Instance, node: Node) -> Action:
        path = instance.path(node.id, instance.fired[node.id] + 1)
        return Action(lambda: f"-{path}", lambda: self._fire_join(instance, node), instance)

    def _fire_join(self, instance: Instance, node: Node) -> None:
        waiting, path = instance.joins[node.id], instance.path(node.id, instance.fired[node.id] + 1)
        taken = [queue.pop(0) for queue in waiting.values() if queue]
        instance.fired[node.id] += 1
        with failing_at(path):
            self.go_on(instance, node, Data(self.clock).take(taken))

    # all over

    def instances(self) -> Iterator[Instance]:
        todo = [self.main, self.case]
        while todo:
            instance = todo.pop()
            yield instance
            todo += [body.inner for one in instance.present for body in one.bodies if body.inner]

    def _bodies(self) -> Iterator[Body]:
        for instance in self.instances():
            for presence in instance.present:
                yield from presence.bodies

    def _branches(self) -> Iterator[Data]:
        """What each token carries, also inside of activities and at its end; finished items are none any more."""
        for instance in self.instances():
            yield instance.ended
            yield from (data for join in instance.joins.values() for queue in join.values() for data in queue)
            for presence in instance.present:
                yield presence.data
                yield from (body.data for body in presence.bodies)

    def _complete_what_is_empty(self) -> None:
        for body in list(self._bodies()):
            if body.inner and not body.leaving and not self.live(body.inner):
                self.happenings.disarm(body.inner)
                self.activities.post_leave(body)
        if not self.live(self.main):
            self.happenings.disarm(self.main)
        if self.ended:
            self.happenings.armed.clear()

    def _all_data(self) -> dict[str, Any]:
        found = self.main.all_data().take([self.case.all_data()]).values()
        return {**found, **copy.deepcopy(self.main.objects)}


def _nothing() -> None:
    pass


_AUTOMATIC = (
    "startEvent", "endEvent", "intermediateThrowEvent", "boundaryEvent", "task", "scriptTask", "serviceTask",
    "businessRuleTask", "sendTask", "exclusiveGateway", "eventBasedGateway",
)  # fmt: skip
