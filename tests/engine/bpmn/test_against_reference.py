"""The drawn constructs, judged by a reference interpreter of BPMN that knows nothing of the kernel (reference/)."""

import random

import pytest

from tests.engine.bpmn import constructs
from tests.engine.bpmn.reference.play import Disagreement
from tests.engine.bpmn.reference.witness import Watched
from tests.engine.bpmn.scenarios import ALL, play


@pytest.mark.parametrize("name", constructs.NAMES)
def test_a_construct_and_its_expectation_go_as_bpmn_says(name):
    for case, expected in constructs.played(name, Watched):
        assert constructs.seen(case) == constructs.told(expected)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("seed", range(4))
def test_drawings_that_mix_the_constructs_go_as_bpmn_says(name, seed):
    assert play(ALL[name], seed, case_type=Watched).steps


@pytest.mark.parametrize("name", constructs.NAMES)
def test_the_reference_refuses_a_trace_with_one_entry_missing_or_twice(name):
    chance = random.Random(name)
    for spoil in (_lost, _twice, _stopped):
        with pytest.raises(Disagreement):
            for _ in constructs.played(name, _spoiled(spoil, chance)):
                pass


def _lost(trace, chance):
    number = chance.randrange(len(trace) - 1)
    return trace[:number] + trace[number + 1 :]


def _twice(trace, chance):
    number = chance.randrange(len(trace))
    return trace[: number + 1] + trace[number:]


def _stopped(trace, chance):
    return trace[:-1]


def _spoiled(spoil, chance):
    """A case that tells the reference something else than it did in its longest step so far."""

    class Spoiled(Watched):
        def _took(self, step):
            follow = self.play.follow
            self.play.follow = lambda trace: follow(spoil(trace, chance) if len(trace) > 2 else trace)
            return super()._took(step)

    return Spoiled
