"""Data objects: one value for all branches of a scope, written by the arrows that lead to it."""

import pytest

from engine.errors import Refused
from tests.engine.bpmn.sketch import (
    Case,
    both,
    bundle,
    call,
    data_object,
    diagram,
    end,
    flows,
    keep,
    loop,
    main,
    process,
    script,
    start,
    sub,
    user,
    xor,
)

BRANCHES = main(
    data_object("plan"), start(), both("fork"), user("draft", keep("plan")), user("inspect"), xor("g", "g-idle"),
    user("busy"), user("idle"), both("join"), end(),
    flows("start fork; fork draft join; fork inspect g; g busy: plan.n > 3; g idle; busy join; idle join; join end"),
)  # fmt: skip


def test_a_parallel_branch_reads_what_another_has_kept():
    case = Case(BRANCHES)
    assert case.step.data == {"plan": None}

    case.do("draft", n=5)
    assert case.step.data["plan"] == {"n": 5}
    case.do("inspect")

    assert case.open == ["busy"]


def test_a_transformation_says_what_is_kept_and_a_script_keeps_the_variable_of_the_name():
    drawn = main(
        data_object("total"), data_object("size"), start(), user("a", keep("size", "len(a.items)")),
        script("s", "total = size * 2", keep("total")), user("b"), end(),
        flows("start a s b end"),
    )  # fmt: skip
    case = Case(drawn)

    case.do("a", items=["x", "y"])

    assert (case.step.data["size"], case.step.data["total"]) == (2, 4)


def test_the_digest_moves_with_an_object():
    drawn = main(
        data_object("n"), start(), both("f"), user("a", keep("n", "a.n")), user("b"), both("j"), end(),
        flows("start f; f a j; f b j; j end"),
    )  # fmt: skip
    one, other = Case(drawn), Case(drawn)

    one.do("a", n=1)
    other.do("a", n=2)

    assert one.step.digest != other.step.digest


def test_an_object_of_a_sub_process_is_gone_with_it_and_a_called_process_sees_none():
    drawn = bundle(
        diagram(
            process("main", data_object("outer"), start(), user("a", keep("outer")),
                    sub("inner", data_object("inside"), start("s"), user("b", keep("inside")),
                        script("read", "seen = [outer.n, inside.n]"), end("e"), flows("s b read e")),
                    call("step", "leaf"), user("z"), end(), flows("start a inner step z end")),
        ),
        diagram(process("leaf", start(), script("s", "kept = 1"), user("c"), end(), flows("start s c end"))),
    )  # fmt: skip
    case = Case(drawn)
    case.do("a", n=1)
    case.do("inner/b", n=2)

    assert case.step.data["seen"] == [1, 2]
    assert "inside" not in case.step.data
    assert "outer" not in case.item("step/c").path
    case.do("step/c")
    assert case.open == ["z"]


FLAT = 'main = "main"\nanswers = "flat"'


def test_an_answer_named_like_a_data_object_without_an_arrow_is_refused_and_nothing_is_written():
    drawn = main(data_object("amount"), start(), user("a"), end(), flows("start a end"), about=FLAT)
    case = Case(drawn)

    with pytest.raises(Refused, match="数据对象") as refused:
        case.do("a", amount=5)

    assert "箭头" in refused.value.help
    assert case.open == ["a"]


def test_an_answer_named_like_a_data_object_is_kept_in_it_by_the_arrow():
    drawn = main(
        data_object("amount"), start(), user("a", keep("amount")), user("b"), end(), flows("start a b end"),
        about=FLAT,
    )  # fmt: skip
    case = Case(drawn)

    case.do("a", amount=5)

    assert case.step.data == {"amount": 5}


@pytest.mark.parametrize(("marker", "rounds"), [("", [5]), (loop("n > 4"), [7, 5, 3])])
def test_answers_merged_flat_are_kept_whole_in_a_data_object_of_another_name(marker, rounds):
    drawn = main(
        data_object("last"), start(), user("a", keep("last") + marker), user("b"), end(), flows("start a b end"),
        about=FLAT,
    )  # fmt: skip
    case = Case(drawn)

    for n in rounds:
        case.do(case.open[0], n=n, text="x")

    assert case.step.data == {"n": rounds[-1], "text": "x", "last": {"n": rounds[-1], "text": "x"}}


def test_a_case_does_not_begin_with_a_variable_named_like_a_data_object():
    with pytest.raises(Refused, match="数据对象"):
        Case(BRANCHES, data={"plan": 1})
