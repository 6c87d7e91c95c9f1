"""A case whose every step is judged by the reference interpreter: its trace, and all that can be seen after it.

A step that fails must fail there too, at the same element, and leave no trace: the reference then begins anew and
is told of every step before it.
"""

import copy
import tomllib
from collections.abc import Mapping
from traceback import walk_tb
from typing import Any

from engine.errors import LimitExceeded, Refused
from tests.engine.bpmn.reference import words
from tests.engine.bpmn.reference.drawing import read
from tests.engine.bpmn.reference.failing import Failing
from tests.engine.bpmn.reference.play import Disagreement, Play
from tests.engine.bpmn.sketch import NOON, Case, World, told


def play_of(files: Mapping[str, bytes], at: Any, world: World, facts: Any = None) -> Play:
    """Facts that are declared and not given are None."""
    about = tomllib.loads(files["process.toml"].decode())
    drawn = {path: data for path, data in files.items() if path.endswith((".bpmn", ".dmn"))}
    known = {**dict.fromkeys(about.get("facts", {})), **(facts or {})}
    return Play(read(drawn, about["main"]), at, world, known, flat=about.get("answers") == "flat")


class Watched(Case):
    """Goes the way of the kernel, and raises when BPMN does not allow it, or expects something else to be open."""

    def __init__(self, given, facts=None, data=None, world=None, at=NOON, at_start="", payload=None):
        self.world = world or World()
        self.beginning = given.files, at, copy.copy(self.world), facts
        self.went = []  # commands that went through, each with its trace
        self._begin_anew()
        self._moved(
            lambda: super(Watched, self).__init__(given, facts, data, self.world, at, at_start, payload),
            "start", data, at_start, payload,
        )  # fmt: skip

    def do(self, path, **answers):
        return self._moved(
            lambda: super(Watched, self).do(path, **answers), "complete", path, answers, self.at
        )

    def fire(self, path):
        return self._moved(lambda: super(Watched, self).fire(path), "fire", path, self.at)

    def tell(self, name, payload=None, correlation=None):
        move = lambda: super(Watched, self).tell(name, payload, correlation)  # noqa: E731
        return self._moved(move, "tell", name, payload, self.at, correlation)

    def ring(self, name):
        return self._moved(lambda: super(Watched, self).ring(name), "ring", name, self.at)

    def amend(self, **facts):
        return self._moved(lambda: super(Watched, self).amend(**facts), "amend", facts, self.at)

    def correct(self, **values):
        return self._moved(lambda: super(Watched, self).correct(**values), "correct", values, self.at)

    def _moved(self, move, *command):
        asked = len(self.world.asked)
        self.command, self.failing = command, None
        try:
            self._tell(command)
        except Failing as failing:
            self.failing = failing
        try:
            return move()
        except Refused as refusal:
            if refusal.place is not None:
                self._stopped(refusal, told(_trace_of(refusal)), asked)
            raise

    def _stopped(self, refusal, trace, asked):
        """A step of the kernel has failed: so it must, there, and nothing may stay of it."""
        if isinstance(refusal, LimitExceeded):
            self.play.begin_to_follow(trace)
        elif self.failing is None:
            self.play.fail(trace, refusal.place.path)
        elif self.failing.path != refusal.place.path:
            raise Disagreement(f"{self.failing} fails, and not {refusal.place.path}")
        del self.world.asked[asked:]
        self._begin_anew()
        for command, before in self.went:
            self._tell(command)
            self.play.follow(before)

    def _begin_anew(self):
        files, at, world, facts = self.beginning
        self.own_world = copy.copy(world)
        self.own_world.asked = []
        self.play = play_of(files, at, self.own_world, facts)

    def _tell(self, command):
        what, *given = command
        getattr(self.play, what)(*given)

    def _follow(self, trace):
        try:
            if self.failing:
                raise self.failing
            self.play.follow(trace)
        except Failing as failing:
            raise Disagreement(f"{failing} fails; trace: {trace}") from failing

    def _took(self, step):
        super()._took(step)
        self._follow(told(step.trace))
        seen, expected = seen_of_step(step), seen_of_play(self.play)
        differ = [
            f"{key}: kernel {seen[key]}, BPMN {expected[key]}" for key in seen if seen[key] != expected[key]
        ]
        if differ:
            raise Disagreement("; ".join(differ) + f"; trace: {told(step.trace)}")
        assert _served(self.world) == _served(self.own_world)
        self.went.append((self.command, told(step.trace)))
        return step


def _trace_of(refusal):
    """How far a step went before it failed: it tells nobody, so it is read where it was raised."""
    frames = (frame for frame, _ in walk_tb(refusal.__traceback__))
    return next(frame.f_locals["turn"].trace for frame in frames if "turn" in frame.f_locals)


def _served(world):
    """What service tasks asked. Functions are asked by forms, too, which are no matter of tokens."""
    functions = {operation for operation, _ in words.ASKED.values()}
    return [one for one in world.asked if one[0] not in functions]


def seen_of_step(step):
    return {
        "open": sorted(item.path for item in step.items),
        "timers": sorted((timer.due, timer.path) for timer in step.timers),
        "awaited": sorted((one.path, one.name, dict(one.correlation)) for one in step.awaited),
        "signals awaited": sorted((one.path, one.name) for one in step.awaited_signals),
        "signals": [one.name for one in step.signals],
        "thrown": [(one.name, dict(one.correlation), one.to) for one in step.thrown],
        "data": step.data,
        "facts": dict(step.facts),
        "ended": step.ended,
    }


def seen_of_play(play):
    return {
        "open": play.open,
        "timers": sorted((due, path) for path, due in play.timers),
        "awaited": play.awaited,
        "signals awaited": play.listening,
        "signals": play.rung,
        "thrown": play.thrown,
        "data": play.data,
        "facts": play.facts,
        "ended": play.ended,
    }
