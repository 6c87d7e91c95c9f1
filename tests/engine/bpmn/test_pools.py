"""Several executable participants in one case: each a process of its own, meeting by messages only."""

import pytest

from engine.bpmn import move, run
from engine.bpmn.check import check
from engine.bpmn.parse import load
from tests.engine.bpmn.reference.witness import Watched
from tests.engine.bpmn.sketch import (
    Case,
    both,
    bundle,
    catch,
    correlation,
    diagram,
    end,
    flows,
    message,
    node,
    on_event,
    participants,
    process,
    simple,
    start,
    sub,
    throw,
    user,
)


def together(*processes, **declared):
    """The processes are the participants of one collaboration, `main` the first."""
    ids = [one.split('id="')[1].split('"')[0] for one in processes if one.startswith("<bpmn:process")]
    return bundle(diagram(participants(*ids), *processes, **declared))


ASKING = process(
    "main", start(), user("write"), throw("ask", message("ask", "{'text': write.text}")),
    catch("hear", message("answer", variable="heard")), user("read"), end(), flows("start write ask hear read end"),
)  # fmt: skip
ANSWERING = process(
    "office", node("startEvent", "asked", message("ask", variable="question")), user("reply"),
    end("said", message("answer", "reply.text")), flows("asked reply said"),
)  # fmt: skip


def test_a_request_begins_the_process_of_the_other_pool_and_its_reply_comes_back():
    case = Case(together(ASKING, ANSWERING, messages="ask answer"))
    assert case.open == ["write"]

    case.do("write", text="路灯不亮")
    assert case.open == ["office/reply"]
    assert case.trace[-3:] == ["+office/asked", "-office/asked", "+office/reply <asked-reply>"]
    assert case.item("office/reply").diagram == "office"
    case.do("office/reply", text="明天修")

    assert case.open == ["read"]
    assert case.step.data["heard"] == "明天修"
    case.do("read")
    assert case.step.ended == "end"


def test_pools_share_no_data():
    case = Case(together(ASKING, ANSWERING, messages="ask answer"))
    case.do("write", text="路灯不亮")
    assert case.step.data["question"] == {"text": "路灯不亮"}

    case.do("office/reply", text="明天修")

    assert "reply" not in case.step.data
    assert "question" not in case.step.data


def test_a_pool_without_an_event_at_its_start_begins_with_the_case_and_the_case_waits_for_it():
    other = process("other", start("s"), user("b"), end("e"), flows("s b e"))
    case = Case(together(process("main", start(), user("a"), end(), flows("start a end")), other))
    assert case.open == ["a", "other/b"]

    case.do("a")
    assert case.step.ended == ""
    case.do("other/b")
    assert case.step.ended == "end"


def test_a_second_request_begins_a_second_process():
    main_ = process("main", start(), user("a"), throw("one", message("ask")), throw("two", message("ask")), end(),
                    flows("start a one two end"))  # fmt: skip
    case = Case(together(main_, ANSWERING, messages="ask answer"))

    case.do("a")

    assert case.open == ["office#2/reply", "office/reply"]


def test_a_process_that_awaits_a_message_comes_before_one_that_would_begin_with_it():
    office = process("office", node("startEvent", "asked", message("ask")), catch("more", message("ask")),
                     user("reply"), end("e"), flows("asked more reply e"))  # fmt: skip
    main_ = process("main", start(), throw("one", message("ask")), user("a"), throw("two", message("ask")), end(),
                    flows("start one a two end"))  # fmt: skip
    case = Case(together(main_, office, messages="ask"))
    assert [one.path for one in case.step.awaited] == ["office#2", "office/more"]

    case.do("a")

    assert case.open == ["office/reply"]


def test_terminate_and_errors_stay_in_their_own_pool():
    main_ = process("main", start(), both("f"), user("a"), user("b"), end("stop", simple("terminate")), end(),
                    flows("start f; f a stop; f b end"))  # fmt: skip
    other = process("other", start("s"), user("c"), end("e"), flows("s c e"))
    case = Case(together(main_, other))

    case.do("a")
    assert case.open == ["other/c"]
    case.do("other/c")
    assert case.step.ended == "stop"


def test_a_process_that_is_called_is_no_pool():
    main_ = process("main", start(), node("callActivity", "step", calledElement="leaf"), end(),
                    flows("start step end"))  # fmt: skip
    case = Case(together(main_, process("leaf", start("s"), user("a"), end("e"), flows("s a e"))))

    assert case.open == ["step/a"]


def test_a_process_that_is_over_hears_no_event_any_more_while_another_pool_goes_on():
    main = process(
        "main", start(), user("a"), end(), flows("start a end"),
        on_event("late", simple("signal", "bell"), user("never"), end("never_end"),
                 flows("late_start never never_end")),
    )  # fmt: skip
    other = process("office", start("begin"), user("reply"), end("said"), flows("begin reply said"))
    case = Case(together(main, other, signals="bell"))
    assert [one.path for one in case.step.awaited_signals] == ["late"]

    case.do("a")

    assert case.step.awaited_signals == ()
    case.do("office/reply")
    assert case.step.ended == "end"


@pytest.mark.parametrize("interrupting", [True, False])
@pytest.mark.parametrize("kind", ["signal", "message", "escalation"])
def test_what_the_last_end_of_a_process_throws_may_begin_its_event_sub_process_beside_another_pool(
    kind, interrupting
):
    event = message("bell") if kind == "message" else simple(kind, "bell")
    main = process(
        "main", start(), user("a"), end("over", event), flows("start a over"),
        on_event("late", event, user("read"), end("read_end"), flows("late_start read read_end"),
                 interrupting=interrupting),
    )  # fmt: skip
    other = process("office", start("begin"), user("reply"), end("said"), flows("begin reply said"))
    case = Watched(together(main, other, messages="bell", signals="bell", escalations="bell"))

    case.do("a")
    assert case.open == ["late/read", "office/reply"]
    case.do("late/read")

    assert (case.step.awaited, case.step.awaited_signals) == ((), ())
    case.do("office/reply")
    assert case.step.ended == ("read_end" if interrupting else "over")


def test_an_event_sub_process_sees_nothing_of_another_pool():
    main = process(
        "main", start(), user("a"), end(), flows("start a end"),
        on_event("heard", simple("signal", "bell"), user("read"), end("read_end"),
                 flows("heard_start read read_end"), interrupting=False),
    )  # fmt: skip
    case = Case(together(main, ANSWERING, messages="ask answer", signals="bell"))
    case.tell("ask", {"text": "几时修"})

    case.ring("bell")

    running = run.revive(case.model, case.step.frozen)
    assert "question" in run.data(running, "office/reply")
    assert "question" not in run.data(running, "heard/read")


def test_a_message_that_begins_a_pool_begins_a_conversation_of_its_own():
    """It is not held to the keys of the main process, and does not give that process any."""
    main = process(
        "main", start(), catch("hear", message("ask")), user("a"), end(), flows("start hear a end"),
    )  # fmt: skip
    case = Case(together(correlation("number", ask="number"), main, ANSWERING, messages="ask answer"))
    case.tell("ask", {"number": 1})
    assert case.open == ["a"]

    case.tell("ask", {"number": 2})
    case.tell("ask", {"number": 3})

    assert case.open == ["a", "office#2/reply", "office/reply"]
    assert {dict(one.correlation).get("number") for one in case.step.awaited} == {None}


def test_a_terminate_event_leaves_the_other_pool_its_start_while_that_goes_on():
    stop = node("endEvent", "stop", simple("terminate"))
    case = Case(together(process("main", start(), user("a"), stop, flows("start a stop")), ANSWERING,
                         messages="ask answer"))  # fmt: skip
    case.tell("ask", {"text": "几时修"})

    case.do("a")

    assert case.step.ended == ""
    case.tell("ask", {"text": "还没有修"})
    assert case.open == ["office#2/reply", "office/reply"]


def arrows(*ends, pools=("main", "office")):
    """The collaboration of these and of residents, who have no process, with these message flows."""
    residents = '<bpmn:participant id="residents" name="居民群众"/>' + "".join(
        f'<bpmn:messageFlow id="arrow{number}" sourceRef="{source}" targetRef="{target}"/>'
        for number, (source, target) in enumerate(ends)
    )
    return participants(*pools).replace("</bpmn:collaboration>", residents + "</bpmn:collaboration>")


AS_DRAWN = 'id = "main"\ntitle = "main"\nmain = "main"\nas_drawn = true'


def aimed(*ends, about=AS_DRAWN, answering=ANSWERING):
    return bundle(diagram(arrows(*ends), ASKING, answering, messages="ask answer"), about=about)


@pytest.mark.parametrize(
    "ends",
    [
        [("ask", "asked"), ("said", "hear")],
        [("ask", "pool_office"), ("pool_office", "hear")],
        [("ask", "residents"), ("write", "residents"), ("residents", "read")],
        [("said", "pool_main")],
    ],
)
def test_a_message_flow_may_lead_from_where_a_message_is_sent_to_where_it_is_taken_in(ends):
    assert [problem for problem in check(aimed(*ends)) if problem.element.startswith("arrow")] == []


@pytest.mark.parametrize(
    ("ends", "element", "words"),
    [
        ([("ask", "read")], "arrow0", "同一个泳池"),
        ([("ask", "reply")], "arrow0", "发出消息“ask”，消息流那一头的「reply」不接收它"),
        ([("said", "pool_main"), ("ask", "said")], "arrow1", "「said」，它不接收消息"),
        ([("hear", "asked")], "arrow0", "「hear」画起，它不发出消息"),
        ([("start", "residents")], "arrow0", "「start」画起，它不发出消息"),
        ([("write", "asked")], "arrow0", "「write」不会发出消息，「asked」会一直等下去"),
        ([("ask", "asked"), ("ask", "residents")], "ask", "画出了 2 条消息流"),
    ],
)
def test_a_message_flow_along_which_no_message_could_go_is_refused(ends, element, words):
    found = [problem for problem in check(aimed(*ends)) if "消息流" in problem.message + problem.help]

    assert [
        (problem.element, words in problem.message) for problem in found if problem.element == element
    ] == [(element, True)]


def test_two_ends_of_a_message_flow_have_one_message():
    other = ANSWERING.replace('messageRef="message_ask"', 'messageRef="message_answer"')

    found = check(aimed(("ask", "asked"), answering=other))

    assert "请让两头用同一条消息" in [problem.help for problem in found]


def test_a_message_goes_where_its_arrow_leads_though_another_has_waited_longer():
    """`more` stands in the office and has waited for the same message since the beginning."""
    office = process("office", start("s"), catch("more", message("ask")), end("e"), flows("s more e"))
    third = process("third", node("startEvent", "told", message("ask")), user("note"), end("f"),
                    flows("told note f"))  # fmt: skip
    pools = arrows(("ask", "told"), pools=("main", "office", "third"))
    case = Case(bundle(diagram(pools, ASKING, office, third, messages="ask answer")))

    case.do("write", text="路灯不亮")
    assert case.open == ["third/note"]

    case.tell("ask")
    assert [one.path for one in case.step.awaited] == ["hear", "third#2"]


def test_an_arrow_that_leads_out_of_the_drawing_leaves_the_case_whoever_waits_in_it():
    case = Case(aimed(("ask", "residents")))

    case.do("write", text="路灯不亮")

    assert case.open == []
    assert [(one.name, one.payload, one.to) for one in case.step.thrown] == [
        ("ask", {"text": "路灯不亮"}, "beyond")
    ]


def test_an_arrow_is_followed_also_by_a_message_that_is_declared_as_coming_from_outside():
    about = 'main = "main"\n[messages]\nask = { from = "outside" }'
    within, without = (
        Case(aimed(*ends, about=about)) for ends in ([("ask", "asked")], [("ask", "residents")])
    )

    for case in (within, without):
        case.do("write", text="路灯不亮")

    assert (within.open, within.step.thrown) == (["office/reply"], ())
    assert [one.to for one in without.step.thrown] == [""]


def test_an_arrow_to_the_start_of_the_main_process_begins_another_case():
    main_ = process("main", start(), node("startEvent", "again", message("answer")), user("a"), end(),
                    flows("start a end; again a"))  # fmt: skip
    office = process("office", start("s"), user("b"), end("said", message("answer")), flows("s b said"))
    case = Case(bundle(diagram(arrows(("said", "again")), main_, office, messages="answer")))

    case.do("office/b")

    assert [(one.name, one.to) for one in case.step.thrown] == [("answer", "anew")]


def test_a_message_on_its_way_along_an_arrow_is_kept_for_whom_it_is_meant():
    """Also over a freeze, and past others who come to wait for its name meanwhile."""
    office = process("office", start("s"), user("b"), catch("heard", message("ask")), user("c"), end("e"),
                     flows("s b heard c e"))  # fmt: skip
    third = process("third", start("t"), user("d"), catch("listened", message("ask")), end("f"),
                    flows("t d listened f"))  # fmt: skip
    pools = arrows(("ask", "heard"), pools=("main", "office", "third"))
    case = Case(bundle(diagram(pools, ASKING, office, third, messages="ask answer")))
    case.do("write", text="路灯不亮")

    case.do("third/d")
    assert "third/listened" in [one.path for one in case.step.awaited]
    case.do("office/b")

    assert case.open == ["office/c"]


def test_a_case_does_not_move_while_a_message_is_on_its_way_to_what_the_new_version_draws_no_more():
    def drawn(heard):
        office = process(
            "office", start("s"), user("b"), catch(heard, message("ask")), end("e"), flows(f"s b {heard} e")
        )
        third = process("third", start("t"), user("d"), catch("listened", message("ask")), end("f"),
                        flows("t d listened f"))  # fmt: skip
        pools = arrows(("ask", heard), pools=("main", "office", "third"))
        return bundle(diagram(pools, ASKING, office, third, messages="ask answer"))

    case = Case(drawn("heard"))
    case.do("write", text="路灯不亮")
    running = run.revive(case.model, case.step.frozen)

    assert move.plan(running, load(drawn("heard"))).refusals == ()
    assert "沿着消息流" in move.plan(running, load(drawn("understood"))).refusals[0].message


@pytest.mark.parametrize("target", ["part", "step"])
def test_an_arrow_to_a_sub_process_or_a_call_leads_to_what_waits_inside(target):
    waiting = catch("inner", message("ask"))
    part = sub("part", start("ps"), waiting, end("pe"), flows("ps inner pe"))
    step = node("callActivity", "step", calledElement="leaf")
    leaf = diagram(process("leaf", start("ls"), waiting, end("le"), flows("ls inner le")), messages="ask")
    office = process("office", start("s"), both("f"), part, step, catch("outer", message("ask")), both("j"), end("e"),
                     flows("s f; f part j; f step j; f outer j; j e"))  # fmt: skip
    case = Case(bundle(diagram(arrows(("ask", target)), ASKING, office, messages="ask answer"), leaf))

    case.do("write", text="路灯不亮")

    assert sorted(one.path for one in case.step.awaited) == sorted(
        {"hear", "office/outer", "office/part/inner", "office/step/inner"} - {f"office/{target}/inner"}
    )


def test_an_arrow_to_an_event_sub_process_begins_it_and_nothing_else():
    watching = on_event(
        "alarm", message("ask"), user("c"), end("ae"), flows("alarm_start c ae"), interrupting=False
    )
    office = process(
        "office", start("s"), catch("first", message("ask")), end("e"), watching, flows("s first e")
    )
    case = Case(bundle(diagram(arrows(("ask", "alarm_start")), ASKING, office, messages="ask answer")))

    case.do("write", text="路灯不亮")

    assert case.open == ["office/alarm/c"]
