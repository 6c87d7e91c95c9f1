"""Pools that send each other messages along arrows drawn at random: the reference follows every one of them."""

import random

import pytest

from engine.bpmn import events
from engine.bpmn.parse import load
from tests.engine.bpmn.reference.play import Disagreement
from tests.engine.bpmn.reference.witness import Watched
from tests.engine.bpmn.scenarios import play
from tests.engine.bpmn.sketch import (
    bundle,
    catch,
    diagram,
    end,
    flows,
    message,
    node,
    participants,
    process,
    start,
    sub,
    throw,
    user,
)

POOLS, NAMES = ("main", "office", "third"), ("ask", "tell")


class Collaboration:
    """Three pools of a few elements each. `throws` and `takes` are their ends of messages: id → (pool, name).

    A pool does not take in what it throws itself: what comes first then is for nobody to say.
    """

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.throws, self.takes, self.count = {}, {}, 0
        self.thrown = {pool: self.chance.choice(NAMES) for pool in POOLS}
        self.pools = [self._pool(name) for name in POOLS]

    def drawn(self):
        box = '<bpmn:participant id="box" name="外面"/>' + "".join(self._arrows())
        all_ = participants(*POOLS).replace("</bpmn:collaboration>", box + "</bpmn:collaboration>")
        return bundle(diagram(all_, *self.pools, messages=" ".join(NAMES)))

    def _pool(self, pool):
        begin = start(f"{pool}_s") if pool == "main" or self.chance.random() < 0.5 else self._begun(pool)
        parts = [self._part(pool) for _ in range(self.chance.randint(2, 5))]
        if "messageEventDefinition" in begin:
            parts.insert(
                0, (f"{pool}_u", user(f"{pool}_u"))
            )  # without a person two pools could call each other for ever
        ids = [f"{pool}_s", *(id_ for id_, _ in parts), f"{pool}_e"]
        return process(pool, begin, *(part for _, part in parts), end(ids[-1]), flows(" ".join(ids)))

    def _begun(self, pool):
        return node(
            "startEvent", f"{pool}_s", message(self._end(self.takes, f"{pool}_s", pool), variable="began")
        )

    def _part(self, pool):
        kind = self.chance.choice(("user", "throw", "catch", "catch", "send", "sub"))
        id_ = self._new(pool)
        if kind == "user":
            return id_, user(id_)
        if kind == "throw":
            return id_, throw(id_, message(self._end(self.throws, id_, pool), "'说'"))
        if kind == "send":  # a send task may have several arrows
            return id_, node("sendTask", id_, messageRef=f"message_{self._end(self.throws, id_, pool)}")
        if kind == "catch":
            return id_, catch(id_, message(self._end(self.takes, id_, pool), variable=f"{id_}_heard"))
        inner = self._new(pool)
        name = self._end(self.takes, inner, pool)
        self.takes[id_] = (pool, name)
        return id_, sub(id_, start(f"{id_}_s"), catch(inner, message(name)), end(f"{id_}_e"),
                        flows(f"{id_}_s {inner} {id_}_e"))  # fmt: skip

    def _arrows(self):
        """From about every second throw; to what takes in its name in another pool, to that pool, or out."""
        for source, (pool, name) in self.throws.items():
            ends = [id_ for id_, (other, taken) in self.takes.items() if other != pool and taken == name]
            ends += [f"pool_{self.takes[id_][0]}" for id_ in ends] + ["box"]
            ends = list(dict.fromkeys(ends))
            several = 2 if self.pools[POOLS.index(pool)].count(f'<bpmn:sendTask id="{source}"') else 1
            for target in self.chance.sample(ends, min(len(ends), self.chance.randint(0, several))):
                yield f'<bpmn:messageFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'

    def _end(self, ends, id_, pool):
        thrown = self.thrown[pool]
        ends[id_] = pool, thrown if ends is self.throws else next(name for name in NAMES if name != thrown)
        return ends[id_][1]

    def _new(self, pool):
        self.count += 1
        return f"{pool}_{self.count}"


@pytest.mark.parametrize("seed", range(40))
def test_messages_go_where_arrows_drawn_at_random_lead(seed):
    assert play(Collaboration(seed).drawn(), seed, steps=25, case_type=Watched).steps


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(40, 400))
def test_hundreds_of_messages_go_where_arrows_lead(seed):
    assert play(Collaboration(seed).drawn(), seed, steps=25, case_type=Watched).steps


def test_such_arrows_lead_otherwise_than_names():
    models = [load(Collaboration(seed).drawn()) for seed in range(40)]

    ways = [way[0] for model in models for found in model.arrows.values() for way in found]

    assert min(ways.count(kind) for kind in ("at", "inside", "beyond")) >= 10


def test_a_kernel_that_goes_by_names_alone_is_found_out(monkeypatch):
    send = events.send
    monkeypatch.setattr(events, "send", lambda name, payload, _ways=(): send(name, payload))

    assert any(_is_found_out(seed) for seed in range(40))


def _is_found_out(seed):
    try:
        play(Collaboration(seed).drawn(), seed, steps=25, case_type=Watched)
    except Disagreement:
        return True
    return False
