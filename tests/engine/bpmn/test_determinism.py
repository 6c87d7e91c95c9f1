"""The same commands give the same steps: in another process, hash order, zone, and year."""

import hashlib
from uuid import uuid4

import pytest
from SpiffWorkflow.bpmn.specs.event_definitions import timer as spiff_timer
from SpiffWorkflow.util.deep_merge import DeepMerge
from SpiffWorkflow.util.task import TaskIterator

from engine.bpmn import determinism
from tests.engine.bpmn.elsewhere import ZONES, elsewhere
from tests.engine.bpmn.scenarios import ALL, play
from tests.engine.bpmn.sketch import Case, both, end, flows, main, script, start, told, user


def fingerprints():
    """Scenario and seed → hashes of frozen states, digests and traces of all its steps."""
    return {
        f"{name} {seed}": _fingerprint(play(given, seed)) for name, given in ALL.items() for seed in range(3)
    }


def _fingerprint(case):
    return [
        [hashlib.sha256(step.frozen).hexdigest(), step.digest, " ".join(told(step.trace))]
        for step in case.steps
    ]


@pytest.mark.parametrize("zone", ZONES)
def test_another_process_with_another_hash_seed_and_zone_goes_the_same_way(zone):
    """For random models of all constructs see test_against_random_models."""
    assert elsewhere(zone, fingerprints) == fingerprints()


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
