"""The random models and the reference must notice a kernel that is wrong in one thing; else they would show nothing."""

import pytest

from engine.bpmn import elements, events, gateways, repetition, run, tasks, variables
from engine.bpmn.check import check
from engine.bpmn.turn import current
from engine.bpmn.values import copied_in, copied_out
from engine.errors import NobodyCatches, Refused
from tests.engine.bpmn.growing import OPERATIONS, grown
from tests.engine.bpmn.reference.play import Disagreement
from tests.engine.bpmn.reference.witness import Watched
from tests.engine.bpmn.wandering import wander, world

MODELS = 150


def _oldest_only(self, workflow):
    return sorted(self.waiting(workflow).values(), key=lambda task: task.last_state_change)


def _any_two(self, workflow):
    waiting = _oldest_only(self, workflow)
    return waiting if len(waiting) >= min(2, len(self.incoming)) else []


def _one_more(task, text, more):
    return elements.holds(task, text, {**more, "loopCounter": more.get("loopCounter", 0) + 1})


def _any_first(task, event, payload):
    for near in events._watching_outwards(task.workflow):
        fitting = [one for one in near if one.task_spec.drawn.event.kind == event.kind]
        for watching in sorted(fitting, key=lambda one: one.task_spec.drawn.event.name):
            if watching.task_spec.drawn.event.name in ("", event.name):
                current().mail.append((watching, payload))
                return
    raise NobodyCatches(event.name)


WRONG = {
    "an inclusive gateway that does not wait": (gateways.InclusiveGateway, "complete", _oldest_only),
    "a parallel gateway that is content with two": (gateways.ParallelGateway, "complete", _any_two),
    "an exclusive gateway that takes every way": (gateways.ExclusiveGateway, "chosen", elements.Element.chosen),
    "a race without a winner": (events, "_others_in_race", lambda task: []),
    "boundary events that happen once": (events, "watch_again", lambda task, host: None),
    "boundary events that outlive their activity": (elements, "disarm", lambda host: None),
    "errors that nobody catches": (events, "_watching_outwards", lambda workflow: iter(())),
    "a quorum that is never enough": (repetition.MultiInstance, "_counters", lambda self, task: {}),
    "a loop that goes on once too often": (
        repetition.Loop, "_goes_on",
        lambda self, task: task.internal_data["done"] <= (self._repetition.maximum or 0),
    ),
    "a loop that counts what is to come": (repetition, "holds", _one_more),
    "any code before the one that is named": (events, "_climb", _any_first),
    "flat answers that lie under their task": (
        tasks.Form, "answer", lambda self, task, answers: variables.write(task.data, self.drawn.id, answers),
    ),
    "results of items in place of their answers": (
        repetition.MultiInstance, "_done",
        lambda self, task, name: [one[-1] for one in task.internal_data["results"] if one is not None],
    ),
    "corrections that let timers stand": (run, "_wound_up_again", run._advance),
    "records that keep the order they were sent in": (run, "received", lambda value: copied_out(copied_in(value))),
}  # fmt: skip


SLOWLY = {
    name: pytest.param(name, marks=pytest.mark.prove)
    for name in ("an inclusive gateway that does not wait", "errors that nobody catches",
                 "a loop that counts what is to come", "any code before the one that is named",
                 "results of items in place of their answers", "corrections that let timers stand",
                 "records that keep the order they were sent in")
}  # fmt: skip


@pytest.mark.parametrize("name", [SLOWLY.get(name, name) for name in WRONG])
def test_a_kernel_that_is_wrong_in_one_thing_is_found_out(monkeypatch, name):
    where, what, instead = WRONG[name]
    monkeypatch.setattr(where, what, instead)

    assert any(_is_found_out(seed) for seed in range(MODELS))


def _is_found_out(seed):
    bundle, at = grown(seed, 2 + seed % 14)
    if any(problem.severity == "error" for problem in check(bundle, OPERATIONS)):
        return False
    try:
        wander(Watched(bundle, {"k": 0}, {}, world(), at_start=at, payload={"n": 1}), seed, 30)
    except Disagreement:  # it goes another way, or fails where nothing does
        return True
    except Refused as refusal:  # it cannot go on; or its first step failed, as it should
        return refusal.place is None
    return False
