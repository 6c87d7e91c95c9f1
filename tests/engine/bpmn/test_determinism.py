"""The same commands give the same steps: in another process, hash order, zone, and year."""

import hashlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from SpiffWorkflow.bpmn.specs.event_definitions import timer as spiff_timer
from SpiffWorkflow.util.deep_merge import DeepMerge
from SpiffWorkflow.util.task import TaskIterator

from engine.bpmn import determinism
from tests.engine.bpmn.oracle import Drawing, grown
from tests.engine.bpmn.scenarios import ALL, KeptInMemory, play
from tests.engine.bpmn.sketch import Case, both, bundle, diagram, end, flows, main, script, start, told, user

HOUSE = Path(__file__).parents[3]
PLAY = "import json; from tests.engine.bpmn import test_determinism as t; print(json.dumps(t.{}))"
KINDS = {"revived": Case, "kept": KeptInMemory}
ZONES = [("0", "Asia/Shanghai"), ("77", "America/St_Johns")]


def fingerprints():
    """Scenario and seed → hashes of frozen states, digests and traces of all its steps."""
    return {
        f"{name} {seed}": _fingerprint(play(given, seed)) for name, given in ALL.items() for seed in range(3)
    }


def fingerprints_of_models(seeds, kind="revived"):
    """The same of random models, each walked by its own dice."""
    found = {}
    for seed in seeds:
        chance, drawing = random.Random(seed), Drawing()
        drawing.process("main", grown(chance))
        case = KINDS[kind](bundle(*map(diagram, drawing.called)))
        for _ in range(40):
            if case.step.ended:
                break
            case.do(chance.choice(case.open), n=chance.randrange(10), nested={"text": ["答", {"n": 1}]})
        found[str(seed)] = _fingerprint(case)
    return found


def _fingerprint(case):
    return [
        [hashlib.sha256(step.frozen).hexdigest(), step.digest, " ".join(told(step.trace))]
        for step in case.steps
    ]


def elsewhere(seed, zone, call):
    """What a call of this module gives in another process, with another hash seed and time zone."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
    command = [sys.executable, "-c", PLAY.format(call)]
    played = subprocess.run(command, env=environment, cwd=HOUSE, capture_output=True, check=True, text=True)
    return json.loads(played.stdout)


@pytest.mark.parametrize(("seed", "zone"), ZONES)
def test_another_process_with_another_hash_seed_and_zone_goes_the_same_way(seed, zone):
    assert elsewhere(seed, zone, "fingerprints()") == fingerprints()


def test_random_models_go_the_same_way_in_memory_and_in_another_process():
    _same_everywhere(range(12))


@pytest.mark.prove
def test_three_hundred_random_models_go_the_same_way_in_memory_and_in_another_process():
    _same_everywhere(range(300))


def _same_everywhere(seeds):
    here = fingerprints_of_models(seeds)

    assert fingerprints_of_models(seeds, "kept") == here
    for seed, zone in ZONES:
        assert elsewhere(seed, zone, f"fingerprints_of_models({seeds!r})") == here


def test_the_digest_moves_with_every_step_that_changes_something():
    for given in ALL.values():
        digests = [step.digest for step in play(given, 1).steps]
        assert len(set(digests)) == len(digests)


def test_without_the_seam_for_ids_two_runs_differ(monkeypatch):
    monkeypatch.setattr("SpiffWorkflow.task.uuid4", uuid4)

    one, other = play(ALL["loop"], 1), play(ALL["loop"], 1)

    assert [step.frozen for step in one.steps] != [step.frozen for step in other.steps]


def test_without_the_seam_for_time_a_clock_that_runs_backwards_changes_the_course(monkeypatch):
    drawn = main(
        start(), both("fork"), script("a", "x = 1"), script("b", "x = 2"), both("join"), user("c"), end(),
        flows("start fork; fork a join; fork b join; join c end"),
    )  # fmt: skip
    before = Case(drawn)
    assert [one for one in before.trace if one in ("-a", "-b")] == ["-a", "-b"]

    monkeypatch.setattr("SpiffWorkflow.task.time", _Backwards)
    assert [one for one in Case(drawn).trace if one in ("-a", "-b")] == ["-b", "-a"]


class _Backwards:
    now = 1_000_000

    @classmethod
    def time(cls):
        cls.now -= 1
        return cls.now


def test_outside_of_a_command_the_library_keeps_its_own_ids():
    assert determinism._task_id().version == 4
    with pytest.raises(LookupError):
        determinism.tick()


def test_the_habits_that_have_no_seam_are_not_used(monkeypatch):
    def forbidden(*_arguments, **_options):
        raise AssertionError("the library's own way was taken")

    monkeypatch.setattr(DeepMerge, "merge", forbidden)
    monkeypatch.setattr(TaskIterator, "__init__", forbidden)
    monkeypatch.setattr(spiff_timer, "datetime", None)

    assert sum(len(play(given, seed).steps) for given in ALL.values() for seed in range(4)) > 100
