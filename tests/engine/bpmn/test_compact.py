"""A case stays small for ever, and pruning changes nothing that anybody can see."""

import pytest

from engine.bpmn import compact
from tests.engine.bpmn.scenarios import ALL, KeptInMemory, play, tasks_of
from tests.engine.bpmn.sketch import (
    Case,
    bundle,
    call,
    diagram,
    end,
    flows,
    loop,
    main,
    process,
    start,
    user,
    xor,
)


def _path(element, number):
    return element if number == 1 else f"{element}#{number}"


def test_a_drawn_loop_of_a_thousand_rounds_stays_as_it_was():
    drawn = main(
        start(), xor("again"), user("a"), user("b"), xor("g", "g-end"), end(),
        flows("start again a b g; g again: b.more; g end"),
    )  # fmt: skip
    case = Case(drawn)
    sizes, tasks = {}, {}

    for number in range(1, 1001):
        case.do(_path("a", number), note="第十轮")
        sizes[number], tasks[number] = len(case.step.frozen), tasks_of(case)
        case.do(_path("b", number), more=number < 1000)
        del case.steps[:-1]

    assert case.step.ended == "end"
    assert tasks[1000] == tasks[10] == 2
    assert sizes[1000] <= sizes[10] * 1.2


def test_a_looped_call_activity_of_a_thousand_rounds_stays_as_it_was():
    drawn = bundle(
        diagram(process("main", start(), call("supervise", "round", loop("more.go")), end(),
                        flows("start supervise end"))),
        diagram(process("round", start(), user("inspect"), user("more"), end(), flows("start inspect more end"))),
    )  # fmt: skip
    case = Case(drawn)
    sizes, tasks = {}, {}

    for number in range(1, 1001):
        case.do(_path("supervise", number) + "/inspect", progress="正常")
        sizes[number], tasks[number] = len(case.step.frozen), tasks_of(case)
        case.do(_path("supervise", number) + "/more", go=number < 1000)
        del case.steps[:-1]

    assert case.step.ended == "end"
    assert tasks[1000] == tasks[10] == 5
    assert sizes[1000] <= sizes[10] * 1.2


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("seed", range(8))
def test_pruning_changes_nothing_that_anybody_can_see(monkeypatch, name, seed):
    pruned = play(ALL[name], seed)

    monkeypatch.setattr(compact, "compact", lambda workflow: None)
    whole = play(ALL[name], seed)

    assert len(pruned.steps) == len(whole.steps)
    for one, other in zip(pruned.steps, whole.steps, strict=True):
        assert _seen(one) == _seen(other)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("seed", range(8))
def test_a_case_kept_in_memory_goes_the_same_way_as_one_that_is_revived(name, seed):
    revived = play(ALL[name], seed)
    kept = play(ALL[name], seed, case_type=KeptInMemory)

    assert [step.frozen for step in revived.steps] == [step.frozen for step in kept.steps]
    assert [_seen(step) for step in revived.steps] == [_seen(step) for step in kept.steps]


def _seen(step):
    items = sorted(step.items, key=lambda item: item.path)
    return (items, step.timers, sorted(step.awaited, key=str), step.trace, step.data, step.digest, step.ended)
