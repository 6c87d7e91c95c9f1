"""Plays a case on a random model by dice: which item, timer or message comes next, and what is answered.

The moves can be written down and made again on another case of the same model, wherever that lives.
"""

import random
from datetime import timedelta

from engine.bpmn import run
from engine.errors import LimitExceeded, NobodyCatches
from tests.engine.bpmn.paper import MESSAGES
from tests.engine.bpmn.sketch import World


def world():
    return World(ledger__number=lambda year: year + 1000)


def wander(case, seed, steps):
    """Make up to so many moves, and give them back. One that goes too far (an incident) is the last."""
    chance = random.Random(seed)
    moves = []
    while len(moves) < steps and (move := None if case.step.ended else _next(case, chance)):
        moves.append(move)
        if not make(case, move):
            break
    return moves


def make(case, move):
    """False when it ends in an incident, at a limit or with an error that nobody catches: the case stands."""
    kind, *given = move
    try:
        if kind == "do":
            case.do(given[0], **given[1])
        elif kind == "fire":
            case.at += timedelta(seconds=given[1])
            case.fire(given[0])
        else:
            getattr(case, kind)(*given)
    except (LimitExceeded, NobodyCatches):
        return False
    return True


def _next(case, chance):
    step = case.step
    ways = ["do"] * len(case.open) * 2 + ["fire"] * len(step.timers) + ["tell"] * bool(step.awaited) * 2
    ways += ["ring"] * bool(step.awaited_signals) + ["early"] * bool(ways and chance.random() < 0.1)
    if not ways:
        return None
    way = chance.choice(ways)
    if way == "do":
        return (
            "do",
            chance.choice(case.open),
            {"n": chance.randrange(10), "text": f"答{chance.randrange(100)}"},
        )
    if way == "fire":
        return "fire", *_due(case, chance)
    if way == "ring":
        return "ring", chance.choice(sorted({one.name for one in step.awaited_signals}))
    return _message(case, chance) if way == "tell" else _early(case, chance)


def _message(case, chance):
    """One that somebody waits for, of the conversation that it is awaited in."""
    awaited = chance.choice(sorted(case.step.awaited, key=lambda one: (one.path, one.name)))
    return "tell", awaited.name, {"n": awaited.correlation.get("talk", chance.randrange(10))}


def _early(case, chance):
    """Any that the case takes; None ends the walk."""
    running = run.revive(case.model, case.step.frozen)
    found = [(name, {"n": n}) for name in MESSAGES if name in case.model.catchable for n in range(4)]
    taken = [one for one in found if run.correlates(running, run.keys(case.model, *one))]
    return ("tell", *chance.choice(taken)) if taken else None


def _due(case, chance):
    """A timer that is due when the clock has moved on: most times the first, at its moment or late."""
    first = case.step.timers[0]
    wait = max(0, (first.due - case.at).total_seconds()) + chance.choice((0, 0, 1, 3_600, 200_000))
    now = case.at + timedelta(seconds=wait)
    due = [timer.path for timer in case.step.timers if timer.due <= now]
    return chance.choice(due), wait
