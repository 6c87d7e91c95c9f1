"""A good drawing is drawn again with something else in it: it is refused, or it runs as BPMN says. No third way."""

import json
import random
import re
from collections import Counter

import pytest

from engine import forms
from engine.bpmn.check import check
from engine.errors import Refused
from tests.engine.bpmn import constructs
from tests.engine.bpmn.redrawing import redrawn
from tests.engine.bpmn.reference.play import Disagreement
from tests.engine.bpmn.reference.witness import Watched
from tests.engine.bpmn.sketch import Case, World

_ALONE = re.compile(r"\}; trace: \[")  # the last thing that is told of
QUICK = range(3)
LONG = range(3, 60)


@pytest.mark.parametrize("name", constructs.NAMES)
def test_a_drawing_drawn_otherwise_is_refused_or_runs_as_bpmn_says(name):
    for seed in QUICK:
        refused_or_right(name, seed)


@pytest.mark.prove
@pytest.mark.parametrize("name", constructs.NAMES)
def test_a_drawing_drawn_otherwise_sixty_times_is_refused_or_runs_as_bpmn_says(name):
    for seed in LONG:
        refused_or_right(name, seed)


def test_many_of_the_changed_drawings_are_admitted_and_played():
    """Or the tests above would show nothing."""
    ends = [refused_or_right(name, seed) for name in constructs.NAMES[::4] for seed in range(3, 7)]

    assert ends.count("played") > len(ends) // 10
    assert ends.count("refused") > len(ends) // 10


def refused_or_right(name, seed):
    """ "refused" at deployment, or "played": every step as the reference says, or stopped by an incident."""
    chance = random.Random(f"{name} {seed}")
    bundle, expected = constructs.read(name)
    other, done = redrawn(bundle, chance)
    world = expected.get("world", {})
    if any(problem.severity == "error" for problem in check(other, dict.fromkeys(world), forms.check)):
        return "refused"
    before = chance.getstate()
    try:
        _play(other, expected, world, chance, Judged)
    except Refused:
        pass  # an incident: a condition on what was never given, say
    except (NameError, TypeError):  # a text fails in the reference, so it must be an incident
        chance.setstate(before)
        with pytest.raises(Refused):
            _play(other, expected, world, chance, Case)
    except Exception as wrong:
        raise AssertionError(f"{name} {seed}: {done}") from wrong
    return "played"


class Judged(Watched):
    """Where two tokens stood in one element at once, which of its answers is the latest is nobody's promise."""

    def _took(self, step):
        try:
            return super()._took(step)
        except Disagreement as no:
            told = str(no)
            if not (told.startswith("data: ") and _ALONE.search(told) and self._crowded()):
                raise
            return step

    def _crowded(self):
        standing = Counter()
        for entry in (entry for step in self.steps for entry in step.trace if "[" not in entry.path):
            standing[entry.element] += 1 if entry.what == "entered" else -1
            if standing[entry.element] > 1:
                return True
        return False


def _play(bundle, expected, world, chance, case_type, steps=20):
    told = [step for step in expected["step"] if "do" in step]
    answers = [json.loads(step.get("answers", "{}")) for step in told] or [{}]
    begin = expected["step"][0]
    case = case_type(
        bundle,
        expected.get("facts"),
        json.loads(expected.get("data", "{}")),
        World(**{name.replace("/", "__"): answer for name, answer in world.items()}),
        at_start=begin["start"],
        payload=json.loads(begin.get("payload", "null")),
    )
    for _ in range(steps):
        moves = (
            ["do"] * len(case.open) + ["wait"] * bool(case.step.timers) + ["tell"] * bool(case.step.awaited)
        )
        if not moves:
            break
        _move(case, chance.choice(moves), chance, answers)


def _move(case, move, chance, answers):
    if move == "do":
        case.do(chance.choice(case.open), **chance.choice([*answers, {"n": chance.randrange(5)}]))
    elif move == "wait":
        first = case.step.timers[0]  # one alone: a date that is past and leads back to itself is due for ever
        case.at = max(case.at, first.due)
        case.fire(first.path)
    else:
        case.tell(chance.choice(sorted(one.name for one in case.step.awaited)), {"n": chance.randrange(5)})
