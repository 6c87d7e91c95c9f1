"""Loops and multi-instance activities, also on a second visit, by diagrams of a few elements."""

import pytest

from engine.bpmn import run
from engine.errors import LimitExceeded, ScriptFailed
from tests.engine.bpmn.sketch import (
    Case,
    both,
    boundary,
    bundle,
    call,
    diagram,
    end,
    flows,
    loop,
    main,
    many,
    message,
    node,
    on_event,
    process,
    script,
    simple,
    start,
    sub,
    throw,
    timer,
    user,
    xor,
)

CONSENT = main(
    start(), xor("again"), user("list_parties"), script("take", "parties = list_parties.parties"),
    user("give_consent", many("parties", "party"), performer="party.performer", item_label="party.name"),
    xor("g", "g-publish"), user("publish"), end(),
    flows("start again list_parties take give_consent g; "
          "g again: count(give_consent, 'opinion', 'disagree') > 0; g publish end"),
)  # fmt: skip
PARTIES = [
    {"name": "区城管局", "performer": "post:cg"},
    {"name": "物业公司", "performer": ""},
    {"name": "张三", "performer": "person:zs"},
]


def test_every_item_of_a_list_is_a_work_item_of_its_own():
    case = Case(CONSENT)
    case.do("list_parties", parties=PARTIES)

    assert case.open == ["give_consent[0]", "give_consent[1]", "give_consent[2]"]
    item = case.item("give_consent[0]")
    assert (item.performer, item.label, item.item) == ("post:cg", "区城管局", PARTIES[0])
    assert case.item("give_consent[1]").performer == ""
    assert case.trace[-4:] == [
        "+give_consent <take-give_consent>", "+give_consent[0]", "+give_consent[1]", "+give_consent[2]",
    ]  # fmt: skip


def test_the_answers_are_a_list_in_the_order_of_the_items_however_they_come_in():
    case = Case(CONSENT)
    case.do("list_parties", parties=PARTIES)

    case.do("give_consent[2]", opinion="agree", n=2)
    case.do("give_consent[0]", opinion="agree", n=0)
    assert "give_consent" not in case.step.data
    case.do("give_consent[1]", opinion="agree", n=1)

    assert [answer["n"] for answer in case.step.data["give_consent"]] == [0, 1, 2]
    assert case.open == ["publish"]
    assert "party" not in case.step.data


def test_a_vote_can_be_held_again_and_nothing_of_the_old_one_counts():
    case = Case(CONSENT)
    case.do("list_parties", parties=PARTIES[:2])
    case.do("give_consent[1]", opinion="disagree", comment="太吵")
    case.do("give_consent[0]", opinion="agree")
    assert case.open == ["list_parties#2"]

    case.do("list_parties#2", parties=PARTIES)
    assert case.open == ["give_consent#2[0]", "give_consent#2[1]", "give_consent#2[2]"]
    assert "give_consent" not in case.step.data
    running = run.revive(case.model, case.step.frozen)
    assert "give_consent" not in run.data(running, "give_consent#2[1]")

    for index in (1, 0, 2):
        case.do(f"give_consent#2[{index}]", opinion="agree")
    assert case.step.data["give_consent"] == [{"opinion": "agree"}] * 3
    assert case.open == ["publish"]


def test_many_votes_leave_the_state_as_it_was():
    case = Case(CONSENT)
    sizes = []
    for number in range(1, 40):
        suffix = "" if number == 1 else f"#{number}"
        case.do(f"list_parties{suffix}", parties=PARTIES)
        sizes.append(len(case.step.frozen))
        for index in (2, 0, 1):
            case.do(f"give_consent{suffix}[{index}]", opinion="disagree")

    assert sizes[-1] <= sizes[5] * 1.2


def test_an_empty_list_is_done_at_once():
    case = Case(CONSENT)

    case.do("list_parties", parties=[])

    assert case.step.data["give_consent"] == []
    assert case.open == ["publish"]


def test_what_is_not_a_list_is_refused_by_name():
    case = Case(CONSENT)

    with pytest.raises(ScriptFailed) as refused:
        case.do("list_parties", parties="区城管局")

    assert refused.value.element == "give_consent"


def test_instances_are_bounded():
    case = Case(CONSENT)

    with pytest.raises(LimitExceeded):
        case.do("list_parties", parties=[{"name": str(n), "performer": ""} for n in range(501)])


def test_a_quorum_of_three_out_of_four_closes_the_vote():
    drawn = main(
        start(), user("vote", many(cardinality="4", completion="numberOfCompletedInstances >= 3")), user("b"), end(),
        flows("start vote b end"),
    )  # fmt: skip
    case = Case(drawn)
    case.do("vote[3]", v=3)
    case.do("vote[0]", v=0)
    case.do("vote[2]", v=2)

    assert case.trace == ["-vote[2]", "!vote[1]", "-vote", "+b <vote-b>"]
    assert case.step.data["vote"] == [{"v": 0}, {"v": 2}, {"v": 3}]


def test_a_completion_condition_can_look_at_the_answers_so_far():
    drawn = main(
        start(), user("vote", many(cardinality="4", completion="count(vote, 'v', 'yes') > 1")), user("b"), end(),
        flows("start vote b end"),
    )  # fmt: skip
    case = Case(drawn)
    case.do("vote[3]", v="yes")
    case.do("vote[0]", v="no")
    case.do("vote[2]", v="yes")

    assert case.open == ["b"]


def test_sequential_items_come_one_after_another():
    drawn = main(
        start(), user("visit", many("houses", "house", sequential=True), item_label="house"), user("b"), end(),
        flows("start visit b end"),
    )  # fmt: skip
    case = Case(drawn, data={"houses": ["1栋", "2栋"]})
    assert [(item.path, item.label) for item in case.step.items] == [("visit[0]", "1栋")]

    case.do("visit[0]", n=1)
    assert [(item.path, item.label) for item in case.step.items] == [("visit[1]", "2栋")]
    case.do("visit[1]", n=2)

    assert case.step.data["visit"] == [{"n": 1}, {"n": 2}]
    assert case.open == ["b"]


def test_a_called_process_runs_once_per_item():
    drawn = bundle(
        diagram(process("main", start(), call("each", "leaf", many("rows", "row", output="result", outputs="results")),
                        user("b"), end(), flows("start each b end"))),
        diagram(process("leaf", start(), user("a", item_label="row"), script("s", "result = row + a.more"), end(),
                        flows("start a s end"))),
    )  # fmt: skip
    case = Case(drawn, data={"rows": ["x", "y"]})
    assert case.open == ["each[0]/a", "each[1]/a"]

    case.do("each[1]/a", more="2")
    case.do("each[0]/a", more="1")
    assert case.step.data["results"] == ["x1", "y2"]
    assert case.open == ["b"]


def test_scripts_run_once_per_item():
    drawn = main(
        start(), script("s", "twice = n * 2", many("numbers", "n", output="twice", outputs="doubles")), user("b"),
        end(),
        flows("start s b end"),
    )  # fmt: skip
    case = Case(drawn, data={"numbers": [1, 2, 3]})

    assert case.step.data["doubles"] == [2, 4, 6]


def test_a_boundary_message_cancels_all_items():
    drawn = main(
        start(), user("vote", many(cardinality="3")), boundary("off", "vote", message("off")), user("b"), end(),
        flows("start vote end; off b end"),
        messages="off",
    )  # fmt: skip
    case = Case(drawn)
    case.do("vote[1]", v=1)

    case.tell("off")
    assert case.trace == ["+off", "!vote[0]", "!vote[2]", "!vote", "-off", "+b <off-b>"]
    assert case.open == ["b"]


def test_a_loop_goes_on_while_its_condition_is_true():
    drawn = main(start(), user("a", loop("a.more")), user("b"), end(), flows("start a b end"))
    case = Case(drawn)
    assert case.trace[-1] == "+a <start-a>"

    case.do("a", more=True, n=1)
    assert case.open == ["a#2"]
    case.do("a#2", more=False)
    assert case.trace == ["-a#2", "+b <a-b>"]
    assert case.step.data == {"a": {"more": False}}


def test_a_loop_may_test_first_and_may_be_bounded():
    drawn = main(
        start(), script("s", "n = n + 1", loop("n < 5", before=True)),
        script("t", "m = m + 1", loop("True", maximum="3")), user("b"), end(),
        flows("start s t b end"),
    )  # fmt: skip

    assert Case(drawn, data={"n": 3, "m": 0}).step.data == {"n": 5, "m": 3}
    assert Case(drawn, data={"n": 9, "m": 0}).step.data == {"n": 9, "m": 3}


def test_a_loop_without_a_pass_leaves_no_round():
    drawn = main(start(), user("a", loop("False", before=True)), user("b"), end(), flows("start a b end"))

    case = Case(drawn)
    assert case.open == ["b"]
    assert case.trace[2:] == ["+a <start-a>", "-a", "+b <a-b>"]


def test_a_boundary_event_of_a_looped_task_does_not_see_the_answer_of_the_round_before():
    drawn = main(
        start(), user("consent", loop("consent.more")), boundary("late", "consent", timer("P3D", "timeDuration")),
        user("b"), end(),
        flows("start consent end; late b end"),
    )  # fmt: skip
    case = Case(drawn)
    case.do("consent", more=True)

    case.wait(days=3)

    assert case.open == ["b"]
    assert "consent" not in case.step.data


def test_the_item_of_a_list_is_not_seen_in_an_event_sub_process():
    drawn = main(
        start(), user("vote", many("names", "name")), end(), flows("start vote end"),
        on_event("heard", message("note"), user("read"), end("read_end"), flows("heard_start read read_end"),
                 interrupting=False),
        messages="note",
    )  # fmt: skip
    case = Case(drawn, data={"names": ["甲", "乙"]})

    case.tell("note")

    assert case.step.data == {"names": ["甲", "乙"]}


@pytest.mark.parametrize("answers", ["by_task", "flat"])
def test_what_is_named_as_the_result_of_an_item_does_not_take_the_place_of_its_answers(answers):
    given = main(
        start(), user("u", many(cardinality="2", output="n", outputs="numbers")), user("v"), end(),
        flows("start u v end"), about=f'main = "main"\nanswers = "{answers}"',
    )  # fmt: skip
    case = Case(given)

    case.do("u[1]", n=2, text="b")
    case.do("u[0]", n=1, text="a")

    assert case.step.data["numbers"] == [1, 2]
    assert case.step.data["u"] == [{"n": 1, "text": "a"}, {"n": 2, "text": "b"}]


@pytest.mark.parametrize("before", range(1, 9))
def test_a_loop_is_over_with_its_last_round_also_for_what_is_thrown_before_its_token_goes_on(before):
    """The branch beside it rings after so many tasks: while the loop runs, as it ends, or later."""
    tasks = [f"t{number}" for number in range(before)]
    given = main(
        start(), both("fork"), sub("rounds", loop(maximum="1"), start("s"), end("e"), flows("s e")), end(),
        boundary("heard", "rounds", simple("signal", "bell"), interrupting=False), user("late"), end("late_end"),
        *(node("task", id_) for id_ in tasks), throw("ring", simple("signal", "bell")), user("v"), end("v_end"),
        flows(f"start fork rounds end; heard late late_end; fork {' '.join(tasks)} ring v v_end"),
        signals="bell",
    )  # fmt: skip
    trace = Case(given).trace

    assert "-rounds" in trace
    assert "+heard" not in trace[trace.index("-rounds") :]


def test_rounds_that_are_over_do_not_count_among_the_calls_that_are_open_at_once():
    """45 stay open, and one more is, ten times over within one command."""
    given = main(
        start(), both("fork"), sub("wait", many(cardinality="45"), start("s"), user("u"), end("e"), flows("s u e")),
        user("go"), sub("rounds", loop("loopCounter < 10"), start("t"), end("f"), flows("t f")), user("v"),
        end("waited"), end(),
        flows("start fork wait waited; fork go rounds v end"),
    )  # fmt: skip
    case = Case(given)

    case.do("go")

    assert "v" in case.open


@pytest.mark.parametrize("number", [-1, "3", None, True])
def test_a_number_of_items_that_is_none_is_told_as_a_number(number):
    case = Case(main(start(), user("a"), user("b", many(cardinality="a.n")), end(), flows("start a b end")))

    with pytest.raises(ScriptFailed, match=f"个数算出来是 {number}") as failed:
        case.do("a", n=number)

    assert "loopCardinality" in failed.value.help
    assert "列表" not in failed.value.message
