"""Correlation: a message finds the case, the call and the item that it belongs to."""

import pytest

from engine.bpmn import run
from engine.errors import Refused
from tests.engine.bpmn.sketch import (
    Case,
    World,
    bundle,
    call,
    catch,
    correlation,
    diagram,
    end,
    flows,
    many,
    message,
    process,
    start,
    throw,
    user,
)

KEY = correlation("order", ask="order", answer="number")
ASKING = process(
    "asking", start(), throw("ask", message("ask", "{'order': unit}")),
    catch("hear", message("answer", variable="heard")),
    user("read"), end(), flows("start ask hear read end"),
)  # fmt: skip
ONE = bundle(diagram(KEY, ASKING, messages="ask answer"), about='main = "asking"')


def test_a_message_that_leaves_carries_its_keys_and_the_case_awaits_only_their_answer():
    case = Case(ONE, data={"unit": "u1"})

    assert [(one.name, one.correlation) for one in case.step.thrown] == [("ask", {"order": "u1"})]
    assert [one.correlation for one in case.step.awaited] == [{"order": "u1"}]


def test_an_answer_to_somebody_else_is_refused_and_changes_nothing():
    case = Case(ONE, data={"unit": "u1"})

    with pytest.raises(Refused):
        case.tell("answer", {"number": "u2"})
    case.tell("answer", {"number": "u1"})

    assert case.open == ["read"]
    assert case.step.data["heard"] == {"number": "u1"}


def test_a_router_can_tell_the_case_that_a_message_belongs_to():
    cases = {unit: Case(ONE, data={"unit": unit}) for unit in ("u1", "u2")}

    belongs = {
        unit: run.correlates(run.revive(case.model, case.step.frozen), {"order": "u2"})
        for unit, case in cases.items()
    }

    assert belongs == {"u1": False, "u2": True}


def test_keys_may_be_given_beside_the_payload():
    case = Case(ONE, data={"unit": "u1"})

    case.tell("answer", "no keys in here", {"order": "u1"})

    assert case.step.data["heard"] == "no keys in here"


def test_every_item_of_a_multi_instance_call_has_a_conversation_of_its_own():
    drawn = bundle(
        diagram(KEY, process("main", start(), call("each", "asking", many("units", "unit")), end(),
                             flows("start each end")), messages="ask answer"),
        diagram(ASKING, messages="ask answer"),
    )  # fmt: skip
    case = Case(drawn, data={"units": ["u1", "u2"]}, world=World())

    case.tell("answer", {"number": "u2"})
    assert case.open == ["each[1]/read"]
    case.tell("answer", {"number": "u1"})
    assert case.open == ["each[0]/read", "each[1]/read"]


def test_an_early_answer_waits_for_the_one_that_it_belongs_to():
    drawn = bundle(
        diagram(KEY, process("main", start(), user("a"), call("each", "asking", many("units", "unit")), end(),
                             flows("start a each end")), messages="ask answer"),
        diagram(ASKING, messages="ask answer"),
    )  # fmt: skip
    case = Case(drawn, data={"units": ["u1", "u2"]})
    case.tell("answer", {"number": "u2"})

    case.do("a")

    assert case.open == ["each[1]/read"]
