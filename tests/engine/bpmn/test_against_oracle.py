"""Random models, played by the kernel and by an interpreter that knows nothing of it (oracle.py)."""

import random

import pytest

from engine.bpmn import compact
from tests.engine.bpmn.oracle import Drawing, Scope, grown
from tests.engine.bpmn.sketch import Case, bundle, diagram

QUICK = range(60)
LONG = range(60, 1_060)


@pytest.mark.parametrize("seed", QUICK)
def test_the_kernel_opens_what_the_oracle_opens(seed):
    _compare(seed)


@pytest.mark.parametrize("seed", range(20))
def test_the_kernel_opens_the_same_when_nothing_is_pruned(monkeypatch, seed):
    monkeypatch.setattr(compact, "compact", lambda workflow: None)
    _compare(seed)


@pytest.mark.prove
@pytest.mark.parametrize("seed", LONG)
def test_the_kernel_opens_what_the_oracle_opens_in_a_thousand_models(seed):
    _compare(seed)


def _compare(seed, steps=60):
    chance = random.Random(seed)
    block = grown(chance)
    drawing = Drawing()
    drawing.process("main", block)
    case = Case(bundle(*map(diagram, drawing.called)))
    scope = Scope("", {})
    through = block.start(scope)
    for _ in range(steps):
        assert case.open == sorted(block.open() if not through else [])
        assert case.step.data == scope.data
        assert bool(case.step.ended) == through
        if through:
            break
        path, answers = chance.choice(sorted(block.open())), {"n": chance.randrange(10)}
        through = block.do(path, answers)
        case.do(path, **answers)
