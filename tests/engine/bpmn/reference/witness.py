"""A case whose every step is judged by the reference interpreter: its trace, and all that can be seen after it."""

import tomllib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from engine.errors import NobodyCatches
from tests.engine.bpmn.reference import words
from tests.engine.bpmn.reference.drawing import read
from tests.engine.bpmn.reference.happenings import Uncaught
from tests.engine.bpmn.reference.play import Disagreement, Play
from tests.engine.bpmn.sketch import NOON, Case, World, told


def play_of(files: Mapping[str, bytes], at: Any, world: World, facts: Any = None) -> Play:
    """Facts that are declared and not given are None."""
    about = tomllib.loads(files["process.toml"].decode())
    drawn = {path: data for path, data in files.items() if path.endswith((".bpmn", ".dmn"))}
    known = {**dict.fromkeys(about.get("facts", {})), **(facts or {})}
    return Play(read(drawn, about["main"]), at, world, known)


class Watched(Case):
    """Goes the way of the kernel, and raises when BPMN does not allow it, or expects something else to be open."""

    def __init__(self, given, facts=None, data=None, world=None, at=NOON, at_start="", payload=None):
        world = world or World()
        self.own_world = World(**{name.replace("/", "__"): answer for name, answer in world.answers.items()})
        self.play = play_of(given.files, at, self.own_world, facts)
        self.play.start(data, at_start, payload)
        super().__init__(given, facts, data, world, at, at_start, payload)

    def do(self, path, **answers):
        self.play.complete(path, answers, self.at)
        return self._moved(lambda: super(Watched, self).do(path, **answers))

    def fire(self, path):
        self.play.fire(path, self.at)
        return self._moved(lambda: super(Watched, self).fire(path))

    def tell(self, name, payload=None, correlation=None):
        self.play.tell(name, payload, self.at, correlation)
        return self._moved(lambda: super(Watched, self).tell(name, payload, correlation))

    def ring(self, name):
        self.play.ring(name, self.at)
        return self._moved(lambda: super(Watched, self).ring(name))

    def _moved(self, move):
        """An error that the kernel finds no catcher for has none."""
        try:
            return move()
        except NobodyCatches as cause:
            with suppress(Uncaught):
                raise Disagreement(f"BPMN goes on: {self.play.run()}") from cause
            raise

    def _took(self, step):
        super()._took(step)
        self.play.follow(told(step.trace))
        seen, expected = seen_of_step(step), seen_of_play(self.play)
        differ = [
            f"{key}: kernel {seen[key]}, BPMN {expected[key]}" for key in seen if seen[key] != expected[key]
        ]
        if differ:
            raise Disagreement("; ".join(differ) + f"; trace: {told(step.trace)}")
        assert _served(self.world) == _served(self.own_world)
        return step


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
