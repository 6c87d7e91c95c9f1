"""What a case tells the rooms around it of signals and conversations, and takes from them."""

import pytest

from engine.bpmn import run
from engine.bpmn.step import AwaitedSignal, ThrownSignal
from engine.errors import Conflict
from tests.engine.bpmn.sketch import (
    Case,
    both,
    bundle,
    catch,
    correlation,
    diagram,
    end,
    flows,
    main,
    message,
    node,
    process,
    simple,
    start,
    throw,
    user,
)

ALARM = simple("signal", "alarm")
WAITING = main(
    start(), both("split"), catch("one", ALARM), catch("two", ALARM), user("a"), user("b"), end(),
    flows("start split one a end; split two b end"), signals="alarm",
)  # fmt: skip


def signalled(case, name, payload=None):
    running = run.revive(case.model, case.step.frozen)
    return case._took(run.signal(running, name, payload, case._moment(), case.world))


def test_a_signal_from_outside_reaches_all_in_the_case_who_wait():
    case = Case(WAITING)
    assert case.step.awaited_signals == (
        AwaitedSignal("one", "one", "alarm"),
        AwaitedSignal("two", "two", "alarm"),
    )

    signalled(case, "alarm")

    assert case.open == ["a", "b"]
    assert case.step.awaited_signals == ()


def test_a_signal_that_nobody_waits_for_is_refused_and_changes_nothing():
    case = Case(WAITING)

    with pytest.raises(Conflict, match="没有等待信号"):
        signalled(case, "other")

    signalled(case, "alarm")
    assert case.open == ["a", "b"]


def test_a_signal_that_is_thrown_is_told_to_the_rooms_outside_once():
    case = Case(main(
        start(), user("cry"), throw("crying", ALARM), user("rest"), end(), flows("start cry crying rest end"),
        signals="alarm",
    ))  # fmt: skip

    case.do("cry")
    assert case.step.signals == (ThrownSignal("alarm", None),)

    case.do("rest")
    assert case.step.signals == ()


TWO_LETTERS = bundle(
    diagram(
        correlation("order", first="number", second="number"),
        process(
            "main", node("startEvent", "begin", message("first", variable="letter")),
            catch("hear", message("second")), user("read"), end(), flows("begin hear read end"),
        ),
        messages="first second",
    )
)  # fmt: skip


def test_the_message_that_begins_a_case_begins_its_conversation():
    case = Case(TWO_LETTERS, at_start="begin", payload={"number": 7})

    assert [one.correlation for one in case.step.awaited] == [{"order": 7}]


def test_keys_that_were_thrown_count_where_the_payload_has_none():
    case = Case(TWO_LETTERS, at_start="begin", payload={"number": 7})
    moment, running = case._moment(), run.revive(case.model, case.step.frozen)

    begun = run.start(case.model, moment, case.world, {}, at="begin", payload=None, correlation={"order": 8})

    assert [one.correlation for one in begun.awaited] == [{"order": 8}]
    assert run.keys(case.model, "second", {"number": 7}) == {"order": 7}
    assert run.correlates(running, {"order": 7})
    assert not run.correlates(running, {"order": 8})
