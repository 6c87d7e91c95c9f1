"""Diagrams that mix the constructs, and a player that walks a case through one at random."""

import random

from engine.bpmn import codec, run
from tests.engine.bpmn.sketch import (
    Case,
    World,
    both,
    boundary,
    bundle,
    call,
    catch,
    diagram,
    end,
    flows,
    loop,
    many,
    message,
    process,
    race,
    script,
    service,
    start,
    sub,
    throw,
    timer,
    user,
    xor,
)

FACTS = 'main = "main"\n[facts]\nclosed_off = {}\nrounds = {}'


def _whole(*parts, name="main"):
    return diagram(process(name, start(), *parts), messages="closed_off objection note")


LOOP = bundle(
    _whole(
        xor("again"), both("fork"), user("a"), user("b"), script("s", "seen = b.n"), both("join"), user("c"),
        xor("g", "g-end"), end(),
        flows("start again fork; fork a join; fork b s join; join c g; g again: c.n < 9; g end"),
    ),
)  # fmt: skip

CONSENT = bundle(
    _whole(
        xor("again"), user("list"), script("take", "parties = range(list.n % 4 + 1)"),
        user("consent", many("parties", "party"), item_label="party"),
        xor("g", "g-publish"), user("publish"), race("await_notice"),
        catch("ended", timer("P5D", "timeDuration")), catch("objected", message("objection", variable="objection")),
        user("answer"), xor("h", "h-await_notice"), user("close"), xor("k", "k-end"), end(),
        flows("start again list take consent g; g again: count(consent, 'n', 3) > 0; g publish await_notice; "
              "await_notice ended close k; k again: close.n > 1; k end; await_notice objected answer h; "
              "h again: answer.n > 6; h await_notice"),
    ),
)  # fmt: skip

SUPERVISION = bundle(
    _whole(
        both("fork"), user("work"), xor("g", "g-set"), service("set", "case/set", closed_off="True"),
        throw("say", message("closed_off")), call("supervise", "round", loop("not case.closed_off")),
        boundary("closed", "supervise", message("closed_off")),
        boundary("note", "supervise", message("note", variable="note"), interrupting=False), user("read"), end("noted"),
        user("final"), both("join"), end(),
        flows("start fork; fork work g; g work: work.n < 7; g set say join; fork supervise final join; "
              "closed final; note read noted; join end"),
    ),
    diagram(
        process("round", start(), user("inspect"), boundary("late", "inspect", timer("R2/P2D", "timeCycle"),
                interrupting=False), script("urge", "urged = True"), end("urged_end"),
                service("count", "case/set", rounds="(case.rounds or 0) + 1"),
                sub("report", start("s"), both("f"), user("write"), user("print"), end("e"),
                    flows("s f; f write e; f print e")),
                catch("next", timer("P9D", "timeDuration")), end(),
                flows("start inspect count report next end; late urge urged_end")),
    ),
    about=FACTS,
)  # fmt: skip

ALL = {"loop": LOOP, "consent": CONSENT, "supervision": SUPERVISION}


def play(given, seed, steps=60, case_type=Case):
    """The same seed always makes the same moves, whatever the paths are called."""
    chance = random.Random(seed)
    case = case_type(given, world=World())
    for _ in range(steps):
        if case.step.ended:
            break
        _move(case, chance)
    return case


def _move(case, chance):
    kinds = (
        ["do"] * len(case.step.items) + ["wait"] * len(case.step.timers) + ["tell"] * bool(case.step.awaited)
    )
    kind = chance.choice(kinds)
    if kind == "do":
        case.do(chance.choice(case.open), n=chance.randrange(10), text=f"答{chance.randrange(100)}")
    elif kind == "wait":
        case.wait(seconds=(case.step.timers[0].due - case.at).total_seconds() + 1)
    else:
        case.tell(chance.choice(sorted(one.name for one in case.step.awaited)), {"n": chance.randrange(10)})


class KeptInMemory(Case):
    """A case that is frozen and revived only where a step has failed."""

    running = None

    def _revived(self):
        if self.running is None or self.running.spoilt:
            self.running = run.revive(self.model, self.step.frozen)
        return self.running


def tasks_of(case):
    return tasks_in(case.model, case.step)


def tasks_in(model, step):
    """How many tasks the frozen state holds, over all process instances."""
    top = codec.thaw(step.frozen, model.spec, dict(model.specs)).workflow
    return sum(len(part.tasks) for part in (top, *top.subprocesses.values()))
