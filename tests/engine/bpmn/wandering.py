"""Plays a case on a random model by dice: which item, timer or message comes next, and what is answered.

The moves can be written down and made again on another case of the same model, wherever that lives.
"""

import random
from datetime import timedelta

from tests.engine.bpmn.growing import MESSAGES
from tests.engine.bpmn.sketch import World


def world():
    return World(ledger__number=lambda year: year + 1000)


def wander(case, seed, steps):
    """Make up to so many moves; gives them back."""
    chance = random.Random(seed)
    moves = []
    for _ in range(steps):
        move = None if case.step.ended else _next(case, chance)
        if move is None:
            break
        moves.append(move)
        make(case, move)
    return moves


def make(case, move):
    kind, *given = move
    if kind == "do":
        case.do(given[0], **given[1])
    elif kind == "tell":
        case.tell(*given)
    else:
        case.at += timedelta(seconds=given[1])
        case.fire(given[0])


def _next(case, chance):
    known = [name for name in MESSAGES if name in case.model.catchable]
    ways = ["do"] * len(case.open) * 2 + ["fire"] * len(case.step.timers) + ["tell"] * bool(case.step.awaited) * 2
    ways += ["early"] * bool(ways and known and chance.random() < 0.1)
    if not ways:
        return None
    way = chance.choice(ways)
    if way == "do":
        return "do", chance.choice(case.open), {"n": chance.randrange(10), "text": f"答{chance.randrange(100)}"}
    if way == "fire":
        return "fire", *_due(case, chance)
    names = sorted({one.name for one in case.step.awaited}) if way == "tell" else known
    return "tell", chance.choice(names), {"n": chance.randrange(10)}


def _due(case, chance):
    """A timer that is due when the clock has moved on: most times the first, at its moment or late."""
    first = case.step.timers[0]
    wait = max(0, (first.due - case.at).total_seconds()) + chance.choice((0, 0, 1, 3_600, 200_000))
    now = case.at + timedelta(seconds=wait)
    due = [timer.path for timer in case.step.timers if timer.due <= now]
    return chance.choice(due), wait
