"""Random models of all constructs × random schedules: as BPMN says, and the same however the case is kept.

The reference interpreter judges every step of a case that is frozen and revived between its commands. The same
commands then give the same in memory, unpruned, and, as the history keeps them, in processes with another hash seed and
time zone. Steps that fail, and what operators do about them, are part of it.
"""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import compact
from engine.bpmn.check import check
from engine.errors import Refused
from tests.engine.bpmn.elsewhere import ZONES, elsewhere
from tests.engine.bpmn.growing import OPERATIONS, grown
from tests.engine.bpmn.growing_walks import WALKED
from tests.engine.bpmn.reference.witness import Watched
from tests.engine.bpmn.scenarios import KeptInMemory
from tests.engine.bpmn.sketch import Case, told
from tests.engine.bpmn.wandering import make, stop, wander, world

QUICK, LONG, MOVES = 40, 300, 30
OPENINGS = [{"k": 0}, {"k": 1}, {"k": 3}]
Move = tuple | list


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
        walk = _watched(model, seed)
        ends.update(_told(walk))
        if walk.case:
            played[f"{seed} {size}"] = [walk, fingerprint(walk)]
            _same_otherwise(model, walk, monkeypatch)

    look()
    models = ends["refused"] + ends["admitted"]
    print(f"\n{dict(ends)}")
    assert ends["refused"] <= models * 0.2
    assert ends["ended"] >= models * 0.3
    assert ends["mended"] >= models * 0.02
    assert ends["walked over records"] >= models * 0.1
    for zone in ZONES:
        kept = [[key, walk.begun, _as_history_keeps(walk.moves)] for key, (walk, _) in played.items()]
        there = elsewhere(zone, fingerprints, kept)
        assert there == [prints for _, prints in played.values()]


@dataclass
class Walk:
    """A case, None when none of the facts `begun` let it begin; the moves made, and what stopped it on the way."""

    case: Case | None
    begun: list[dict[str, int]]
    moves: list[Move]
    stops: list[str]


def _watched(model, seed):
    """Judged by the reference at every step."""
    walk = _begun(model, OPENINGS, Watched)
    if walk.case:
        walk.moves, stops = wander(walk.case, seed, MOVES)
        walk.stops += stops
    return walk


def _begun(model, openings, kind):
    """With the first facts with which it begins: those that come before stop it in its first step."""
    bundle, at = model
    walk = Walk(None, [], [], [])
    for facts in openings:
        walk.begun.append(facts)
        try:
            walk.case = kind(bundle, facts, {}, world(), at_start=at, payload={"n": 1})
        except Refused as refusal:
            walk.stops.append(stop(refusal))
        else:
            break
    return walk


def _told(walk):
    """What kinds of cases there were."""
    told = Counter(admitted=1, commands=len(walk.moves), incidents=len(walk.stops))
    steps = walk.case.steps if walk.case else ()
    told["walked over records"] = int(any(WALKED & step.data.keys() for step in steps))
    told["flat"] = int(bool(walk.case and walk.case.model.flat))
    told["mended"] = int(bool(walk.stops and walk.case and walk.case.step.ended))
    told["ended" if walk.case and walk.case.step.ended else "not ended"] += 1
    return told


def _same_otherwise(model, walk, monkeypatch):
    assert fingerprint(_again(model, walk, KeptInMemory)) == fingerprint(walk)
    with monkeypatch.context() as patch:
        patch.setattr(compact, "compact", lambda workflow: None)
        whole = _again(model, walk, Case)
    assert [_seen(step) for step in whole.case.steps] == [_seen(step) for step in walk.case.steps]
    assert whole.stops == walk.stops


def _as_history_keeps(moves):
    """Canonical JSON: the order of keys is not what was sent."""
    return json.loads(json.dumps(moves, sort_keys=True))


def fingerprints(played):
    """Of models by seed and size, how each was begun, and the moves to make: what `fingerprint` says of them."""
    found = []
    for key, begun, moves in played:
        seed, size = map(int, key.split())
        found.append(fingerprint(_again(grown(seed, size), Walk(None, begun, moves, []), Case)))
    return found


def fingerprint(walk):
    """What stopped it; and of every step: hash of the frozen state, digest, and hash of all that can be seen."""
    seen = [[_hash(step.frozen), step.digest, _hash(repr(_seen(step)).encode())] for step in walk.case.steps]
    return [walk.stops, *seen]


def _again(model, walk, kind):
    again = _begun(model, walk.begun, kind)
    again.moves = walk.moves
    again.stops += [stopped for move in walk.moves if (stopped := make(again.case, move))]
    return again


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
