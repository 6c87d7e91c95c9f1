"""Random models of all constructs × random schedules: as BPMN says, and the same however the case is kept.

The reference interpreter judges every step of a case that is frozen and revived between its commands. The same
commands then give the same in memory, unpruned, and in processes with another hash seed and time zone.
"""

import hashlib
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import compact
from engine.bpmn.check import check
from engine.errors import LimitExceeded, NobodyCatches
from tests.engine.bpmn.elsewhere import ZONES, elsewhere
from tests.engine.bpmn.growing import OPERATIONS, grown
from tests.engine.bpmn.reference.witness import Watched
from tests.engine.bpmn.scenarios import KeptInMemory
from tests.engine.bpmn.sketch import Case, told
from tests.engine.bpmn.wandering import make, wander, world

QUICK, LONG, MOVES = 40, 300, 30


def test_random_models_go_as_bpmn_says_however_a_case_is_kept(monkeypatch):
    _judge(QUICK, monkeypatch)


@pytest.mark.prove
def test_three_hundred_random_models_go_as_bpmn_says_however_a_case_is_kept(monkeypatch):
    _judge(LONG, monkeypatch)


def _judge(models, monkeypatch):
    ends, played = Counter(), {}

    @settings(max_examples=models)
    @given(seed=st.integers(0, 2**32 - 1), size=st.integers(3, 15))
    def look(seed, size):
        model = grown(seed, size)
        if any(problem.severity == "error" for problem in check(model[0], OPERATIONS)):
            ends["refused"] += 1
            return
        case, moves = _watched(model, seed)
        ends[_end_of(case, moves)] += 1
        if case:
            played[f"{seed} {size}"] = [model, moves, fingerprint(case)]
            _same_otherwise(model, moves, case, monkeypatch)

    look()
    print(f"\n{dict(ends)}, {sum(len(moves) for _, moves, _ in played.values())} commands")
    assert ends["refused"] <= sum(ends.values()) * 0.2
    assert ends["ended"] >= sum(ends.values()) * 0.3
    for zone in ZONES:
        there = elsewhere(zone, fingerprints, [[key, moves] for key, (_, moves, _) in played.items()])
        assert there == [prints for _, _, prints in played.values()]


def _watched(model, seed):
    """A case judged by the reference at every step; None where the start alone ends in an incident."""
    try:
        case = _case(model, Watched)
    except (LimitExceeded, NobodyCatches):
        return None, []
    return case, wander(case, seed, MOVES)


def _end_of(case, moves):
    if case is None or len(case.steps) <= len(moves):
        return "incident"
    return "ended" if case.step.ended else "cut off" if len(moves) == MOVES else "waits for what never comes"


def _same_otherwise(model, moves, case, monkeypatch):
    kept = _again(model, moves, KeptInMemory)
    assert fingerprint(kept) == fingerprint(case)
    with monkeypatch.context() as patch:
        patch.setattr(compact, "compact", lambda workflow: None)
        whole = _again(model, moves, Case)
    assert [_seen(step) for step in whole.steps] == [_seen(step) for step in case.steps]


def fingerprints(played):
    """Of models by seed and size, and the moves to make on each: what `fingerprint` says of them."""
    found = []
    for key, moves in played:
        seed, size = map(int, key.split())
        found.append(fingerprint(_again(grown(seed, size), moves, Case)))
    return found


def fingerprint(case):
    """Of every step: hash of the frozen state, digest, and hash of all that can be seen."""
    return [[_hash(step.frozen), step.digest, _hash(repr(_seen(step)).encode())] for step in case.steps]


def _case(model, kind):
    bundle, at = model
    return kind(bundle, {"k": 0}, {}, world(), at_start=at, payload={"n": 1})


def _again(model, moves, kind):
    case = _case(model, kind)
    for move in moves:
        make(case, move)
    return case


def _seen(step):
    items = sorted(step.items, key=lambda item: item.path)
    awaited = sorted((one.path, one.name) for one in (*step.awaited, *step.awaited_signals))
    data = sorted(step.data.items(), key=lambda one: one[0])
    return (
        items,
        step.timers,
        awaited,
        told(step.trace),
        data,
        step.facts,
        step.digest,
        step.ended,
        step.thrown,
    )


def _hash(data):
    return hashlib.sha256(data).hexdigest()
