"""What the kernel does with the plain constructs, by diagrams of a few elements and their expected traces."""

import pytest

from engine.bpmn import run
from engine.bpmn.parse import load
from engine.bpmn.step import Moment
from engine.errors import Conflict, LimitExceeded, ScriptFailed
from tests.engine.bpmn.sketch import (
    NOON,
    Case,
    World,
    both,
    bundle,
    call,
    diagram,
    end,
    flows,
    lanes,
    main,
    node,
    process,
    script,
    service,
    some,
    start,
    user,
    xor,
)


def test_a_straight_line_runs_from_start_to_end():
    case = Case(main(start(), user("a"), user("b"), end(), flows("start a b end")))

    assert case.open == ["a"]
    assert case.trace == ["+start", "-start", "+a <start-a>"]

    case.do("a", title="路灯")
    assert case.trace == ["-a", "+b <a-b>"]

    case.do("b")
    assert case.trace == ["-b", "+end <b-end>", "-end"]
    assert case.step.ended == "end"
    assert case.step.data == {"a": {"title": "路灯"}, "b": {}}
    assert case.open == []


def test_a_task_that_is_not_open_cannot_be_completed():
    case = Case(main(start(), user("a"), user("b"), end(), flows("start a b end")))

    with pytest.raises(Conflict):
        case.do("b")


def test_an_open_item_says_lane_form_and_instructions():
    drawn = process(
        "main",
        lanes(party="a", council="b"),
        start(),
        user("a", name="登记议题", formJsonSchemaFilename="a-schema.json", due="3 working days"),
        user("b"),
        end(),
        flows("start a b end"),
    )
    case = Case(bundle(diagram(drawn), forms__main__b=b"{}"))

    item = case.item("a")
    assert (item.element, item.name, item.diagram) == ("a", "登记议题", "main")
    assert (item.lane, item.lane_name) == ("party", "party 名称")
    assert (item.form, item.due, item.round) == ("forms/main/a-schema.json", "3 working days", 1)


def test_an_exclusive_gateway_takes_the_first_condition_that_holds_in_the_order_of_the_file():
    drawn = main(
        start(), user("a"), xor("g", "g-d"), user("b"), user("c"), user("d"), end(),
        flows("start a g; g b: a.n > 10; g c: a.n > 5; g d; b end; c end; d end"),
    )  # fmt: skip
    for n, expected in ((20, "b"), (7, "c"), (1, "d")):
        case = Case(drawn)
        case.do("a", n=n)
        assert case.open == [expected]


def test_a_gateway_without_a_way_out_names_itself():
    case = Case(
        main(start(), user("a"), xor("g"), user("b"), end(), flows("start a g; g b: a.n > 10; b end"))
    )

    with pytest.raises(ScriptFailed) as refused:
        case.do("a", n=1)

    assert refused.value.element == "g"


def test_conditions_read_case_facts():
    drawn = main(
        start(), xor("g", "g-b"), user("a"), user("b"), end(),
        flows("start g; g a: case.level == 'district'; g b; a end; b end"),
    )  # fmt: skip

    assert Case(drawn, {"level": "district"}).open == ["a"]
    assert Case(drawn, {"level": "street"}).open == ["b"]


def test_parallel_branches_join_with_the_answers_of_both():
    drawn = main(
        start(), both("fork"), user("a"), user("b"), both("join"), user("c"), end(),
        flows("start fork; fork a join; fork b join; join c end"),
    )  # fmt: skip
    case = Case(drawn)
    assert case.open == ["a", "b"]

    case.do("b", x=2)
    assert case.trace == ["-b", "+join <b-join>"]
    assert case.open == ["a"]

    case.do("a", x=1)
    assert case.trace == ["-a", "+join <a-join>", "-join", "+c <join-c>"]
    assert run.data(run.revive(case.model, case.step.frozen), "c") == {"a": {"x": 1}, "b": {"x": 2}}


@pytest.mark.parametrize("rounds", ["ab", "ba", "abba", "baab", "abbaabba"])
def test_a_parallel_block_in_a_loop_joins_in_every_round_whatever_the_order(rounds):
    drawn = main(
        start(), xor("again"), both("fork"), user("a"), user("b"), both("join"), user("c"), xor("g", "g-end"),
        end(),
        flows("start again fork; fork a join; fork b join; join c g; g again: c.more; g end"),
    )  # fmt: skip
    case = Case(drawn)

    for number, order in enumerate(zip(rounds[::2], rounds[1::2], strict=True), 1):
        suffix = "" if number == 1 else f"#{number}"
        assert case.open == [f"a{suffix}", f"b{suffix}"]
        for name in order:
            case.do(name + suffix, n=number)
        assert case.open == [f"c{suffix}"]
        case.do(f"c{suffix}", more=number < len(rounds) // 2)

    assert case.step.ended == "end"


def test_call_activities_nest_and_hand_data_in_and_out():
    drawn = bundle(
        diagram(process("main", start(), user("a"), call("outer", "middle"), user("z"), end(),
                        flows("start a outer z end"))),
        diagram(process("middle", start(), call("inner", "leaf"), user("m"), end(),
                        flows("start inner m end"))),
        diagram(process("leaf", start(), user("deep"), script("x", "seen = a.n + deep.n"), end(),
                        flows("start deep x end"))),
    )  # fmt: skip
    case = Case(drawn)
    case.do("a", n=1)
    assert case.open == ["outer/inner/deep"]
    assert case.item("outer/inner/deep").diagram == "leaf"

    case.do("outer/inner/deep", n=2)
    assert case.trace == [
        "-outer/inner/deep", "+outer/inner/x <deep-x>", "-outer/inner/x", "+outer/inner/end <x-end>",
        "-outer/inner/end", "-outer/inner", "+outer/m <inner-m>",
    ]  # fmt: skip

    case.do("outer/m")
    assert case.open == ["z"]
    assert case.step.data["seen"] == 3
    case.do("z")
    assert case.step.ended == "end"


def test_a_call_activity_in_a_loop_counts_its_rounds_in_the_path():
    drawn = bundle(
        diagram(process("main", start(), xor("again"), call("meet", "meeting"), xor("g", "g-end"), end(),
                        flows("start again meet g; g again: not hold.reached; g end"))),
        diagram(process("meeting", start(), user("hold"), end(), flows("start hold end"))),
    )  # fmt: skip
    case = Case(drawn)
    assert case.open == ["meet/hold"]

    case.do("meet/hold", reached=False)
    assert case.open == ["meet#2/hold"]

    case.do("meet#2/hold", reached=True)
    assert case.step.ended == "end"


def test_entering_a_task_again_clears_its_answers():
    drawn = main(
        start(), xor("again"), user("a"), user("b"), xor("g", "g-end"), end(),
        flows("start again a b g; g again: b.back; g end"),
    )  # fmt: skip
    case = Case(drawn)
    case.do("a", note="first")
    case.do("b", back=True)

    assert case.step.data == {"b": {"back": True}}
    assert case.item("a#2").round == 2

    case.do("a#2", other=1)
    assert case.step.data == {"a": {"other": 1}}


def test_an_old_answer_does_not_shine_through_a_join():
    drawn = main(
        start(), xor("again"), both("fork"), user("a"), user("b"), both("join"), user("c"), xor("g", "g-end"),
        end(),
        flows("start again fork; fork a join; fork b join; join c g; g again: c.more; g end"),
    )  # fmt: skip
    case = Case(drawn)
    case.do("a", consent="yes", note="old")
    case.do("b", x=1)
    case.do("c", more=True)
    case.do("a#2", consent="no")
    case.do("b#2", y=2)

    assert case.step.data == {"a": {"consent": "no"}, "b": {"y": 2}}


def test_scripts_change_variables_and_never_another_branch():
    drawn = main(
        start(), script("s", "rows = [{'n': 1}]"), both("fork"), user("a"), user("b"),
        script("edit", "rows[0]['n'] = 2"), user("c"), both("join"), end(),
        flows("start s fork; fork a edit c join; fork b join; join end"),
    )  # fmt: skip
    case = Case(drawn)
    case.do("a")

    running = run.revive(case.model, case.step.frozen)
    assert run.data(running, "c")["rows"] == [{"n": 2}]
    assert run.data(running, "b")["rows"] == [{"n": 1}]


def test_a_script_that_fails_names_its_element():
    case = Case(main(start(), user("a"), script("bad", "x = 1 / a.n"), end(), flows("start a bad end")))

    with pytest.raises(ScriptFailed) as refused:
        case.do("a", n=0)

    assert refused.value.element == "bad"


def test_service_tasks_ask_the_world_and_keep_the_result():
    world = World(notice__open=lambda posted_on, days: {"number": 7, "ends": "2026-03-12"})
    drawn = main(
        start(), user("a"), service("open", "notice/open", "notice", posted_on="a.on", days="5"), user("b"),
        end(),
        flows("start a open b end"),
    )  # fmt: skip
    case = Case(drawn, world=world)
    case.do("a", on="2026-03-05")

    assert world.asked == [("notice/open", {"posted_on": "2026-03-05", "days": 5})]
    assert case.step.data["notice"] == {"number": 7, "ends": "2026-03-12"}


def test_case_facts_are_set_by_the_kernel_and_seen_in_every_branch_at_once():
    drawn = main(
        start(), both("fork"), user("a"), service("set", "case/set", level="a.level"), both("join"),
        user("b"), xor("g", "g-d"), user("c"), user("d"), end(),
        flows("start fork; fork a set join; fork b g; g c: case.level == 'district'; g d; c join; d join; join end"),
        about='main = "main"\n[facts]\nlevel = {title = "层级"}',
    )  # fmt: skip
    case = Case(drawn)
    assert case.step.facts == {"level": None}

    case.do("a", level="district")
    assert case.step.facts == {"level": "district"}
    case.do("b")
    assert case.open == ["c"]


def test_an_undeclared_fact_is_refused():
    drawn = main(
        start(), user("a"), service("set", "case/set", height="1"), end(), flows("start a set end"),
        about='main = "main"\n[facts]\nlevel = {title = "层级"}',
    )  # fmt: skip
    case = Case(drawn)

    with pytest.raises(ScriptFailed) as refused:
        case.do("a")

    assert refused.value.element == "set"


def test_automatic_steps_are_bounded():
    drawn = main(
        start(), user("a"), xor("again"), script("s", "n = 1"), xor("g", "g-end"), end(),
        flows("start a again s g; g again: n == 1; g end"),
    )  # fmt: skip
    case = Case(drawn)

    with pytest.raises(LimitExceeded):
        case.do("a")


def test_a_case_ends_only_when_its_last_branch_has_ended():
    drawn = main(
        start(), both("fork"), user("a"), user("b"), end("end_a"), end("end_b"),
        flows("start fork; fork a end_a; fork b end_b"),
    )  # fmt: skip
    case = Case(drawn)

    case.do("a", x=1)
    assert case.step.ended == ""
    case.do("b", y=2)
    assert case.step.ended == "end_b"
    assert case.step.data == {"a": {"x": 1}, "b": {"y": 2}}


def test_answers_may_be_merged_flat():
    drawn = main(
        start(), user("a"), xor("g", "g-c"), user("b"), user("c"), end(),
        flows("start a g; g b: amount > 5; g c; b end; c end"),
        about='main = "main"\nanswers = "flat"',
    )  # fmt: skip
    case = Case(drawn)

    case.do("a", amount=7)
    assert case.open == ["b"]
    assert case.step.data == {"amount": 7}


def test_conditional_flows_leave_a_task_without_a_gateway():
    drawn = main(
        start(), user("a"), user("b"), user("c"), end(),
        flows("start a; a b: a.n > 1; a c: a.n > 2; b end; c end"),
    )  # fmt: skip
    case = Case(drawn)

    case.do("a", n=3)
    assert case.open == ["b", "c"]


INCLUSIVE = main(
    start(), user("a"), some("split", "split-d"), user("b"), user("c"), user("d"), some("meet"), user("e"),
    xor("g", "g-end"), end(),
    flows("start a split; split b: a.b; split c: a.c; split d; b meet; c meet; d meet; meet e g; "
          "g split: e.again; g end"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("chosen", "opened"),
    [
        ({"b": True, "c": True}, ["b", "c"]),
        ({"b": True, "c": False}, ["b"]),
        ({"b": False, "c": False}, ["d"]),
    ],
)
def test_an_inclusive_gateway_waits_for_exactly_the_branches_that_were_taken(chosen, opened):
    case = Case(INCLUSIVE)
    case.do("a", **chosen)
    assert case.open == opened

    for name in reversed(opened):
        assert "e" not in case.open
        case.do(name, n=1)
    assert case.open == ["e"]

    case.do("e", again=True)
    for name in opened:
        case.do(f"{name}#2")
    assert case.open == ["e#2"]


def test_an_inclusive_join_waits_for_a_token_that_may_still_come():
    drawn = main(
        start(), both("fork"), user("a"), user("b"), xor("g", "g-out"), some("meet"), user("c"), end("out"), end(),
        flows("start fork; fork a meet; fork b g; g meet: b.join; g out; meet c end"),
    )  # fmt: skip
    case = Case(drawn)
    case.do("a")
    assert case.open == ["b"]

    gone = Case(drawn)
    gone.do("a")
    gone.do("b", join=False)
    assert gone.open == ["c"]
    case.do("b", join=True)
    assert case.open == ["c"]
    case.do("c")
    assert case.step.ended == "end"


def test_a_token_to_spare_waits_for_the_next_passing_of_a_join():
    drawn = main(
        start(), both("fork"), user("a"), user("b"), user("c"), xor("merge"), both("join"), user("d"), end(),
        flows("start fork; fork a merge; fork b merge; merge join; fork c join; join d end"),
    )  # fmt: skip
    case = Case(drawn)
    case.do("a")
    case.do("b")
    assert case.open == ["c"]

    case.do("c")
    assert case.open == ["d"]
    case.do("d")
    assert case.step.ended == ""  # one token still waits at the join, for a partner that will not come


def test_a_case_that_grows_too_large_is_refused():
    case = Case(main(start(), user("a"), user("b"), end(), flows("start a b end")))
    case.do("a", text=["很长" * 40_000] * 3)

    with pytest.raises(LimitExceeded):
        case.do("b", text=[f"{n}很长" * 20_000 for n in range(10)])


def test_a_task_without_a_kind_is_passed():
    case = Case(main(start(), node("task", "note"), user("a"), end(), flows("start note a end")))

    assert case.trace[2:] == ["+note <start-note>", "-note", "+a <note-a>"]


def test_after_a_failure_a_case_must_be_revived():
    case = Case(main(start(), user("a"), script("bad", "x = 1 / a.n"), end(), flows("start a bad end")))
    running = run.revive(case.model, case.step.frozen)
    with pytest.raises(ScriptFailed):
        run.complete(running, "a", {"n": 0}, Moment("case", 2, NOON), case.world)

    with pytest.raises(RuntimeError):
        run.amend(running, {}, Moment("case", 2, NOON), case.world)

    assert case.do("a", n=1).ended == "end"


def test_a_state_of_another_definition_is_refused():
    case = Case(main(start(), user("a"), end(), flows("start a end")))
    other = load(main(start(), user("b"), end(), flows("start b end")))

    with pytest.raises(Conflict):
        run.revive(other, case.step.frozen)


def test_a_script_may_be_indented_as_the_file_is():
    drawn = script("s", "\n    x = 1\n    if x > 0:\n        x = 2\n  ")
    case = Case(main(start(), drawn, user("a"), end(), flows("start s a end")))

    assert case.step.data == {"x": 2}


def test_what_one_command_computes_is_bounded_together():
    """Each of these scripts keeps within its own bound; sixty of them would hold a worker for a second and more."""
    heavy = "for a in range(100):\n    for b in range(60):\n        c = a * b"
    parts = [script(f"s{number}", heavy) for number in range(60)]
    line = flows("start " + " ".join(f"s{number}" for number in range(60)) + " end")

    with pytest.raises(LimitExceeded) as failure:
        Case(main(start(), *parts, end(), line))

    assert "计算" in failure.value.message
    assert failure.value.place.element.startswith("s")
