"""Messages, signals, timers, errors and escalations: who waits for them, and whom one that happens finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from tests.engine.bpmn.reference import words
from tests.engine.bpmn.reference.data import Data
from tests.engine.bpmn.reference.drawing import Event, Node
from tests.engine.bpmn.reference.presence import Armed, Body, Instance, Presence

if TYPE_CHECKING:
    from tests.engine.bpmn.reference.play import Play


class Uncaught(Exception):
    """An error or escalation that no scope around it catches."""


class Happenings:
    def __init__(self, play: Play) -> None:
        self.play = play
        self.armed: list[Armed] = []
        self.kept: list[tuple[str, Any, dict[str, Any]]] = []  # messages nobody has caught yet
        self._caught_names = play.drawing.caught()

    # what is seen

    def timers(self) -> list[tuple[str, datetime]]:
        return sorted(((one.path(), one.due) for one in self.armed if one.due), key=lambda one: one[::-1])

    def awaited(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Path, message, and the keys that it must have."""
        found = [one for one in self.armed if one.event.kind == "message"]
        return sorted((one.path(), one.event.name, self._expected(one)) for one in found)

    # who waits

    def wait(self, presence: Presence, body: Body | None = None) -> None:
        """An intermediate catch event, or a receive task."""

        def occur(payload: Any) -> None:
            if presence.race is not None:
                self._win(presence)
            self.keep_payload(presence.node.event, presence.data, payload)
            if body:
                self.play.activities.post_leave(body)
            else:
                self.play.post_leave(presence)

        self._arm(presence.node, presence.instance, lambda: presence.path, occur, presence, presence.data)

    def arm_boundaries(self, activity: Presence) -> None:
        for node in activity.node.boundaries:
            self._arm(
                node, activity.instance, _coming(activity.instance, node), self._boundary(activity, node), activity,
                activity.data, stays=not node.interrupting,
            )  # fmt: skip

    def arm_handlers(self, instance: Instance, data: Data) -> None:
        for node in instance.scope.handlers:
            start = node.inner.starts[0]
            self._arm(
                start, instance, _coming(instance, node), self._handler(instance, node), instance, data,
                stays=not start.interrupting,
            )  # fmt: skip

    def open_pool(self, pool: str) -> None:
        """Another pool begins with the case, or whenever its start event happens."""
        case, scope = self.play.case, self.play.drawing.processes[pool]
        node = Node(pool, "subProcess", Element("pool"), Event("none"), inner=scope)
        for start in scope.starts:
            if start.event.kind == "none":
                self._post_pool(node, "", None)
            else:
                self._arm(
                    start, case, _coming(case, node),
                    lambda payload, start=start: self._post_pool(node, start.id, payload), None,
                    Data(self.play.clock), stays=True,
                )  # fmt: skip

    def disarm(self, owner: Any) -> None:
        self.armed = [one for one in self.armed if one.owner is not owner]

    def _arm(
        self, node: Node, instance: Instance, path: Callable[[], str], occur: Callable[[Any], None], owner: Any,
        data: Data, stays: bool = False,
    ) -> None:  # fmt: skip
        event = node.event
        if event.kind not in ("message", "signal", "timer"):
            return  # errors and escalations look for their catchers themselves
        armed = Armed(event, node.id, instance, path, occur, owner, stays=stays)
        if event.kind == "timer":
            known = self.play.variables(instance, data)
            armed.due, armed.period, armed.left = words.moment(event.text, known, self.play.at)
        self.armed.append(armed)
        if event.kind == "message":
            self._look_for_kept(armed)

    def _look_for_kept(self, armed: Armed) -> None:
        for one in list(self.kept):
            if armed in self.armed and self._fits(armed, one[0], one[2]):
                self.kept.remove(one)
                self._deliver(armed, one[1], one[2])

    # what happens

    def fire(self, path: str) -> None:
        armed = next(one for one in self.armed if one.due and one.path() == path)
        armed.left -= 1
        if armed.stays and armed.left > 0:
            armed.due = words.later(armed.due, armed.period)
        else:
            self.armed.remove(armed)
        armed.occur(None)

    def message(self, name: str, payload: Any, keys: dict[str, Any], sender: Instance | None) -> None:
        """Exactly one receiver gets it; it waits for one that is drawn, and else goes out of the case."""
        fitting = [one for one in self.armed if self._fits(one, name, keys)]
        if fitting:
            self._deliver(fitting[0], payload, keys)
        elif name in self._caught_names:
            self.kept.append((name, payload, keys))
        elif sender:
            self.play.thrown.append((name, keys))

    def throw(self, instance: Instance, node: Node, data: Data) -> None:
        event = node.event
        if event.kind == "message":
            payload = self.play.evaluate(event.payload, instance, data) if event.payload.strip() else None
            keys = self.keys_of(event.name, payload)
            _adopt(instance, keys)
            self.message(event.name, payload, keys, instance)
        elif event.kind == "signal":
            self.signal(event.name)
        elif event.kind == "terminate":
            self.play.cancel_all(instance)
            self.disarm(instance)
        elif event.kind in ("error", "escalation"):
            self._rise(instance, event)

    def signal(self, name: str) -> None:
        """Everybody who waits for it now gets it."""
        for one in [one for one in self.armed if (one.event.kind, one.event.name) == ("signal", name)]:
            if one in self.armed:
                if not one.stays:
                    self.armed.remove(one)
                one.occur(None)

    def keys_of(self, name: str, payload: Any) -> dict[str, Any]:
        known = payload if isinstance(payload, dict) else {}
        return {
            key: words.evaluate(ways[name], known, self.play.at)
            for key, ways in self.play.drawing.correlations.items()
            if name in ways
        }

    def keep_payload(self, event: Event, data: Data, payload: Any) -> None:
        if event.kind == "message" and event.variable:
            data.write(event.variable, payload)

    def _expected(self, armed: Armed) -> dict[str, Any]:
        """The keys of its conversation that this message has."""
        own = armed.instance.conversation.keys if armed.instance is not self.play.case else {}
        ways = self.play.drawing.correlations
        return {key: value for key, value in own.items() if armed.event.name in ways[key]}

    def _fits(self, armed: Armed, name: str, keys: dict[str, Any]) -> bool:
        own = armed.instance.conversation.keys if armed.instance is not self.play.case else {}
        return (armed.event.kind, armed.event.name) == ("message", name) and all(
            own[key] == keys[key] for key in own if key in keys
        )

    def _deliver(self, armed: Armed, payload: Any, keys: dict[str, Any]) -> None:
        if armed.instance is not self.play.case:
            _adopt(armed.instance, keys)
        if not armed.stays:
            self.armed.remove(armed)
        armed.occur(payload)

    def _rise(self, instance: Instance, event: Event) -> None:
        """An error or escalation finds the nearest scope around it that catches it (10.5.1, 13.5.3)."""
        for found in _catchers(instance, event):
            if found is not None:
                occur = found[0](self, *found[1:])
                occur(None)
                return
        raise Uncaught(f"{event.kind} {event.name}")

    def _win(self, presence: Presence) -> None:
        """The first event of an event-based gateway takes the alternatives away (13.4.4)."""
        race = presence.race or []
        self.play.pending = [one for one in self.play.pending if one.race is not race]
        for other in [one for one in race if one is not presence]:
            self.play.cancel(other)

    def _boundary(self, activity: Presence, node: Node) -> Callable[[Any], None]:
        instance = activity.instance

        def occur(payload: Any) -> None:
            if activity.doomed or activity not in instance.present:
                return
            activity.triggered += 1
            if node.interrupting:
                activity.doomed = True
                self.disarm(activity)
            self.play.post(
                lambda: f"+{instance.coming(node.id)}",
                lambda: enter(payload),
                instance,
                token=node,
                within=instance,
            )

        def enter(payload: Any) -> None:
            activity.triggered -= 1
            data = activity.data.copy()
            self.keep_payload(node.event, data, payload)
            if node.interrupting:
                self.play.cancel(activity)
            presence = Presence(node, instance, instance.enter(node.id), data)
            instance.present.append(presence)
            self.play.post_leave(presence)

        return occur

    def _handler(self, instance: Instance, node: Node) -> Callable[[Any], None]:
        """An event sub-process begins in the scope that draws it (13.5.4)."""
        start = node.inner.starts[0]

        def occur(payload: Any) -> None:
            if instance.doomed:
                return
            instance.triggered += 1
            if start.interrupting:
                instance.doomed = True
                self.disarm(instance)
            self.play.post(lambda: f"+{instance.coming(node.id)}", lambda: enter(payload), instance)

        def enter(payload: Any) -> None:
            instance.triggered -= 1
            data = instance.level_data()
            self.keep_payload(start.event, data, payload)
            if start.interrupting:
                self.play.cancel_all(instance)
            presence = Presence(node, instance, instance.enter(node.id), data)
            instance.present.append(presence)
            self.play.activities.begin_inside(presence, node.inner, start.id)

        return occur

    def _post_pool(self, node: Node, start: str, payload: Any) -> None:
        case = self.play.case

        def enter() -> None:
            presence = Presence(node, case, case.enter(node.id), Data(self.play.clock))
            case.present.append(presence)
            event = node.inner.nodes[start].event if start else Event("none")
            self.keep_payload(event, presence.data, payload)
            keys = self.keys_of(event.name, payload) if event.kind == "message" else {}
            body = self.play.activities.begin_inside(presence, node.inner, start)
            _adopt(body.inner, keys)

        self.play.post(lambda: f"+{case.coming(node.id)}", enter, case)


def _coming(instance: Instance, node: Node) -> Callable[[], str]:
    return lambda: instance.coming(node.id)


def _adopt(instance: Instance, keys: dict[str, Any]) -> None:
    """The first message of a conversation says which one it is (8.4.2)."""
    for key, value in keys.items():
        instance.conversation.keys.setdefault(key, value)


def _catchers(instance: Instance, event: Event) -> Iterator[tuple[Any, ...] | None]:
    """From the inside out: handlers of a scope, then the boundary of the activity that it is."""
    inside_of = None  # the handler that we come from
    while True:
        if not instance.doomed:
            own = [node for node in instance.scope.handlers if node is not inside_of]
            yield _catcher(Happenings._handler, instance, own, event)
        if instance.host is None:
            return
        activity = instance.host.activity
        yield _catcher(Happenings._boundary, activity, activity.node.boundaries, event)
        inside_of = activity.node
        instance = activity.instance


def _catcher(way: Any, where: Any, nodes: list[Node], event: Event) -> tuple[Any, ...] | None:
    """One that names the code before one that takes any."""
    for name in (event.name, ""):
        for node in nodes:
            own = node.event if node.kind == "boundaryEvent" else node.inner.starts[0].event
            if (own.kind, own.name) == (event.kind, name):
                return way, where, node
    return None
