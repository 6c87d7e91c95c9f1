"""Messages, signals, timers, errors and escalations: who waits for them, and whom one that happens finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from tests.engine.bpmn.reference import opening, words
from tests.engine.bpmn.reference.data import Data
from tests.engine.bpmn.reference.drawing import Event, Node
from tests.engine.bpmn.reference.failing import failing_at
from tests.engine.bpmn.reference.presence import Armed, Body, Instance, Presence, conversation

if TYPE_CHECKING:
    from tests.engine.bpmn.reference.play import Play


class Uncaught(Exception):
    """An error or escalation that no scope around it catches."""


class Happenings:
    def __init__(self, play: Play) -> None:
        self.play = play
        self.armed: list[Armed] = []
        self.kept: list[tuple[str, Any, dict[str, Any], str]] = []  # messages nobody has caught yet
        self._caught_names = play.drawing.caught()

    # what is seen

    def timers(self) -> list[tuple[str, datetime]]:
        return sorted(((one.path, one.due) for one in self.armed if one.due), key=lambda one: one[::-1])

    def awaited(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Path, message, and the keys that it must have."""
        found = [one for one in self.armed if one.event.kind == "message"]
        return sorted((one.path, one.event.name, self._expected(one)) for one in found)

    def listening(self) -> list[tuple[str, str]]:
        return sorted((one.path, one.event.name) for one in self.armed if one.event.kind == "signal")

    # who waits

    def wait(self, presence: Presence, body: Body | None = None) -> None:
        """An intermediate catch event, or a receive task."""

        def occur(_path: str, payload: Any) -> None:
            if presence.race is not None:
                self._win(presence)
            self.keep_payload(presence.node.event, presence.data, payload)
            if body:
                self.play.activities.post_leave(body)
            else:
                self.play.post_leave(presence)

        self._arm(Armed(presence.node.event, presence.node, presence.instance, presence.path, occur, presence),
                  presence.data)  # fmt: skip

    def arm_boundaries(self, activity: Presence) -> None:
        instance = activity.instance
        for node in activity.node.boundaries:
            path, occur = instance.enter(node.id), opening.boundary(self, activity, node)
            self._arm(
                Armed(node.event, node, instance, path, occur, activity, stays=not node.interrupting),
                activity.data,
            )

    def arm_handlers(self, instance: Instance, data: Data) -> None:
        for node in instance.scope.handlers:
            start, path = node.inner.starts[0], instance.enter(node.id)
            occur = opening.handler(self, instance, node)
            self._arm(
                Armed(start.event, node, instance, path, occur, instance, stays=not start.interrupting), data
            )

    def open_pool(self, pool: str) -> None:
        """Another pool begins with the case, or whenever its start event happens."""
        case, scope = self.play.case, self.play.drawing.processes[pool]
        node = Node(pool, "subProcess", Element("pool"), Event("none"), inner=scope)
        for start in scope.starts:
            path = case.enter(node.id)
            if start.event.kind == "none":
                opening.post_pool(self, node, "", path, None)
                continue
            self._arm(
                Armed(start.event, node, case, path,
                      lambda path, payload, start=start: opening.post_pool(self, node, start.id, path, payload), None,
                      stays=True),
                Data(self.play.clock),
            )  # fmt: skip

    def disarm(self, owner: Any) -> None:
        self.armed = [one for one in self.armed if one.owner is not owner]

    def _arm(self, armed: Armed, data: Data) -> None:
        if armed.event.kind == "timer":
            self._wind_up(armed, data)
        self._enlist(armed)

    def _wind_up(self, armed: Armed, data: Data) -> None:
        known = self.play.variables(armed.instance, data)
        with failing_at(armed.path):
            armed.due, armed.period, armed.left = words.moment(armed.event.text, known, self.play.at)

    def wind_up_again(self) -> None:
        """Dates that follow from data are computed anew when data are corrected; what is literal stays."""
        for one in self.armed:
            if one.event.timer == "timeDate" and not words.is_literal(one.event.text):
                owner = one.owner
                self._wind_up(one, owner.data if isinstance(owner, Presence) else self.play.scope_data(owner))

    def _enlist(self, armed: Armed) -> None:
        """It waits, unless it is for a message that is here already."""
        armed.since = self.play.commands
        self.armed.append(armed)
        for one in list(self.kept):
            if armed in self.armed and self._fits(armed, one[0], one[2], one[3]):
                self.kept.remove(one)
                self._deliver(armed, one[1], one[2])

    def _happen(self, armed: Armed, payload: Any) -> None:
        """What does not interrupt waits anew, last in the queue; of a cycle, times that were missed are skipped."""
        self.armed.remove(armed)
        armed.occur(armed.path, payload)
        if not armed.stays or (armed.owner is not None and not self._is_there(armed.owner)):
            return
        left, due = armed.left - 1, armed.due
        while due and left > 0 and (due := words.later(due, armed.period)) <= self.play.at:
            left -= 1
        if armed.due is None or left > 0:
            path = armed.instance.enter(armed.node.id)
            self._enlist(replace(armed, path=path, due=due, left=left))

    # what happens

    def fire(self, path: str) -> None:
        self._happen(next(one for one in self.armed if one.due and one.path == path), None)

    def message(
        self, name: str, payload: Any, keys: dict[str, Any], sender: Instance | None, to: str = ""
    ) -> None:
        """Exactly one receiver gets it; it waits for one that is drawn, and else goes out of the case.

        `to` is where its message flow leads: nobody else gets it (9.4).
        """
        begins = {one.id for one in self.play.main.scope.starts}
        if self.play.drawing.participants.get(to) == "" or to in begins:
            self.play.thrown.append((name, keys, "anew" if to in begins else "beyond"))
            return
        fitting = [one for one in self.armed if self._fits(one, name, keys, to)]
        if fitting:
            self._deliver(min(fitting, key=self._turn), payload, keys)
        elif to or name in self._caught_names:
            self.kept.append((name, payload, keys, to))
        elif sender:
            self.play.thrown.append((name, keys, ""))

    def _turn(self, armed: Armed) -> tuple[bool, int, int]:
        """A pool begins when nobody running takes it, and who waits longer is first; among equals BPMN has no say."""
        sign = "-" if armed.node.kind in ("intermediateCatchEvent", "receiveTask") else "+"
        text, upcoming = sign + armed.path, self.play.upcoming
        shown = upcoming.index(text) if text in upcoming else len(upcoming)
        return armed.instance is self.play.case, armed.since, shown

    def throw(self, instance: Instance, node: Node, data: Data) -> None:
        event = node.event
        if event.kind == "message":
            payload = self.play.evaluate(event.payload, instance, data) if event.payload.strip() else None
            keys = self.keys_of(event.name, payload)
            instance.conversation.keys.update(keys)  # it begins the conversation, or begins it anew
            for to in self.play.drawing.arrows.get(node.id, [""]):
                self.message(event.name, payload, keys, instance, to)
        elif event.kind == "signal":
            self.play.rung.append(event.name)
            self.signal(event.name)
        elif event.kind == "terminate":
            self.play.cancel_all(instance)
            self.disarm(instance)
        elif event.kind in ("error", "escalation"):
            self._rise(instance, event)

    def signal(self, name: str) -> None:
        """Everybody who waits for it now gets it (10.5.1); on one activity first those that let it go on."""
        hearing = [one for one in self.armed if (one.event.kind, one.event.name) == ("signal", name)]
        for one in list(hearing):
            beside = [each for each in hearing if each is one or (each.owner and each.owner is one.owner)]
            for each in sorted(beside, key=lambda armed: not armed.stays):
                hearing.remove(each)
                if each in self.armed:
                    self._happen(each, None)

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
        """The keys of its conversation; a message that begins a process begins a conversation."""
        return {} if armed.instance is self.play.case else conversation(armed.instance)

    def begun_by(self, process: Instance, event: Event, data: Data, payload: Any) -> None:
        """An event begins a process; a message begins its conversation, too."""
        self.keep_payload(event, data, payload)
        if event.kind == "message":
            _adopt(process, self.keys_of(event.name, payload))

    def _fits(self, armed: Armed, name: str, keys: dict[str, Any], to: str = "") -> bool:
        own = self._expected(armed)
        lies_there = not to or self.play.drawing.participants.get(to, to) in set(_where(armed))
        return (
            lies_there
            and (armed.event.kind, armed.event.name) == ("message", name)
            and all(own.get(key, value) == value for key, value in keys.items())
        )

    def _deliver(self, armed: Armed, payload: Any, keys: dict[str, Any]) -> None:
        if armed.instance is not self.play.case:
            _adopt(armed.instance, keys)
        self._happen(armed, payload)

    def _rise(self, instance: Instance, event: Event) -> None:
        """An error or escalation finds the nearest scope around it that catches it (10.5.1, 13.5.3)."""
        for owner, but in _scopes_around(instance):
            for name in (event.name, ""):  # one that names the code before one that takes any
                for one in self.armed:
                    fits = (one.event.kind, one.event.name) == (event.kind, name)
                    if fits and one.owner is owner and one.node is not but:
                        self._happen(one, None)
                        return
        raise Uncaught(f"{event.kind} {event.name}")

    def _win(self, presence: Presence) -> None:
        """The first event of an event-based gateway takes the alternatives away (13.4.4), also those still to come."""
        race = presence.race
        race.won = True
        for other in [one for one in race.entered if one is not presence]:
            self.play.cancel(other)

    def _is_there(self, owner: Presence | Instance) -> bool:
        return not owner.doomed


def _adopt(instance: Instance, keys: dict[str, Any]) -> None:
    """The first message that is caught says which conversation it is (8.4.2)."""
    known = conversation(instance)
    instance.conversation.keys |= {key: value for key, value in keys.items() if key not in known}


def _where(armed: Armed) -> Iterator[str]:
    """What a message flow may point at for this one to be meant: the event, and all that it lies in."""
    handles = armed.owner is None or armed.owner is armed.instance  # a pool, or an event sub-process
    yield from [start.id for start in armed.node.inner.starts] if handles and armed.node.inner else []
    yield armed.node.id
    instance = armed.instance
    while instance.host:
        yield instance.scope.id
        yield instance.host.activity.node.id
        instance = instance.host.activity.instance
    yield instance.scope.id


def _scopes_around(instance: Instance) -> Iterator[tuple[Any, Node | None]]:
    """From the inside out: handlers of a scope but the one that we come from, then the boundary of what it is."""
    inside_of = None
    while True:
        yield instance, inside_of
        if instance.host is None:
            return
        activity = instance.host.activity
        yield activity, None
        inside_of = activity.node
        instance = activity.instance
