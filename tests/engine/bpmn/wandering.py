"""Plays a case on a random model by dice: which item, timer or message comes next, and what is answered.

Where a step fails, an operator comes: facts or data are corrected, what is pending is tried again, perhaps with
other answers, or given back, or the case is cancelled. The moves can be written down and made again on another case
of the same model, wherever that lives.
"""

import random
from datetime import timedelta

from engine.bpmn import run
from engine.errors import OperationFailed, Refused
from tests.engine.bpmn.growing_walks import said_at_random, shuffled
from tests.engine.bpmn.paper import MESSAGES
from tests.engine.bpmn.sketch import World

CORRECTING = ("amend", "correct")


def world():
    return World(ledger__number=lambda year: year + 1000, ledger__seal=_sealed)


def wander(case, seed, steps):
    """Make up to so many moves; gives them back, and what has stopped the case on the way."""
    chance = random.Random(seed)
    moves, stops, pending = [], [], None
    while len(moves) < steps and not case.step.ended:
        move = _mending(case, chance, pending) if pending else _next(case, chance)
        if move is None:
            break
        moves.append(move)
        stopped = make(case, move)
        stops += [stopped] if stopped else []
        if move[0] not in CORRECTING:
            pending = move if stopped else None
    return moves, stops


def make(case, move):
    """Where and why a step fails, which leaves the case as it was; "" when it goes on."""
    kind, *given = move
    try:
        if kind == "do":
            case.do(given[0], **given[1])
        elif kind == "fire":
            case.at += timedelta(seconds=given[1])
            case.fire(given[0])
        elif kind in CORRECTING:
            getattr(case, kind)(**given[0])
        else:
            getattr(case, kind)(*given)
    except Refused as refusal:
        return stop(refusal)
    return ""


def stop(refusal):
    """What an incident would say. A refusal without a place is one of the move itself, which dice never make."""
    if refusal.place is None:
        raise refusal
    return f"{refusal.place.path} {type(refusal).__name__} {refusal.message}"


def _sealed(year, k):
    if (year + (k or 0)) % 3 == 0:
        raise OperationFailed("没有章")
    return year


def _next(case, chance):
    step = case.step
    ways = ["do"] * len(case.open) * 2 + ["fire"] * len(step.timers) + ["tell"] * bool(step.awaited) * 2
    ways += ["ring"] * bool(step.awaited_signals) + ["early"] * bool(ways and chance.random() < 0.1)
    if not ways:
        return None
    way = chance.choice(ways)
    if way == "do":
        return "do", chance.choice(case.open), _answers(case, chance)
    if way == "fire":
        return "fire", *_due(case, chance)
    if way == "ring":
        return "ring", chance.choice(sorted({one.name for one in step.awaited_signals}))
    return _message(case, chance) if way == "tell" else _early(case, chance)


def _answers(case, chance):
    given = {
        "n": chance.randrange(10),
        "text": f"答{chance.randrange(100)}",
        "papers": said_at_random(chance),
    }
    given |= {"x": chance.randrange(9)} if case.model.flat and chance.random() < 0.3 else {}
    return shuffled(chance, given)


def _mending(case, chance, pending):
    """None cancels the case."""
    way = chance.choice(("correct", "correct", "amend", "retry", "retry", "retry", "give back", "cancel"))
    if way == "amend":
        return "amend", {"k": chance.randrange(4)}
    if way == "correct":
        return "correct", _corrected(case, chance)
    if way == "cancel" and chance.random() < 0.3:
        return None
    return _next(case, chance) if _is_over(case, pending, way) else _again(case, chance, pending)


def _corrected(case, chance):
    """One of the variables: whole answers, as corrections put them into the state, or a number."""
    known = case.step.data
    answers = [name for name in sorted(known) if isinstance(known[name], dict) and name[0] in "au"]
    name = chance.choice([*answers, *["x"] * (len(answers) + 1)])
    return {name: _answers(case, chance) if name in answers else chance.randrange(20)}


def _is_over(case, pending, way):
    """Only what a person submitted is given back; a timer that a correction has moved ahead is not due any more."""
    if pending[0] == "do":
        return way == "give back"
    due = {timer.path: timer.due for timer in case.step.timers}
    return pending[0] == "fire" and due[pending[1]] > case.at


def _again(case, chance, pending):
    """A retry: a while later for a timer, perhaps with corrected answers for a task."""
    if pending[0] == "fire":
        return "fire", pending[1], chance.choice((0, 3_600))
    if pending[0] == "do" and chance.random() < 0.5:
        return "do", pending[1], _answers(case, chance)
    return pending


def _message(case, chance):
    """One that somebody waits for, of the conversation that it is awaited in."""
    awaited = chance.choice(sorted(case.step.awaited, key=lambda one: (one.path, one.name)))
    told = {"n": awaited.correlation.get("talk", chance.randrange(10)), "papers": said_at_random(chance)}
    return "tell", awaited.name, shuffled(chance, told)


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
